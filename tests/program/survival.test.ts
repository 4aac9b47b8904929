// The server dies, is stopped or killed, and what runs in its terminals goes on: the log has
// every byte once, and who was attached comes back to the same session.

import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HOLDER_VERSION } from '../../src/pty/holder/frames.ts';
import { placeOf, readCard } from '../../src/pty/holder/place.ts';
import { processOf } from '../../src/pty/processes.ts';
import { attach, TestClient } from '../support/client.ts';
import { leavesNothing } from '../support/cycles.ts';
import { childrenOf } from '../support/holder.ts';
import { smallDisk } from '../support/small-disk.ts';
import { numbered, numbersIn, Survivor } from '../support/survivor.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(90_000);

let survivor: Survivor;
beforeEach(() => {
  survivor = new Survivor();
});
afterEach(() => survivor.dispose());

const holderPid = (): number => readCard(placeOf(survivor.dataFolder, HOLDER_VERSION.major))?.pid ?? 0;

/** Process ids of what is held. */
const held = (): number[] => (holderPid() === 0 ? [] : childrenOf(holderPid()).sort());

/** Without what is left of the last line. */
const wholeNumbersIn = (text: string): number[] => numbersIn(text.slice(0, text.lastIndexOf('\r\n') + 2));

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('a server is killed ten times under twenty sessions: same programs, each line once, and a client that misses nothing', async () => {
  const endless = 10_000_000;
  await survivor.start();
  const ids = await Promise.all(Array.from({ length: 20 }, () => survivor.terminal(numbered(endless, 1_000))));
  const watched = await survivor.terminal(numbered(endless, 50));
  let client = await attach(survivor, watched);
  let seen = '';
  let pids: number[] | undefined;
  for (let round = 0; round < 10; round += 1) {
    await client.until('more output', () => client.outputBytes > 64 * (3 + Math.random() * 10));
    await survivor.kill();
    expect((await client.hasClosed()).code).toBe(1006);
    pids ??= held();
    expect(held()).toEqual(pids);
    seen += client.text;
    await survivor.start();
    client = await attach(survivor, watched, { after: client.sequence });
    await client.isSynced();
    expect(client.snapshots).toEqual([]);
  }
  expect(pids).toHaveLength(21);
  await Promise.all([...ids, watched].map((id) => survivor.api(`/api/sessions/${id}/stop`, 'POST')));
  for (const id of ids) {
    expect((await survivor.ended(id)).statusReason).toBeNull();
    const numbers = wholeNumbersIn(await survivor.output(id));
    expect(numbers.length).toBeGreaterThan(1_000);
    expect(numbers).toEqual(upTo(numbers.length));
  }
  expect((await client.hasClosed()).code).toBe(4410);
  expect(seen + client.text).toBe(await survivor.output(watched));
  expect(held()).toEqual([]);
});

test('what is printed while no server runs is in the log, and so are the ends of programs', async () => {
  await survivor.start();
  const noisy = await survivor.terminal(['sh', '-c', 'echo begun; read go; "$0" "$@"; exit 7', ...numbered(200_000, 1_000_000)]);
  const killed = await survivor.terminal(['sh', '-c', 'echo begun; read go; kill -TERM $$']);
  for (const id of [noisy, killed]) await survivor.prints(id, 'begun');
  const pids = held();
  await Promise.all([noisy, killed].map((id) => survivor.type(id, '\n')));
  await survivor.program.end('SIGTERM');
  await until('the end of the programs', () => pids.every((pid) => processOf(pid) === undefined));
  await survivor.start();
  expect(await survivor.ended(noisy)).toMatchObject({ status: 'stopped', exitCode: 7, statusReason: expect.stringMatching(/^ended \d{4}-.*, while no server ran$/) });
  expect(await survivor.ended(killed)).toMatchObject({ status: 'stopped', exitCode: null, exitSignal: 'SIGTERM' });
  const [, lines = ''] = (await survivor.output(noisy)).split(/begun\r\n\r\n/);
  expect(numbersIn(lines)).toEqual(upTo(200_000));
  const adopted = (await survivor.events(noisy)).filter(({ type }) => type === 'status').map(({ data }) => data.reason);
  expect(adopted).toContainEqual(expect.stringMatching(/^adopted after restart at \d{4}-/));
  expect(held()).toEqual([]);
});

