// The page of one workspace: its parts for htmx, a new terminal, and every form that changes
// the workspace. What would stop live sessions asks first, naming them.

import { Elysia, t } from 'elysia';
import { apiAgent } from '../agent/agents.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { benchLead } from '../views/bench-lead.tsx';
import { confirmFragment, confirmPage, type Confirmation } from '../views/confirm.tsx';
import { type FormState, NOTHING_TYPED } from '../views/form.tsx';
import { sessionList, type SessionListView } from '../views/session-list.tsx';
import { newTerminalForm, workspaceHead, workspacePage } from '../views/workspace.tsx';
import { movedForm, particularsForm, workspaceFacts } from '../views/workspace-edit.tsx';
import type { OverridesView } from '../views/workspace-settings.tsx';
import { workspaceList } from '../views/workspaces.tsx';
import { envOfLines } from './env-lines.ts';
import { html } from './html.ts';
import { goTo, HIDDEN, lookOf, returnedForm, wantsPart } from './page-answer.ts';
import { overrideRoutes, overridesView } from './page-overrides.ts';
import { listView, liveSessions } from './page-workspaces.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const PageQuery = queryOf({
  part: t.Optional(t.Union([t.Literal('sessions'), t.Literal('head'), t.Literal('bench'), t.Literal('facts')])),
  ended: t.Optional(t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  saved: t.Optional(t.String()),
});
const closed = { additionalProperties: false } as const;
const Text = t.Optional(t.String());
const TerminalForm = t.Optional(t.Object({ name: Text, command: Text }, closed));
const ParticularsForm = t.Object({ name: t.String(), description: Text, shell: Text, color: Text, env: Text }, closed);
const MovedForm = t.Object({ path: t.String() }, closed);
const ForceForm = t.Optional(t.Object({ force: t.Optional(t.Literal('true')) }, closed));

export function workspacePageRoutes(parts: Parts) {
  return new Elysia()
    .use(shown(parts))
    .use(changed(parts))
    .use(overrideRoutes(parts, (workspace, overrides) => pageOf(parts, workspace, { overrides })))
    .use(putAway(parts));
}

/** The sessions of a workspace as its page shows them. */
export function sessionsOf(parts: Parts, workspace: Workspace, endedOffset = 0): SessionListView {
  const { sessions } = parts;
  const filter = { workspaceId: workspace.id, limit: limits.listLimitDefault };
  const stopped = sessions.list({ ...filter, status: 'stopped', offset: endedOffset });
  // Failed ones are few and stand first.
  const failed = sessions.list({ ...filter, status: 'error', offset: 0 });
  return {
    workspaceId: workspace.id,
    usable: workspace.status === 'active',
    live: liveSessions(parts, workspace.id),
    ended: endedOffset === 0 ? [...failed.sessions, ...stopped.sessions] : stopped.sessions,
    endedTotal: stopped.pagination.total,
    failedShown: endedOffset === 0 ? failed.sessions.length : 0,
    endedOffset,
    warnings: parts.compaction.warnings(workspace.id).map(({ message }) => message),
  };
}

interface Returned {
  newTerminal?: FormState;
  particulars?: FormState;
  moved?: FormState;
  saved?: boolean;
  endedOffset?: number;
  overrides?: OverridesView;
}

function pageOf(parts: Parts, workspace: Workspace, returned: Returned = {}): JSX.Element {
  const {
    newTerminal = NOTHING_TYPED,
    particulars = NOTHING_TYPED,
    moved = NOTHING_TYPED,
    saved = false,
    endedOffset = 0,
    overrides = overridesView(parts, workspace),
  } = returned;
  return workspacePage({
    workspace,
    sessions: sessionsOf(parts, workspace, endedOffset),
    newTerminal,
    agents: parts.conversations.agents(workspace.metadata).map(apiAgent),
    edit: { particulars, moved, saved, overrides },
    look: lookOf(parts),
  });
}

function shown(parts: Parts) {
  return new Elysia()
    .get(
      '/workspaces/:id',
      ({ request, params, query }) => {
        const workspace = parts.workspaces.get(params.id);
        const endedOffset = query.ended ?? 0;
        if (wantsPart(request)) {
          if (query.part === 'head') return html(workspaceHead(workspace));
          if (query.part === 'facts') return html(workspaceFacts(workspace));
          if (query.part === 'bench') return html(benchLead(workspace.id, liveSessions(parts, workspace.id)));
          return html(sessionList(sessionsOf(parts, workspace, endedOffset)));
        }
        parts.workspaces.opened(workspace.id);
        return html(pageOf(parts, workspace, { endedOffset, saved: query.saved !== undefined }));
      },
      { query: PageQuery, ...HIDDEN },
    )
    .post(
      '/workspaces/:id/sessions',
      async ({ request, params, body }) => {
        const workspace = parts.workspaces.get(params.id);
        const command = body?.command?.trim() ?? '';
        const name = body?.name?.trim() || commandName(command);
        try {
          const session = await parts.sessions.create({
            workspaceId: workspace.id,
            kind: 'terminal',
            ...(name === '' ? {} : { name }),
            ...(command === '' ? {} : { meta: { command: [parts.terminals.shell(workspace), '-lc', command] } }),
          });
          return goTo(request, `/sessions/${session.id}`);
        } catch (error) {
          const newTerminal = returnedForm(error, body ?? {}, ['name', 'command']);
          return html(
            wantsPart(request) ? newTerminalForm(workspace.id, newTerminal) : pageOf(parts, workspace, { newTerminal }),
            newTerminal.status,
          );
        }
      },
      { body: TerminalForm, ...HIDDEN },
    );
}

