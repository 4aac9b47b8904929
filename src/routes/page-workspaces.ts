// The page of all workspaces: list, search, paging, create, and putting away from the list.

import { Elysia, t } from 'elysia';
import { limits } from '../limits.ts';
import type { Session } from '../sessions/session.ts';
import { NOTHING_TYPED } from '../views/form.tsx';
import {
  createForm,
  type WorkspaceListView,
  workspaceList,
  type WorkspaceQuery,
  workspacesPage,
} from '../views/workspaces.tsx';
import { html } from './html.ts';
import { goTo, HIDDEN, lookOf, returnedForm, wantsPart } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const ListQuery = queryOf({
  q: t.Optional(t.String({ maxLength: limits.queryLengthMax })),
  status: t.Optional(t.Union([t.Literal('active'), t.Literal('archived')])),
  offset: t.Optional(t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
});

const CreateForm = t.Object(
  { path: t.String(), /** A new one in it. */ folder: t.Optional(t.String()), name: t.Optional(t.String()), create: t.Optional(t.Literal('true')) },
  { additionalProperties: false },
);

export function workspacesPageRoutes(parts: Parts) {
  return new Elysia()
    .get(
      '/workspaces',
      ({ request, query }) => {
        const view = listView(parts, {
          q: query.q?.trim() ?? '',
          status: query.status ?? 'active',
          offset: query.offset ?? 0,
        });
        return html(
          wantsPart(request)
            ? workspaceList(view)
            : workspacesPage({ ...view, create: NOTHING_TYPED, look: lookOf(parts) }),
        );
      },
      { query: ListQuery, ...HIDDEN },
    )
    .post(
      '/workspaces',
      ({ request, body }) => {
        const name = body.name?.trim() ?? '';
        const folder = body.folder?.trim() ?? '';
        const path = folder === '' ? body.path.trim() : `${body.path.trim()}/${folder}`;
        try {
          const { id } = parts.workspaces.create({
            path,
            ...(name === '' ? {} : { name }),
            create: body.create === 'true',
          });
          return goTo(request, `/workspaces/${id}`);
        } catch (error) {
          const create = returnedForm(error, { ...body, path }, ['path', 'name']);
          if (wantsPart(request)) return html(createForm(create), create.status);
          const view = listView(parts, { q: '', status: 'active', offset: 0 });
          return html(workspacesPage({ ...view, create, look: lookOf(parts) }), create.status);
        }
      },
      { body: CreateForm, ...HIDDEN },
    );
}

export function listView({ workspaces, sessions }: Parts, query: WorkspaceQuery): WorkspaceListView {
  const { q, status, offset } = query;
  const page = workspaces.list({
    ...(q === '' ? {} : { q }),
    ...(status === 'archived' ? { status } : {}),
    limit: limits.listLimitDefault,
    offset,
  });
  const live = new Map<string, Session[]>();
  for (const session of liveSessions({ sessions })) {
    live.set(session.workspaceId, [...(live.get(session.workspaceId) ?? []), session]);
  }
  return { ...page, query, live };
}

/** Newest first, so that rows stay where they are while sessions work. */
export function liveSessions({ sessions }: Pick<Parts, 'sessions'>, workspaceId?: string): Session[] {
  const filter = { workspaceId, limit: limits.liveSessionsMax, offset: 0 };
  const found = [
    ...sessions.list({ ...filter, status: 'starting' }).sessions,
    ...sessions.list({ ...filter, status: 'active' }).sessions,
  ];
  return found.sort((one, other) => (one.id < other.id ? 1 : -1));
}
