// The screen at a moment is that of a client that was attached then: whatever was printed,
// whether its events are rows, packed, or in part pruned.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { Screen } from '../../src/pty/screen/screen.ts';
import { OutputSplitter } from '../../src/pty/splitter.ts';
import type { NewEvent } from '../../src/sessions/event.ts';
import { Dice, seedOf } from '../support/dice.ts';
import { packAll } from '../support/history.ts';
import { PastBench } from '../support/past.ts';
import { randomSequence } from '../support/random-output.ts';
import { recordings } from '../support/recordings.ts';
import { differences } from '../support/screen-state.ts';

const seed = seedOf('MOMENT_SEED');
const START = 1_750_000_000_000;
let bench: PastBench;
beforeAll(() => {
  bench = new PastBench();
});
afterAll(() => bench.stop());

const output = (data: Uint8Array): NewEvent => ({ channel: 'stdout', type: 'output', data });
const resize = (cols: number, rows: number): NewEvent => ({ channel: 'system', type: 'resize', data: { cols, rows } });

function madeUp(dice: Dice, count: number): NewEvent[] {
  const events: NewEvent[] = [resize(dice.between(10, 60), dice.between(3, 15))];
  const splitter = new OutputSplitter();
  while (events.length < count) {
    if (dice.chance(0.03)) events.push(resize(dice.between(2, 60), dice.between(1, 15)));
    if (dice.chance(0.05)) events.push({ channel: 'stdin', type: 'input', data: { client: 'c', bytes: 1, redacted: true } });
    let text = '';
    for (let more = dice.between(1, 30); more > 0; more -= 1) text += randomSequence(dice);
    for (const piece of splitter.push(new TextEncoder().encode(text))) events.push(output(piece));
  }
  return events;
}

const timed = (events: readonly NewEvent[]): NewEvent[] => events.map((event, index) => ({ ...event, timestamp: START + index * 10 }));

/** Walks along the log as a client that stays, and asks for the screen at random moments. */
async function compare(id: string, events: readonly NewEvent[], moments: ReadonlySet<number>): Promise<string[]> {
  const stayed = new Screen({ winsize: { cols: 80, rows: 24 }, scrollback: 1000 });
  for (const [index, event] of events.entries()) {
    const sequence = index + 1;
    stayed.take({ sequence, type: event.type, data: event.data });
    if (!moments.has(sequence)) continue;
    const found = differences(stayed.emulator.core, (await bench.screen(id, sequence)).emulator.core);
    if (found.length > 0) return [`at ${sequence} of ${events.length}`, ...found];
  }
  return [];
}

const some = (dice: Dice, count: number, last: number): Set<number> => new Set(Array.from({ length: count }, () => dice.between(1, last)));

test('any moment of made-up programs shows what a client saw then, from rows and from packs', async () => {
  for (let round = 0; round < 12; round += 1) {
    const dice = new Dice(`${seed}/${round}`);
    const id = bench.session(`made-up-${round}`);
    const events = timed(madeUp(dice, 150));
    bench.append(id, events);
    if (round % 2 === 1) expect(await packAll(bench.parts, id)).toBe(1);
    const found = await compare(id, events, some(dice, 12, events.length));
    expect([`MOMENT_SEED=${seed} round ${round}`, ...found].join('\n')).toBe(`MOMENT_SEED=${seed} round ${round}`);
  }
}, 60_000);

for (const name of ['vim', 'htop', 'less'] as const) {
  test(`any moment of ${name} shows what a client saw then`, async () => {
    const record = recordings[name];
    expect(record).toBeDefined();
    const events = timed((await record?.() ?? []).map(({ type, data }): NewEvent => ({ channel: data instanceof Uint8Array ? 'stdout' : 'system', type, data: data instanceof Uint8Array ? data : { cols: Number(data.cols), rows: Number(data.rows) } })));
    const id = bench.session(name);
    bench.append(id, events);
    const dice = new Dice(`${seed}/${name}`);
    expect(await compare(id, events, some(dice, 15, events.length))).toEqual([]);
  }, 60_000);
}

