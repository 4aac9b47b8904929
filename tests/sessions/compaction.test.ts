// The keeping of logs in the background: what grew is packed, caps hold, the oldest goes first
// and never what the present needs; what is near, and what went, is told.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { eq } from 'drizzle-orm';
import { sessions as sessionTable } from '../../src/db/schema.ts';
import { Snapshots } from '../../src/db/snapshots.ts';
import { limits } from '../../src/limits.ts';
import { Compaction } from '../../src/sessions/compaction.ts';
import { historyPage } from '../../src/sessions/history.ts';
import type { SessionStatus } from '../../src/sessions/session.ts';
import { packAll, readAll, sessionRow } from '../support/history.ts';
import { ended, openSessions, type SessionParts } from '../support/sessions.ts';
import { until } from '../support/until.ts';

const MiB = 1024 * 1024;

let parts: SessionParts;
let sessionCap: number | null;
let totalCap: number | null;
let reports: string[];
let compaction: Compaction;
beforeEach(() => {
  parts = openSessions();
  sessionCap = null;
  totalCap = null;
  reports = [];
  compaction = compact();
});
afterEach(async () => {
  await compaction.dispose();
  await parts.stop();
});

function compact(): Compaction {
  const { packing, pruning, events, changes, database } = parts;
  return new Compaction({
    packing,
    pruning,
    grown: () => events.takeGrown(),
    reclaim: () => database.db.space.reclaim(),
    caps: { session: () => sessionCap, total: () => totalCap },
    isFull: (error) => events.isFull(error),
    changes,
    report: (line) => reports.push(line),
  });
}

const count = (table: string): number =>
  parts.database.sqlite.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0;

/** A session with so many bytes that hardly compress; each event later than those before. */
let clock = 1_750_000_000_000;
function session(id: string, bytes: number, status: SessionStatus = 'stopped', kind: 'terminal' | 'claude' = 'terminal'): string {
  sessionRow(parts, id, status);
  parts.database.db.update(sessionTable).set({ kind }).where(eq(sessionTable.runId, id)).run();
  print(id, bytes);
  return id;
}

function print(id: string, bytes: number): void {
  for (let left = bytes; left > 0; left -= 32 * 1024) {
    const data = crypto.getRandomValues(new Uint8Array(32 * 1024));
    parts.events.append(id, [{ channel: 'stdout', type: 'output', data, timestamp: (clock += 1000) }]);
  }
}

const snapshotAt = (id: string, sequence: number): void =>
  new Snapshots(parts.database.db).save(id, { sequence, cols: 80, rows: 24, vt: Bun.zstdCompressSync('') });

test('what ended is packed whole, what lives but for its latest, and the room goes back', async () => {
  session('ended', 3 * MiB);
  session('lives', 7 * MiB, 'active');
  await compaction.sweep();
  const rows = (id: string) => parts.database.sqlite.query<{ n: number }, [string]>('SELECT count(*) AS n FROM session_events WHERE run_id = ?').get(id)?.n ?? 0;
  expect(rows('ended')).toBe(0);
  expect(rows('lives') * 32 * 1024).toBe(limits.hotBytes);
  expect(readAll(parts, 'ended')).toHaveLength(96);
  expect(compaction.totalBytes).toBeGreaterThan(10 * MiB);
  print('lives', 2 * MiB);
  await compaction.sweep();
  expect(rows('lives') * 32 * 1024).toBe(limits.hotBytes);
});

test('it works by itself, while programs print and when they have ended', async () => {
  compaction.start();
  const { id } = await parts.sh("head -c 3000000 /dev/urandom | od -An -v -tx1; echo; read go");
  await until('some to be packed', () => count('session_packs') > 0, 20_000);
  const before = parts.output(id);
  parts.sessions.input(id, Buffer.from('\n'), 'api');
  await ended(parts, id);
  await until('all to be packed', () => count('session_events') === 0, 20_000);
  expect(parts.output(id).startsWith(before)).toBe(true);
  expect(parts.log(id).map(({ sequence }) => sequence)).toEqual(parts.log(id).map((_, index) => index + 1));
  expect(reports).toEqual([]);
});

test('past its cap a session loses its oldest, in whole packs; history says so and counts on', async () => {
  const id = session('a', 10 * MiB);
  const head = parts.rows.get(id)?.head ?? 0;
  const heard: string[] = [];
  parts.changes.listen((name, changed) => heard.push(`${name} ${changed}`));
  sessionCap = 4 * MiB;
  await compaction.sweep();
  const first = parts.rows.get(id)?.firstSequence ?? 0;
  expect(compaction.bytesOf(id)).toBeLessThanOrEqual(sessionCap);
  expect(compaction.bytesOf(id)).toBeGreaterThan(sessionCap - 2 * MiB);
  expect(readAll(parts, id).map(({ sequence }) => sequence)).toEqual(Array.from({ length: head - first + 1 }, (_, index) => first + index));
  expect(historyPage(parts.sessions, id, { after: 0, limit: 1 })).toMatchObject({ pruned: true, firstSequence: first, events: [{ sequence: first }] });
  expect(heard).toContain('sessions a');
  expect(parts.events.append(id, [{ channel: 'system', type: 'title', data: {} }])[0]?.sequence).toBe(head + 1);
});

test('a live terminal loses nothing after its latest snapshot, and nothing at all while it has none', async () => {
  const id = session('a', 12 * MiB, 'active');
  sessionCap = 1 * MiB;
  await compaction.sweep();
  expect(parts.rows.get(id)?.firstSequence).toBe(1);
  snapshotAt(id, 100);
  snapshotAt(id, 200);
  print(id, 1);
  await compaction.sweep();
  const first = parts.rows.get(id)?.firstSequence ?? 0;
  expect(first).toBeGreaterThan(150);
  expect(first).toBeLessThanOrEqual(201);
  expect(new Snapshots(parts.database.db).latest(id)?.sequence).toBe(200);
  expect(count('session_snapshots')).toBe(1);
});

