// Retention: only what is old, only of what has ended, from the front, never reused; and
// readers who were in the middle of it are told.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { limits } from '../../src/limits.ts';
import { Follower } from '../../src/sessions/follower.ts';
import { historyPage } from '../../src/sessions/history.ts';
import { Retention } from '../../src/sessions/retention.ts';
import { ended, openSessions, type SessionParts } from '../support/sessions.ts';
import { until } from '../support/until.ts';

const DAY = 24 * 3_600_000;
let parts: SessionParts;
let days: number | null;
let retention: Retention;
beforeEach(() => {
  parts = openSessions();
  days = 7;
  retention = new Retention({ store: parts.pruning, eventDays: () => days, changes: parts.changes, report: () => {} });
});
afterEach(() => parts.stop());

/** A session that ended, with `count` events of `at` before those of its end. */
async function old(count: number, at: number): Promise<string> {
  const { id } = await parts.sh('read go');
  const before = parts.sessions.get(id).currentSequence;
  parts.sessions.log(id).append(
    Array.from({ length: count }, (_, index) => ({
      channel: 'stdout' as const,
      type: 'output',
      data: Buffer.from(`${index}\n`),
      timestamp: at,
    })),
  );
  parts.database.sqlite.run('DROP TRIGGER session_events_immutable');
  parts.database.sqlite.run('UPDATE session_events SET timestamp = ? WHERE run_id = ? AND sequence <= ?', [at, id, before]);
  parts.sessions.input(id, Buffer.from('\n'), 'api');
  await ended(parts, id);
  return id;
}

test('old events of an ended session go, the front moves, and the next sequence is a new one', async () => {
  const now = Date.now();
  const id = await old(2500, now - 8 * DAY);
  const { currentSequence: head } = parts.sessions.get(id);
  const kept = parts.log(id).filter((event) => event.timestamp >= now - DAY);
  expect(await retention.sweep(now)).toBe(head - kept.length);
  const after = parts.sessions.get(id);
  expect(after.firstSequence).toBe(kept[0]?.sequence ?? 0);
  expect(after.currentSequence).toBe(head);
  expect(parts.log(id).map((event) => event.sequence)).toEqual(kept.map((event) => event.sequence));
  await parts.sessions.resume(id);
  expect(parts.log(id).find((event) => event.sequence === head + 1)).toMatchObject({ type: 'resize' });
});

test('nothing goes from a session that lives, from one that is young, or without the setting', async () => {
  const now = Date.now();
  const id = await old(10, now - 6 * DAY);
  expect(await retention.sweep(now)).toBe(0);
  days = null;
  expect(await retention.sweep(now + 1000 * DAY)).toBe(0);
  days = 1;
  await parts.sessions.resume(id);
  expect(await retention.sweep(now + 1000 * DAY)).toBe(0);
  expect(parts.sessions.get(id).firstSequence).toBe(1);
});

test('where all of it is old, what is left is an empty session that still counts on', async () => {
  const now = Date.now();
  const id = await old(10, now - 8 * DAY);
  const { currentSequence: head } = parts.sessions.get(id);
  await retention.sweep(now + 30 * DAY);
  expect(parts.sessions.get(id)).toMatchObject({ currentSequence: head, firstSequence: head + 1 });
  expect(historyPage(parts.sessions, id, { after: 0, limit: 10 })).toEqual({
    events: [],
    hasMore: false,
    nextSequence: head,
    firstSequence: head + 1,
    pruned: true,
  });
});

test('history says pruned only where something is missing', async () => {
  const now = Date.now();
  const id = await old(20, now - 8 * DAY);
  await retention.sweep(now);
  const { firstSequence } = parts.sessions.get(id);
  expect(historyPage(parts.sessions, id, { after: 0, limit: 1 })).toMatchObject({ pruned: true, events: [{ sequence: firstSequence }] });
  expect(historyPage(parts.sessions, id, { after: firstSequence - 2, limit: 1 }).pruned).toBe(true);
  expect(historyPage(parts.sessions, id, { after: firstSequence - 1, limit: 1 })).not.toHaveProperty('pruned');
});

test('a reader in the middle of what is removed hears of it, and goes on with what is kept', async () => {
  const now = Date.now();
  const id = await old(1000, now - 8 * DAY);
  const seen: number[] = [];
  const pruned: number[] = [];
  let room = 10;
  const follower = new Follower(parts.sessions.log(id), 0, {
    deliver: (event) => {
      if (room === 0) return false;
      room -= 1;
      seen.push(event.sequence);
      return true;
    },
    pruned: (first) => pruned.push(first),
    closed: () => {},
    failed: (error) => {
      throw error;
    },
  });
  follower.pump();
  expect(seen).toHaveLength(10);
  await retention.sweep(now);
  const { firstSequence, currentSequence } = parts.sessions.get(id);
  // What was appended a moment ago is in memory yet, and would be read from there.
  await until('the log alone', () => parts.sessions.log(id).read(0, 1, 1)[0]?.sequence === firstSequence);
  room = 10_000;
  follower.pump();
  expect(pruned).toEqual([firstSequence]);
  expect(seen.slice(10)).toEqual(Array.from({ length: currentSequence - firstSequence + 1 }, (_, index) => firstSequence + index));
  await retention.sweep(now + 30 * DAY);
  expect(follower.caughtUp).toBe(true);
  follower.dispose();
});

test('much is removed in several transactions, so that others get their turn', async () => {
  const now = Date.now();
  const id = await old(limits.retentionEventsMax * 2, now - 8 * DAY);
  expect(parts.pruning.pruneEnded(id, now - 7 * DAY, limits.retentionEventsMax)).toBe(limits.retentionEventsMax);
  expect(parts.sessions.get(id).firstSequence).toBe(limits.retentionEventsMax + 1);
});
