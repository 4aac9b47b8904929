// What a session and its events look like in the API: the schemas behind /api/openapi.json.

import { t } from 'elysia';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import { CHANNELS } from '../sessions/event.ts';
import { EVENT_TYPES_WORDS } from '../sessions/vocabulary.ts';
import { KINDS, SESSION_STATUSES } from '../sessions/session.ts';
import { oneOf } from './one-of.ts';
import { queryOf } from './query.ts';

const Json = t.Unsafe<JsonObject>(t.Object({}, { additionalProperties: true }));
const Sequence = t.Integer({ minimum: 0 });
const Time = t.String({ format: 'date-time' });
const TextOrNull = t.Union([t.String(), t.Null()]);

export const Kind = oneOf(KINDS);
export const Status = oneOf(SESSION_STATUSES);
export const Channel = oneOf(CHANNELS);
export const Meta = Json;

export const SessionSchema = t.Object({
  id: t.String(),
  workspaceId: t.String(),
  kind: Kind,
  name: t.String(),
  status: Status,
  statusReason: TextOrNull,
  created: Time,
  lastActive: Time,
  currentSequence: Sequence,
  firstSequence: Sequence,
  exitCode: t.Union([t.Integer(), t.Null()]),
  exitSignal: TextOrNull,
  activity: t.Object({
    state: oneOf(['starting', 'working', 'needs_you', 'idle', 'stopped', 'error']),
    since: Time,
    detail: TextOrNull,
  }),
  clients: t.Array(
    t.Object({
      client: t.String(),
      name: t.String(),
      mode: oneOf(['rw', 'ro']),
      leads: t.Boolean(),
      away: t.Optional(t.Literal(true, { description: 'Nobody can see it now: its page is hidden.' })),
    }),
  ),
  meta: Json,
});

export const SessionPageSchema = t.Object({
  sessions: t.Array(SessionSchema),
  pagination: t.Object({ total: t.Integer(), limit: t.Integer(), offset: t.Integer(), hasMore: t.Boolean() }),
});

export const EventSchema = t.Object({
  id: t.String(),
  sessionId: t.String(),
  sequence: Sequence,
  timestamp: Time,
  channel: Channel,
  type: t.String({ description: EVENT_TYPES_WORDS }),
  data: Json,
});

export const HistorySchema = t.Object({
  events: t.Array(EventSchema),
  hasMore: t.Boolean(),
  nextSequence: Sequence,
  firstSequence: Sequence,
  pruned: t.Optional(t.Literal(true)),
});

export const SessionListQuery = queryOf({
  kind: t.Optional(Kind),
  status: t.Optional(Status),
  limit: t.Integer({ minimum: 1, maximum: limits.listLimitMax, default: limits.listLimitDefault }),
  offset: t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 }),
});

/** One line of text without control characters. */
const line = (maxLength: number) =>
  t.RegExp(new RegExp(`^[^\\p{Cc}]{1,${maxLength}}$`, 'u'), { rule: `Must be a line of 1 to ${maxLength} characters.` });

/** A device id: what a program calls itself, or a page made up. */
export const ClientId = line(limits.clientIdLengthMax);
export const ClientName = line(limits.clientNameLengthMax);
