// The folders that a person may look through to choose one for a workspace: inside the roots,
// by the path policy, and nothing but folders.

import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { limits } from '../limits.ts';
import { errorCode, pathRefusal } from './real-path.ts';
import type { PathPolicy } from './path-policy.ts';

export interface Folder {
  name: string;
  path: string;
  /** A repository of git lies in it. */
  git: boolean;
}

export interface FolderList {
  /** Real path of what is listed; null: the roots. */
  path: string | null;
  /** One up, where that is inside a root; null: the roots. */
  parent: string | null;
  /** By name, hidden ones last. */
  folders: Folder[];
  /** How many are not in the list. */
  more: number;
}

/** @param path absolute; undefined lists the roots. @throws AppError invalid (field path) */
export function foldersIn(policy: PathPolicy, path: string | undefined): FolderList {
  if (path === undefined) {
    const folders = policy.roots.map((root) => ({ name: root, path: root, git: isRepository(root) }));
    return { path: null, parent: null, folders, more: 0 };
  }
  const { path: real } = policy.locate(path, { create: false });
  const names = entriesOf(real)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort((one, other) => Number(one.startsWith('.')) - Number(other.startsWith('.')) || one.localeCompare(other));
  const folders = names
    .slice(0, limits.foldersListedMax)
    .map((name) => ({ name, path: join(real, name), git: isRepository(join(real, name)) }));
  const isRoot = policy.roots.includes(real);
  return { path: real, parent: isRoot ? null : dirname(real), folders, more: names.length - folders.length };
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw pathRefusal(error, 'There is no such folder.');
  }
}

const isRepository = (path: string): boolean => existsSync(join(path, '.git'));