function changed(parts: Parts) {
  const { workspaces } = parts;
  return new Elysia()
    .post(
      '/workspaces/:id',
      async ({ request, params, body }) => {
        const { id } = workspaces.get(params.id);
        try {
          const or = (text: string | undefined): string | null =>
            text === undefined || text.trim() === '' ? null : text.trim();
          const before = workspaces.get(id).metadata.env;
          const env = envOfLines(body.env ?? '', before);
          const metadata = { description: or(body.description), shell: or(body.shell), color: or(body.color), env };
          const workspace = await workspaces.update(id, { name: body.name, metadata }, { force: false });
          return wantsPart(request)
            ? html(particularsForm(workspace, NOTHING_TYPED, true))
            : goTo(request, `/workspaces/${id}?saved=1#edit`);
        } catch (error) {
          const particulars = returnedForm(error, body, ['name', 'description', 'shell', 'color', 'env']);
          const workspace = workspaces.get(id);
          const answer = wantsPart(request)
            ? particularsForm(workspace, particulars, false)
            : pageOf(parts, workspace, { particulars });
          return html(answer, particulars.status);
        }
      },
      { body: ParticularsForm, ...HIDDEN },
    )
    .post(
      '/workspaces/:id/moved',
      async ({ request, params, body }) => {
        const { id } = workspaces.get(params.id);
        try {
          await workspaces.update(id, { path: body.path.trim() }, { force: false });
          return goTo(request, `/workspaces/${id}`);
        } catch (error) {
          const moved = returnedForm(error, body, ['path']);
          const workspace = workspaces.get(id);
          return html(
            wantsPart(request) ? movedForm(workspace, moved) : pageOf(parts, workspace, { moved }),
            moved.status,
          );
        }
      },
      { body: MovedForm, ...HIDDEN },
    );
}

function putAway(parts: Parts) {
  const { workspaces } = parts;
  return new Elysia()
    .post(
      '/workspaces/:id/archive',
      async ({ request, params, body }) => {
        const { id, name } = workspaces.get(params.id);
        const force = body?.force === 'true';
        return unlessLive(parts, request, id, () => workspaces.update(id, { status: 'archived' }, { force }), {
          title: `Archive ${name}?`,
          message: 'Sessions are live in this workspace. Archiving it stops them first:',
          action: `/workspaces/${id}/archive`,
          button: 'Stop them and archive',
        });
      },
      { body: ForceForm, ...HIDDEN },
    )
    .post(
      '/workspaces/:id/restore',
      async ({ request, params }) => {
        await workspaces.update(params.id, { status: 'active' }, { force: false });
        if (wantsPart(request)) return html(workspaceList(listView(parts, { q: '', status: 'archived', offset: 0 })));
        return goTo(request, `/workspaces/${params.id}`);
      },
      HIDDEN,
    )
    .post(
      '/workspaces/:id/delete',
      async ({ request, params, body }) => {
        const { id, name } = workspaces.get(params.id);
        const force = body?.force === 'true';
        return unlessLive(parts, request, id, () => workspaces.delete(id, { force }), {
          title: `Delete ${name}?`,
          message: 'Sessions are live in this workspace. Deleting it stops them, then removes all history:',
          action: `/workspaces/${id}/delete`,
          button: 'Stop them and delete',
        });
      },
      { body: ForceForm, ...HIDDEN },
    );
}

/** Does it, or asks where live sessions stand in the way; then the list of workspaces. */
async function unlessLive(
  parts: Parts,
  request: Request,
  id: string,
  act: () => Promise<unknown>,
  question: Omit<Confirmation, 'names' | 'back'>,
): Promise<Response> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof AppError) || error.detail.conflict?.sessions === undefined) throw error;
    const names = parts.sessions.liveIn(id).map((session) => session.name);
    const confirmation = { ...question, names, back: `/workspaces/${id}` };
    return html(
      wantsPart(request) ? confirmFragment(confirmation) : confirmPage(confirmation, lookOf(parts)),
      error.status,
    );
  }
  if (wantsPart(request)) return html(workspaceList(listView(parts, { q: '', status: 'active', offset: 0 })));
  return goTo(request, '/workspaces');
}

/** A command names its session where nobody did: on one line, as long as a name may be. */
function commandName(command: string): string {
  return [...command.replace(/\p{Cc}+/gu, ' ')].slice(0, limits.sessionNameLengthMax).join('').trim();
}
