// The life of a session with real programs: exit codes, stop, resume, delete, what a server
// that died left behind, and how many there may be.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { AppError } from '../../src/errors.ts';
import { limits } from '../../src/limits.ts';
import { processOf } from '../../src/pty/processes.ts';
import { ended, openSessions, type SessionParts } from '../support/sessions.ts';
import { until } from '../support/until.ts';

let parts: SessionParts;
beforeEach(() => {
  parts = openSessions();
});
afterEach(() => parts.stop());

const typesOf = (id: string): string[] => parts.log(id).map((event) => event.type);
const statuses = (id: string) => parts.log(id).filter((event) => event.type === 'status').map((event) => event.data);

/** The number that a program printed as `NAME=123`. */
async function printedNumber(id: string, name: string): Promise<number> {
  const pattern = new RegExp(`${name}=(\\d+)`);
  const found = await until(`${name}= in the output`, () => pattern.exec(parts.output(id))?.[1]);
  return Number(found);
}

test('the first event is the size, then the status, and only then output', async () => {
  const { id } = await parts.sh('echo hello', { cols: 100, rows: 30 });
  await ended(parts, id);
  expect(parts.log(id)[0]).toMatchObject({ sequence: 1, channel: 'system', type: 'resize', data: { cols: 100, rows: 30 } });
  expect(statuses(id)).toEqual([{ status: 'starting' }, { status: 'active' }, { status: 'stopped', exitCode: 0 }]);
  expect(typesOf(id).indexOf('output')).toBeGreaterThan(typesOf(id).indexOf('status'));
});

test.each([
  ['exit 7', { exitCode: 7, exitSignal: null }],
  ['exit 0', { exitCode: 0, exitSignal: null }],
  ['kill -TERM $$', { exitCode: null, exitSignal: 'SIGTERM' }],
  ['kill -KILL $$', { exitCode: null, exitSignal: 'SIGKILL' }],
])('how `%s` ended is recorded', async (script, exit) => {
  const { id } = await parts.sh(script);
  expect(await ended(parts, id)).toMatchObject({ status: 'stopped', ...exit });
});

test('every byte that a program wrote before it ended is in the log', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { id } = await parts.sh('i=0; while [ $i -lt 200 ]; do echo "line $i"; i=$((i+1)); done; printf last');
    await ended(parts, id);
    const lines = parts.output(id).split('\r\n');
    expect(lines).toHaveLength(201);
    expect(lines.at(-1)).toBe('last');
  }
});

test('stop ends the whole group, a child that ignores the hang-up too, and names what left by setsid', async () => {
  const { id } = await parts.sh(
    `trap '' HUP; sh -c 'trap "" HUP TERM; echo deaf=$$; while :; do sleep 1; done' & setsid sh -c 'echo away=$$; exec sleep 60' & wait`,
  );
  const deaf = await printedNumber(id, 'deaf');
  const away = await printedNumber(id, 'away');
  try {
    const session = await parts.sessions.stop(id);
    expect(session.status).toBe('stopped');
    expect(processOf(deaf)).toBeUndefined();
    expect(processOf(away)).toBeDefined();
    expect(session.statusReason).toContain(`sleep (${away})`);
    expect(session.exitSignal).toBe('SIGKILL');
    expect((await parts.sessions.stop(id)).status).toBe('stopped');
  } finally {
    process.kill(away, 'SIGKILL');
  }
});

test('a job that a shell put in the background and that daemonised is named all the same', async () => {
  const { id } = await parts.sessions.create({ workspaceId: parts.workspace.id, kind: 'terminal', meta: { command: ['bash', '--norc', '-i'] } });
  parts.sessions.input(id, Buffer.from("setsid sh -c 'echo away=$$; exec sleep 60' &\n"), 'api');
  const away = await printedNumber(id, 'away');
  try {
    expect((await parts.sessions.stop(id)).statusReason).toContain(`(${away})`);
  } finally {
    process.kill(away, 'SIGKILL');
  }
});

