// Forms that act on a session: on the page of its workspace, where the answer is the list of
// sessions again, and on its own page, where the browser goes back to where it was.

import { Elysia, t } from 'elysia';
import { sessionList } from '../views/session-list.tsx';
import { html } from './html.ts';
import { backOr, goTo, HIDDEN, wantsPart } from './page-answer.ts';
import { sessionsOf } from './page-workspace.ts';
import type { Parts } from './parts.ts';

const RenameForm = t.Object({ name: t.String() }, { additionalProperties: false });

export function sessionFormRoutes(parts: Parts) {
  const { sessions } = parts;
  return new Elysia()
    .post(
      '/sessions/:id/rename',
      ({ request, params, body }) => {
        const { workspaceId } = sessions.rename(params.id, body.name);
        return answer(parts, request, workspaceId);
      },
      { body: RenameForm, ...HIDDEN },
    )
    .post(
      '/sessions/:id/stop',
      async ({ request, params }) => {
        const { workspaceId } = await sessions.stop(params.id);
        return answer(parts, request, workspaceId);
      },
      HIDDEN,
    )
    .post(
      '/sessions/:id/resume',
      async ({ request, params }) => {
        const { workspaceId } = await sessions.resume(params.id);
        return answer(parts, request, workspaceId);
      },
      HIDDEN,
    )
    .post(
      '/sessions/:id/delete',
      async ({ request, params }) => {
        const { workspaceId } = sessions.get(params.id);
        await sessions.delete(params.id);
        const workspace = `/workspaces/${workspaceId}`;
        const back = backOr(request, workspace);
        return answer(parts, request, workspaceId, back === `/sessions/${params.id}` ? workspace : back);
      },
      HIDDEN,
    );
}

function answer(
  parts: Parts,
  request: Request,
  workspaceId: string,
  back = backOr(request, `/workspaces/${workspaceId}`),
): Response {
  const inList = wantsPart(request) && (request.headers.get('hx-target') ?? '').endsWith('#session-list');
  return inList ? html(sessionList(sessionsOf(parts, parts.workspaces.get(workspaceId)))) : goTo(request, back);
}
