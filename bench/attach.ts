// Attaching to sessions of 1 MB, 100 MB and, with the argument `1000`, 1 GB of output: time from
// the first packet to SYNCED, and bytes, while the session rests, while it prints 5 MB/s, and
// while it floods. The client is a process of its own.

import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { attach } from '../tests/support/client.ts';
import { temporaryFolder, type TestServer } from '../tests/support/server.ts';
import { until } from '../tests/support/until.ts';
import { percentile, print, printMachine, withServer } from './figures.ts';

const ATTACHES = 40;
const MiB = 1024 * 1024;

interface Figures {
  ms: number[];
  bytes: number[];
  /** ms from the moment that the screen shows until it was SYNCED. */
  ages: number[];
}

const [role, url = '', key = '', id = ''] = process.argv.slice(2);
if (role === 'client') await client();
else await main(process.argv.slice(2).map(Number));

async function main(more: number[]): Promise<void> {
  printMachine();
  const folder = temporaryFolder();
  const p95s: number[] = [];
  for (const megabytes of [1, 100, ...more]) {
    await withServer(async (server) => {
      const file = join(folder, `printed-${megabytes}`);
      await Bun.write(file, lines(Math.min(megabytes, 100) * MiB));
      const { id: workspaceId } = await server.workspace();
      const repeat = Math.max(1, megabytes / 100);
      const script = `i=0; while [ $i -lt ${repeat} ]; do cat '${file}'; i=$((i+1)); done; echo all-printed; `;
      const terminal = async (then: string) => (await server.terminal(workspaceId, { command: ['sh', '-c', script + then] })).id;
      const idle = await terminal('exec cat');
      await printed(server, idle);
      p95s.push(await report(server, idle, `${megabytes} MB, at rest`));
      const paced = await terminal(`sleep 1; while :; do head -c 50000 '${file}'; sleep 0.01; done`);
      await printed(server, paced);
      await report(server, paced, `${megabytes} MB, printing about 4 MB/s`);
      await server.api(`/api/sessions/${paced}/stop`, { method: 'POST' });
      const flood = await terminal(`while :; do cat '${file}'; done`);
      await printed(server, flood);
      await report(server, flood, `${megabytes} MB, flooding`);
      await server.api(`/api/sessions/${flood}/stop`, { method: 'POST' });
      rmSync(file);
    });
  }
  print('p95 at rest, the largest beside 1 MB', ((p95s.at(-1) ?? 0) / (p95s[0] ?? 1)).toFixed(2));
  rmSync(folder, { recursive: true });
}

async function printed(server: TestServer, session: string): Promise<void> {
  const { screens, sessions } = server.parts;
  const log = sessions.log(session);
  let seen = false;
  const unlisten = log.listen({
    event: ({ data }) => {
      seen ||= data instanceof Uint8Array && Buffer.from(data.buffer, data.byteOffset, data.byteLength).includes('all-printed');
    },
  });
  await until('the output', () => seen, 300_000);
  unlisten();
  // At rest the screen is there a moment later; in a flood it never is.
  await until('the screen', () => screens.position(session) >= log.head, 3_000).catch(() => {});
}

/** @returns p95 in ms */
async function report(server: TestServer, session: string, name: string): Promise<number> {
  const run = Bun.spawn([process.execPath, import.meta.path, 'client', server.url, server.key, session], { stdout: 'pipe', stderr: 'inherit' });
  const figures: Figures = JSON.parse(await new Response(run.stdout).text());
  if ((await run.exited) !== 0) throw new Error('The client failed');
  const ms = (part: number): string => `${percentile(figures.ms, part).toFixed(1)} ms`;
  const kb = (part: number): string => `${(percentile(figures.bytes, part) / 1024).toFixed(0)} KiB`;
  const age = `the screen is ${percentile(figures.ages, 0.5).toFixed(0)} ms old (p95 ${percentile(figures.ages, 0.95).toFixed(0)} ms)`;
  print(name, `p50 ${ms(0.5)}, p95 ${ms(0.95)}; ${kb(0.5)}, p95 ${kb(0.95)}; ${age}`);
  return percentile(figures.ms, 0.95);
}

async function client(): Promise<void> {
  const figures: Figures = { ms: [], bytes: [], ages: [] };
  for (let round = 0; round < ATTACHES; round += 1) {
    const begun = performance.now();
    const stream = await attach({ url, key }, id, { client: 'bench', mode: 'ro', cols: 80, rows: 24 });
    const { at, bytes, head } = await stream.firstSynced;
    figures.ms.push(at - begun);
    figures.bytes.push(bytes);
    const synced = Date.now() - (performance.now() - at);
    const answer = await fetch(`${url}/api/sessions/${id}/history?after=${head - 1}&limit=1`, { headers: { authorization: `Bearer ${key}` } });
    const { events } = (await answer.json()) as { events: { timestamp: string }[] };
    figures.ages.push(Math.max(0, synced - Date.parse(events[0]?.timestamp ?? '')));
    await stream.close();
  }
  process.stdout.write(JSON.stringify(figures));
  process.exit();
}

/** Lines of a build, coloured here and there. */
function lines(bytes: number): Uint8Array {
  const line = '\x1b[32m[ 42%]\x1b[m Building CXX object src/CMakeFiles/thing.dir/part-of-it.cpp.o and what it needs\r\n';
  return Buffer.alloc(bytes, line);
}
