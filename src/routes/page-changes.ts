// The pages of git: what changed, the log, branches and worktrees, and every form on them. A
// form without script comes back to its page; with it the answer is the page's regions.

import { Elysia, t } from 'elysia';
import { AppError } from '../errors.ts';
import { branchesOf, initRepository, settle, switchBranch } from '../git/branches.ts';
import { commit, commitDiff, commitOf, logOf } from '../git/commits.ts';
import { takeBack } from '../git/kept.ts';
import { statusOf } from '../git/status.ts';
import { NoRepository } from '../git/trouble.ts';
import { limits } from '../limits.ts';
import { changesPage, changesRegions } from '../views/changes.tsx';
import { branchesPage, loseAlert, loseForm, noRepositoryPage, worktreesPage } from '../views/changes-branches.tsx';
import { fileDiff } from '../views/changes-diff.tsx';
import { exchangeView, gitPage, summaryWords } from '../views/changes-head.tsx';
import { commitForm } from '../views/changes-list.tsx';
import { commitPage, logPage } from '../views/changes-log.tsx';
import { commentBox } from '../views/changes-review.tsx';
import { type FormState, NOTHING_TYPED } from '../views/form.tsx';
import { changesView, commentAt, commentToEdit, headOf, headView, presentVersion } from './changes-view.ts';
import { changeIndex, discard, dropWorktree, exchange, fetchOf, gitOf, makeWorktree, pullOf, pushOf, workingDiff, worktreeList } from './git.ts';
import { html } from './html.ts';
import { oneOf } from './one-of.ts';
import { goTo, HIDDEN, returnedForm, wantsPart } from './page-answer.ts';
import { reviewPageRoutes } from './page-review.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const closed = { additionalProperties: false } as const;
const Text = t.Optional(t.String());
const PageQuery = queryOf({ part: t.Optional(oneOf(['regions', 'comment'])), c: Text, edit: Text });
const FileQuery = queryOf({ source: t.String(), path: t.String(), part: t.Optional(t.Literal('file')), c: Text });
const LogQuery = queryOf({ offset: t.Integer({ minimum: 0, maximum: 10_000_000, default: 0 }) });
const IndexForm = t.Object({ all: t.Optional(t.Literal('true')), path: Text, hunk: Text }, closed);
const DiscardForm = t.Object({ path: t.String(), hunk: Text, seen: Text, lose: t.Optional(t.Literal('true')) }, closed);
const CommitForm = t.Object({ message: t.String(), all: t.Optional(t.Literal('true')), amend: t.Optional(t.Literal('true')) }, closed);
const RemoteForm = t.Optional(t.Object({ how: t.Optional(oneOf(['ff-only', 'merge', 'rebase'])), force: t.Optional(t.Literal('true')) }, closed));
const SwitchForm = t.Object({ name: t.String(), create: t.Optional(t.Literal('true')), start: Text }, closed);
const WorktreeForm = t.Object({ branch: t.String(), path: Text, create: t.Optional(t.Literal('true')) }, closed);
const RemoveForm = t.Object({ path: t.String(), force: t.Optional(t.Literal('true')) }, closed);

export const changesAddress = (id: string): string => `/workspaces/${id}/changes`;

export function changesPageRoutes(parts: Parts) {
  return new Elysia().use(shown(parts)).use(logShown(parts)).use(indexForms(parts)).use(commitForms(parts)).use(branchForms(parts)).use(reviewPageRoutes(parts));
}

/** Says plainly where there is no repository. */
async function orNone(parts: Parts, id: string, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof NoRepository)) throw error;
    return html(noRepositoryPage(headView(parts, id, null, 0), error.absence, error.message));
  }
}

function shown(parts: Parts) {
  return new Elysia()
    .get('/workspaces/:id/changes', ({ params: { id }, query, request }) => orNone(parts, id, () => changesAnswer(parts, request, id, query)), { query: PageQuery, ...HIDDEN })
    .get('/workspaces/:id/changes/summary', ({ params }) => summaryAnswer(parts, params.id), HIDDEN)
    .get('/workspaces/:id/changes/version', async ({ params }) => new Response(await presentVersion(parts, params.id)), HIDDEN)
    .get('/workspaces/:id/changes/exchange', ({ params: { id } }) => html(exchangeView(id, parts.git.exchanges.latest(gitOf(parts, id).id))), HIDDEN)
    .get('/workspaces/:id/changes/file', ({ params: { id }, query, request }) => orNone(parts, id, () => fileAnswer(parts, request, id, query)), { query: FileQuery, ...HIDDEN });
}

