// Packs: whatever is packed, when, and how it is read, a log looks the same, to the byte.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { Events } from '../../src/db/events.ts';
import { encodePack, OpenPack, type RawEvent } from '../../src/db/pack.ts';
import { openForReading } from '../../src/db/reading.ts';
import { limits } from '../../src/limits.ts';
import { CHANNELS, type LogEvent } from '../../src/sessions/event.ts';
import { Dice } from '../support/dice.ts';
import { mixedEvents, packAll, readAll, sessionRow } from '../support/history.ts';
import { openSessions, type SessionParts } from '../support/sessions.ts';

let parts: SessionParts;
beforeEach(() => {
  parts = openSessions();
});
afterEach(() => parts.stop());

const count = (table: string): number =>
  parts.database.sqlite.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0;

/** Data as plain bytes or JSON, so that a Buffer equals a Uint8Array of the same bytes. */
const plain = (events: readonly LogEvent[]): unknown[] =>
  events.map((event) => ({ ...event, data: event.data instanceof Uint8Array ? `bytes ${Buffer.from(event.data).toString('hex')}` : event.data }));

function written(id: string, events: number, seed: number): unknown[] {
  const roll = new Dice(`${seed}`);
  const log: LogEvent[] = [];
  const all = mixedEvents(events, roll);
  while (all.length > 0) log.push(...parts.events.append(id, all.splice(0, 1 + roll.below(50))));
  // What was appended went through JSON in the log.
  return plain(log.map((event) => (event.data instanceof Uint8Array ? event : { ...event, data: JSON.parse(JSON.stringify(event.data)) })));
}

test('10,000 events of every kind come back identical, all of them, after they were packed', async () => {
  const id = sessionRow(parts, 'a');
  const before = written(id, 10_000, 1);
  expect(plain(readAll(parts, id))).toEqual(before);
  expect(await packAll(parts, id)).toBeGreaterThan(4);
  expect(count('session_events')).toBe(0);
  expect(plain(readAll(parts, id))).toEqual(before);
  for (const limit of [1, 7, 1000]) expect(plain(readAll(parts, id, { limit, after: 9_000 - limit }))).toEqual(before.slice(9_000 - limit));
  expect(plain(readAll(parts, id, { bytesMax: 1, after: 8_000 }))).toEqual(before.slice(8_000));
});

test('a pack holds whatever a row may: ids of any form, times of any size, types by the hundred', () => {
  const events = Array.from({ length: 300 }, (_, index) => ({
    id: index % 3 === 0 ? `no-uuid-${index}-ä` : Bun.randomUUIDv7(),
    sequence: 2 ** 40 + index,
    timestamp: index % 2 === 0 ? -index - 1 : 2 ** 50 + index,
    channel: CHANNELS[index % 4] ?? 'system',
    type: `type ${index}`,
    data: Buffer.alloc(index, index),
    isText: false,
  }));
  const pack = new OpenPack(encodePack(events));
  expect([pack.first, pack.last, pack.count]).toEqual([2 ** 40, 2 ** 40 + 299, 300]);
  const raw = (event: RawEvent): unknown => ({ ...event, data: Buffer.from(event.data).toString('hex') });
  expect(events.map(({ sequence }) => raw(pack.raw(sequence)))).toEqual(events.map(raw));
});

test('at every cut of a log, packed in part, a page is what it would be without packs', async () => {
  const id = sessionRow(parts, 'a');
  const before = written(id, limits.packEventsMax + 100, 2);
  expect(await parts.packing.pack(id)).toBe(true);
  expect(count('session_events')).toBe(100);
  const edge = limits.packEventsMax;
  for (let after = edge - 12; after < edge + 12; after += 1) {
    for (const upTo of [after, edge - 1, edge, edge + 1, edge + 40]) {
      for (const limit of [1, 5, 30]) {
        const page = parts.events.read(id, { after, upTo, limit, bytesMax: Number.MAX_SAFE_INTEGER });
        const expected = before.slice(after, Math.max(after, Math.min(upTo, after + limit)));
        expect(plain(page.events)).toEqual(expected);
        expect(page.examined).toBe(expected.length === limit ? after + limit : Math.max(after, upTo));
      }
    }
  }
});

test('filters find the same in packs and rows, and the last of a type too', async () => {
  const id = sessionRow(parts, 'a');
  written(id, 5_000, 3);
  const types = ['output', 'input', 'title', 'resize', 'status', 'bell', 'never'];
  const view = (): unknown => [
    ...CHANNELS.flatMap((channel) => types.map((type) => plain(readAll(parts, id, { channel, type, limit: 13 })))),
    ...types.map((type) => plain([parts.events.latest(id, type)].filter((event) => event !== undefined))),
  ];
  const before = view();
  await parts.packing.pack(id);
  expect(view()).toEqual(before);
  await packAll(parts, id);
  expect(count('session_events')).toBe(0);
  expect(view()).toEqual(before);
});

