// Pages of a session's log. Filters do not bend the paging: `nextSequence` is the last
// sequence examined, matched or not, and so the `after` of the next call.

import { limits } from '../limits.ts';
import { type ApiEvent, type Channel, type LogEvent, toApiEvent } from './event.ts';
import type { Session } from './session.ts';
import type { EventPage, EventRange } from './store.ts';

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
  get(id: string): Pick<Session, 'currentSequence' | 'firstSequence'>;
  read(id: string, range: Omit<EventRange, 'bytesMax'>): EventPage;
}

/** @throws AppError not_found */
export function historyPage(source: HistorySource, id: string, query: HistoryQuery): HistoryPage {
  const { currentSequence: head, firstSequence } = source.get(id);
  const pruned = query.after < firstSequence - 1;
  const after = Math.min(pruned ? firstSequence - 1 : query.after, head);
  // A filter may match little of much: a call examines a bounded part, and says how far it came.
  const upTo = Math.min(head, after + limits.historyExaminedMax);
  const { events, examined } = source.read(id, { ...query, after, upTo });
  return {
    events: events.map(toApiEvent),
    hasMore: examined < head,
    nextSequence: examined,
    firstSequence,
    ...(pruned ? { pruned: true } : {}),
  };
}

export function matches(event: LogEvent, { channel, type }: Pick<HistoryQuery, 'channel' | 'type'>): boolean {
  return (channel === undefined || event.channel === channel) && (type === undefined || event.type === type);
}
