// The server dies, and the programs do not: every byte is logged once, whatever the moment.

import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { processOf } from '../../src/pty/processes.ts';
import {
  cleanUp,
  collect,
  dataFolder,
  GuestLog,
  holderClient,
  kill,
  NUMBERED,
  request,
  type Seen,
  startGuest,
} from '../support/holder.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(60_000);
afterEach(cleanUp);

const KiB = 1024;
const MiB = 1024 * KiB;

/** The numbers of the lines that `numbered.ts` printed. */
const numbersIn = (text: string): number[] =>
  text
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => Number(line.slice(0, 9)));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('ten servers are killed under load, and every line of every program is in the log exactly once', async () => {
  const folder = dataFolder();
  const lines = 60_000;
  const names = ['one', 'two', 'three', 'four'];
  const numbered = request([process.execPath, NUMBERED, String(lines), '16000']);
  const plan = Object.fromEntries(names.map((name) => [name, numbered]));
  let guest = await startGuest(folder, plan);
  const log = new GuestLog(folder);
  const pids = names.map((name) => log.sessions().get(name)?.pid);
  const { holder } = guest.ready;
  for (let round = 0; round < 10; round += 1) {
    const target = log.total() + Math.floor(Math.random() * 1.2 * MiB);
    await until('more output in the log', () => log.total() >= target);
    await kill(guest);
    guest = await startGuest(folder, plan);
    expect(guest.ready).toEqual({ holder, held: names.length });
    expect(names.map((name) => log.sessions().get(name)?.pid)).toEqual(pids);
  }
  await until('the ends', () => [...log.sessions().values()].every(({ exit }) => exit !== null));
  for (const name of names) {
    expect(log.sessions().get(name)?.exit).toMatchObject({ exitCode: 0, exitSignal: null, lost: null });
    const { text, lost } = log.output(name);
    expect(lost).toBe(0);
    expect(numbersIn(text)).toEqual(upTo(lines));
  }
  log.dispose();
});

test('what is printed while no server runs goes to files and then to the log, with the exit status', async () => {
  const folder = dataFolder();
  const lines = 200_000; // 13 MB
  const plan = { noisy: request(['sh', '-c', `"$0" "$1" ${lines} 100000000; exit 7`, process.execPath, NUMBERED]) };
  const bounds = { memoryBytesMax: 64 * KiB };
  const first = await startGuest(folder, plan, bounds);
  const log = new GuestLog(folder);
  const pid = log.sessions().get('noisy')?.pid ?? 0;
  await until('some output', () => log.total() > 0);
  await kill(first);
  await until('the end of the program', () => processOf(pid) === undefined);
  const before = log.total();
  expect(before).toBeLessThan(lines * 64);
  const second = await startGuest(folder, plan, bounds);
  await until('the end in the log', () => log.sessions().get('noisy')?.exit !== null);
  expect(log.sessions().get('noisy')?.exit).toMatchObject({ exitCode: 7, exitSignal: null });
  expect(log.output('noisy').lost).toBe(0);
  expect(numbersIn(log.output('noisy').text)).toEqual(upTo(lines));
  await kill(second);
  log.dispose();
});

