// The first page: what needs its person, what runs with a small view of it, what ended, and a
// start for anything; and the folders that a workspace may be made of.

import { Elysia, t } from 'elysia';
import { limits } from '../limits.ts';
import { inBytes } from '../sessions/caps.ts';
import { isLive, type Session } from '../sessions/session.ts';
import { folderBrowser, foldersPage, type FoldersView } from '../views/folders.tsx';
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
        const view = foldersOf(parts, path);
        return html(wantsPart(request) ? folderBrowser(view) : foldersPage(view, lookOf(parts)));
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

/** Where only one folder may hold workspaces, it is where one begins. */
function foldersOf({ workspaces }: Parts, path: string | undefined): FoldersView {
  const roots = workspaces.folders(undefined);
  const [only] = roots.folders.length === 1 ? roots.folders : [];
  const list = path === undefined && only === undefined ? roots : workspaces.folders(path ?? only?.path);
  const byPath = new Map<string, string>();
  for (const folder of [list.path ?? '', ...list.folders.map((one) => one.path)]) {
    const id = workspaces.at(folder)?.id;
    if (id !== undefined) byPath.set(folder, id);
  }
  return { list, severalRoots: roots.folders.length > 1, workspaces: byPath };
}

function viewOf(parts: Parts): HomeView {
  const { workspaces, sessions, compaction, settings, auth } = parts;
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
    sessionsTotal: sessions.list({ limit: 1, offset: 0 }).pagination.total,
    oneDevice: auth.devices().length < 2,
    ended: ended.sessions.map((session) => withWorkspace(parts, session)),
    agents: parts.conversations.agents({}).filter(({ available }) => available).length > 0,
    history: { size: inBytes(compaction.totalBytes), limit: totalBytes === null ? null : inBytes(totalBytes), warnings: compaction.warnings().map(({ message }) => message) },
    look: lookOf(parts),
  };
}

const withWorkspace = ({ workspaces }: Parts, session: Session) => ({ session, workspace: workspaces.get(session.workspaceId) });

async function glanceOf(parts: Parts, session: Session): Promise<Glance> {
  const { screens, terminals } = parts;
  const { id, kind, status, currentSequence } = session;
  const winsize = kind === 'terminal' ? terminals.terminal(id)?.winsize : undefined;
  if (winsize === undefined) {
    return { id, sequence: currentSequence, live: isLive(status), cols: 0, screen: null, text: wordsOf(parts, session) };
  }
  const { sequence, shown } = await screens.shown(id, currentSequence, 'html');
  return { id, sequence, live: true, cols: winsize.cols, screen: shown, text: null };
}

/** What is worth a look of a session without a screen. */
function wordsOf({ sessions, editors }: Parts, { id, kind, activity }: Session): string | null {
  if (kind === 'fileEditor') {
    const open = editors.kind.editor(id)?.documents() ?? [];
    return open.length === 0 ? 'No file is open.' : open.map(({ path }) => path).join('\n');
  }
  if (activity.detail !== null || kind !== 'claude') return activity.detail;
  const data = sessions.log(id).latest('message')?.data;
  const text = data instanceof Uint8Array ? undefined : data?.text;
  return typeof text === 'string' ? text.slice(0, limits.glanceTextMax) : 'Nothing was said yet.';
}