test('far from any screen that is kept, screens are kept on the way, and used', async () => {
  const id = bench.session('long');
  const line = `${'some words of a build that says much '.repeat(40)}\r\n`;
  const events = timed([resize(100, 30), ...Array.from({ length: 900 }, (_, index) => output(Buffer.from(`${line.repeat(4)}${index} is done\r\n`)))]);
  bench.append(id, events);
  await packAll(bench.parts, id);
  const { shown } = await bench.answer(id, { what: 'text', sequence: 901 }, 'shown');
  expect(shown).toContain('899 is done');
  const kept = bench.told.filter((message) => message.kind === 'keyframe' && message.runId === id);
  expect(kept.length).toBeGreaterThan(1);
  const [first] = kept;
  const sequence = first?.kind === 'keyframe' ? first.keyframe.sequence : 0;
  expect(bench.keyframes.before(id, sequence + 3)?.sequence).toBe(sequence);
  expect(await compare(id, events, new Set([sequence - 1, sequence, sequence + 1, sequence + 3]))).toEqual([]);
}, 30_000);

test('what was pruned is gone, with the first moment that is kept; from there all is as it was', async () => {
  const id = bench.session('pruned');
  const events = timed([resize(80, 24), ...Array.from({ length: 700 }, (_, index) => output(Buffer.from(`line ${index} ${'x'.repeat(6000)}\r\n`)))]);
  bench.append(id, events);
  await bench.answer(id, { what: 'text', sequence: 701 }, 'shown');
  await packAll(bench.parts, id);
  for (const before = START + 2000; bench.parts.pruning.pruneEnded(id, before, 1000) > 0; );
  const first = bench.parts.sessions.get(id).firstSequence;
  expect(first).toBe(201);
  const told = await bench.ask(id, { what: 'text', sequence: 150 }).told;
  const kept = told.kind === 'gone' ? told.kept : undefined;
  expect(kept?.sequence).toBeGreaterThanOrEqual(first - 1);
  expect(kept?.timestamp).toBe(START + ((kept?.sequence ?? 0) - 1) * 10);
  expect((await bench.ask(id, { what: 'text', sequence: (kept?.sequence ?? 0) - 1 }).told).kind).toBe('gone');
  const { sequence = 0 } = kept ?? {};
  expect(await compare(id, events, new Set([sequence, sequence + 1, 701]))).toEqual([]);
  const { life } = await bench.answer(id, { what: 'life' }, 'life');
  expect(life?.first).toEqual({ sequence: first, timestamp: START + (first - 1) * 10 });
}, 30_000);

test('a time is the last event until then, in packs and rows, before the first and after the last', async () => {
  const id = bench.session('times');
  const events = Array.from({ length: 300 }, (_, index) => ({ ...output(Buffer.from('x'.repeat(8000))), timestamp: START + index * 1000 + (index % 3) }));
  bench.append(id, events);
  await packAll(bench.parts, id);
  bench.append(id, [{ ...output(Buffer.from('row')), timestamp: START + 400_000 }]);
  const at = async (time: number) => (await bench.answer(id, { what: 'moment', time }, 'moment')).moment?.sequence;
  expect(await at(START - 1)).toBe(1);
  expect(await at(START)).toBe(1);
  for (const index of [1, 100, 131, 299]) {
    expect(await at(START + index * 1000 + (index % 3) - 1)).toBe(index);
    expect(await at(START + index * 1000 + (index % 3))).toBe(index + 1);
  }
  expect(await at(START + 399_999)).toBe(300);
  expect(await at(START + 999_999_999)).toBe(301);
  const { life } = await bench.answer(id, { what: 'life' }, 'life');
  expect(life?.points.at(0)).toEqual({ sequence: 1, timestamp: START });
  expect(life?.points.at(-1)).toEqual({ sequence: 301, timestamp: START + 400_000 });
});

test('nobody works for who went away', async () => {
  const id = bench.session('away');
  const events = [resize(80, 24), ...Array.from({ length: 600 }, () => output(Buffer.from('y'.repeat(8000))))];
  bench.append(id, timed(events));
  const asked = [1, 2, 3, 4, 5, 6, 7, 8].map(() => bench.ask(id, { what: 'text', sequence: 601 }));
  for (const { id: one } of asked.slice(0, 7)) bench.server.receive({ kind: 'cancel', id: one });
  const last = await asked.at(-1)?.told;
  expect(last?.kind).toBe('answered');
  expect(bench.told.filter((message) => 'id' in message && asked.slice(0, 7).some((one) => one.id === message.id))).toEqual([]);
});
