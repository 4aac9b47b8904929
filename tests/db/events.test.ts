// Sequences without a gap, whoever appends; bytes and JSON as they were; pages and pruning.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { Database } from 'bun:sqlite';
import { join } from 'node:path';
import type { NewEvent } from '../../src/sessions/event.ts';
import { openSessions, type SessionParts } from '../support/sessions.ts';

let parts: SessionParts;
beforeEach(() => {
  parts = openSessions();
});
afterEach(() => parts.stop());

function session(name: string): string {
  parts.rows.insert({
    runId: name,
    workspaceId: parts.workspace.id,
    kind: 'terminal',
    name,
    status: 'stopped',
    statusReason: null,
    createdAt: 0,
    lastActiveAt: 0,
    metaJson: {},
    exitCode: null,
    exitSignal: null,
    head: 0,
    firstSequence: 1,
  });
  return name;
}

const output = (text: string, timestamp?: number): NewEvent => ({
  channel: 'stdout',
  type: 'output',
  data: Buffer.from(text),
  ...(timestamp === undefined ? {} : { timestamp }),
});
const title = (text: string): NewEvent => ({ channel: 'system', type: 'title', data: { title: text } });

test('appends to one session and to many interleave without a gap or a double', async () => {
  const ids = ['a', 'b', 'c', 'd'].map(session);
  await Promise.all(
    Array.from({ length: 400 }, async (_, turn) => {
      await Promise.resolve();
      const id = ids[turn % 4] ?? 'a';
      parts.events.append(id, turn % 3 === 0 ? [output(`${turn}`), title('t')] : [output(`${turn}`)]);
      parts.events.append('a', [output('for a')]);
    }),
  );
  for (const id of ids) {
    const log = parts.log(id);
    expect(log.map((event) => event.sequence)).toEqual(log.map((_, index) => index + 1));
    expect(parts.rows.get(id)?.head).toBe(log.length);
    expect(new Set(log.map((event) => event.id)).size).toBe(log.length);
  }
});

test('what a transaction that failed took is given out again, and nothing of it is stored', () => {
  session('a');
  parts.events.append('a', [output('one')]);
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const bad = { channel: 'system', type: 'title', data: circular } as unknown as NewEvent;
  expect(() => parts.events.append('a', [output('lost'), bad])).toThrow();
  expect(parts.events.append('a', [output('two')])[0]?.sequence).toBe(2);
  expect(parts.output('a')).toBe('onetwo');
});

test('an event is never changed, not even by a hand in the database', () => {
  session('a');
  parts.events.append('a', [output('fact')]);
  expect(() => parts.database.sqlite.run("UPDATE session_events SET data = 'other'")).toThrow('immutable');
});

test('bytes come back as bytes and JSON as JSON, whatever they look like', () => {
  session('a');
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  const looksLikeJson = Buffer.from('{"a":1}');
  parts.events.append('a', [
    { channel: 'stdout', type: 'output', data: bytes },
    { channel: 'stdout', type: 'output', data: looksLikeJson },
    title('ünï\u0000code 🎉'),
  ]);
  const [first, second, third] = parts.log('a');
  expect(Buffer.from(first?.data as Uint8Array).equals(bytes)).toBe(true);
  expect(Buffer.from(second?.data as Uint8Array).equals(looksLikeJson)).toBe(true);
  expect(third?.data).toEqual({ title: 'ünï\u0000code 🎉' });
});

test('a page ends at its limit, at its bytes, or at its last sequence, and says how far it looked', () => {
  session('a');
  parts.events.append('a', Array.from({ length: 50 }, (_, index) => (index % 10 === 9 ? title(`t${index}`) : output('x'.repeat(100)))));
  const read = (range: object) => parts.events.read('a', { after: 0, upTo: 50, limit: 100, bytesMax: 1e9, ...range });
  expect(read({}).events).toHaveLength(50);
  expect(read({ limit: 7 })).toMatchObject({ examined: 7 });
  const byBytes = read({ bytesMax: 450 });
  expect(byBytes.events).toHaveLength(5);
  expect(byBytes.examined).toBe(5);
  expect(read({ after: 20, upTo: 25 }).events.map((event) => event.sequence)).toEqual([21, 22, 23, 24, 25]);
  const titles = read({ type: 'title', limit: 2 });
  expect(titles.events.map((event) => event.sequence)).toEqual([10, 20]);
  expect(titles.examined).toBe(20);
  expect(read({ channel: 'stdin' })).toEqual({ events: [], examined: 50 });
  expect(read({ after: 60, upTo: 50 })).toEqual({ events: [], examined: 60 });
});

test('one event larger than the bytes of a page still comes', () => {
  session('a');
  parts.events.append('a', [output('x'.repeat(1000))]);
  expect(parts.events.read('a', { after: 0, upTo: 1, limit: 10, bytesMax: 1 }).events).toHaveLength(1);
});

test('events go with their session, and a session with its workspace', async () => {
  session('a');
  parts.events.append('a', [output('x')]);
  parts.rows.delete('a');
  await parts.database.db.space.idle();
  expect(parts.database.sqlite.query('SELECT count(*) AS n FROM session_events').get()).toEqual({ n: 0 });
  session('b');
  parts.events.append('b', [output('x')]);
  parts.database.sqlite.run('DELETE FROM workspaces');
  parts.database.db.space.reclaim();
  await parts.database.db.space.idle();
  expect(parts.database.sqlite.query('SELECT count(*) AS n FROM session_events').get()).toEqual({ n: 0 });
});

test('appending to a session that is gone stores nothing', () => {
  expect(() => parts.events.append('gone', [output('x')])).toThrow('gone');
  expect(parts.database.sqlite.query('SELECT count(*) AS n FROM session_events').get()).toEqual({ n: 0 });
});

test('a full or locked database is told from a mistake of ours', () => {
  session('a');
  const other = new Database(join(parts.dataFolder, 'dispatch.db'));
  parts.database.sqlite.run('PRAGMA busy_timeout = 1');
  other.run('BEGIN IMMEDIATE');
  const locked = thrownBy(() => parts.events.append('a', [output('x')]));
  other.run('ROLLBACK');
  other.close();
  const pages = parts.database.sqlite.query<{ page_count: number }, []>('PRAGMA page_count').get()?.page_count ?? 0;
  parts.database.sqlite.run(`PRAGMA max_page_count = ${pages + 1}`);
  const full = thrownBy(() => parts.events.append('a', [output('x'.repeat(60_000))]));
  expect(parts.events.isFull(locked)).toBe(true);
  expect(parts.events.isFull(full)).toBe(true);
  expect(parts.events.isFull(thrownBy(() => parts.events.append('gone', [])))).toBe(false);
  expect(parts.log('a')).toEqual([]);
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}