async function summaryAnswer(parts: Parts, id: string): Promise<Response> {
  try {
    return html(summaryWords(await statusOf(gitOf(parts, id).reading())));
  } catch (error) {
    if (error instanceof AppError) return new Response('', { headers: { 'content-type': 'text/html; charset=utf-8' } }); // Its own page says why.
    throw error;
  }
}

async function changesAnswer(parts: Parts, request: Request, id: string, { part, c, edit }: typeof PageQuery.static): Promise<Response> {
  if (edit !== undefined && part === 'comment') return html(commentBox(id, commentToEdit(parts, id, edit)));
  const view = await changesView(parts, id);
  if (part === 'regions') return html(changesRegions(view));
  const sources = [['unstaged', view.unstaged], ['staged', view.staged]] as const;
  const comment = edit !== undefined ? commentToEdit(parts, id, edit) : c === undefined ? null : commentAt(sources, c);
  if (part === 'comment') return html(commentBox(id, comment));
  if (!wantsPart(request)) parts.workspaces.opened(id);
  return html(changesPage({ ...view, comment }));
}

/** One file alone: what is folded on the page, and where the list leads without it. */
async function fileAnswer(parts: Parts, request: Request, id: string, { source, path, part, c }: typeof FileQuery.static): Promise<Response> {
  const at = gitOf(parts, id);
  const working = source === 'staged' || source === 'unstaged' ? source : undefined;
  const found = working === undefined ? await commitOf(at.reading(), source) : undefined;
  const { files } = working !== undefined ? await workingDiff(at, working, path) : found === undefined ? { files: [] } : await commitDiff(at.reading(), found, [path]);
  const name = found?.hash ?? source;
  const context = { workspaceId: id, source: name, comments: parts.reviews.waiting(id), editable: working !== undefined, linesMax: Infinity };
  if (part === 'file' && files[0] !== undefined && wantsPart(request)) return html(fileDiff(files[0], context));
  if (files.length === 0) throw new AppError('not_found', 'This file did not change, or not any more.');
  const comment = c === undefined ? null : commentAt([[name, files]], c);
  const articles = files.map((file) => String(fileDiff(file, context))).join('');
  const content = `<div class="changes-main section-plain"><div id="changes-diffs" class="diffs">${articles}</div>${String(commentBox(id, comment))}</div>`;
  return html(gitPage(await headOf(parts, id), 'changes', 'Changes', content));
}

function logShown(parts: Parts) {
  return new Elysia()
    .get(
      '/workspaces/:id/changes/log',
      ({ params: { id }, query }) =>
        orNone(parts, id, async () => {
          const page = await logOf(gitOf(parts, id).reading(), { limit: limits.gitLogDefault, offset: query.offset });
          return html(logPage(await headOf(parts, id), page, query.offset, limits.gitLogDefault));
        }),
      { query: LogQuery, ...HIDDEN },
    )
    .get(
      '/workspaces/:id/changes/commit/:hash',
      ({ params: { id, hash }, query }) =>
        orNone(parts, id, async () => {
          const at = gitOf(parts, id);
          const found = await commitOf(at.reading(), hash);
          const diff = await commitDiff(at.reading(), found);
          const comment = query.edit !== undefined ? commentToEdit(parts, id, query.edit) : query.c === undefined ? null : commentAt([[found.hash, diff.files]], query.c);
          if (query.part === 'comment') return html(commentBox(id, comment));
          return html(commitPage(await headOf(parts, id), { commit: found, diff, comments: parts.reviews.waiting(id), comment }));
        }),
      { query: PageQuery, ...HIDDEN },
    )
    .get('/workspaces/:id/changes/branches', ({ params: { id } }) => orNone(parts, id, () => branchesAnswer(parts, id)), HIDDEN)
    .get('/workspaces/:id/changes/worktrees', ({ params: { id } }) => orNone(parts, id, () => worktreesAnswer(parts, id)), HIDDEN);
}

