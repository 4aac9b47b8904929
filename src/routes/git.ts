// Git over JSON: what changed, diffs, log, branches and worktrees to read; then what a person
// does with them. Every action answers what has become of it.

import { Elysia } from 'elysia';
import { AppError, invalid } from '../errors.ts';
import { branchesOf, initRepository, settle, switchBranch } from '../git/branches.ts';
import { commit, commitDiff, commitOf, logOf } from '../git/commits.ts';
import { type Diff, diffOf, untrackedOrNothing } from '../git/diff.ts';
import { type Exchange, pullArguments, pushArguments } from '../git/exchanges.ts';
import type { GitWorkspace } from '../git/git.ts';
import { type Kept, takeBack } from '../git/kept.ts';
import { discardFile, discardHunk, stage, stageHunk, unstage, unstageHunk } from '../git/staging.ts';
import { type Status, statusOf } from '../git/status.ts';
import { type Absence, NoRepository } from '../git/trouble.ts';
import { addWorktree, removeWorktree, type Worktree, worktreesOf } from '../git/worktrees.ts';
import { limits } from '../limits.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import {
  BranchesSchema,
  CommitBody,
  CommitDiffSchema,
  CommitSchema,
  DiffQuery,
  DiffSchema,
  DiscardAnswer,
  DiscardBody,
  DiscardedListSchema,
  ExchangeSchema,
  LatestExchangeSchema,
  LogQuery,
  LogSchema,
  NewWorktreeBody,
  NoBody,
  PullBody,
  PushBody,
  SettleBody,
  StageBody,
  StatusSchema,
  SwitchBody,
  WorktreeQuery,
  WorktreeSchema,
  WorktreesSchema,
} from './git-schema.ts';
import type { Parts } from './parts.ts';

const detail = (summary: string, description?: string) => ({ tags: ['git'], summary, ...(description === undefined ? {} : { description }) });

export function gitRoutes(parts: Parts) {
  return new Elysia({ prefix: '/api/workspaces/:id/git' }).use(looks(parts)).use(fileActions(parts)).use(commitActions(parts)).use(exchanges(parts)).use(worktrees(parts));
}

/** The workspace for git. @throws AppError not_found, conflict where its folder cannot be used */
export function gitOf({ git, workspaces }: Parts, id: string): GitWorkspace {
  const workspace = workspaces.get(id);
  if (workspace.status === 'error') throw new AppError('conflict', workspace.statusReason ?? 'The folder cannot be used.');
  return git.of(workspace);
}

export type StatusAnswer = ({ repository: true } & Status) | { repository: false; absence: Absence; message: string };

export async function statusAnswer(at: GitWorkspace): Promise<StatusAnswer> {
  try {
    return { repository: true, ...(await statusOf(at.reading())) };
  } catch (error) {
    if (error instanceof NoRepository) return { repository: false, absence: error.absence, message: error.message };
    throw error;
  }
}

/** Of the index, of the files with those that git does not know, or of both in this order. */
export async function workingDiff(at: GitWorkspace, sides: 'staged' | 'unstaged' | 'all', path?: string): Promise<Diff> {
  if (sides === 'all') {
    const [staged, unstaged] = await Promise.all([workingDiff(at, 'staged', path), workingDiff(at, 'unstaged', path)]);
    return { files: [...staged.files, ...unstaged.files], cut: staged.cut || unstaged.cut };
  }
  const status = await statusOf(at.reading());
  const file = status.files.find((one) => one.path === path);
  const both = sides === 'staged' && file?.from ? [file.path, file.from] : undefined;
  const diff = await diffOf(at.reading(), sides, both ?? (path === undefined ? [] : [path]));
  const of = path === undefined ? diff.files : diff.files.filter((one) => one.path === path || one.path.startsWith(`${path}/`));
  if (sides === 'staged') return { files: of, cut: diff.cut };
  const unknown = status.files.filter((one) => one.unstaged === 'untracked' && !one.folder && (path === undefined || one.path === path || one.path.startsWith(`${path}/`)));
  const shown = unknown.slice(0, limits.gitUntrackedShown).flatMap((one) => untrackedOrNothing(at.ground, one.path) ?? []);
  return { files: [...of, ...shown], cut: diff.cut || unknown.length > limits.gitUntrackedShown };
}

