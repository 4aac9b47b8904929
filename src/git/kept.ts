// What was discarded and can be taken back. A file's bytes go into the repository's own objects
// before anything happens to it (git keeps those that nothing names for two weeks), and a row
// says of what they are and what the file was like right after. It comes back only over that.

import { fchmodSync, lstatSync, readFileSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { AppError } from '../errors.ts';
import { openHere, openPlace, type Place } from '../files/open.ts';
import { fileTrouble } from '../files/trouble.ts';
import { hashOf } from '../files/version.ts';
import { writeFile } from '../files/write.ts';
import { limits } from '../limits.ts';
import type { GitWorkspace } from './git.ts';
import { mustSucceed } from './trouble.ts';

export interface Kept {
  id: string;
  workspaceId: string;
  path: string;
  /** What it was: a file, a link, or nothing at all. */
  kind: 'file' | 'link' | 'gone';
  mode: number;
  /** Of git's object; null for nothing. */
  object: string | null;
  /** What was there right after, by its SHA-256; null for nothing. */
  after: string | null;
  /** ms since the epoch. */
  created: number;
}

export interface KeptStore {
  insert(row: Kept, most: number): void;
  get(workspaceId: string, id: string): Kept | undefined;
  /** Latest first. */
  list(workspaceId: string, limit: number): Kept[];
  delete(id: string): void;
}

interface Found {
  kind: Kept['kind'];
  mode: number;
  bytes: Buffer | null;
}

/**
 * Keeps what is at a path, then lets `act` change it.
 * @throws AppError conflict (decision `lost`) where it is too large to be kept, unless `lose`
 */
export async function keeping(git: GitWorkspace, store: KeptStore, path: string, lose: boolean, act: () => Promise<void>): Promise<Kept | null> {
  const found = foundAt(git, path);
  if (found === undefined) {
    if (!lose) throw new AppError('conflict', `${path} is too large to be kept: discarding its changes cannot be undone. Confirm it to go on.`, { conflict: { decision: 'lost' } });
    await act();
    return null;
  }
  const object = found.bytes === null ? null : await stored(git, found.bytes);
  await act();
  const left = foundAt(git, path);
  const after = left === undefined ? null : stateOf(left);
  const row: Kept = { id: Bun.randomUUIDv7(), workspaceId: git.id, path, kind: found.kind, mode: found.mode, object, after, created: Date.now() };
  store.insert(row, limits.gitKeptMax);
  return row;
}

/** @throws AppError conflict (it changed since), gone (git has removed the object) */
export async function takeBack(git: GitWorkspace, store: KeptStore, id: string): Promise<Kept> {
  const kept = store.get(git.id, id);
  if (kept === undefined) throw new AppError('not_found', 'There is nothing to take back any more.');
  const bytes = kept.object === null ? null : await objectOf(git, kept.object);
  const left = foundAt(git, kept.path);
  if (left === undefined || stateOf(left) !== kept.after) throw changedSince(kept.path);
  if (left.kind === 'link' || (left.kind === 'file' && kept.kind !== 'file')) removeFile(git, kept.path);
  if (kept.kind === 'file' && bytes !== null) {
    const expected = left.kind === 'file' && left.bytes !== null ? { hash: hashOf(left.bytes) } : ('absent' as const);
    await writeFile(git.ground, kept.path, bytes, { expected }).catch((error: unknown) => {
      throw error instanceof AppError && error.code === 'precondition' ? changedSince(kept.path) : error;
    });
    inPlace(git, kept, (place) => modeOf(place, kept.mode & 0o777));
  }
  if (kept.kind === 'link' && bytes !== null) inPlace(git, kept, (place) => symlinkSync(bytes, place.at));
  store.delete(kept.id);
  return kept;
}

/** Of something that git does not know. */
export function removeFile(git: GitWorkspace, path: string): void {
  inPlace(git, { path }, (place) => unlinkSync(place.at));
}

/** By a descriptor: a link in its place would lead to somebody else's file. */
function modeOf(place: Place, mode: number): void {
  const file = openHere(place);
  try {
    fchmodSync(file.descriptor, mode);
  } finally {
    file.close();
  }
}

const stateOf = ({ kind, bytes }: Found): string | null => (bytes === null ? null : `${kind}:${hashOf(bytes)}`);

const changedSince = (path: string): AppError => new AppError('conflict', `${path} was changed since then: nothing was taken back.`);

/** Undefined where it is too large. @throws AppError where it is no file and no link */
function foundAt(git: GitWorkspace, path: string): Found | undefined {
  try {
    return inPlace(git, { path }, (place) => {
      const stat = lstatSync(place.at, { throwIfNoEntry: false });
      if (stat === undefined) return { kind: 'gone', mode: 0, bytes: null };
      if (stat.isSymbolicLink()) return { kind: 'link', mode: stat.mode, bytes: readlinkSync(place.at, { encoding: 'buffer' }) };
      const file = openHere(place);
      try {
        if (file.stat.size > limits.gitKeptBytesMax) return undefined;
        return { kind: 'file', mode: Number(file.stat.mode), bytes: readFileSync(file.descriptor) };
      } finally {
        file.close();
      }
    });
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return { kind: 'gone', mode: 0, bytes: null };
    throw error;
  }
}

function inPlace<T>(git: GitWorkspace, { path }: { path: string }, act: (place: Place) => T): T {
  const place = openPlace(git.ground, path);
  try {
    return act(place);
  } catch (error) {
    throw fileTrouble(error);
  } finally {
    place.folder.dispose();
  }
}

async function stored(git: GitWorkspace, bytes: Buffer): Promise<string> {
  const answer = await git.own(['hash-object', '-w', '-t', 'blob', '--no-filters', '--stdin'], { input: bytes, timeoutMs: limits.gitWriteMs });
  return mustSucceed(answer, 'Git could not keep a copy: nothing was discarded.').stdout.toString('latin1').trim();
}

async function objectOf(git: GitWorkspace, object: string): Promise<Buffer> {
  const answer = await git.reading().ask(['cat-file', 'blob', object], { outputBytesMax: limits.gitKeptBytesMax });
  if (answer.exitCode !== 0) throw new AppError('gone', 'Git has cleaned up what was kept of it: it cannot be taken back any more.');
  return answer.stdout;
}
