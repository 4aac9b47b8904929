// The program as its owner starts, asks, kills and restarts it.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { Database } from 'bun:sqlite';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished, FROM_SOURCE, type RunningProgram, startProgram } from '../support/program.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const KEY = 'a-key-for-the-program';
let folder: string;
let environment: Record<string, string>;
const started: RunningProgram[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'root'));
  environment = { DISPATCH_DATA: join(folder, 'data'), DISPATCH_ROOTS: join(folder, 'root'), DISPATCH_NO_HOLDER: '1' };
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((program) => program.end('SIGKILL')));
  rmSync(folder, { recursive: true, force: true });
});

async function start(more: Record<string, string> = {}): Promise<RunningProgram> {
  const program = await startProgram(FROM_SOURCE, { ...environment, ...more });
  started.push(program);
  return program;
}

describe('the program', () => {
  test('shows address, key and link at the first start, only address and link at the next', async () => {
    const first = await start();
    expect(first.output()).toMatch(/^Key, shown this once, so keep it: \S+$/m);
    const link = /(http:\S+\/login\/link\?token=\S+)$/m.exec(first.output())?.[1] ?? '';
    expect((await fetch(link)).status).toBe(200);
    expect(await first.end('SIGTERM')).toBe(0);
    expect((await start()).output()).not.toContain('Key,');
  });

  test('keeps its data folder to its owner, and tells of itself only while it runs', async () => {
    const program = await start();
    const data = join(folder, 'data');
    expect(statSync(data).mode & 0o777).toBe(0o700);
    for (const file of ['dispatch.db', 'dispatch.db-wal', 'server.json']) expect(statSync(join(data, file)).mode & 0o777).toBe(0o600);
    await program.end('SIGTERM');
    expect(existsSync(join(data, 'server.json'))).toBe(false);
  });

  test('ends by SIGTERM within five seconds also with a session that ignores SIGHUP, and leaves nothing behind', async () => {
    const program = await start({ DISPATCH_KEY: KEY });
    const { id } = await program.api('/api/workspaces', { method: 'POST', body: { path: join(folder, 'root') } });
    const marker = `stubborn-${process.pid}-${Date.now()}`;
    const command = ['bash', '-c', `trap "" HUP; echo ready; while :; do sleep 1000 # ${marker}\ndone`];
    const session = await program.api('/api/sessions', { method: 'POST', body: { workspaceId: id, kind: 'terminal', meta: { command } } });
    await until('the session to be ready', async () => JSON.stringify(await program.api(`/api/sessions/${session.id}/history`)).includes('ready'));
    const before = Date.now();
    expect(await program.end('SIGTERM')).toBe(0);
    expect(Date.now() - before).toBeLessThan(5_000);
    const left = Bun.spawnSync(['pgrep', '-f', marker]).stdout.toString();
    expect(left).toBe('');
  });

  test('killed by -9: the next start has the history whole, says what happened, and resumes in the same folder with the same environment', async () => {
    const first = await start({ DISPATCH_KEY: KEY });
    const workspace = await first.api('/api/workspaces', { method: 'POST', body: { path: join(folder, 'root'), metadata: { env: { COLOUR: 'blue' } } } });
    const meta = { command: ['bash', '--norc'], env: { SIZE: 'large' } };
    const { id } = await first.api('/api/sessions', { method: 'POST', body: { workspaceId: workspace.id, kind: 'terminal', meta } });
    await first.api(`/api/sessions/${id}/input`, { method: 'POST', body: { text: 'seq 1 2000; echo last-$((40+2))\n' } });
    const seen = await until('the output', async () => {
      const session = await first.api(`/api/sessions/${id}`);
      const page = await first.api(`/api/sessions/${id}/history?limit=1000`);
      const text = page.events.map((event: any) => event.data.text ?? '').join('');
      return text.includes('last-42') && session.currentSequence === page.nextSequence ? page : undefined;
    });
    await first.end('SIGKILL');

    const second = await start({ DISPATCH_KEY: KEY });
    const session = await second.api(`/api/sessions/${id}`);
    expect(session.status).toBe('stopped');
    expect(session.statusReason).toContain('the server ended');
    const page = await second.api(`/api/sessions/${id}/history?limit=1000`);
    expect(page.events.slice(0, seen.events.length)).toEqual(seen.events);
    expect(page.events.map((event: any) => event.sequence)).toEqual(page.events.map((_: unknown, index: number) => index + 1));
    expect(page.events.at(-1)).toMatchObject({ type: 'status', data: { status: 'stopped' } });

    const resumed = await second.api(`/api/sessions/${id}/resume`, { method: 'POST' });
    expect(resumed).toMatchObject({ id, status: 'active' });
    await second.api(`/api/sessions/${id}/input`, { method: 'POST', body: { text: 'echo "$PWD $COLOUR $SIZE"\n' } });
    await until('the same folder and environment', async () =>
      JSON.stringify(await second.api(`/api/sessions/${id}/history?after=${page.nextSequence}&limit=1000`)).includes(`${join(folder, 'root')} blue large`),
    );
  });

  test('a second one on the same data folder is refused, also while the first is stopped by a signal', async () => {
    await start();
    const second = await finished(FROM_SOURCE, [], environment);
    expect(second.exitCode).toBe(1);
    expect(second.output).toBe('dispatch: another Dispatch server uses this data folder: stop it first, or give this one its own with DISPATCH_DATA\n');
  });

  test('a port that is taken is named, and the key of a first start is not lost by it', async () => {
    const other = await start();
    const data = join(folder, 'other');
    const taken = await finished(FROM_SOURCE, ['--port', new URL(other.url).port], { ...environment, DISPATCH_DATA: data });
    expect(taken.exitCode).toBe(2);
    expect(taken.output).toMatch(/^dispatch: PORT=\d+: another program listens there/);
    expect((await start({ DISPATCH_DATA: data })).output()).toContain('Key, shown this once');
  });

  test.each([
    ['newer', (file: string) => {
      const database = new Database(file);
      database.run('PRAGMA user_version = 999');
      database.close();
    }, 'newer Dispatch'],
    ['damaged', (file: string) => truncateSync(file, 20_000), 'damaged'],
    ['foreign', (file: string) => {
      rmSync(file);
      const database = new Database(file);
      database.run('CREATE TABLE other (id)');
      database.close();
    }, 'not a database of Dispatch'],
    ['garbage', (file: string) => writeFileSync(file, 'this is no database at all'.repeat(1000)), 'damaged'],
  ])('a %s database is refused with one line and left as it was', async (_, spoil, said) => {
    await (await start()).end('SIGTERM');
    const file = join(folder, 'data', 'dispatch.db');
    spoil(file);
    const before = readFileSync(file);
    const refused = await finished(FROM_SOURCE, [], environment);
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toMatch(/^dispatch: .*\n$/);
    expect(refused.output).toContain(said);
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe('the command line', () => {
  test('link makes a working link, status tells, key changes the key, over the running server', async () => {
    const program = await start();
    const link = await finished(FROM_SOURCE, ['link'], environment);
    expect(link.exitCode).toBe(0);
    expect((await fetch(link.output.trim())).status).toBe(200);
    const status = await finished(FROM_SOURCE, ['status'], environment);
    expect(JSON.parse(status.output)).toMatchObject({ counts: { workspaces: 0 } });
    const key = await finished(FROM_SOURCE, ['key'], environment);
    const changed = /: (\S+)$/m.exec(key.output)?.[1];
    const asked = (bearer: string | null | undefined) => fetch(`${program.url}/api/status`, { headers: { authorization: `Bearer ${bearer}` } });
    expect((await asked(changed)).status).toBe(200);
    expect((await asked(program.key)).status).toBe(401);
  });

  test('says what is missing when no server runs, and what there is not', async () => {
    const link = await finished(FROM_SOURCE, ['link'], environment);
    expect(link).toEqual({ exitCode: 1, output: expect.stringContaining('no server runs on this data folder') });
    const unknown = await finished(FROM_SOURCE, ['lnk'], environment);
    expect(unknown).toEqual({ exitCode: 2, output: expect.stringContaining('lnk') });
    expect((await finished(FROM_SOURCE, ['--version'], environment)).output).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await finished(FROM_SOURCE, ['--help'], environment)).output).toContain('DISPATCH_DATA');
  });
});
