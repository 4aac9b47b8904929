// From a file to the index and back, whole or by a hunk, and changes given up. A hunk is named
// by its bytes: when the file is another by then, nothing happens and it is said.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { patchFiles, untrackedDiff } from './diff.ts';
import type { GitWorkspace } from './git.ts';
import { type Kept, keeping, type KeptStore, removeFile } from './kept.ts';
import { pathList } from './names.ts';
import { type PatchFile, type PatchHunk, patchOf } from './patch.ts';
import { pathIn, standingOf } from './place.ts';
import { type ChangedFile, statusOf } from './status.ts';
import { mustSucceed } from './trouble.ts';

const FROM_INPUT = ['--pathspec-from-file=-', '--pathspec-file-nul'] as const;
const CHANGED = 'This was changed since it was shown: nothing was done. Look at it again.';

/** Also what is gone, and what had a conflict: then it counts as settled. */
export async function stage(git: GitWorkspace, paths: readonly string[] | 'all'): Promise<void> {
  if (paths === 'all') return void mustSucceed(await git.own(['add', '-A', '--', '.'], { timeoutMs: limits.gitWriteMs }), 'Git did not stage it.');
  const options = { input: pathList(paths), timeoutMs: limits.gitWriteMs };
  mustSucceed(await git.own(['--literal-pathspecs', 'add', '-A', ...FROM_INPUT], options), 'Git did not stage it.');
}

export async function unstage(git: GitWorkspace, paths: readonly string[] | 'all'): Promise<void> {
  if (paths === 'all') return void mustSucceed(await git.own(['reset', '-q', '--', '.'], { timeoutMs: limits.gitWriteMs }), 'Git did not unstage it.');
  const options = { input: pathList(await withOldNames(git, paths)), timeoutMs: limits.gitWriteMs };
  mustSucceed(await git.own(['--literal-pathspecs', 'reset', '-q', ...FROM_INPUT], options), 'Git did not unstage it.');
}

export interface HunkChoice {
  path: string;
  /** Its id, as it was shown. */
  hunk: string;
}

export async function stageHunk(git: GitWorkspace, choice: HunkChoice): Promise<void> {
  const { file, hunk } = await hunkOf(git, 'unstaged', choice);
  await applied(git, file, hunk, ['--cached']);
}

export async function unstageHunk(git: GitWorkspace, choice: HunkChoice): Promise<void> {
  const { file, hunk } = await hunkOf(git, 'staged', choice);
  await applied(git, file, hunk, ['--cached', '--reverse']);
}

/** @returns what takes it back */
export async function discardHunk(git: GitWorkspace, store: KeptStore, choice: HunkChoice, lose = false): Promise<Kept | null> {
  const { file, hunk } = await hunkOf(git, 'unstaged', choice);
  return keeping(git, store, choice.path, lose, () => applied(git, file, hunk, ['--reverse']));
}

export interface FileChoice {
  path: string;
  /** Of the difference that was shown; without it whatever is there goes. */
  seen?: string | undefined;
  /** Also where it cannot be taken back. */
  lose?: boolean | undefined;
}

/**
 * The file as the index has it; one that git does not know goes.
 * @returns what takes it back; null where nothing does
 */
export async function discardFile(git: GitWorkspace, store: KeptStore, { path, seen, lose = false }: FileChoice): Promise<Kept | null> {
  const status = await statusOf(git.reading());
  const file = status.files.find((one) => one.path === path && one.unstaged !== null);
  if (file === undefined) throw new AppError('conflict', 'There is nothing to discard in this file.');
  refuse(file);
  if (seen !== undefined && seen !== (await seenNow(git, file))) throw new AppError('conflict', CHANGED);
  if (file.unstaged === 'untracked') return keeping(git, store, path, lose, async () => removeFile(git, path));
  return keeping(git, store, path, lose, async () => {
    const options = { input: pathList([path]), timeoutMs: limits.gitWriteMs };
    mustSucceed(await git.own(['--literal-pathspecs', 'restore', '--worktree', ...FROM_INPUT], options), 'Git did not discard it.');
  });
}

function refuse({ conflict, submodule, folder }: ChangedFile): void {
  if (conflict !== null) throw new AppError('conflict', 'This file has a conflict: settle it, or give up the merge.');
  if (submodule) throw new AppError('conflict', 'This is a repository of its own (a submodule): change it there.');
  if (folder) throw new AppError('conflict', 'This is a folder whose files are not listed one by one: remove it in the files.');
}

async function seenNow(git: GitWorkspace, { path, unstaged }: ChangedFile): Promise<string | undefined> {
  if (unstaged === 'untracked') return untrackedDiff(git.ground, path).id;
  return (await patchFile(git, 'unstaged', path))?.id;
}

async function patchFile(git: GitWorkspace, sides: 'staged' | 'unstaged', path: string): Promise<PatchFile | undefined> {
  const reading = git.reading();
  const standing = await standingOf(reading);
  const paths = sides === 'staged' ? await withOldNames(git, [path]) : [path];
  const { files } = await patchFiles(reading, sides, paths);
  return files.find((file) => pathIn(standing, file.path) === path);
}

/** A renamed file is under both names in the index. */
async function withOldNames(git: GitWorkspace, paths: readonly string[]): Promise<string[]> {
  const { files } = await statusOf(git.reading());
  return [...new Set(paths.flatMap((path) => {
    const file = files.find((one) => one.path === path);
    return file?.staged === 'renamed' && file.from !== null ? [path, file.from] : [path];
  }))];
}

async function hunkOf(git: GitWorkspace, sides: 'staged' | 'unstaged', { path, hunk }: HunkChoice): Promise<{ file: PatchFile; hunk: PatchHunk }> {
  const file = await patchFile(git, sides, path);
  const found = file?.hunks.find(({ id }) => id === hunk);
  if (file === undefined || found === undefined) throw new AppError('conflict', CHANGED);
  if (file.conflict) throw new AppError('conflict', 'This file has a conflict: settle it, or give up the merge.');
  if ('ADT'.includes(file.letter)) throw new AppError('conflict', 'This file came, went or became another kind: take the whole file.');
  return { file, hunk: found };
}

async function applied(git: GitWorkspace, file: PatchFile, hunk: PatchHunk, flags: readonly string[]): Promise<void> {
  const answer = await git.own(['apply', '--whitespace=nowarn', ...flags, '-'], { input: patchOf(file, hunk), timeoutMs: limits.gitWriteMs });
  if (answer.exitCode !== 0 && /patch does not apply|does not match index/i.test(answer.stderr)) throw new AppError('conflict', CHANGED);
  mustSucceed(answer, 'Git did not apply it.');
}
