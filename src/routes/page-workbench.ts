// The page with sessions of a workspace side by side, and whose layouts there are.

import { Elysia, t } from 'elysia';
import { apiAgent } from '../agent/agents.ts';
import { limits } from '../limits.ts';
import { benchSessions, workbenchPage } from '../views/workbench.tsx';
import { html } from './html.ts';
import { HIDDEN, lookOf, wantsPart } from './page-answer.ts';
import { liveSessions } from './page-workspaces.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

export function workbenchRoutes(parts: Parts) {
  const { workspaces, layouts, conversations } = parts;
  return new Elysia()
    .get(
      '/workspaces/:id/workbench',
      ({ params, query, request }) => {
        const workspace = workspaces.get(params.id);
        const live = liveSessions(parts, workspace.id);
        if (query.part === 'sessions' && wantsPart(request)) return html(benchSessions(workspace.id, live));
        workspaces.opened(workspace.id);
        const agents = conversations.agents(workspace.metadata).map(apiAgent);
        return html(workbenchPage({ workspace, live, agents, look: lookOf(parts) }));
      },
      { query: queryOf({ part: t.Optional(t.Literal('sessions')), session: t.Optional(t.String({ maxLength: limits.queryLengthMax })) }), ...HIDDEN },
    )
    .get('/api/workspaces/:id/layouts', ({ params }) => ({ layouts: layouts.list(params.id) }), {
      response: t.Object({
        layouts: t.Array(t.Object({ client: t.String(), updated: t.String({ format: 'date-time' }), layout: t.Record(t.String(), t.Any()) })),
      }),
      detail: { tags: ['workspaces'], summary: "Every client's layout of a workspace", description: 'Latest first: another device may take one over.' },
    });
}
