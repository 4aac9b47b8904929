// The page of one terminal.

import { Elysia, t } from 'elysia';
import { AppError } from '../errors.ts';
import { isLive } from '../sessions/session.ts';
import { sessionPage } from '../views/session.tsx';
import { html } from './html.ts';
import { HIDDEN, lookOf } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const Query = queryOf({ mode: t.UnionEnum(['rw', 'ro'], { default: 'rw' }) });

export function sessionPageRoutes(parts: Parts) {
  const { sessions, settings, workspaces } = parts;
  return new Elysia().get(
    '/sessions/:id',
    ({ params, query }) => {
      const session = sessions.get(params.id);
      if (session.kind !== 'terminal') throw new AppError('not_found', 'There is no page for this kind of session yet.');
      const workspace = workspaces.get(session.workspaceId);
      return html(
        sessionPage({
          session,
          workspace,
          settings: settings.effective('terminal', workspace.metadata),
          look: lookOf(parts),
          mode: query.mode,
          live: isLive(session.status),
        }),
      );
    },
    { query: Query, ...HIDDEN },
  );
}
