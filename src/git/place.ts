// Where a workspace stands in a repository: it may be the whole or a folder in it, and what git
// calls its files must lie where the workspace is. What is under way there is looked at, too.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { insidePart, pathOfBytes } from './names.ts';
import type { Reading } from './reading.ts';
import { absenceOf, NoRepository, wordsOf } from './trouble.ts';

export type Underway = 'merge' | 'rebase' | 'cherry-pick' | 'revert' | 'bisect';

export interface Standing {
  /** Bytes from the repository's folder to the workspace's, with a slash at the end; none where they are the same. */
  part: Buffer;
}

/** @throws NoRepository */
export async function standingOf(reading: Reading): Promise<Standing> {
  const { exitCode, stdout, stderr } = await reading.ask(['rev-parse', '--is-bare-repository', '--is-inside-work-tree', '--show-prefix']);
  if (exitCode !== 0) throw absenceOf(stderr, reading.folder);
  const [bare, inside] = stdout.toString('latin1', 0, 16).split('\n');
  if (inside !== 'true') {
    if (bare === 'true') throw absenceOf('bare repository', reading.folder);
    throw new NoRepository('elsewhere', 'The files of this repository lie elsewhere (core.worktree, or this is git’s own folder): look at it there.');
  }
  const start = stdout.indexOf('\n', stdout.indexOf('\n') + 1) + 1;
  return { part: stdout.subarray(start, -1) };
}

export const partOf = ({ part }: Standing): string => pathOfBytes(part);

export function pathIn(standing: Standing, path: Buffer): string | null {
  const inside = insidePart(standing.part, path);
  return inside === null ? null : pathOfBytes(inside);
}

/** Git's own folder for this working tree, as a path of the machine. */
export async function gitFolder(reading: Reading): Promise<string> {
  const { exitCode, stdout, stderr } = await reading.ask(['rev-parse', '--absolute-git-dir']);
  if (exitCode !== 0) throw absenceOf(wordsOf(stderr), reading.folder);
  return stdout.toString('utf8').replace(/\n$/, '');
}

/** What was begun in a repository and has to be ended or given up. */
export function underwayIn(folder: string): Underway | null {
  const there = (name: string): boolean => existsSync(join(folder, name));
  if (there('rebase-merge') || there('rebase-apply')) return 'rebase';
  if (there('MERGE_HEAD')) return 'merge';
  if (there('CHERRY_PICK_HEAD')) return 'cherry-pick';
  if (there('REVERT_HEAD')) return 'revert';
  return there('BISECT_LOG') ? 'bisect' : null;
}