test('a stop that a program heeds is quick, and what it says last is recorded', async () => {
  const { id } = await parts.sh("trap 'echo goodbye; exit 4' HUP; echo ready; while :; do sleep 0.05; done");
  await parts.printed(id, 'ready');
  expect(await parts.sessions.stop(id)).toMatchObject({ status: 'stopped', exitCode: 4, statusReason: null });
  expect(parts.output(id)).toContain('goodbye');
});

test('resume keeps id, history, environment and folder, and begins with the size', async () => {
  parts.workspace.metadata = { env: { FROM_WORKSPACE: 'w' } };
  const { id } = await parts.sh('echo "$FROM_WORKSPACE $FROM_SESSION $PWD"; exit 2', { env: { FROM_SESSION: 's' }, cwd: '.' });
  await ended(parts, id);
  const before = parts.log(id);
  expect((await parts.sessions.resume(id)).id).toBe(id);
  await ended(parts, id);
  const log = parts.log(id);
  expect(log.slice(0, before.length)).toEqual(before);
  expect(log.map((event) => event.sequence)).toEqual(log.map((_, index) => index + 1));
  const [size, divider] = log.slice(before.length);
  expect(size).toMatchObject({ type: 'resize', data: { cols: 80, rows: 24 } });
  expect(divider).toMatchObject({ type: 'output', channel: 'system' });
  expect(Buffer.from(divider?.data as Uint8Array).toString()).toContain('resumed');
  const line = `w s ${parts.folder}\r\n`;
  expect(parts.output(id).split(line)).toHaveLength(3);
});

test('two resumes at once start one program; a third, while it lives, is refused', async () => {
  const { id } = await parts.sh('[ -e again ] && read go; touch again');
  await ended(parts, id);
  const [one, two] = await Promise.all([parts.sessions.resume(id), parts.sessions.resume(id)]);
  expect([one.status, two.status]).toEqual(['active', 'active']);
  expect(statuses(id).filter((data) => 'status' in data && data.status === 'active')).toHaveLength(2);
  expect(await refusal(parts.sessions.resume(id))).toMatchObject({ code: 'conflict' });
});

test('a program that is not there is a session in error that says so, and can be resumed', async () => {
  const session = await parts.sessions.create({ workspaceId: parts.workspace.id, kind: 'terminal', meta: { command: ['./not-there'] } });
  expect(session).toMatchObject({ status: 'error', exitCode: null });
  expect(session.statusReason).toContain('./not-there was not found');
  expect(typesOf(session.id)).toEqual(['resize', 'status', 'error', 'status']);
  await Bun.write(`${parts.folder}/not-there`, '#!/bin/sh\nexit 0\n');
  Bun.spawnSync(['chmod', '+x', `${parts.folder}/not-there`]);
  expect((await parts.sessions.resume(session.id)).status).toBe('active');
  expect(await ended(parts, session.id)).toMatchObject({ exitCode: 0, statusReason: null });
});

test('input to a session that has ended is refused, and so is one to none', async () => {
  const { id } = await parts.sh('exit 0');
  await ended(parts, id);
  expect(() => parts.sessions.input(id, Buffer.from('x'), 'api')).toThrow('ended');
  expect(() => parts.sessions.input('none', Buffer.from('x'), 'api')).toThrow('no such session');
});

test('delete stops the program and takes the history along', async () => {
  const { id } = await parts.sh('echo pid=$$; while :; do sleep 0.05; done');
  const pid = await printedNumber(id, 'pid');
  await parts.sessions.delete(id);
  expect(processOf(pid)).toBeUndefined();
  await parts.database.db.space.idle();
  expect(parts.log(id)).toEqual([]);
  expect(() => parts.sessions.get(id)).toThrow('no such session');
});

