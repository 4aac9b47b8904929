// The first page: what needs its person, what runs with a small view of it, what ended, and a
// start for anything; and the folders that a workspace may be made of.

import { Elysia, t } from 'elysia';
import { limits } from '../limits.ts';
import { inBytes } from '../sessions/caps.ts';
import type { Session } from '../sessions/session.ts';
import { folderBrowser, foldersPage } from '../views/folders.tsx';
import { glance, type Glance } from '../views/glance.tsx';
import { homeEnded, homeNeeds, homePage, homeRunning, type HomeView } from '../views/home.tsx';
import { html } from './html.ts';
import { inboxEntries } from './inbox.ts';
import { HIDDEN, lookOf, wantsPart } from './page-answer.ts';
import { liveSessions } from './page-workspaces.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const PARTS = { needs: homeNeeds, running: homeRunning, ended: homeEnded } as const;

const FolderListSchema = t.Object({
  path: t.Union([t.String(), t.Null()]),
  parent: t.Union([t.String(), t.Null()]),
  folders: t.Array(t.Object({ name: t.String(), path: t.String(), git: t.Boolean() })),
  more: t.Integer(),
});
const FolderQuery = queryOf({ path: t.Optional(t.String({ maxLength: limits.pathBytesMax })) });

export function homeRoutes(parts: Parts) {
  return new Elysia()
    .get(
      '/',
      ({ request, query: { part } }) => {
        const view = viewOf(parts);
        return html(part !== undefined && wantsPart(request) ? PARTS[part](view) : homePage(view));
      },
      { query: queryOf({ part: t.Optional(t.Union([t.Literal('needs'), t.Literal('running'), t.Literal('ended')])) }), ...HIDDEN },
    )
    .get(
      '/sessions/:id/glance',
      async ({ params: { id }, query: { after } }) => {
        const session = parts.sessions.get(id);
        // Nothing new: what is there stays as it is, and no screen is drawn for it.
        if (session.currentSequence === after) return new Response(null, { status: 204 });
        const seen = await glanceOf(parts, session);
        return seen.sequence === after ? new Response(null, { status: 204 }) : html(glance(seen));
      },
      { query: queryOf({ after: t.Optional(t.Integer({ minimum: 0 })) }), ...HIDDEN },
    )
    .get(
      '/folders',
      ({ request, query: { path } }) => {
        const list = parts.workspaces.folders(path);
        return html(wantsPart(request) ? folderBrowser(list) : foldersPage(list, lookOf(parts)));
      },
      { query: FolderQuery, ...HIDDEN },
    )
    .get('/api/folders', ({ query: { path } }) => parts.workspaces.folders(path), {
      query: FolderQuery,
      response: FolderListSchema,
      detail: {
        tags: ['workspaces'],
        summary: 'Folders that a workspace may be made of',
        description: 'Those in `path`; without it the folders that workspaces may lie in (`DISPATCH_ROOTS`).',
      },
    });
}

function viewOf(parts: Parts): HomeView {
  const { workspaces, sessions, compaction, settings } = parts;
  const latest = workspaces.list({ limit: limits.homeWorkspacesMax, offset: 0 });
  const live = liveSessions(parts);
  const ended = sessions.list({ status: 'stopped', limit: limits.homeEndedMax, offset: 0 });
  const { totalBytes } = settings.get('retention');
  return {
    needs: inboxEntries(parts),
    workspaces: latest.workspaces,
    workspacesTotal: latest.pagination.total,
    live: live.slice(0, limits.homeLiveMax).map((session) => withWorkspace(parts, session)),
    liveTotal: live.length,
    ended: ended.sessions.map((session) => withWorkspace(parts, session)),
    agents: parts.conversations.agents({}).filter(({ available }) => available).length > 0,
    history: { size: inBytes(compaction.totalBytes), limit: totalBytes === null ? null : inBytes(totalBytes), warnings: compaction.warnings().map(({ message }) => message) },
    look: lookOf(parts),
  };
}

const withWorkspace = ({ workspaces }: Parts, session: Session) => ({ session, workspace: workspaces.get(session.workspaceId) });

async function glanceOf({ screens, terminals }: Parts, session: Session): Promise<Glance> {
  const { id, kind, activity, currentSequence } = session;
  const winsize = kind === 'terminal' ? terminals.terminal(id)?.winsize : undefined;
  if (winsize === undefined) return { id, sequence: currentSequence, live: false, cols: 0, screen: null, text: activity.detail };
  const { sequence, shown } = await screens.shown(id, currentSequence, 'html');
  return { id, sequence, live: true, cols: winsize.cols, screen: shown, text: null };
}
