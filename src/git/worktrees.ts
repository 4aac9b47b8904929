// Worktrees of a repository: further folders with a branch of their own. A new one lies where a
// workspace may lie, for it is to become one.

import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { branchesOf, checkBranchName, checkedStart } from './branches.ts';
import type { Git, GitWorkspace } from './git.ts';
import { standingOf } from './place.ts';
import type { Reading } from './reading.ts';
import { mustSucceed } from './trouble.ts';

export interface Worktree {
  /** Absolute. */
  path: string;
  /** Null where no branch is checked out, or in a bare repository. */
  branch: string | null;
  commit: string | null;
  /** The repository's first one, which cannot be removed. */
  main: boolean;
  /** The one that this workspace lies in. */
  current: boolean;
  locked: boolean;
  /** Its folder is gone. */
  gone: boolean;
}

export async function worktreesOf(reading: Reading): Promise<Worktree[]> {
  const { part } = await standingOf(reading);
  const top = part.byteLength === 0 ? reading.folder : reading.folder.slice(0, -part.byteLength);
  const ended = await reading.ask(['worktree', 'list', '--porcelain', '-z']);
  const old = ended.exitCode === 129; // One that does not know -z; then a name may have no line end in it.
  const answer = old ? await reading.ask(['worktree', 'list', '--porcelain']) : ended;
  const text = mustSucceed(answer, 'Git could not list its worktrees.').stdout.toString('utf8');
  return parsedWorktrees(old ? text.replaceAll('\n', '\0') : text).map((tree, index) => ({ ...tree, main: index === 0, current: tree.path === top.replace(/(?<=.)\/$/, '') }));
}

export interface NewWorktree {
  branch: string;
  /** The branch is made, too. */
  create?: boolean | undefined;
  start?: string | undefined;
  /** Absolute; without it beside the repository, named after both. */
  path?: string | undefined;
}

/** @returns its path. @throws AppError invalid (fields path, name), conflict with git's words */
export async function addWorktree(git: Git, at: GitWorkspace, { branch, create = false, start, path }: NewWorktree): Promise<string> {
  await checkBranchName(at.reading(), branch);
  const wanted = path === undefined || path.trim() === '' ? await besideFor(at, branch) : path.trim();
  const place = git.policy.locate(wanted, { create: true });
  if (place.missing.length === 0) throw new AppError('conflict', 'This folder is there already: choose another for the worktree.', { fields: { path: 'This folder is there already.' } });
  const { branches } = await branchesOf(at.reading());
  const known = branches.find(({ name }) => name === branch);
  if (known === undefined && !create) throw new AppError('not_found', 'There is no such branch: ask for it to be made, too.', { fields: { branch: 'There is no such branch.' } });
  const from = create ? ['-b', branch, '--', place.path, ...(start === undefined || start === '' ? [] : [checkedStart(start)])] : ['--', place.path, branch];
  const follow = known?.remote === true ? ['-b', branch.slice(branch.indexOf('/') + 1), '--track', '--', place.path, branch] : from;
  mustSucceed(await at.own(['worktree', 'add', ...follow], { timeoutMs: limits.gitWriteMs }), 'Git did not make the worktree.');
  return place.path;
}

/** Only what git lists; one with changes stays unless `force`. @throws AppError not_found, conflict */
export async function removeWorktree(at: GitWorkspace, path: string, force: boolean): Promise<void> {
  const tree = (await worktreesOf(at.reading())).find((one) => one.path === path);
  if (tree === undefined) throw new AppError('not_found', 'There is no such worktree.');
  if (tree.main) throw new AppError('conflict', 'This is the repository itself: it cannot be removed as a worktree.');
  if (tree.current) throw new AppError('conflict', 'This is the worktree that you look at: remove it from another one.');
  if (tree.gone) return void mustSucceed(await at.own(['worktree', 'prune']), 'Git did not tidy up.');
  const answer = await at.own(['worktree', 'remove', ...(force ? ['--force'] : []), '--', path], { timeoutMs: limits.gitWriteMs });
  if (answer.exitCode !== 0 && !force && /contains modified or untracked files/.test(answer.stderr)) {
    throw new AppError('conflict', 'There are changes in this worktree that are not committed: they would be lost.', { conflict: { decision: 'lost' } });
  }
  mustSucceed(answer, 'Git did not remove the worktree.');
}

async function besideFor(at: GitWorkspace, branch: string): Promise<string> {
  const main = (await worktreesOf(at.reading()))[0]?.path ?? at.place.folder;
  const name = `${basename(main)}-${branch.replace(/[^\p{L}\p{N}._-]+/gu, '-')}`;
  return join(dirname(main), name);
}

function parsedWorktrees(text: string): Omit<Worktree, 'main' | 'current'>[] {
  const trees: Omit<Worktree, 'main' | 'current'>[] = [];
  for (const line of text.split('\0')) {
    const space = line.indexOf(' ');
    const name = space === -1 ? line : line.slice(0, space);
    const value = space === -1 ? '' : line.slice(space + 1);
    const tree = trees.at(-1);
    if (name === 'worktree') trees.push({ path: value, branch: null, commit: null, locked: false, gone: !existsSync(value) });
    else if (tree === undefined) continue;
    else if (name === 'HEAD') tree.commit = value;
    else if (name === 'branch') tree.branch = value.replace(/^refs\/heads\//, '');
    else if (name === 'locked') tree.locked = true;
  }
  return trees;
}
