// A holder's own life: started once, missed at once, gone when nothing is left to hold, the
// same from the compiled binary, and beside one of another version.

import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { HolderClient } from '../../src/pty/holder/client.ts';
import { otherHolders } from '../../src/pty/holder/foreign.ts';
import { frame, idBytes, TO_HOLDER } from '../../src/pty/holder/frames.ts';
import { greet } from '../../src/pty/holder/greeting.ts';
import { placeOf, readCard } from '../../src/pty/holder/place.ts';
import { EXIT_HELD_ALREADY } from '../../src/pty/holder/role.ts';
import { processOf } from '../../src/pty/processes.ts';
import {
  childrenOf,
  cleanUp,
  collect,
  dataFolder,
  GuestLog,
  HOLD,
  holderClient,
  kill,
  request,
  startGuest,
} from '../support/holder.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(60_000);
afterEach(cleanUp);

test('two servers that start one at the same moment end with one', async () => {
  const folder = dataFolder();
  const clients = Array.from({ length: 6 }, () => holderClient(folder));
  // All but the last to greet are told to leave: what counts is that all found the same.
  const pids = await Promise.all(
    clients.map(async (client) => {
      await client.open();
      return readCard(placeOf(folder, 1))?.pid;
    }),
  );
  expect(new Set(pids).size).toBe(1);
  const late = Bun.spawn([...HOLD, 'hold', folder], { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' });
  expect(await late.exited).toBe(EXIT_HELD_ALREADY);
});

test('a killed holder is missed at once, its sessions are told, and the next spawn starts another', async () => {
  const lost: string[] = [];
  const client = holderClient(dataFolder(), {}, (reason) => lost.push(reason));
  const one = await client.spawn('one', request(['cat']));
  const two = await client.spawn('two', request(['cat']));
  collect(one);
  collect(two);
  const before = client.pid ?? 0;
  const taken: unknown[] = [];
  process.kill(before, 'SIGSTOP'); // So that the input is still under way when it dies.
  one.write(Buffer.from('under way'), (flags) => taken.push(flags));
  process.kill(before, 'SIGKILL');
  const killedAt = performance.now();
  const ends = await Promise.all([one.exited, two.exited]);
  expect(ends).toMatchObject([{ exitCode: null, lost: expect.any(String) }, { lost: expect.any(String) }]);
  expect(performance.now() - killedAt).toBeLessThan(1000); // The promise, not a measurement: it takes a few ms.
  expect(lost).toHaveLength(1);
  expect(taken).toEqual([undefined]);
  await until('the hang-up of its programs', () => [one, two].every(({ pid }) => processOf(pid) === undefined));
  const three = await client.spawn('three', request(['echo', 'a new holder']));
  const seen = collect(three);
  await three.exited;
  expect(seen.text()).toBe('a new holder\r\n');
  expect(client.pid).not.toBe(before);
});

test('it leaves with its socket when it holds nothing and no server is there, and not before', async () => {
  const folder = dataFolder();
  const client = holderClient(folder, { idleMs: 50 });
  const pty = await client.spawn('a', request(['cat']));
  const holder = client.pid ?? 0;
  client.dispose();
  const again = holderClient(folder);
  const [held] = await again.open();
  expect(again.pid).toBe(holder); // It held something.
  if (held === undefined) throw new Error('Nothing is held');
  const adopted = again.adopt(held, 0);
  collect(adopted);
  adopted.write(Buffer.from('\x04'));
  await adopted.exited;
  again.dispose();
  const third = holderClient(folder);
  const untaken = await third.open();
  expect(untaken.map(({ id, exit }) => [id, exit?.exitCode])).toEqual([['a', 0]]);
  expect(processOf(pty.pid)).toBeUndefined();
  third.release('a');
  expect(await third.list()).toEqual([]);
  third.dispose();
  await until('its end', () => processOf(holder) === undefined);
  expect(readdirSync(join(folder, 'holder-1')).sort()).toEqual(['lock', 'log']);
  expect(await holderClient(folder).find()).toBeUndefined();
});

test('where its data folder is deleted nobody can come any more: it ends its programs and leaves', async () => {
  const folder = dataFolder();
  const client = holderClient(folder, { idleMs: 50 });
  const ended = await client.spawn('ended', request(['true']));
  const living = await client.spawn('living', request(['sleep', '1000']));
  collect(ended);
  await ended.exited;
  const holder = client.pid ?? 0;
  client.dispose();
  rmSync(folder, { recursive: true, force: true });
  await until('both ends', () => [holder, living.pid].every((pid) => processOf(pid) === undefined));
  mkdirSync(folder); // For the clean-up.
});

test('a card that is lost or empty is written anew, so that the next server finds what lives', async () => {
  const folder = dataFolder();
  const client = holderClient(folder, { idleMs: 50 });
  const pty = await client.spawn('a', request(['sleep', '1000']));
  client.dispose();
  const { card } = placeOf(folder, 1);
  const written = readFileSync(card, 'utf8');
  for (const spoil of [() => rmSync(card), () => writeFileSync(card, '')]) {
    spoil();
    await until('its card', () => existsSync(card) && readFileSync(card, 'utf8') === written);
  }
  const next = holderClient(folder);
  expect(await next.open()).toMatchObject([{ id: 'a', pid: pty.pid, exit: null }]);
});

test('a runtime folder that is not ours alone is not used', async () => {
  const shared = temporaryFolder();
  const before = process.env.XDG_RUNTIME_DIR;
  try {
    mkdirSync(join(shared, 'real'), { mode: 0o700 });
    symlinkSync(join(shared, 'real'), join(shared, 'link'));
    mkdirSync(join(shared, 'open'));
    chmodSync(join(shared, 'open'), 0o777);
    for (const runtime of [join(shared, 'link'), join(shared, 'open'), join(shared, 'missing'), 'relative', '']) {
      process.env.XDG_RUNTIME_DIR = runtime;
      const folder = dataFolder();
      await holderClient(folder).open();
      expect(readCard(placeOf(folder, 1))?.sockets).toEqual([join(placeOf(folder, 1).folder, 'socket')]);
    }
    expect(readdirSync(shared, { recursive: true }).sort()).toEqual(['link', 'open', 'real']);
  } finally {
    if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
    else process.env.XDG_RUNTIME_DIR = before;
    rmSync(shared, { recursive: true, force: true });
  }
});

test('SIGTERM ends its programs, then itself', async () => {
  const client = holderClient(dataFolder());
  const pty = await client.spawn('a', request(['sleep', '1000']));
  const holder = client.pid ?? 0;
  process.kill(holder, 'SIGTERM');
  await until('both ends', () => processOf(holder) === undefined && processOf(pty.pid) === undefined);
});

test('everything is ended when asked, background jobs too', async () => {
  const client = holderClient(dataFolder());
  const pty = await client.spawn('a', request(['bash', '-c', 'trap "" HUP; sleep 1000 & echo up; wait']));
  const seen = collect(pty);
  await until('the program', () => seen.text().includes('up'));
  const members = [pty.pid, ...childrenOf(pty.pid)];
  expect(members).toHaveLength(2);
  await client.stopAll();
  expect(members.filter((pid) => processOf(pid) !== undefined)).toEqual([]);
});

test('a thousand programs leave no process and no descriptor', async () => {
  // With this few descriptors a holder that leaks one of a program would soon start none.
  const command = ['sh', '-c', 'ulimit -n 100; exec "$0" "$@"', ...HOLD];
  const client = holderClient(dataFolder(), {}, undefined, command);
  const cycle = async (id: string, mode: 'pty' | 'pipes'): Promise<void> => {
    const pty = await client.spawn(id, request(['echo', id], { mode }));
    const seen = collect(pty);
    expect(await pty.exited).toMatchObject({ exitCode: 0, lost: null });
    expect(seen.text().trim()).toBe(id);
    pty.release();
  };
  for (let round = 0; round < 100; round += 1) {
    const ids = Array.from({ length: 10 }, (_, index) => `${round}-${index}`);
    await Promise.all(ids.map((id, index) => cycle(id, index < 8 ? 'pty' : 'pipes')));
  }
  const holder = client.pid ?? 0;
  await until('no children', () => childrenOf(holder).length === 0);
  expect(await client.list()).toEqual([]);
});

test('it is found where the data folder has a long path, and where a login has a runtime folder', async () => {
  const long = join(dataFolder(), 'd'.repeat(120));
  mkdirSync(long);
  const client = new HolderClient({ dataFolder: long, command: HOLD });
  await client.open();
  const holder = client.pid ?? 0;
  await client.stopAll();
  client.dispose();
  process.kill(holder, 'SIGTERM');

  const runtime = temporaryFolder();
  const before = process.env.XDG_RUNTIME_DIR;
  process.env.XDG_RUNTIME_DIR = runtime;
  try {
    const folder = dataFolder();
    await holderClient(folder).open();
    const [shared = ''] = readCard(placeOf(folder, 1))?.sockets ?? [];
    expect(shared.startsWith(`${runtime}/dispatch-`)).toBe(true);
    expect(existsSync(shared)).toBe(true);
    Bun.spawnSync(['rm', '-rf', runtime]); // As a logout does.
    const later = holderClient(folder);
    expect(await later.open()).toEqual([]);
    expect(later.pid).toBe(readCard(placeOf(folder, 1))?.pid);
  } finally {
    if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
    else process.env.XDG_RUNTIME_DIR = before;
  }
});

test('a holder of another version is told apart, gets no new session, and ends only when asked', async () => {
  const folder = dataFolder();
  const entry = join(folder, 'other.ts');
  const role = JSON.stringify(resolve(import.meta.dir, '../../src/pty/holder/role.ts'));
  writeFileSync(entry, `import { hold } from ${role};\nhold(process.argv.slice(2));\n`);
  const args = [folder, '{"idleMs":50}', '{"major":2,"minor":0}'];
  const other = Bun.spawn([process.execPath, entry, ...args], { stdin: 'ignore', stdout: 'ignore', stderr: 'inherit' });
  const card = await until('its card', () => readCard(placeOf(folder, 2)));
  // Something of that version put a session into it.
  const theirs = await greet(card, { frame: () => {}, closed: () => {} });
  theirs?.link.send(frame(TO_HOLDER.spawn, idBytes('kept'), Buffer.from(JSON.stringify(request(['sleep', '1000'])))));
  await until('its program', () => childrenOf(other.pid).length === 1);
  theirs?.link.close();

  const client = holderClient(folder);
  expect(await client.open()).toEqual([]);
  expect(client.pid).not.toBe(other.pid);
  const [found, ...more] = await otherHolders(folder);
  expect(more).toEqual([]);
  if (found === undefined) throw new Error('It was not found');
  expect(found).toMatchObject({ major: 2, pid: other.pid });
  expect(await found.list()).toMatchObject([{ id: 'kept', exit: null }]);
  found.release('kept'); // It lives, so this is no end of it.
  expect(await found.list()).toMatchObject([{ id: 'kept', exit: null }]);
  found.stopAll();
  await until('the end of its program', async () => (await found.list())[0]?.exit);
  found.release('kept');
  found.dispose();
  expect(await other.exited).toBe(0);
});

test('the compiled binary holds and is a guest as well, and finds its own command', async () => {
  const folder = dataFolder();
  const binary = join(folder, 'guest');
  const source = resolve(import.meta.dir, '../fixtures/holder-guest.ts');
  const build = Bun.spawnSync([process.execPath, 'build', '--compile', '--outfile', binary, source], {
    stdout: 'ignore',
    stderr: 'pipe',
  });
  expect(build.stderr.toString() + String(build.exitCode)).toEndWith('0');
  const plan = { a: request(['sh', '-c', 'echo before; sleep 1000']) };
  const first = await startGuest(folder, plan, {}, [binary]);
  const log = new GuestLog(folder);
  await until('its output', () => log.total() > 0);
  await kill(first);
  const second = await startGuest(folder, plan, {}, [binary]);
  expect(second.ready).toEqual({ holder: first.ready.holder, held: 1 });
  const client = holderClient(folder);
  await client.open();
  await client.stopAll();
  log.dispose();
});
