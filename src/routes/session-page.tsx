// The page of one session: a terminal's, or as its kind has it.

import { Elysia, t } from 'elysia';
import { limits } from '../limits.ts';
import { isLive, type Session } from '../sessions/session.ts';
import { type HistoryNotes, sessionPage, type SessionPage, sessionTile } from '../views/session.tsx';
import { html } from './html.ts';
import { HIDDEN, lookOf } from './page-answer.ts';
import { conversationAnswer, conversationTileAnswer } from './page-conversation.ts';
import { editorAnswer, editorTileAnswer } from './page-editor.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const Query = queryOf({
  mode: t.UnionEnum(['rw', 'ro'], { default: 'rw' }),
  before: t.Optional(t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  path: t.Optional(t.String({ maxLength: limits.pathBytesMax })),
  line: t.Optional(t.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  at: t.Optional(t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
});

export function sessionPageRoutes(parts: Parts) {
  const { sessions, settings, workspaces } = parts;
  /** @throws AppError not_found */
  const pageOf = (session: Session, mode: 'rw' | 'ro'): SessionPage => {
    const workspace = workspaces.get(session.workspaceId);
    return {
      session,
      workspace,
      settings: settings.effective('terminal', workspace.metadata),
      look: lookOf(parts),
      mode,
      live: isLive(session.status),
      history: historyNotes(parts, session),
    };
  };
  return new Elysia()
    .get(
      '/sessions/:id/tile',
      ({ params, query, request }) => {
        const session = sessions.get(params.id);
        if (session.kind === 'claude') return conversationTileAnswer(parts, request, session.id);
        if (session.kind === 'fileEditor') return editorTileAnswer(parts, session.id, query);
        return html(sessionTile(pageOf(session, 'rw')));
      },
      { query: Query, ...HIDDEN },
    )
    .get(
      '/sessions/:id',
      ({ params, query, request }) => {
        const session = sessions.get(params.id);
        if (session.kind === 'claude') return conversationAnswer(parts, request, session.id, query.before);
        if (session.kind === 'fileEditor') return editorAnswer(parts, session.id, query);
        return html(sessionPage(pageOf(session, query.mode)));
      },
      { query: Query, ...HIDDEN },
    );
}

/** What was dropped of its log, and what is near to be. */
function historyNotes({ compaction, sessions }: Parts, { id, firstSequence }: Session): HistoryNotes {
  const near = compaction.warnings().find(({ sessionId }) => sessionId === id);
  const warning = near?.message ?? null;
  if (firstSequence === 1) return { prunedBefore: null, warning };
  const [first] = sessions.read(id, { after: firstSequence - 1, upTo: firstSequence, limit: 1 }).events;
  return { prunedBefore: new Date(first?.timestamp ?? Date.now()).toISOString(), warning };
}
