// Branches: listed with where they stand against what they follow, switched to and made. Also
// what makes a repository, and gives up or goes on with a merge or a rebase.

import { AppError, invalid } from '../errors.ts';
import { limits } from '../limits.ts';
import type { GitWorkspace } from './git.ts';
import { gitFolder, standingOf, type Underway, underwayIn } from './place.ts';
import type { Reading } from './reading.ts';
import { mustSucceed } from './trouble.ts';

export interface BranchRow {
  name: string;
  remote: boolean;
  current: boolean;
  commit: string;
  upstream: string | null;
  /** As git words it: `ahead 1, behind 2`, `gone`; empty where it is level. */
  track: string;
  /** ISO 8601 UTC, of its last commit. */
  committed: string;
  subject: string;
  /** Checked out in another worktree. */
  elsewhere: boolean;
}

export interface BranchList {
  branches: BranchRow[];
  /** There are more, with older commits. */
  cut: boolean;
}

const FIELDS = ['%(refname)', '%(HEAD)', '%(objectname)', '%(upstream:short)', '%(upstream:track,nobracket)', '%(committerdate:unix)', '%(worktreepath)', '%(symref)', '%(contents:subject)'];

/** Latest commit first. */
export async function branchesOf(reading: Reading): Promise<BranchList> {
  await standingOf(reading);
  const count = limits.gitBranchesMax + 1;
  const answer = await reading.ask(['for-each-ref', `--format=${FIELDS.join('%00')}%00`, '--sort=-committerdate', `--count=${count}`, 'refs/heads', 'refs/remotes']);
  const pieces = mustSucceed(answer, 'Git could not list its branches.').stdout.toString('utf8').split('\0');
  const branches: BranchRow[] = [];
  for (let at = 0; at + FIELDS.length < pieces.length; at += FIELDS.length) {
    const [ref = '', head, commit = '', upstream = '', track = '', seconds = '', worktree = '', symbolic, subject = ''] = pieces.slice(at, at + FIELDS.length);
    if (symbolic !== '') continue; // origin/HEAD is but another name.
    const [, kind, name = ''] = /^\n?refs\/(heads|remotes)\/([^]+)$/.exec(ref) ?? [];
    const current = head === '*';
    const committed = new Date((Number(seconds) || 0) * 1000).toISOString();
    branches.push({ name, remote: kind === 'remotes', current, commit, upstream: upstream || null, track, committed, subject, elsewhere: worktree !== '' && !current });
  }
  return { branches: branches.slice(0, limits.gitBranchesMax), cut: branches.length > limits.gitBranchesMax };
}

export interface BranchChoice {
  name: string;
  /** A new one. */
  create?: boolean | undefined;
  /** Where a new one begins: a branch or a hash; without it where one stands. */
  start?: string | undefined;
}

/** @throws AppError invalid (field name), conflict with git's words: files that would be lost stay */
export async function switchBranch(git: GitWorkspace, { name, create = false, start }: BranchChoice): Promise<void> {
  await checkBranchName(git.reading(), name);
  if (create) {
    const from = start === undefined || start === '' ? [] : [checkedStart(start)];
    return void mustSucceed(await git.own(['switch', '--quiet', '--create', name, ...from], { timeoutMs: limits.gitWriteMs }), 'Git did not make the branch.');
  }
  const local = await exists(git.reading(), `refs/heads/${name}`);
  const remote = !local && (await exists(git.reading(), `refs/remotes/${name}`));
  if (!local && !remote) throw new AppError('not_found', 'There is no such branch.');
  // Of a remote's branch one of the same name here is made, which follows it.
  mustSucceed(await git.own(['switch', '--quiet', ...(remote ? ['--track'] : []), name], { timeoutMs: limits.gitWriteMs }), 'Git did not switch.');
}

/** @throws AppError invalid (field name) */
export async function checkBranchName(reading: Reading, name: string): Promise<void> {
  const bad = name === '' || name.startsWith('-') || name.includes('\0') || !name.isWellFormed() || Buffer.byteLength(name) > 200;
  if (bad || (await reading.ask(['check-ref-format', `refs/heads/${name}`])).exitCode !== 0) throw invalid('name', 'Git takes no such name for a branch: letters, digits, - _ . and / inside it.');
}

/** @throws AppError invalid (field start) */
export function checkedStart(start: string): string {
  if (start.startsWith('-') || /[\0\s:^~?*[\\]/.test(start)) throw invalid('start', 'Give a branch or the hash of a commit.');
  return start;
}

const exists = async (reading: Reading, ref: string): Promise<boolean> => (await reading.ask(['show-ref', '--verify', '--quiet', ref])).exitCode === 0;

export async function initRepository(git: GitWorkspace): Promise<void> {
  mustSucceed(await git.own(['init', '--quiet']), 'Git did not make a repository.');
}

const WORDS: Readonly<Record<Underway, string>> = { merge: 'merge', rebase: 'rebase', 'cherry-pick': 'cherry-pick', revert: 'revert', bisect: 'bisect' };

/** Gives up what is under way, or goes on with it. @throws AppError conflict */
export async function settle(git: GitWorkspace, how: 'abort' | 'continue'): Promise<void> {
  const underway = underwayIn(await gitFolder(git.reading()));
  if (underway === null) throw new AppError('conflict', 'Nothing is under way here any more.');
  const args = underway === 'bisect' ? ['bisect', 'reset'] : [WORDS[underway], `--${how}`];
  mustSucceed(await git.own(args, { timeoutMs: limits.gitWriteMs }), `Git did not ${how} the ${underway}.`);
}