test('whoever follows a session hears that it is gone, also when its workspace went', async () => {
  const one = await parts.sh('exit 0');
  const two = await parts.sh('exit 0');
  await ended(parts, one.id);
  await ended(parts, two.id);
  const heard: string[] = [];
  parts.sessions.log(one.id).listen({ event: () => {}, closed: (why) => heard.push(`one ${why}`) });
  parts.sessions.log(two.id).listen({ event: () => {}, closed: (why) => heard.push(`two ${why}`) });
  await parts.sessions.delete(one.id);
  parts.database.sqlite.run('DELETE FROM workspaces');
  parts.changes.announce('workspaces', parts.workspace.id);
  expect(heard).toEqual(['one deleted', 'two deleted']);
});

test('what a server left as live is stopped at the next start, with an event that says why', async () => {
  const { id } = await parts.sh('exit 0');
  await ended(parts, id);
  parts.database.sqlite.run("UPDATE sessions SET status = 'active'");
  parts.sessions.recover('the server ended without stopping it');
  expect(parts.sessions.get(id)).toMatchObject({ status: 'stopped', statusReason: 'the server ended without stopping it' });
  expect(parts.log(id).at(-1)).toMatchObject({ type: 'status', data: { status: 'stopped', reason: 'the server ended without stopping it' } });
  expect((await parts.sessions.resume(id)).status).toBe('active');
});

test('a shutdown ends every program, and the log says by whom', async () => {
  const live = await Promise.all([1, 2, 3].map(() => parts.sh('echo pid=$$; while :; do sleep 0.05; done')));
  const pids = await Promise.all(live.map(({ id }) => printedNumber(id, 'pid')));
  await parts.sessions.shutdown();
  for (const pid of pids) expect(processOf(pid)).toBeUndefined();
  for (const { id } of live) expect(parts.sessions.get(id)).toMatchObject({ status: 'stopped', statusReason: 'the server was stopped' });
  expect(await refusal(parts.sh('true'))).toMatchObject({ code: 'unavailable' });
});

test('as many sessions may live as the limit says, and one more is refused by its name', async () => {
  const all = await Promise.all(Array.from({ length: limits.liveSessionsMax }, () => parts.sh('exec cat')));
  expect(await refusal(parts.sh('exec cat'))).toMatchObject({ code: 'conflict', detail: { conflict: { limit: 'liveSessionsMax' } } });
  await parts.sessions.stop(all[0]?.id ?? '');
  expect((await parts.sh('exec cat')).status).toBe('active');
}, 30_000);

test.each(['archived', 'error'] as const)('nothing starts in a workspace that is %s', async (status) => {
  const { id } = await parts.sh('exit 0');
  await ended(parts, id);
  parts.workspace.status = status;
  expect(await refusal(parts.sh('true'))).toMatchObject({ code: 'conflict' });
  expect(await refusal(parts.sessions.resume(id))).toMatchObject({ code: 'conflict' });
});

test('a name has 1 to 100 characters on one line; without one the program gives it', async () => {
  const create = (name?: string) =>
    parts.sessions.create({ workspaceId: parts.workspace.id, kind: 'terminal', name, meta: { command: ['/bin/true'] } });
  expect((await create('🎉'.repeat(100))).name).toBe('🎉'.repeat(100));
  expect((await create('  spaced  ')).name).toBe('spaced');
  expect((await create()).name).toBe('true');
  for (const bad of ['', '   ', 'x'.repeat(101), 'two\nlines', '\u001b[31m']) {
    expect(await refusal(create(bad))).toMatchObject({ code: 'invalid', detail: { fields: { name: expect.any(String) } } });
  }
});

test('lists show names of variables, one session shows their values', async () => {
  const { id } = await parts.sh('exit 0', { env: { SECRET: 'value' } });
  expect(parts.sessions.list({ limit: 10, offset: 0 }).sessions[0]?.meta.env).toEqual(['SECRET']);
  expect(parts.sessions.get(id).meta.env).toEqual({ SECRET: 'value' });
});

async function refusal(promise: Promise<unknown>): Promise<AppError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
}