test('where the disk is full while no server runs, programs live, and what was lost is recorded', async () => {
  const disk = smallDisk();
  if (!disk.real) return disk.remove();
  await survivor.dispose();
  survivor = new Survivor(disk.folder);
  try {
    await survivor.start();
    const done = join(survivor.folder, 'done');
    const id = await survivor.terminal(['sh', '-c', 'echo begun; read go; "$@"; touch "$0"; exec cat', done, ...numbered(500_000, 10_000_000)]);
    await survivor.prints(id, 'begun');
    const pids = held();
    await survivor.type(id, '\n');
    await survivor.kill();
    disk.fill();
    await until('all of it printed', () => existsSync(done), 30_000);
    disk.free();
    await survivor.start();
    expect(held()).toEqual(pids);
    await survivor.prints(id, '000499999');
    const gaps = (await survivor.events(id)).filter(({ type }) => type === 'gap');
    const lost = gaps.reduce((sum, { data }) => sum + data.bytes, 0);
    expect(gaps[0].data.reason).toEqual(expect.any(String));
    const printed = 'begun\r\n\r\n'.length + 500_000 * 64;
    expect(lost + Buffer.byteLength(await survivor.output(id))).toBe(printed);
    expect(lost).toBeLessThan(printed - 7 * 1024 * 1024);
    await survivor.type(id, 'still here\n');
    await survivor.prints(id, 'still here\r\nstill here');
  } finally {
    await survivor.dispose();
    disk.remove();
    survivor = new Survivor();
  }
});

test('a planned restart sends clients away to come back (1012), and they find the program as it was', async () => {
  await survivor.start();
  const id = await survivor.terminal(['bash', '--norc', '--noprofile', '-i'], { env: { PS1: 'ready$ ' }, cols: 100, rows: 30 });
  const first = await attach(survivor, id, { cols: 90, rows: 20 });
  await first.sees('ready$ ');
  first.input('kept=42; sleep 1000 &\n');
  await first.sees('[1]');
  const pids = held();
  await survivor.program.end('SIGTERM');
  expect((await first.hasClosed()).code).toBe(1012);
  expect(first.notices.map(({ code }) => code)).toContain('restarting');
  await survivor.start();
  expect(await survivor.api(`/api/sessions/${id}`)).toMatchObject({ status: 'active', statusReason: expect.stringMatching(/^adopted after restart at \d{4}-/) });
  expect(held()).toEqual(pids);
  const again = await attach(survivor, id, { after: first.sequence });
  await again.isSynced();
  expect(again.winsize).toMatchObject({ cols: 90, rows: 20 });
  again.input('echo the-$kept; jobs; stty size\n');
  await again.sees('the-42');
  await again.sees('sleep 1000 &');
  await again.sees('20 90');
  await survivor.api(`/api/sessions/${id}/stop`, 'POST');
  expect((await again.hasClosed()).code).toBe(4410);
});

test('a server that is stopping lets nobody in, so that who is sent away waits for the next one', async () => {
  await survivor.start(undefined, { DISPATCH_NO_HOLDER: '1' });
  const id = await survivor.terminal(['sh', '-c', 'trap "" HUP; echo deaf; while :; do sleep 0.1; done']);
  const client = await attach(survivor, id);
  await client.sees('deaf');
  const stopped = survivor.program.end('SIGTERM'); // Takes the grace of what is deaf.
  expect((await client.hasClosed()).code).toBe(1012);
  expect(survivor.program.process.exitCode).toBeNull();
  const again = new TestClient(survivor, id, { after: client.sequence });
  await again.hasClosed();
  expect(again.frames).toEqual([]);
  expect(await stopped).toBe(0);
});

test('an editor with unsaved text and a nested terminal go on', async () => {
  await survivor.start();
  const file = join(survivor.folder, 'unsaved.txt');
  const vim = await survivor.terminal(['vim', '-u', 'NONE', '-n', file]);
  const nested = await survivor.terminal(['script', '-q', '/dev/null', '-c', 'PS1="nested$ " bash --norc --noprofile -i']);
  await survivor.prints(vim, 'unsaved.txt');
  await survivor.prints(nested, 'nested$ ');
  await survivor.type(vim, 'ikept in its memory');
  await survivor.type(nested, 'answer=42\n');
  await survivor.prints(vim, 'kept in its memory');
  await survivor.kill();
  await survivor.start();
  await survivor.type(nested, 'echo the-$answer\n');
  await survivor.prints(nested, 'the-42\r\n');
  await survivor.type(vim, ' and saved\x1b:wq\r');
  expect(await survivor.ended(vim)).toMatchObject({ exitCode: 0 });
  expect(await Bun.file(file).text()).toBe('kept in its memory and saved\n');
});

test('a killed holder: sessions are in error within a second and say why, the server stays, a new holder serves', async () => {
  await survivor.start();
  const ids = await Promise.all([survivor.terminal(['cat']), survivor.terminal(['sh', '-c', 'trap "" HUP; echo deaf; while :; do sleep 0.1; done'])]);
  await survivor.prints(ids[1] ?? '', 'deaf');
  const client = await attach(survivor, ids[0] ?? '');
  const pids = held();
  process.kill(holderPid(), 'SIGKILL');
  for (const id of ids) {
    expect(await survivor.ended(id, 1_000)).toMatchObject({ status: 'error', statusReason: expect.any(String) });
  }
  expect((await client.hasClosed()).code).toBe(4410);
  const next = await survivor.terminal(['cat']);
  await survivor.type(next, 'served again\n');
  await survivor.prints(next, 'served again');
  await until('the end of what had no terminal any more', () => pids.every((each) => processOf(each) === undefined), 10_000);
  expect(await survivor.api(`/api/sessions/${ids[0]}/resume`, 'POST')).toMatchObject({ status: 'active' });
});

