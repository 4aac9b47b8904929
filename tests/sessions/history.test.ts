// Pages of a log: every event exactly once, filters that do not bend the paging, and an
// honest answer for what is no longer kept.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { limits } from '../../src/limits.ts';
import { historyPage, type HistoryPage, type HistoryQuery } from '../../src/sessions/history.ts';
import type { LogEvent } from '../../src/sessions/event.ts';
import { ended, openSessions, type SessionParts } from '../support/sessions.ts';

let parts: SessionParts;
let id: string;
beforeAll(async () => {
  parts = openSessions();
  id = (await parts.sh('exit 0')).id;
  await ended(parts, id);
  const log = parts.sessions.log(id);
  for (let batch = 0; log.head < 10_000; batch += 1) {
    const many = Array.from({ length: Math.min(100, 10_000 - log.head) }, (_, index) =>
      (batch * 100 + index) % 1000 === 0
        ? { channel: 'system' as const, type: 'title', data: { title: `${index}` } }
        : { channel: 'stdout' as const, type: 'output', data: Buffer.from(`${batch}:${index}\n`) },
    );
    log.append(many);
  }
});
afterAll(() => parts.stop());

function* pages(query: Omit<HistoryQuery, 'after'>): Generator<HistoryPage> {
  for (let after = 0; ; ) {
    const page = historyPage(parts.sessions, id, { after, ...query });
    yield page;
    if (!page.hasMore) return;
    expect(page.nextSequence).toBeGreaterThan(after);
    after = page.nextSequence;
  }
}

test.each([7, 100, 1000])('10,000 events pass through pages of %p exactly once', (limit) => {
  const seen = [...pages({ limit })].flatMap((page) => page.events.map((event) => event.sequence));
  expect(seen).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1));
});

test('a filter gives what matches, and says how far it looked', () => {
  const titles = [...pages({ limit: 3, type: 'title' })];
  expect(titles.flatMap((page) => page.events)).toHaveLength(parts.log(id).filter((event) => event.type === 'title').length);
  expect(titles.every((page) => page.events.length <= 3)).toBe(true);
  const none = historyPage(parts.sessions, id, { after: 0, limit: 10, channel: 'stderr' });
  expect(none).toMatchObject({ events: [], hasMore: false, nextSequence: 10_000 });
});

test('a filtered call looks at a bounded part of a log that is longer', () => {
  const asked: { upTo: number }[] = [];
  const source = {
    get: () => ({ currentSequence: 1_000_000, firstSequence: 1 }),
    read: (_: string, range: { after: number; upTo: number }) => {
      asked.push(range);
      return { events: [] as LogEvent[], examined: range.upTo };
    },
  };
  const page = historyPage(source, 'any', { after: 5, limit: 10, type: 'title' });
  expect(asked[0]?.upTo).toBe(5 + limits.historyExaminedMax);
  expect(page).toMatchObject({ hasMore: true, nextSequence: 5 + limits.historyExaminedMax });
});

test('at the head there is nothing, and beyond it neither', () => {
  expect(historyPage(parts.sessions, id, { after: 10_000, limit: 10 })).toMatchObject({ events: [], hasMore: false, nextSequence: 10_000 });
  expect(historyPage(parts.sessions, id, { after: 99_999, limit: 10 })).toMatchObject({ events: [], hasMore: false, nextSequence: 10_000 });
});

test('a page of large events ends early and says that there is more', async () => {
  const session = await parts.sh('exit 0');
  await ended(parts, session.id);
  const log = parts.sessions.log(session.id);
  const count = limits.historyBytesMax / limits.outputEventBytesMax + 10;
  for (let index = 0; index < count; index += 1) {
    log.append([{ channel: 'stdout', type: 'output', data: Buffer.alloc(limits.outputEventBytesMax, 0x61) }]);
  }
  const page = historyPage(parts.sessions, session.id, { after: 0, limit: 1000 });
  expect(page.hasMore).toBe(true);
  expect(page.events.length).toBeLessThan(count);
  const rest = historyPage(parts.sessions, session.id, { after: page.nextSequence, limit: 1000 });
  expect(rest.events[0]?.sequence).toBe((page.events.at(-1)?.sequence ?? 0) + 1);
  expect(rest.hasMore).toBe(false);
});