async function branchesAnswer(parts: Parts, id: string, state: FormState = NOTHING_TYPED, status = 200): Promise<Response> {
  return html(branchesPage(await headOf(parts, id), await branchesOf(gitOf(parts, id).reading()), state), status);
}

async function worktreesAnswer(parts: Parts, id: string, state: FormState = NOTHING_TYPED, status = 200): Promise<Response> {
  return html(worktreesPage(await headOf(parts, id), await worktreeList(parts, gitOf(parts, id)), state), status);
}

/** Does it; then the page's regions, or the page. What git refuses is said on the page. */
export async function acted(parts: Parts, request: Request, id: string, act: () => Promise<unknown>): Promise<Response> {
  try {
    await act();
  } catch (error) {
    if (wantsPart(request) || !(error instanceof AppError) || error.status >= 500 || error.code === 'not_found') throw error;
    return html(changesPage(await changesView(parts, id, { problem: error.message })), error.status);
  }
  return wantsPart(request) ? html(changesRegions(await changesView(parts, id))) : goTo(request, changesAddress(id));
}

function indexForms(parts: Parts) {
  const { git } = parts;
  return new Elysia()
    .post('/workspaces/:id/changes/stage', ({ params: { id }, body, request }) => acted(parts, request, id, () => changeIndex(parts, id, 'stage', choiceOf(body))), { body: IndexForm, ...HIDDEN })
    .post('/workspaces/:id/changes/unstage', ({ params: { id }, body, request }) => acted(parts, request, id, () => changeIndex(parts, id, 'unstage', choiceOf(body))), { body: IndexForm, ...HIDDEN })
    .post(
      '/workspaces/:id/changes/discard',
      async ({ params: { id }, body, request }) => {
        const { path, hunk, seen, lose } = body;
        try {
          return await acted(parts, request, id, () => discard(parts, id, { path, ...(hunk === undefined ? {} : { hunk }), ...(seen === undefined ? {} : { seen }), lose: lose === 'true' }).catch(asked));
        } catch (error) {
          if (!(error instanceof Lost)) throw error;
          const action = `${changesAddress(id)}/discard`;
          const fields = { ...Object.fromEntries(Object.entries({ path, hunk, seen }).filter((one): one is [string, string] => one[1] !== undefined)), lose: 'true' };
          const button = 'Discard it for good';
          return html(wantsPart(request) ? loseAlert(id, error.message, action, fields, button) : loseForm(await headOf(parts, id), error.message, action, fields, button), 409);
        }
      },
      { body: DiscardForm, ...HIDDEN },
    )
    .post('/workspaces/:id/changes/restore', ({ params: { id }, body, request }) => acted(parts, request, id, () => git.change(id, () => takeBack(gitOf(parts, id), git.kept, body.id))), {
      body: t.Object({ id: t.String() }, closed),
      ...HIDDEN,
    });
}

/** What cannot be taken back is asked for first. */
class Lost extends Error {}
function asked(error: unknown): never {
  throw error instanceof AppError && error.detail.conflict?.decision === 'lost' ? new Lost(error.message) : error;
}

const choiceOf = ({ all, path, hunk }: typeof IndexForm.static) => ({
  ...(all === undefined ? {} : { all: true as const }),
  ...(path === undefined ? {} : { path }),
  ...(hunk === undefined ? {} : { hunk }),
});