test('the size that a terminal had last outlives the event that told it', async () => {
  sessionRow(parts, 'a');
  const resize = (cols: number, rows: number): unknown => parts.events.append('a', [{ channel: 'system', type: 'resize', data: { cols, rows }, timestamp: 1 }]);
  resize(90, 20);
  resize(101, 33);
  print('a', 6 * MiB);
  sessionCap = 3 * MiB;
  await compaction.sweep();
  expect(parts.events.latest('a', 'resize')).toBeUndefined();
  expect(parts.rows.get('a')?.metaJson).toEqual({ cols: 101, rows: 33 });
  resize(70, 10);
  resize(71, 11);
  while (parts.pruning.pruneEnded('a', Number.MAX_SAFE_INTEGER, 7) > 0);
  expect(parts.rows.get('a')?.metaJson).toEqual({ cols: 71, rows: 11 });
});

test('what is behind is packed before a cap takes from it: what fits when it is packed stays', async () => {
  sessionRow(parts, 'a');
  for (let index = 0; index < 300; index += 1) {
    parts.events.append('a', [{ channel: 'stdout', type: 'output', data: Buffer.alloc(32 * 1024, `${index}`) }]);
  }
  sessionCap = 1 * MiB;
  await compaction.sweep();
  expect(parts.rows.get('a')?.firstSequence).toBe(1);
});

test('the total is kept by the oldest of what ended; of what lives only when that is not enough', async () => {
  session('lives', 8 * MiB, 'active', 'claude');
  session('older', 4 * MiB);
  session('newer', 4 * MiB);
  for (const id of ['older', 'newer']) snapshotAt(id, parts.rows.get(id)?.head ?? 0);
  const firstOf = (id: string): number => parts.rows.get(id)?.firstSequence ?? 0;
  totalCap = 14.5 * MiB;
  await compaction.sweep();
  expect(compaction.totalBytes).toBeLessThanOrEqual(totalCap);
  expect([firstOf('older') > 1, firstOf('newer'), firstOf('lives')]).toEqual([true, 1, 1]);
  totalCap = 9 * MiB;
  parts.changes.announce('settings', 'retention');
  await compaction.sweep();
  expect([firstOf('older'), firstOf('newer') > 1, firstOf('lives')]).toEqual([129, true, 1]);
  totalCap = 6 * MiB;
  parts.changes.announce('settings', 'retention');
  await compaction.sweep();
  expect(firstOf('lives')).toBeGreaterThan(1);
  expect(readAll(parts, 'lives').at(-1)?.sequence).toBe(parts.rows.get('lives')?.head ?? 0);
});

test('a cap is warned of before anything is dropped, and a deleted session counts no more', async () => {
  const id = session('a', 4 * MiB);
  sessionCap = 10 * MiB;
  totalCap = 10 * MiB;
  await compaction.sweep();
  expect(compaction.warnings()).toEqual([]);
  totalCap = sessionCap = compaction.totalBytes / 0.95;
  expect(compaction.warnings().map(({ code, sessionId }) => [code, sessionId])).toEqual([
    ['total_history', undefined],
    ['session_history', id],
  ]);
  expect(compaction.warnings()[1]?.message).toContain('The history of “a” takes 4');
  parts.rows.delete(id);
  parts.changes.announce('sessions', id);
  await compaction.sweep();
  expect(compaction.warnings()).toEqual([]);
  expect(compaction.totalBytes).toBe(0);
});

test('a full disk stops it for a while, and harms nothing', async () => {
  session('a', 3 * MiB);
  const { sqlite } = parts.database;
  const pages = sqlite.query<{ page_count: number }, []>('PRAGMA page_count').get()?.page_count ?? 0;
  sqlite.run(`PRAGMA max_page_count = ${pages}`);
  await compaction.sweep();
  expect(count('session_packs')).toBe(0);
  expect(readAll(parts, 'a')).toHaveLength(96);
  sqlite.run('PRAGMA max_page_count = 1000000');
  parts.events.append('a', [{ channel: 'system', type: 'title', data: {} }]);
  await compaction.sweep();
  expect(count('session_events')).toBe(0);
  expect(readAll(parts, 'a')).toHaveLength(97);
  expect(reports).toEqual([]);
});

test('what a killed server left unpacked the next one packs', async () => {
  session('a', 2 * MiB);
  await parts.stop(true);
  parts = openSessions(parts.folder.replace(/\/work$/, ''));
  compaction = compact();
  await compaction.sweep();
  expect(count('session_events')).toBe(0);
  expect(readAll(parts, 'a')).toHaveLength(64);
});

test('age is kept to the event, in packs too: whole ones go, and one is cut', async () => {
  const id = session('a', 5 * MiB);
  const before = readAll(parts, id);
  await packAll(parts, id);
  const cut = before[77]?.timestamp ?? 0;
  while (parts.pruning.pruneEnded(id, cut, 1000) > 0);
  expect(parts.rows.get(id)?.firstSequence).toBe(78);
  expect(readAll(parts, id).map((event) => event.id)).toEqual(before.slice(77).map((event) => event.id));
  expect(parts.pruning.oldestOfEnded()).toEqual([{ runId: id, workspaceId: parts.workspace.id, timestamp: cut }]);
  while (parts.pruning.pruneEnded(id, Number.MAX_SAFE_INTEGER, 1000) > 0);
  expect(parts.rows.get(id)).toMatchObject({ firstSequence: 161, head: 160 });
  expect(count('session_packs')).toBe(0);
});