test('a holder that ended while no server ran: its sessions are in error, and say so', async () => {
  await survivor.start();
  const id = await survivor.terminal(['cat']);
  await survivor.kill();
  const pid = holderPid();
  process.kill(pid, 'SIGKILL');
  await until('its end', () => processOf(pid) === undefined);
  await survivor.start();
  expect(await survivor.api(`/api/sessions/${id}`)).toMatchObject({ status: 'error', statusReason: 'the process that keeps its terminal ended while no server ran' });
});

test('after the machine went down: sessions are stopped and say why, clients begin anew, and a resume goes on in folder, environment and history', async () => {
  await survivor.start();
  const id = await survivor.terminal(['bash', '--norc', '--noprofile', '-i'], { env: { PS1: 'ready$ ', MINE: 'kept' }, cols: 70, rows: 20 });
  const failed = await survivor.terminal(['/nowhere/to/be/found']);
  await survivor.prints(id, 'ready$ ');
  await survivor.type(id, 'mkdir -p inner && cd inner && echo moved-$((40+2))\n');
  await survivor.prints(id, 'moved-42');
  const client = await attach(survivor, id);
  const { epoch } = await client.isSynced();
  await until('the folder in the log', async () => (await survivor.events(id)).some(({ type, data }) => type === 'cwd' && data.path.endsWith('/inner')));
  await survivor.kill();
  const pids = [holderPid(), ...held()];
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await until('their end', () => pids.every((pid) => processOf(pid) === undefined));
  // What the machine's next boot finds: a card and sockets of the last one, and another name for this boot.
  const database = new Database(join(survivor.dataFolder, 'dispatch.db'));
  database.run("UPDATE server SET value = 'an earlier boot' WHERE name = 'boot_id'");
  database.close();
  await survivor.start();
  expect(await survivor.api(`/api/sessions/${id}`)).toMatchObject({ status: 'stopped', statusReason: 'the machine was restarted', exitCode: null });
  expect((await survivor.api(`/api/sessions/${failed}`)).status).toBe('error');
  const before = (await survivor.events(id)).length;
  expect(await survivor.api(`/api/sessions/${id}/resume`, 'POST')).toMatchObject({ status: 'active', statusReason: null });
  await survivor.type(id, 'echo "$PWD $MINE $(stty size)"\n');
  await survivor.prints(id, `${join(survivor.folder, 'root', 'inner')} kept 20 70`);
  expect((await survivor.events(id)).slice(before).map(({ type }) => type).slice(0, 2)).toEqual(['resize', 'output']);
  expect(await survivor.output(id)).toContain('moved-42');
  const again = await attach(survivor, id, { after: client.sequence, epoch });
  expect((await again.isSynced()).epoch).toBe(epoch + 1);
  expect(again.snapshots.length).toBeGreaterThan(0);
});

test('a resume begins where the shell was, at the size that it had, below a divider', async () => {
  await survivor.start();
  const id = await survivor.terminal(['bash', '--norc', '--noprofile', '-i'], { env: { PS1: 'ready$ ', MINE: 'kept' } });
  await survivor.prints(id, 'ready$ ');
  await survivor.api(`/api/sessions/${id}/resize`, 'POST', { cols: 77, rows: 22 });
  await survivor.type(id, 'mkdir -p inner && cd inner && echo moved-$((40+2))\n');
  await survivor.prints(id, 'moved-42');
  await survivor.api(`/api/sessions/${id}/stop`, 'POST');
  const before = (await survivor.events(id)).length;
  await survivor.api(`/api/sessions/${id}/resume`, 'POST');
  await survivor.type(id, 'echo "$PWD $MINE $(stty size)"\n');
  await survivor.prints(id, `${join(survivor.folder, 'root', 'inner')} kept 22 77`);
  const [size, divider] = (await survivor.events(id)).slice(before);
  expect(size).toMatchObject({ type: 'resize', data: { cols: 77, rows: 22 } });
  expect(divider.data.text).toContain('resumed');
});

test('sessions that come and go leave no process and no descriptor', async () => {
  await survivor.start();
  const [, after] = await leavesNothing(survivor, 40);
  expect(after?.processes).toBe(0);
});

test('without a holder (--no-holder) SIGTERM ends the programs', async () => {
  await survivor.start(undefined, { DISPATCH_NO_HOLDER: '1' });
  const id = await survivor.terminal(['cat']);
  expect(held()).toEqual([]);
  await survivor.program.end('SIGTERM');
  await survivor.start(undefined, { DISPATCH_NO_HOLDER: '1' });
  expect(await survivor.api(`/api/sessions/${id}`)).toMatchObject({ status: 'stopped', statusReason: 'the server was stopped' });
});
