// Search over everything: what is asked, what comes back, and the pages of it.

import { Elysia, t } from 'elysia';
import { invalid } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Part } from '../search/matching.ts';
import type { Position, SearchAnswer, SearchRequest } from '../search/protocol.ts';
import { parseQuery } from '../search/query.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';
import { Channel, Kind } from './session-schema.ts';

const PartSchema = t.Array(t.Object({ text: t.String(), match: t.Boolean() }));
const Time = t.String({ format: 'date-time' });
const TextOrNull = t.Union([t.String(), t.Null()]);

export const SearchQuery = queryOf({
  q: t.String({ maxLength: limits.queryLengthMax }),
  sessionId: t.Optional(t.String()),
  workspaceId: t.Optional(t.String()),
  kind: t.Optional(Kind),
  channel: t.Optional(Channel),
  since: t.Optional(t.String()),
  until: t.Optional(t.String()),
  limit: t.Integer({ minimum: 1, maximum: limits.searchLimitMax, default: limits.searchLimitDefault }),
  cursor: t.Optional(t.String({ maxLength: 200 })),
});

/** As an address has it. */
export interface Asked {
  q: string;
  sessionId?: string | undefined;
  workspaceId?: string | undefined;
  kind?: SearchRequest['kind'];
  channel?: SearchRequest['channel'];
  since?: string | undefined;
  until?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

const AnswerSchema = t.Object({
  results: t.Array(
    t.Object({
      sessionId: t.String(),
      workspaceId: t.String(),
      kind: t.String(),
      name: t.String(),
      channel: Channel,
      type: t.String(),
      sequence: t.Integer(),
      timestamp: Time,
      context: PartSchema,
      before: t.Array(PartSchema),
      after: t.Array(PartSchema),
    }),
  ),
  names: t.Array(t.Object({ sessionId: TextOrNull, workspaceId: t.String(), kind: TextOrNull, name: PartSchema })),
  next: TextOrNull,
  indexed: t.Object({ complete: t.Boolean(), behindEvents: t.Integer() }),
});

const DESCRIPTION = `All words must be near each other; latest first, and on a page the nearest words first. A word is found anywhere, in the middle of another too;
\`word*\` only where a word begins, \`"a phrase"\` as it stands, \`-word\` must not be there. Case and accents do not matter.
Something needs ${limits.searchCharactersMin} characters in a row. \`next\` is the \`cursor\` of the next page, also of a page that is empty because the search took long.
\`indexed\` says how many recorded events are not yet searched. \`since\` and \`until\` are ISO 8601.`;

export function searchRoutes(parts: Parts) {
  return new Elysia().get('/api/search', async ({ query }) => apiAnswer(await parts.search.find(requestOf(query))), {
    query: SearchQuery,
    response: AnswerSchema,
    detail: { tags: ['search'], summary: 'Search all that was printed, typed, said and edited', description: DESCRIPTION },
  });
}

/** @throws AppError invalid */
export function requestOf({ q, since, until, cursor, ...asked }: Asked): SearchRequest {
  const [from, to] = [timeOf('since', since, 'first'), timeOf('until', until, 'last')];
  if (from !== undefined && to !== undefined && from > to) throw invalid('until', 'The end must not lie before the beginning.');
  return {
    ...asked,
    query: parseQuery(q),
    since: from,
    until: to,
    cursor: cursor === undefined ? undefined : positionOf(cursor),
  };
}

export const cursorOf = (position: Position): string =>
  Buffer.from(JSON.stringify([position.newest, position.block, position.given, position.near])).toString('base64url');

function positionOf(cursor: string): Position {
  const [newest, block, given, near, ...rest] = numbersIn(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (newest === undefined || block === undefined || given === undefined || near === undefined || rest.length > 0) {
    throw invalid('cursor', 'The cursor is none that a search gave: begin with the first page.');
  }
  return { newest, block, given, near: near === 0 ? 0 : 1 };
}

function numbersIn(text: string): number[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter((value) => Number.isSafeInteger(value) && value >= 0) : [];
  } catch {
    return [];
  }
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/;
const DAY_MS = 24 * 3_600_000;

/** A day alone stands for all of it. */
function timeOf(field: string, text: string | undefined, end: 'first' | 'last'): number | undefined {
  if (text === undefined) return undefined;
  const isLocal = !/(Z|[+-]\d{2}:\d{2})$/.test(text) && !DAY.test(text);
  const at = MOMENT.test(text) ? Date.parse(isLocal ? `${text.replace(' ', 'T')}Z` : text.replace(' ', 'T')) : Number.NaN;
  // A 30th of February is read as a day in March.
  const isDay = !Number.isNaN(at) && new Date(`${text.slice(0, 10)}T00:00Z`).toISOString().startsWith(text.slice(0, 10));
  if (!isDay) throw invalid(field, 'Give a day (2026-11-23) or a moment (2026-11-23T14:30:00Z).');
  return DAY.test(text) && end === 'last' ? at + DAY_MS - 1 : at;
}

function apiAnswer({ results, names, next, indexed }: SearchAnswer) {
  return {
    results: results.map((result) => ({ ...result, timestamp: new Date(result.timestamp).toISOString() })),
    names: names.map(({ name, ...named }) => ({ ...named, name: name as Part[] })),
    next: next === null ? null : cursorOf(next),
    indexed,
  };
}
