// What changed in a workspace since the last commit, and where its branch stands: read from
// `git status` in the form made for programs, with names as bytes.

import { limits } from '../limits.ts';
import { piecesOf } from './names.ts';
import { gitFolder, partOf, pathIn, type Standing, standingOf, type Underway, underwayIn } from './place.ts';
import type { Reading } from './reading.ts';
import { mustSucceed } from './trouble.ts';

export type FileChange = 'added' | 'modified' | 'deleted' | 'renamed' | 'copied' | 'retyped';

export interface ChangedFile {
  /** From the workspace down. */
  path: string;
  /** What it was called, where it was renamed or copied. */
  from: string | null;
  /** From the last commit to the index. */
  staged: FileChange | null;
  /** From the index to the file; `untracked` where git does not know it. */
  unstaged: FileChange | 'untracked' | null;
  /** How both sides changed it, where a merge could not. */
  conflict: string | null;
  submodule: boolean;
  /** A folder of untracked files that are not listed one by one, or a repository in this one. */
  folder: boolean;
}

export interface Branch {
  /** Null where no branch is checked out. */
  name: string | null;
  /** Null before the first commit. */
  commit: string | null;
  upstream: string | null;
  /** Commits that only this branch has, and that only its upstream has; null where there is none. */
  ahead: number | null;
  behind: number | null;
}

export interface Status {
  branch: Branch;
  underway: Underway | null;
  /** The workspace's place in the repository; empty where it is the whole. */
  part: string;
  /** Staged files outside the workspace: a commit takes them, too. */
  stagedElsewhere: number;
  files: ChangedFile[];
  counts: { staged: number; unstaged: number; untracked: number; conflicts: number };
  /** More files changed than are listed. */
  cut: boolean;
  /** Changes with whatever is above; the same for the same. */
  version: string;
}

const CONFLICTS: Readonly<Record<string, string>> = {
  DD: 'both deleted',
  AU: 'added by us',
  UD: 'deleted by them',
  UA: 'added by them',
  DU: 'deleted by us',
  AA: 'both added',
  UU: 'both modified',
};

const CHANGES: Readonly<Record<string, FileChange>> = { A: 'added', M: 'modified', D: 'deleted', R: 'renamed', C: 'copied', T: 'retyped' };

/** @throws NoRepository, AppError */
export async function statusOf(reading: Reading): Promise<Status> {
  const standing = await standingOf(reading);
  const [output, folder, stagedElsewhere] = await Promise.all([listed(reading), gitFolder(reading), stagedOutside(reading, standing)]);
  const { branch, files, cut } = parsedStatus(output.bytes, standing);
  const underway = underwayIn(folder);
  const version = new Bun.CryptoHasher('sha256').update(output.bytes).update(`${underway} ${stagedElsewhere}`).digest('hex').slice(0, 16);
  const counts = {
    staged: count(files, ({ staged }) => staged !== null),
    unstaged: count(files, ({ unstaged }) => unstaged !== null && unstaged !== 'untracked'),
    untracked: count(files, ({ unstaged }) => unstaged === 'untracked'),
    conflicts: count(files, ({ conflict }) => conflict !== null),
  };
  return { branch, underway, part: partOf(standing), stagedElsewhere, files, counts, cut: cut || output.cut, version };
}

/** Every untracked file; in the extreme only the folders that they are in. */
async function listed(reading: Reading): Promise<{ bytes: Buffer; cut: boolean }> {
  const ask = (untracked: string) =>
    reading.ask(
      ['status', '--porcelain=v2', '-z', '--branch', `--untracked-files=${untracked}`, '--ignored=no', '--ignore-submodules=dirty', '--find-renames', '--ahead-behind', '--', '.'],
      { outputBytesMax: limits.gitStatusBytesMax },
    );
  const all = await ask('all');
  const answer = all.cut ? await ask('normal') : all;
  mustSucceed(answer, 'Git could not say what changed.');
  return { bytes: answer.stdout, cut: answer.cut };
}

async function stagedOutside(reading: Reading, { part }: Standing): Promise<number> {
  if (part.byteLength === 0) return 0;
  const { exitCode, stdout } = await reading.ask(['diff', '--cached', '--name-only', '-z', '--no-ext-diff', '--no-relative', '--ignore-submodules=dirty', '--', ':(top)', ':(exclude).']);
  return exitCode === 0 ? piecesOf(stdout).length : 0;
}

/** Exported for what is hard to bring about in a repository. */
export function parsedStatus(output: Buffer, standing: Standing): { branch: Branch; files: ChangedFile[]; cut: boolean } {
  const branch: Branch = { name: null, commit: null, upstream: null, ahead: null, behind: null };
  const files: ChangedFile[] = [];
  const pieces = piecesOf(output);
  let cut = false;
  for (let index = 0; index < pieces.length; index += 1) {
    const piece = pieces[index] ?? Buffer.alloc(0);
    const kind = String.fromCharCode(piece[0] ?? 0);
    if (kind === '#') heading(branch, piece.toString('utf8'));
    if (!'12u?'.includes(kind)) continue;
    const from = kind === '2' ? pieces[(index += 1)] : undefined;
    const file = fileOf(kind, piece, from, standing);
    if (files.length === limits.gitFilesMax) cut = true;
    else if (file !== undefined) files.push(file);
  }
  return { branch, files, cut };
}

function heading(branch: Branch, line: string): void {
  const [, name = '', value = ''] = /^# branch\.(\S+) ([^]*)$/.exec(line) ?? [];
  if (name === 'oid') branch.commit = value === '(initial)' ? null : value;
  if (name === 'head') branch.name = value === '(detached)' ? null : value;
  if (name === 'upstream') branch.upstream = value;
  const [, ahead, behind] = name === 'ab' ? (/^\+(\d+) -(\d+)$/.exec(value) ?? []) : [];
  if (ahead !== undefined && behind !== undefined) Object.assign(branch, { ahead: Number(ahead), behind: Number(behind) });
}

/** Fields before the path, by kind of line; the path may contain anything but NUL. */
const FIELDS: Readonly<Record<string, number>> = { '1': 8, '2': 9, u: 10, '?': 1 };

function fileOf(kind: string, piece: Buffer, from: Buffer | undefined, standing: Standing): ChangedFile | undefined {
  let start = 0;
  for (let field = 0; field < (FIELDS[kind] ?? 0); field += 1) start = piece.indexOf(0x20, start) + 1;
  const [, xy = '..', submodule = ''] = piece.toString('latin1', 0, start).split(' ');
  const bytes = piece.subarray(start);
  const path = pathIn(standing, bytes);
  if (path === null || path === '') return undefined;
  const folder = bytes.at(-1) === 0x2f;
  if (kind === '?') return { path, from: null, staged: null, unstaged: 'untracked', conflict: null, submodule: false, folder };
  const [x = '.', y = '.'] = xy;
  const unmerged = kind === 'u';
  return {
    path,
    from: from === undefined ? null : pathIn(standing, from),
    staged: unmerged ? null : (CHANGES[x] ?? null),
    unstaged: unmerged ? 'modified' : (CHANGES[y] ?? null),
    conflict: unmerged ? (CONFLICTS[xy] ?? 'both changed') : null,
    submodule: submodule.startsWith('S'),
    folder: false,
  };
}

const count = (files: readonly ChangedFile[], is: (file: ChangedFile) => boolean): number => files.filter(is).length;