function looks(parts: Parts) {
  return new Elysia()
    .get('/status', ({ params }) => statusAnswer(gitOf(parts, idOf(params))), {
      response: StatusSchema,
      detail: detail('What changed', '`repository: false` says why there is nothing to see. Paths go from the workspace down. `version` changes with the rest.'),
    })
    .get('/diff', ({ params, query }) => workingDiff(gitOf(parts, idOf(params)), query.sides ?? 'all', query.path), {
      query: DiffQuery,
      response: DiffSchema,
      detail: detail('The changes line by line', '`sides=staged` is the last commit against the index, `unstaged` the index against the files, with files that git does not know. `tooLong` files have no lines here: ask for one by `path`.'),
    })
    .get('/log', ({ params, query }) => logOf(gitOf(parts, idOf(params)).reading(), query), {
      query: LogQuery,
      response: LogSchema,
      detail: detail('Commits', 'Latest first.'),
    })
    .get(
      '/commit/:hash',
      async ({ params }) => {
        const reading = gitOf(parts, idOf(params)).reading();
        const found = await commitOf(reading, params.hash);
        return { commit: found, diff: await commitDiff(reading, found) };
      },
      { response: CommitDiffSchema, detail: detail('A commit and what it changed', 'Against its first parent.') },
    )
    .get('/branches', ({ params }) => branchesOf(gitOf(parts, idOf(params)).reading()), {
      response: BranchesSchema,
      detail: detail('Branches', 'Latest commit first; those of remotes as they were last fetched.'),
    });
}

type StageChoice = typeof StageBody.static;

/** What a body or a form chose, done to the index. */
export async function changeIndex(parts: Parts, id: string, way: 'stage' | 'unstage', { all, paths, path, hunk }: StageChoice): Promise<void> {
  const at = gitOf(parts, id);
  await parts.git.change(id, async () => {
    if (hunk !== undefined) {
      if (path === undefined) throw invalid('path', 'Say which file the hunk is of.');
      return way === 'stage' ? stageHunk(at, { path, hunk }) : unstageHunk(at, { path, hunk });
    }
    const chosen = all === true ? 'all' : (paths ?? (path === undefined ? [] : [path]));
    if (chosen.length === 0) throw invalid('paths', 'Say which files.');
    return way === 'stage' ? stage(at, chosen) : unstage(at, chosen);
  });
}

export async function discard(parts: Parts, id: string, { path, hunk, seen, lose }: typeof DiscardBody.static): Promise<Kept | null> {
  const at = gitOf(parts, id);
  return parts.git.change(id, () => (hunk === undefined ? discardFile(at, parts.git.kept, { path, seen, lose }) : discardHunk(at, parts.git.kept, { path, hunk }, lose)));
}

const discarded = ({ id, path, created }: Kept) => ({ id, path, created: new Date(created).toISOString() });

function fileActions(parts: Parts) {
  const { git } = parts;
  const change = async (id: string, way: 'stage' | 'unstage', body: StageChoice) => {
    await changeIndex(parts, id, way, body);
    return statusAnswer(gitOf(parts, id));
  };
  return new Elysia()
    .post('/stage', ({ params, body }) => change(idOf(params), 'stage', body), {
      body: StageBody,
      response: StatusSchema,
      detail: detail('Stage files or a hunk', '`paths`, `all: true`, or `path` and `hunk` (its id in the diff). 409 where the hunk is another by now.'),
    })
    .post('/unstage', ({ params, body }) => change(idOf(params), 'unstage', body), { body: StageBody, response: StatusSchema, detail: detail('Unstage files or a hunk') })
    .post(
      '/discard',
      async ({ params, body }) => {
        const kept = await discard(parts, idOf(params), body);
        return { discarded: kept === null ? null : discarded(kept) };
      },
      {
        body: DiscardBody,
        response: DiscardAnswer,
        detail: detail('Give changes to a file or a hunk up', 'The file becomes what is staged of it; one that git does not know goes. What is discarded can be taken back; where it cannot, 409 with `conflict.decision: "lost"` asks for `lose`.'),
      },
    )
    .get('/discarded', ({ params }) => ({ discarded: git.kept.list(gitOf(parts, idOf(params)).id, limits.gitKeptMax).map(discarded) }), {
      response: DiscardedListSchema,
      detail: detail('What was discarded and can be taken back'),
    })
    .post('/discarded/:discarded/restore', ({ params }) => restore(parts, idOf(params), params.discarded), {
      response: StatusSchema,
      detail: detail('Take back what was discarded', '409 where the file was changed since.'),
    });
}

