// The page of the search, its parts, and the way from a find to its moment.

import { Elysia, t } from 'elysia';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { foundList, type SearchFields, searchPage, searchResults, type SearchView } from '../views/search.tsx';
import { html } from './html.ts';
import { HIDDEN, lookOf, wantsPart } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';
import { cursorOf, requestOf } from './search.ts';
import { Channel, Kind } from './session-schema.ts';

const Text = t.Optional(t.String({ maxLength: limits.queryLengthMax }));
const PageQuery = queryOf({
  q: Text,
  sessionId: Text,
  workspaceId: Text,
  kind: t.Optional(Kind),
  channel: t.Optional(Channel),
  since: Text,
  until: Text,
  cursor: Text,
  part: t.Optional(t.Literal('more')),
});
type PageAsked = typeof PageQuery.static;

/** Items of a conversation that are shown after the one that was found. */
const ITEMS_AFTER = 20;

export function searchPageRoutes(parts: Parts) {
  return new Elysia()
    .get(
      '/search',
      async ({ query, request }) => {
        const view = await viewOf(parts, query);
        if (!wantsPart(request)) return html(searchPage(view, lookOf(parts)));
        if (query.part === 'more' && view.found !== undefined) return html(foundList(view.found, view));
        return html(searchResults(view));
      },
      { query: PageQuery, ...HIDDEN },
    )
    .get(
      '/sessions/:id/moment',
      async ({ params, query, request }) => {
        const address = await momentAddress(parts, params.id, query.sequence);
        return Response.redirect(new URL(address, request.url).href, 303);
      },
      { query: queryOf({ sequence: t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) }), ...HIDDEN },
    );
}

async function viewOf(parts: Parts, asked: PageAsked): Promise<SearchView> {
  const { cursor, part: _, ...rest } = asked;
  const fields: SearchFields = { q: '', sessionId: '', workspaceId: '', kind: '', channel: '', since: '', until: '', ...definedOf(rest) };
  const view: SearchView = {
    fields,
    found: undefined,
    indexed: undefined,
    problem: undefined,
    tooShort: false,
    isMore: cursor !== undefined,
    workspaces: parts.workspaces.list({ limit: limits.listLimitMax, offset: 0 }).workspaces,
    sessionName: asked.sessionId === undefined ? undefined : parts.sessions.get(asked.sessionId).name,
  };
  if (fields.q.trim() === '') return view;
  const perSession = asked.sessionId === undefined ? limits.searchPerSession : limits.searchLimitDefault;
  try {
    const request = { ...requestOf({ ...rest, q: fields.q, cursor, limit: limits.searchLimitDefault }), perSession, spread: true };
    const { results, names, next, indexed } = await parts.search.find(request);
    return { ...view, indexed, found: { results, names, next: next === null ? null : cursorOf(next), perSession } };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'internal') throw error;
    return { ...view, problem: error.message, tooShort: error.code === 'invalid' && error.detail.fields?.q !== undefined };
  }
}

const definedOf = (asked: Record<string, string | undefined>): Partial<SearchFields> =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));

/** Where a person sees what the event was. @throws AppError not_found */
async function momentAddress(parts: Parts, id: string, sequence: number): Promise<string> {
  const session = parts.sessions.get(id);
  const page = `/sessions/${session.id}`;
  if (session.kind === 'claude') {
    const { items } = await parts.conversations.transcripts.get(id);
    const index = items.findLastIndex((item) => item.sequence <= sequence);
    const [item, next] = [items[index], items[index + ITEMS_AFTER]];
    const isLatest = items.length - index <= limits.transcriptItems;
    return `${page}${isLatest || next === undefined ? '' : `?before=${next.sequence}`}${item === undefined ? '' : `#i${item.sequence}`}`;
  }
  return `${page}/replay?sequence=${sequence}`;
}
