// How long it takes to show a random moment of a long session: a day of a busy terminal, written
// into the database as a server would have kept it, then asked for over HTTP.
//
//   bun bench/seek.ts [MB of output, default 256] [moments, default 100]

import type { NewEvent } from '../src/sessions/event.ts';
import { startTestServer } from '../tests/support/server.ts';
import { until } from '../tests/support/until.ts';
import { percentile, print, printMachine } from './figures.ts';
import { buildOutput, randomFrom, redraws } from './outputs.ts';

const MB = 1e6;
const DAY_MS = 24 * 3_600_000;
const bytes = Number(process.argv[2] ?? 256) * MB;
const moments = Number(process.argv[3] ?? 100);

/** Builds, with a process viewer between them. */
function* aDay(): Generator<Buffer> {
  const part = bytes / 8;
  for (let round = 0; round < 4; round += 1) {
    yield* buildOutput(part * 1.5, round + 1);
    yield* redraws(Math.floor((part * 0.5) / 4000), round + 1);
  }
}

printMachine();
const server = await startTestServer();
const { id } = await server.terminal((await server.workspace()).id, { command: ['true'], cols: 120, rows: 40 });
await until('its end', async () => (await server.api(`/api/sessions/${id}`)).body.status === 'stopped');
const log = server.parts.sessions.log(id);
const { screens, compaction } = server.parts;
const start = Date.now();
screens.follow(id, log.head, log.head);
let [written, count] = [0, 0];
let batch: NewEvent[] = [];
const outputs = [...aDay()];
const begun = performance.now();
for (const [index, data] of outputs.entries()) {
  batch.push({ channel: 'stdout', type: 'output', data, timestamp: start + Math.floor((index / outputs.length) * DAY_MS) });
  if (batch.length < 64) continue;
  log.append(batch);
  for (const event of batch) written += event.data instanceof Uint8Array ? event.data.byteLength : 0;
  count += batch.length;
  batch = [];
  screens.signal(id, log.head);
  await new Promise((resolve) => setImmediate(resolve));
}
await until('the screen', () => screens.position(id) >= log.head, 600_000);
screens.ended(id, log.head);
print('a day', `${(written / MB).toFixed(0)} MB in ${count} events, followed by its screen in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
await compaction.sweep();

/** Milliseconds of each. */
async function ask(what: string, addressOf: (sequence: number) => string): Promise<void> {
  const random = randomFrom(7);
  const times: number[] = [];
  for (let asked = 0; asked < moments; asked += 1) {
    const sequence = 1 + random(log.head);
    const from = performance.now();
    const answer = await fetch(server.url + addressOf(sequence), { headers: { authorization: `Bearer ${server.key}` } });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${answer.status} at ${sequence}`);
    times.push(performance.now() - from);
  }
  print(what, `p50 ${percentile(times, 0.5).toFixed(0)} ms, p95 ${percentile(times, 0.95).toFixed(0)} ms, max ${Math.max(...times).toFixed(0)} ms (aim p95 < 150)`);
}

await ask('screen as text, by sequence', (sequence) => `/api/sessions/${id}/screen?sequence=${sequence}`);
await ask('screen and what follows, as the page plays it', (sequence) => `/api/sessions/${id}/replay?from=${sequence}`);
await ask('screen as text, by time', (sequence) => `/api/sessions/${id}/screen?t=${start + Math.floor((sequence / log.head) * DAY_MS)}`);
const from = performance.now();
const life = await server.api(`/api/sessions/${id}/marks`);
print('the whole life with its marks', `${(performance.now() - from).toFixed(0)} ms, ${life.body.points.length} points`);
await server.stop();
