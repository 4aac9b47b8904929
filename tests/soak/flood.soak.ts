// The long form of tests/pty/stream-flood.test.ts, for `bun run soak`: 100 MB, a viewer that
// reads nothing for a minute, one that reads 50 KB/s, twenty that read well; and what viewers
// that read nothing cost the server, a process of its own, in memory.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { attach } from '../support/client.ts';
import { floodOf, showsEnd, watchFlood } from '../support/flood.ts';
import { RawClient } from '../support/raw-client.ts';
import { temporaryFolder, TEST_KEY } from '../support/server.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const MINUTE = 60_000;
const MiB = 1024 * 1024;
const FROZEN = 64;

let folder: string;
let program: ServerProcess;
let server: { url: string; key: string };
let workspaceId: string;
beforeEach(async () => {
  folder = temporaryFolder();
  program = await startServerProcess(folder, { holder: false });
  server = { url: program.url, key: TEST_KEY };
  workspaceId = (await program.api('/api/workspaces', { method: 'POST', body: { path: join(folder, 'root', 'work'), create: true } })).id;
});
afterEach(async () => {
  await program.stop();
  rmSync(folder, { recursive: true, force: true });
});

const terminal = async (command: string[]): Promise<string> =>
  (await program.api('/api/sessions', { method: 'POST', body: { workspaceId, kind: 'terminal', meta: { command } } })).id;

const memory = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.process.pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;

test('100 MB with one that reads nothing for a minute, one at 50 KB/s, and twenty that read well', async () => {
  const { frozen, slow, wellMs } = await watchFlood(server, terminal, { bytes: 100_000_000, slowBytesPerSecond: 50_000, frozenMs: MINUTE });
  expect(frozen.sentBytes).toBeLessThan(1_000_000);
  expect(slow.sentBytes).toBeLessThan(8_000_000);
  expect(wellMs).toBeLessThan(MINUTE);
}, 10 * MINUTE);

/** @returns the server's memory at its largest meanwhile */
async function flooded(frozen: number): Promise<number> {
  const id = await terminal(floodOf(100_000_000));
  const quick = await attach(server, id, { client: 'quick' });
  await quick.sees('ready');
  const stuck = await Promise.all(Array.from({ length: frozen }, (_, n) => RawClient.attach(server, id, { client: `stuck${n}` })));
  for (const client of stuck) client.pace(0);
  let most = memory();
  const watch = setInterval(() => (most = Math.max(most, memory())), 100);
  quick.input('g');
  await quick.until('the end', () => showsEnd(quick), MINUTE);
  clearInterval(watch);
  for (const client of stuck) client.close();
  await quick.close();
  return most;
}

test(`${FROZEN} viewers that read nothing cost the server less than a megabyte each`, async () => {
  await flooded(0);
  const without = await flooded(0);
  const most = await flooded(FROZEN);
  process.stderr.write(`${((most - without) / FROZEN / MiB).toFixed(2)} MiB each\n`);
  expect((most - without) / FROZEN).toBeLessThan(MiB);
}, 5 * MINUTE);