async function restore(parts: Parts, id: string, kept: string): Promise<StatusAnswer> {
  const at = gitOf(parts, id);
  await parts.git.change(id, () => takeBack(at, parts.git.kept, kept));
  return statusAnswer(at);
}

function commitActions(parts: Parts) {
  const { git } = parts;
  const acted = async (id: string, act: (at: GitWorkspace) => Promise<unknown>): Promise<StatusAnswer> => {
    const at = gitOf(parts, id);
    await git.change(id, () => act(at));
    return statusAnswer(at);
  };
  return new Elysia()
    .post('/init', ({ params }) => acted(idOf(params), initRepository), { response: StatusSchema, detail: detail('Make a repository here') })
    .post(
      '/commit',
      async ({ params, body, status, set }) => {
        const at = gitOf(parts, idOf(params));
        const made = await git.change(at.id, () => commit(at, body));
        set.headers.location = `/api/workspaces/${at.id}/git/commit/${made.hash}`;
        return status(201, made);
      },
      {
        body: CommitBody,
        response: { 201: CommitSchema },
        detail: detail('Commit what is staged', '`all` stages everything in the workspace first; `amend` replaces the last commit. Hooks run; what they say is the message of a 409.'),
      },
    )
    .post('/switch', ({ params, body }) => acted(idOf(params), (at) => switchBranch(at, body)), {
      body: SwitchBody,
      response: StatusSchema,
      detail: detail('Switch to a branch, or make one', 'Of a remote’s branch (`origin/x`) one is made here that follows it.'),
    })
    .post('/settle', ({ params, body }) => acted(idOf(params), (at) => settle(at, body.how)), {
      body: SettleBody,
      response: StatusSchema,
      detail: detail('Give up a merge or rebase that is under way, or go on with it'),
    });
}

/** Begins it. What has not ended after a while answers as it is then. */
export async function exchange(parts: Parts, id: string, argumentsOf: (at: GitWorkspace) => Promise<readonly [Exchange['kind'], readonly string[]]>): Promise<Exchange> {
  const at = gitOf(parts, id);
  const [kind, args] = await argumentsOf(at);
  return parts.git.exchanges.begin(at, kind, args);
}

export const pushOf = (body: typeof PushBody.static | null) => async (at: GitWorkspace) => ['push', await pushArguments(at.reading(), body ?? {})] as const;
export const pullOf = (body: typeof PullBody.static | null) => async () => ['pull', pullArguments(body ?? {})] as const;
export const fetchOf = () => async () => ['fetch', ['fetch', '--progress', '--prune']] as const;

