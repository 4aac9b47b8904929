// What histories cost: bytes on the disk for the output of a build and for an hour of a screen
// that is drawn anew ten times a second; how long the server's thread is held up meanwhile;
// and the memory of a server that gives out the recording of a large session.
//
//   bun bench/log.ts [MB of build output, default 256]

import { eq } from 'drizzle-orm';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sessions } from '../src/db/schema.ts';
import { Compaction } from '../src/sessions/compaction.ts';
import { sessionRow } from '../tests/support/history.ts';
import { FROM_SOURCE, startProgram } from '../tests/support/program.ts';
import { openSessions, type SessionParts } from '../tests/support/sessions.ts';
import { percentile, print, printMachine } from './figures.ts';
import { buildOutput, redraws } from './outputs.ts';

const MB = 1e6;
const KEY = 'a-key-for-the-benchmark';
const FRAMES_OF_AN_HOUR = 36_000;
const FRAME_MS = 100;
const IDLE_MS = 3000;
/** Printed once without packing, to compare. */
const BASE_EVENTS = 9000;

const buildBytes = Number(process.argv[2] ?? 256) * MB;

/** How late a timer is that wants its turn every millisecond. */
function watchTurns(): { stop: () => number[] } {
  const late: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    late.push(now - last);
    last = now;
  }, 1);
  return {
    stop() {
      clearInterval(timer);
      return late;
    },
  };
}

function compactionOf({ packing, pruning, events, database, changes }: SessionParts): Compaction {
  return new Compaction({
    packing,
    pruning,
    grown: () => events.takeGrown(),
    reclaim: () => database.db.space.reclaim(),
    caps: { session: () => null, total: () => null },
    isFull: (error) => events.isFull(error),
    changes,
    report: (line) => print('report', line),
  });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const shown = (late: number[]): string => `p99 ${percentile(late, 0.99).toFixed(1)} ms, max ${Math.max(...late).toFixed(1)} ms`;

interface Measured {
  parts: SessionParts;
  rawBytes: number;
  diskBytes: number;
}

/** Appends it all, and lets others have a turn in between as the server does. */
async function append(events: SessionParts['events'], id: string, outputs: Iterable<Buffer>, stepMs: number): Promise<{ bytes: number; count: number }> {
  let [bytes, count, timestamp] = [0, 0, Date.now() - 3_600_000];
  events.append(id, [{ channel: 'system', type: 'resize', data: { cols: 120, rows: 40 }, timestamp }]);
  for (const data of outputs) {
    timestamp += stepMs;
    bytes += data.byteLength;
    events.append(id, [{ channel: 'stdout', type: 'output', data, timestamp }]);
    if ((count += 1) % 8 === 0) await turn();
  }
  return { bytes, count };
}

/** Packing goes on behind what is printed; then the session ends, and the rest is packed. */
async function measure(name: string, outputs: () => Iterable<Buffer>, stepMs: number): Promise<Measured> {
  const parts = openSessions();
  const { database, events } = parts;
  for (const id of [name, 'unpacked']) sessionRow(parts, id, 'active');
  database.db.update(sessions).set({ kind: 'terminal' }).where(eq(sessions.runId, name)).run();
  outputs()[Symbol.iterator]().next(); // Reads what it is made of.
  const alone = watchTurns();
  await append(events, 'unpacked', first(BASE_EVENTS, outputs()), stepMs);
  const whilePrinting = alone.stop();
  parts.rows.delete('unpacked');
  await database.db.space.idle();

  const compaction = compactionOf(parts);
  compaction.start();
  const begun = performance.now();
  const both = watchTurns();
  const printed = await append(events, name, outputs(), stepMs);
  const whileBoth = both.stop();
  const appendedMs = performance.now() - begun;
  const ended = performance.now();
  const packing = watchTurns();
  events.append(name, [{ channel: 'system', type: 'status', data: { status: 'stopped' } }], {
    change: { status: 'stopped', statusReason: null, exitCode: 0, exitSignal: null },
  });
  await compaction.sweep();
  const packedMs = performance.now() - ended;
  const whilePacking = packing.stop();
  await database.db.space.idle();
  await compaction.dispose();
  const file = join(parts.dataFolder, 'dispatch.db');
  const diskBytes = statSync(file).size + (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0);
  print(`${name}: printed`, `${(printed.bytes / MB).toFixed(0)} MB in ${printed.count} events, at ${(printed.bytes / 1000 / appendedMs).toFixed(0)} MB/s`);
  print(`${name}: packed after its end in`, `${(packedMs / 1000).toFixed(1)} s`);
  print(`${name}: a turn while it prints, nothing is packed`, shown(whilePrinting));
  print(`${name}: a turn while it prints, and is packed`, shown(whileBoth));
  print(`${name}: a turn while it is packed`, `${shown(whilePacking)} (aim max ≤ 20)`);
  return { parts, rawBytes: printed.bytes, diskBytes };
}

function* first(count: number, outputs: Iterable<Buffer>): Generator<Buffer> {
  let left = count;
  for (const output of outputs) {
    if ((left -= 1) < 0) return;
    yield output;
  }
}

const memoryOf = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;

/** The recording of a session from a server of its own, taken as fast as it comes. */
async function exportFrom({ parts }: Measured, id: string): Promise<void> {
  const server = await startProgram([...FROM_SOURCE, '--no-holder'], { DISPATCH_DATA: parts.dataFolder, DISPATCH_ROOTS: parts.folder, DISPATCH_KEY: KEY });
  const { pid } = server.process;
  await Bun.sleep(2000);
  const before = memoryOf(pid);
  let [peak, bytes] = [before, 0];
  const begun = performance.now();
  const timer = setInterval(() => (peak = Math.max(peak, memoryOf(pid))), 20);
  const response = await fetch(`${server.url}/api/sessions/${id}/recording?format=asciicast-v3`, { headers: { authorization: `Bearer ${KEY}` } });
  const reader = response.body?.getReader();
  if (!response.ok || reader === undefined) throw new Error(`${response.status} ${await response.text()}`);
  for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.byteLength;
  clearInterval(timer);
  const seconds = (performance.now() - begun) / 1000;
  print(
    `recording of ${id}: ${(bytes / MB).toFixed(0)} MB at ${(bytes / MB / seconds).toFixed(0)} MB/s`,
    `server memory ${(before / MB).toFixed(0)} MB before, at most ${(peak / MB).toFixed(0)} MB`,
  );
  await server.end('SIGTERM');
  rmSync(join(parts.dataFolder, '..'), { recursive: true, force: true });
}

printMachine();
const idle = watchTurns();
await Bun.sleep(IDLE_MS);
print('a turn with nothing to do, on this machine now', shown(idle.stop()));
const redraw = await measure('redraw', () => redraws(FRAMES_OF_AN_HOUR), FRAME_MS);
print('redraw: an hour on the disk', `${(redraw.diskBytes / MB).toFixed(1)} MB (aim ≤ 10)`);
await redraw.parts.stop();
const small = await measure('small-build', () => buildOutput(16 * MB), 1);
await small.parts.stop(true);
await exportFrom(small, 'small-build');
const build = await measure('build', () => buildOutput(buildBytes), 1);
print('build: on the disk', `${((build.diskBytes / build.rawBytes) * 1000).toFixed(0)} MB per GB (aim ≤ 150)`);
await build.parts.stop(true);
await exportFrom(build, 'build');