test('a filter that finds nothing opens a bounded part, and says how far it came', async () => {
  const id = sessionRow(parts, 'a');
  const part = Buffer.alloc(limits.outputEventBytesMax, 'x');
  const many = (limits.packsExaminedBytesMax / part.byteLength) * 2;
  for (let index = 0; index < many; index += 1) {
    parts.events.append(id, [{ channel: 'stdout', type: 'output', data: part }, ...(index % 8 === 0 ? [{ channel: 'stdin' as const, type: 'input', data: {} }] : [])]);
  }
  await packAll(parts, id);
  // Every pack has both, so that only a look inside tells.
  const page = parts.events.read(id, { after: 0, upTo: many * 2, limit: 1000, bytesMax: 1_000_000, channel: 'stdin' });
  expect(page.examined).toBeLessThan(many);
  expect(readAll(parts, id, { channel: 'stdin', upTo: parts.rows.get(id)?.head ?? 0 })).toHaveLength(many / 8);
});

test('of a session that lives the latest stay rows, and only whole packs are made', async () => {
  const id = sessionRow(parts, 'a', 'active');
  const part = Buffer.alloc(32 * 1024, 'y');
  const append = (): unknown => parts.events.append(id, [{ channel: 'stdout', type: 'output', data: part }]);
  while (!(await parts.packing.pack(id))) append();
  expect(count('session_events') * part.byteLength).toBe(limits.hotBytes);
  expect(readAll(parts, id)).toHaveLength((limits.hotBytes + limits.packBytes) / part.byteLength);
  expect(await parts.packing.pack(id)).toBe(false);
});

test('a short run after a resume goes into the last pack: many runs do not make many packs', async () => {
  const id = sessionRow(parts, 'a');
  const before: unknown[] = [];
  for (let turn = 0; turn < 20; turn += 1) {
    before.push(...written(id, 30, turn));
    expect(await packAll(parts, id)).toBe(1);
  }
  expect(count('session_packs')).toBe(1);
  expect(plain(readAll(parts, id))).toEqual(before);
});

test('sequences go on after packing, and what was packed is never changed', async () => {
  const id = sessionRow(parts, 'a');
  written(id, 50, 5);
  await packAll(parts, id);
  expect(parts.events.append(id, [{ channel: 'system', type: 'title', data: {} }])[0]?.sequence).toBe(51);
  expect(() => parts.database.sqlite.run("UPDATE session_packs SET packed = ''")).toThrow('immutable');
});

test('a reader on a connection of its own finds every event once while they are packed', async () => {
  const id = sessionRow(parts, 'a');
  const head = 12_000;
  const before = written(id, head, 6);
  const reading = openForReading(parts.dataFolder);
  const reader = { events: new Events(reading) };
  let packing = true;
  const packed = packAll(parts, id).finally(() => (packing = false));
  let rounds = 0;
  const roll = new Dice('7');
  while (packing) {
    const after = roll.below(head - 300);
    expect(plain(readAll(reader, id, { after, upTo: after + 300, limit: 100 }))).toEqual(before.slice(after, after + 300));
    rounds += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await packed;
  reading.dispose();
  expect(rounds).toBeGreaterThan(3);
});

test('a session that is deleted, or pruned, while it is packed stays so', async () => {
  const gone = sessionRow(parts, 'gone');
  written(gone, 500, 8);
  const packing = parts.packing.pack(gone);
  parts.rows.delete(gone);
  await packing;
  await parts.database.db.space.idle();
  expect(count('session_packs') + count('session_events')).toBe(0);

  const cut = sessionRow(parts, 'cut');
  const before = written(cut, 500, 9);
  const again = parts.packing.pack(cut);
  const pruned = parts.pruning.pruneEnded(cut, Number.MAX_SAFE_INTEGER, 200);
  expect(pruned).toBe(200);
  await again;
  await packAll(parts, cut);
  expect(plain(readAll(parts, cut))).toEqual(before.slice(200));
});

test('the packs of a deleted session go too, and their room goes back', async () => {
  const id = sessionRow(parts, 'a');
  const roll = new Dice('10');
  for (let index = 0; index < 100; index += 1) {
    parts.events.append(id, [{ channel: 'stdout', type: 'output', data: Uint8Array.from({ length: 60_000 }, () => roll.below(256)) }]);
  }
  await packAll(parts, id);
  const pages = (): number => parts.database.sqlite.query<{ page_count: number }, []>('PRAGMA page_count').get()?.page_count ?? 0;
  expect(pages()).toBeGreaterThan(1200);
  parts.rows.delete(id);
  await parts.database.db.space.idle();
  expect(count('session_packs')).toBe(0);
  expect(pages()).toBeLessThan(600);
});