function exchanges(parts: Parts) {
  const { git } = parts;
  const answered = async (id: string, argumentsOf: Parameters<typeof exchange>[2]) => {
    const begun = await exchange(parts, id, argumentsOf);
    await git.exchanges.settled(id, limits.gitExchangeWaitMs);
    return { code: begun.state === 'working' ? (202 as const) : (200 as const), begun };
  };
  const description = '200 once it ended, with what git said and `state` `done` or `failed`; 202 where it takes longer: see `exchange`.';
  const response = { 200: ExchangeSchema, 202: ExchangeSchema };
  return new Elysia()
    .post('/push', async ({ params, body, status }) => {
      const { code, begun } = await answered(idOf(params), pushOf(body));
      return status(code, begun);
    }, { body: PushBody, response, detail: detail('Push', `A branch without upstream gets one. ${description}`) })
    .post('/pull', async ({ params, body, status }) => {
      const { code, begun } = await answered(idOf(params), pullOf(body));
      return status(code, begun);
    }, { body: PullBody, response, detail: detail('Pull', description) })
    .post('/fetch', async ({ params, status }) => {
      const { code, begun } = await answered(idOf(params), fetchOf());
      return status(code, begun);
    }, { body: NoBody, response, detail: detail('Fetch', description) })
    .get('/exchange', ({ params }) => ({ exchange: git.exchanges.latest(gitOf(parts, idOf(params)).id) }), {
      response: LatestExchangeSchema,
      detail: detail('The push, pull or fetch that is under way, or the last one'),
    })
    .post('/exchange/cancel', ({ params, set }) => {
      git.exchanges.cancel(gitOf(parts, idOf(params)).id);
      set.status = 204;
    }, { body: NoBody, detail: detail('Cancel it', 'One that has ended is told of no longer.') });
}

export type OpenWorktree = Worktree & { workspaceId: string | null };

/** Each with the workspace that it is. */
export async function worktreeList(parts: Parts, at: GitWorkspace): Promise<OpenWorktree[]> {
  const trees = await worktreesOf(at.reading());
  return trees.map((tree) => ({ ...tree, workspaceId: parts.workspaces.at(tree.path)?.id ?? null }));
}

/** In one step with its workspace, where that is wanted. */
export async function makeWorktree(parts: Parts, id: string, body: typeof NewWorktreeBody.static): Promise<{ path: string; workspace: Workspace | null }> {
  const at = gitOf(parts, id);
  const path = await parts.git.change(id, () => addWorktree(parts.git, at, body));
  return { path, workspace: body.open === true ? parts.workspaces.create({ path }) : null };
}

/** @throws AppError conflict while sessions are live in it */
export async function dropWorktree(parts: Parts, id: string, path: string, force: boolean): Promise<void> {
  const workspace = parts.workspaces.at(path);
  const live = workspace === undefined ? [] : parts.sessions.liveIn(workspace.id);
  if (live.length > 0) {
    throw new AppError('conflict', `Sessions are live in this worktree: ${live.map(({ name }) => name).join(', ')}. Stop them first.`, { conflict: { sessions: live.map((one) => one.id) } });
  }
  const at = gitOf(parts, id);
  await parts.git.change(id, () => removeWorktree(at, path, force));
}

function worktrees(parts: Parts) {
  return new Elysia()
    .get('/worktrees', async ({ params }) => ({ worktrees: await worktreeList(parts, gitOf(parts, idOf(params))) }), {
      response: WorktreesSchema,
      detail: detail('Worktrees of the repository', '`workspaceId` where one is a workspace.'),
    })
    .post(
      '/worktrees',
      async ({ params, body, status, set }) => {
        const { path, workspace } = await makeWorktree(parts, idOf(params), body);
        const tree = (await worktreeList(parts, gitOf(parts, idOf(params)))).find((one) => one.path === path);
        if (tree === undefined) throw new AppError('gone', 'The worktree was removed again at once.');
        if (workspace !== null) set.headers.location = `/api/workspaces/${workspace.id}`;
        return status(201, tree);
      },
      { body: NewWorktreeBody, response: { 201: WorktreeSchema }, detail: detail('Make a worktree', 'With `open` it becomes a workspace in the same step.') },
    )
    .delete(
      '/worktrees',
      async ({ params, query, set }) => {
        await dropWorktree(parts, idOf(params), query.path, query.force);
        set.status = 204;
      },
      { query: WorktreeQuery, detail: detail('Remove a worktree', 'One with changes answers 409 with `conflict.decision: "lost"` unless `force`. A workspace of it stays, with its history.') },
    );
}

/** The prefix has the parameter, which these parts of it do not know of. */
const idOf = (params: Readonly<Record<string, string>>): string => params.id ?? '';
