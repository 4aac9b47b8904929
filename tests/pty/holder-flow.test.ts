// Who waits for whom: a program waits for a server that logs, as it would in its own process;
// for one that is stuck or gone it does not; and a quiet program never waits behind a noisy one.

import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import type { HolderClient } from '../../src/pty/holder/client.ts';
import { processOf } from '../../src/pty/processes.ts';
import { cleanUp, collect, dataFolder, holderClient, request } from '../support/holder.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(30_000);
afterEach(cleanUp);

const KiB = 1024;
const MiB = 1024 * KiB;
/** Room for some reads that were on their way; too small for what the programs print, were they not made to wait. */
const SMALL = { memoryBytesMax: 512 * KiB, spoolBytesMax: 4 * MiB, withoutDiskBytesMax: 4 * MiB };

for (const mode of ['pty', 'pipes'] as const) {
  test(`a program that outruns the server waits for it and loses nothing (${mode})`, async () => {
    const client = holderClient(dataFolder(), SMALL);
    const pty = await client.spawn('a', request(['head', '-c', String(48 * MiB), '/dev/zero'], { mode }));
    let received = 0;
    let gaps = 0;
    let logging = Promise.resolve();
    pty.listen({
      output(bytes, offset) {
        received = offset + bytes.byteLength;
        const upTo = received;
        // Later, and never two at a time: slower than the program.
        logging = logging.then(() => Bun.sleep(1)).then(() => pty.acknowledge(upTo));
      },
      gap: (_, bytes) => {
        gaps += bytes;
      },
    });
    expect(await pty.exited).toMatchObject({ exitCode: 0 });
    expect({ received, gaps }).toEqual({ received: 48 * MiB, gaps: 0 });
  });
}

test('a program that is read slowly still hears Ctrl+C', async () => {
  const client = holderClient(dataFolder(), { ...SMALL, patienceMs: 60_000 });
  const pty = await client.spawn('a', request(['yes']));
  const seen = collect(pty, 0, false);
  await until('output in files', async () => ((await client.list())[0]?.offset ?? 0) > 1 * MiB);
  pty.write(Buffer.from('\x03'));
  await until('the end of the program', () => processOf(pty.pid) === undefined);
  const logging = setInterval(() => pty.acknowledge(seen.offset), 1);
  expect(await pty.exited).toMatchObject({ exitSignal: 'SIGINT' });
  clearInterval(logging);
  expect(seen.gaps).toEqual([]);
});

test('a server that logs nothing for long holds nobody up', async () => {
  const client = holderClient(dataFolder(), { ...SMALL, patienceMs: 50 });
  const pty = await client.spawn('a', request(['sh', '-c', `head -c ${24 * MiB} /dev/zero; echo done`]));
  const seen = collect(pty, 0, false);
  await until('the end of the program', () => processOf(pty.pid) === undefined);
  pty.acknowledge(seen.offset); // It is back.
  const more = setInterval(() => pty.acknowledge(seen.offset), 1);
  expect(await pty.exited).toMatchObject({ exitCode: 0 });
  clearInterval(more);
  expect(seen.text()).toEndWith('done\r\n');
  expect(seen.gaps.reduce((sum, { bytes }) => sum + bytes, 0)).toBeGreaterThan(8 * MiB);
});

test('a program that waits is free at once when the server dies', async () => {
  const folder = dataFolder();
  const client = holderClient(folder, { patienceMs: 60_000 });
  const pty = await client.spawn('a', request(['head', '-c', String(32 * MiB), '/dev/zero'], { mode: 'pipes' }));
  collect(pty, 0, false);
  await outputStands(client);
  expect(processOf(pty.pid)).toBeDefined();
  client.dispose();
  await until('the end of the program', () => processOf(pty.pid) === undefined);
  const next = holderClient(folder);
  const [held] = await next.open();
  if (held === undefined) throw new Error('Nothing is held');
  const again = next.adopt(held, 0);
  const all = collect(again);
  await again.exited;
  expect(all).toMatchObject({ offset: 32 * MiB, gaps: [] });
});

test('a quiet program does not wait behind what noisy ones printed while no server was there', async () => {
  const folder = dataFolder();
  const client = holderClient(folder);
  const noise = request(['head', '-c', String(16 * MiB), '/dev/zero']);
  const noisy = await Promise.all(['a', 'b', 'c'].map((id) => client.spawn(id, noise)));
  const quiet = await client.spawn('quiet', request(['sh', '-c', 'echo quiet; sleep 1000']));
  client.dispose();
  await until('all noise', () => noisy.every(({ pid }) => processOf(pid) === undefined));
  const next = holderClient(folder);
  const held = await next.open();
  const adopted = held.map((session) => next.adopt(session, 0));
  const loud = adopted.filter(({ pid }) => pid !== quiet.pid).map((pty) => collect(pty));
  const calm = adopted.filter(({ pid }) => pid === quiet.pid).map((pty) => collect(pty)); // The last to be adopted.
  await until('the quiet one', () => calm.some((seen) => seen.text() === 'quiet\r\n'));
  expect(loud.map(({ offset }) => offset).every((offset) => offset < 8 * MiB)).toBe(true);
  await until('all of it', () => loud.every(({ offset, gaps }) => offset === 16 * MiB && gaps.length === 0));
});

/** The only program printed something, and prints no more. */
async function outputStands(client: HolderClient): Promise<void> {
  let before = -1;
  await until('no more output', async () => {
    const [now] = await client.list();
    const still = now?.offset === before && before > 0;
    before = now?.offset ?? -1;
    return still;
  });
}
