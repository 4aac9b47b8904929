// A session's log over HTTP: pages of it, and all of it as server-sent events into the
// present. A slow reader of the stream costs no memory: it is read on when there is room.

import { Elysia, t } from 'elysia';
import { invalid } from '../errors.ts';
import { limits } from '../limits.ts';
import { type LogEvent, toApiEvent } from '../sessions/event.ts';
import { Follower } from '../sessions/follower.ts';
import { type HistoryQuery, historyPage, matches } from '../sessions/history.ts';
import { whenRevoked } from './client.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';
import { Channel, HistorySchema } from './session-schema.ts';
import { type SseSource, type SseWriter, sseResponse } from './sse.ts';

const Filter = {
  channel: t.Optional(Channel),
  type: t.Optional(t.String({ minLength: 1, maxLength: limits.eventTypeLengthMax })),
};

export function eventRoutes(parts: Parts) {
  return new Elysia()
    .get('/api/sessions/:id/history', ({ params, query }) => historyPage(parts.sessions, params.id, query), {
      query: queryOf({
        after: t.Integer({ minimum: 0, default: 0 }),
        limit: t.Integer({ minimum: 1, maximum: limits.historyLimitMax, default: limits.historyLimitDefault }),
        ...Filter,
      }),
      response: HistorySchema,
      detail: {
        tags: ['events'],
        summary: "A page of a session's log",
        description:
          '`nextSequence` is the `after` of the next call. `pruned: true` where `after` lies before the first event ' +
          'that is kept. A page may hold less than `limit`, for it is bounded in bytes too: `hasMore` tells.',
      },
    })
    .get(
      '/api/sessions/:id/events',
      ({ params, query, request, server }) => {
        const { firstSequence } = parts.sessions.get(params.id);
        const after = lastEventId(request) ?? query.after;
        const source = new EventSource(parts, request, params.id, { ...query, after }, firstSequence);
        return sseResponse(request, server, source);
      },
      {
        query: queryOf({ after: t.Integer({ minimum: 0, default: 0 }), ...Filter }),
        detail: {
          tags: ['events'],
          summary: "A session's log as server-sent events",
          description:
            'Every event after `after` (or Last-Event-ID, which wins), then live ones; `id` is the sequence. ' +
            '`event: pruned` comes first where earlier events are no longer kept. Stays open when the session ends, ' +
            'for it may be resumed.',
        },
      },
    );
}

/** What an EventSource sends when it comes back. @throws AppError invalid */
function lastEventId(request: Request): number | undefined {
  const header = request.headers.get('last-event-id');
  if (header === null || header === '') return undefined;
  const sequence = Number(header);
  if (/^\d+$/.test(header) && Number.isSafeInteger(sequence)) return sequence;
  throw invalid('Last-Event-ID', 'Must be the id of an event of this stream: a sequence.');
}

class EventSource implements SseSource {
  readonly #parts: Parts;
  readonly #request: Request;
  readonly #id: string;
  readonly #query: Omit<HistoryQuery, 'limit'>;
  readonly #firstSequence: number;
  #follower: Follower | undefined;
  #unlisten: (() => void) | undefined;

  constructor(parts: Parts, request: Request, id: string, query: Omit<HistoryQuery, 'limit'>, firstSequence: number) {
    this.#parts = parts;
    this.#request = request;
    this.#id = id;
    this.#query = query;
    this.#firstSequence = firstSequence;
  }

  start(writer: SseWriter): void {
    const { after } = this.#query;
    const pruned = after < this.#firstSequence - 1;
    if (pruned) writer.send({ event: 'pruned', data: { firstSequence: this.#firstSequence } });
    this.#unlisten = whenRevoked(this.#parts, this.#request, () => writer.close());
    this.#follower = new Follower(this.#parts.sessions.log(this.#id), pruned ? this.#firstSequence - 1 : after, {
      deliver: (event) => this.#deliver(writer, event),
      pruned: (firstSequence) => writer.send({ event: 'pruned', data: { firstSequence } }),
      closed: () => writer.close(),
      failed: (error) => {
        this.#parts.report('error', `events of a session: ${String(error)}`);
        writer.close();
      },
    });
    this.#follower.pump();
  }

  onReady(): void {
    this.#follower?.pump();
  }

  end(): void {
    this.#unlisten?.();
    this.#follower?.dispose();
  }

  #deliver(writer: SseWriter, event: LogEvent): boolean {
    if (!writer.ready()) return false;
    if (matches(event, this.#query)) writer.send({ id: String(event.sequence), data: toApiEvent(event) });
    return true;
  }
}