for (const [reason, hidden] of [
  ['the files are full', false],
  ['no file can be made', true],
] as const) {
  test(`where ${reason}, programs go on, the newest output is kept and a gap says what is lost`, async () => {
    const folder = dataFolder();
    const lines = 300_000; // 19 MB
    const bounds = { memoryBytesMax: 64 * KiB, spoolBytesMax: 4 * MiB, withoutDiskBytesMax: 1 * MiB };
    const client = holderClient(folder, bounds);
    const script = `read go; "$0" "$1" ${lines} 100000000; echo all done; exit 7`;
    const command = ['sh', '-c', script, process.execPath, NUMBERED];
    const pty = await client.spawn('noisy', request(command));
    const first = collect(pty);
    pty.write(Buffer.from('\r'));
    await until('the first lines', () => first.text().includes('000000009'));
    const place = join(folder, 'holder-1');
    if (hidden) renameSync(place, `${place}-away`); // The socket goes with it, and comes back.
    client.dispose();
    await until('the end of the program', () => processOf(pty.pid) === undefined);
    if (hidden) renameSync(`${place}-away`, place);
    const next = holderClient(folder, bounds);
    const [held] = await next.open();
    expect(held).toMatchObject({ id: 'noisy', exit: { exitCode: 7 } });
    if (held === undefined) throw new Error('Nothing is held');
    const adopted = next.adopt(held, first.offset);
    const rest = collect(adopted, first.offset);
    expect(await adopted.exited).toMatchObject({ exitCode: 7, lost: null });
    expect(rest.offset).toBe(held.offset);
    expect(rest.gaps.reduce((sum, { bytes }) => sum + bytes, 0)).toBeGreaterThan(10 * MiB);
    expect(rest.text().length).toBeGreaterThan(hidden ? 0.8 * MiB : 3 * MiB);
    expect(rest.text().endsWith(`${String(lines - 1).padStart(9, '0')} ${'.'.repeat(52)}\r\nall done\r\n`)).toBe(true);
  });
}

test('an editor with unsaved text, a nested terminal and jobs of a shell go on without a server', async () => {
  const folder = dataFolder();
  const file = join(folder, 'unsaved.txt');
  const client = holderClient(folder);
  const vim = await client.spawn('vim', request(['vim', '-u', 'NONE', '-n', file]));
  const vimSeen = collect(vim);
  const shell = await client.spawn('shell', request(['bash', '--norc', '-i']));
  const shellSeen = collect(shell);
  const inner = ['script', '-q', '/dev/null', '-c', 'bash --norc -i'];
  const nested = await client.spawn('nested', request(inner, { env: { ...request([]).env, PS1: 'nested$ ' } }));
  const nestedSeen = collect(nested);
  await until('vim', () => vimSeen.text().includes('unsaved.txt'));
  vim.write(Buffer.from('ikept in its memory'));
  await until('the text', () => vimSeen.text().includes('kept in its memory'));
  await until('both prompts', () => shellSeen.text().includes('$ ') && nestedSeen.text().includes('nested$ '));
  shell.write(Buffer.from('sleep 1000 & sleep 2000\r'));
  await until('the job in front', () => processOf(processOf(shell.pid)?.foreground ?? 0)?.name === 'sleep');
  shell.write(Buffer.from('\x1a'));
  await until('the stopped job', () => shellSeen.text().includes('Stopped'));
  nested.write(Buffer.from('answer=42\r'));
  await until('the next prompt', () => nestedSeen.text().split('nested$ ').length > 2);
  client.dispose();

  const next = holderClient(folder);
  const held = new Map((await next.open()).map((session) => [session.id, session]));
  const again = (id: string, before: Seen) => {
    const session = held.get(id);
    if (session === undefined) throw new Error(`${id} is not held`);
    const pty = next.adopt(session, before.offset);
    return { pty, seen: collect(pty, before.offset) };
  };
  const shellAgain = again('shell', shellSeen);
  shellAgain.pty.write(Buffer.from('jobs; bg %2; kill %1 %2; wait; echo jobs-$((40+2))\r'));
  await until('the end of the jobs', () => shellAgain.seen.text().includes('jobs-42'));
  expect(shellAgain.seen.text()).toMatch(/\[1\]-? +Running +sleep 1000 &/);
  expect(shellAgain.seen.text()).toMatch(/\[2\]\+? +Stopped +sleep 2000/);
  const nestedAgain = again('nested', nestedSeen);
  nestedAgain.pty.write(Buffer.from('echo the-$answer; tty\r'));
  await until('the answer', () => /the-42\r\n\/dev\/pts\//.test(nestedAgain.seen.text()));
  const vimAgain = again('vim', vimSeen);
  vimAgain.pty.write(Buffer.from(' and saved\x1b:wq\r'));
  expect(await vimAgain.pty.exited).toMatchObject({ exitCode: 0 });
  expect(await Bun.file(file).text()).toBe('kept in its memory and saved\n');
});
