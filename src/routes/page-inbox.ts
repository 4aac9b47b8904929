// The page of what waits, its parts, and the form that says something was seen.

import { Elysia, t } from 'elysia';
import { inboxCount } from '../views/layout.tsx';
import { inboxList, inboxPage } from '../views/inbox.tsx';
import { callerClient } from './client.ts';
import { html } from './html.ts';
import { inboxEntries, inboxItems } from './inbox.ts';
import { goTo, HIDDEN, lookOf, wantsPart } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

export function inboxPageRoutes(parts: Parts) {
  return new Elysia()
    .get(
      '/inbox',
      ({ query, request }) => {
        if (query.part === 'count') return html(inboxCount(inboxItems(parts).length));
        if (query.part === 'list' && wantsPart(request)) return html(inboxList(inboxEntries(parts)));
        return html(inboxPage(inboxEntries(parts), lookOf(parts)));
      },
      { query: queryOf({ part: t.Optional(t.Union([t.Literal('count'), t.Literal('list')])) }), ...HIDDEN },
    )
    .post(
      '/inbox/seen',
      ({ request }) => {
        const client = callerClient(parts, request);
        for (const { session, request: asked } of inboxItems(parts)) if (asked === undefined) parts.conversations.inbox.seen(session.id, client);
        return wantsPart(request) ? html(inboxList(inboxEntries(parts))) : goTo(request, '/inbox');
      },
      HIDDEN,
    )
    .post(
      '/inbox/:id/seen',
      ({ params, request }) => {
        parts.sessions.get(params.id);
        parts.conversations.inbox.seen(params.id, callerClient(parts, request));
        return wantsPart(request) ? html(inboxList(inboxEntries(parts))) : goTo(request, '/inbox');
      },
      HIDDEN,
    );
}