function commitForms(parts: Parts) {
  const { git } = parts;
  const remote = (id: string, request: Request, argumentsOf: Parameters<typeof exchange>[2]) => acted(parts, request, id, () => exchange(parts, id, argumentsOf));
  return new Elysia()
    .post(
      '/workspaces/:id/changes/commit',
      async ({ params: { id }, body, request }) => {
        const at = gitOf(parts, id);
        try {
          await git.change(id, () => commit(at, { message: body.message, all: body.all === 'true', amend: body.amend === 'true' }));
        } catch (error) {
          const state = returnedForm(error, body, ['message']);
          return html(wantsPart(request) ? commitForm(id, state) : changesPage(await changesView(parts, id, { commit: state })), state.status);
        }
        if (!wantsPart(request)) return goTo(request, changesAddress(id));
        return html(`${String(commitForm(id))}${String(changesRegions(await changesView(parts, id)))}`);
      },
      { body: CommitForm, ...HIDDEN },
    )
    .post('/workspaces/:id/changes/push', ({ params: { id }, body, request }) => remote(id, request, pushOf({ force: body?.force === 'true' })), { body: RemoteForm, ...HIDDEN })
    .post('/workspaces/:id/changes/pull', ({ params: { id }, body, request }) => remote(id, request, pullOf(body?.how === undefined ? {} : { how: body.how })), { body: RemoteForm, ...HIDDEN })
    .post('/workspaces/:id/changes/fetch', ({ params: { id }, request }) => remote(id, request, fetchOf()), { body: RemoteForm, ...HIDDEN })
    .post('/workspaces/:id/changes/cancel', ({ params: { id }, request }) => acted(parts, request, id, async () => git.exchanges.cancel(gitOf(parts, id).id)), HIDDEN)
    .post('/workspaces/:id/changes/settle', ({ params: { id }, body, request }) => acted(parts, request, id, () => git.change(id, () => settle(gitOf(parts, id), body.how))), {
      body: t.Object({ how: oneOf(['abort', 'continue']) }, closed),
      ...HIDDEN,
    })
    .post('/workspaces/:id/changes/init', ({ params: { id }, request }) => acted(parts, request, id, () => git.change(id, () => initRepository(gitOf(parts, id)))), HIDDEN);
}

function branchForms(parts: Parts) {
  const { git, workspaces } = parts;
  return new Elysia()
    .post(
      '/workspaces/:id/changes/switch',
      async ({ params: { id }, body, request }) => {
        try {
          await git.change(id, () => switchBranch(gitOf(parts, id), { name: body.name.trim(), create: body.create === 'true', start: body.start?.trim() }));
          return goTo(request, changesAddress(id));
        } catch (error) {
          const state = returnedForm(error, body.create === 'true' ? body : {}, ['name', 'start']);
          return branchesAnswer(parts, id, state, state.status);
        }
      },
      { body: SwitchForm, ...HIDDEN },
    )
    .post(
      '/workspaces/:id/changes/worktrees',
      async ({ params: { id }, body, request }) => {
        try {
          const { workspace } = await makeWorktree(parts, id, { branch: body.branch.trim(), create: body.create === 'true', path: body.path ?? '', open: true });
          return goTo(request, workspace === null ? `${changesAddress(id)}/worktrees` : `/workspaces/${workspace.id}`);
        } catch (error) {
          const state = returnedForm(error, body, ['branch', 'name', 'path']);
          const { name, ...errors } = state.errors;
          return worktreesAnswer(parts, id, { ...state, errors: name === undefined ? errors : { ...errors, branch: name } }, state.status);
        }
      },
      { body: WorktreeForm, ...HIDDEN },
    )
    .post(
      '/workspaces/:id/changes/worktrees/open',
      ({ body, request }) => {
        const { path } = body;
        const there = workspaces.at(path);
        return goTo(request, `/workspaces/${(there ?? workspaces.create({ path })).id}`);
      },
      { body: t.Object({ path: t.String() }, closed), ...HIDDEN },
    )
    .post(
      '/workspaces/:id/changes/worktrees/remove',
      async ({ params: { id }, body, request }) => {
        const { path, force } = body;
        const address = `${changesAddress(id)}/worktrees`;
        try {
          await dropWorktree(parts, id, path, force === 'true');
        } catch (error) {
          if (!(error instanceof AppError) || error.status >= 500) throw error;
          const head = await headOf(parts, id, error.message);
          const lost = error.detail.conflict?.decision === 'lost';
          if (lost) return html(loseForm(headView(parts, id, head.branch, head.changed), error.message, `${address}/remove`, { path, force: 'true' }, 'Remove it with its changes'), 409);
          return html(worktreesPage(head, await worktreeList(parts, gitOf(parts, id)), NOTHING_TYPED), error.status);
        }
        return goTo(request, address);
      },
      { body: RemoveForm, ...HIDDEN },
    );
}
