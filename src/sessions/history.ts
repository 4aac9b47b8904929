// Pages of a session's log. Filters do not bend the paging: `nextSequence` is the last
// sequence examined, matched or not, and so the `after` of the next call.

import { limits } from '../limits.ts';
import { type ApiEvent, type Channel, type LogEvent, toApiEvent } from './event.ts';
import type { Session } from './session.ts';

export interface HistoryQuery {
  after: number;
  /** 1 to limits.historyLimitMax. */
  limit: number;
  channel?: Channel | undefined;
  type?: string | undefined;
}

export interface HistoryPage {
  events: ApiEvent[];
  hasMore: boolean;
  nextSequence: number;
  firstSequence: number;
  /** Only where `after` lies before the first event that is kept. */
  pruned?: true;
}

/** What a page is read from. */
export interface HistorySource {
  get(id: string): Session;
  read(id: string, after: number, limit: number): LogEvent[];
}

/** @throws AppError not_found */
export function historyPage(source: HistorySource, id: string, query: HistoryQuery): HistoryPage {
  const { currentSequence: head, firstSequence } = source.get(id);
  const pruned = query.after < firstSequence - 1;
  let cursor = pruned ? firstSequence - 1 : query.after;
  const events: ApiEvent[] = [];
  let examined = 0;
  const filtered = query.channel !== undefined || query.type !== undefined;
  // A filter may match little of much: a call examines a bounded part, and says how far it came.
  while (events.length < query.limit && cursor < head && examined < limits.historyExaminedMax) {
    const page = source.read(id, cursor, filtered ? limits.historyLimitMax : query.limit);
    if (page.length === 0) break;
    for (const event of page) {
      if (events.length === query.limit) break;
      cursor = event.sequence;
      examined += 1;
      if (matches(event, query)) events.push(toApiEvent(event));
    }
    if (!filtered) break;
  }
  return { events, hasMore: cursor < head, nextSequence: cursor, firstSequence, ...(pruned ? { pruned: true } : {}) };
}

export function matches(event: LogEvent, { channel, type }: Pick<HistoryQuery, 'channel' | 'type'>): boolean {
  return (channel === undefined || event.channel === channel) && (type === undefined || event.type === type);
}
