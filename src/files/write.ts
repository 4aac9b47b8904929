// Writes a file whole or not at all: beside it, to the disk, then in its place in one step.
// Whatever happens, one of both versions is there. What is replaced is what was expected, even
// while another program writes: both change places, and back again if it was something else.

import type { BigIntStats } from 'node:fs';
import { accessSync, constants, lstatSync, renameSync } from 'node:fs';
import { type FileHandle, link, open, unlink } from 'node:fs/promises';
import { AppError } from '../errors.ts';
import { nameFile, renameInOneStep } from '../libc.ts';
import { type Ground, mustBeFile, openHere, openTarget, type Place } from './open.ts';
import { fileTrouble, systemCode } from './trouble.ts';
import { etagOf, fileHash, sameVersion } from './version.ts';

/**
 * What must be there. By `etags` the file as it was read; by `hash` (SHA-256, hex) one with just
 * these bytes, whenever it was written; `absent` nothing; `anything` a file or nothing.
 */
export type Expected = { etags: readonly string[] } | { hash: string } | 'absent' | 'anything';

export interface Written {
  etag: string;
  size: number;
  /** ms since the epoch. */
  modified: number;
  created: boolean;
}

export type Content = Uint8Array | AsyncIterable<Uint8Array>;

export interface WriteOptions {
  expected: Expected;
  bytesMax?: number;
}

/** Names of what is being written; lists leave them out. */
export const UNFINISHED = /^\.dispatch-[0-9a-f]{24}\.tmp$/;

const CHANGED = 'The file was changed by another program since it was read: nothing was overwritten.';
const ROUNDS_MAX = 16;
/** Linux; Node does not name it. With O_DIRECTORY, which is a bit of it. */
const O_TMPFILE = 0o20000000;

/**
 * Mode, owner and group stay, and a link stays a link: what it leads to is written.
 * @throws AppError precondition (something else is there), forbidden, full, too_large, conflict (no file), not_found
 */
export async function writeFile(ground: Ground, path: string, content: Content, options: WriteOptions): Promise<Written> {
  const place = openTarget(ground, path);
  try {
    return await written(place, content, options);
  } catch (error) {
    throw fileTrouble(error);
  } finally {
    place.folder.dispose();
  }
}

async function written(place: Place, content: Content, { expected, bytesMax = Infinity }: WriteOptions): Promise<Written> {
  const old = await present(place, expected);
  const unfinished: Place = { ...place, ...temporary(place) };
  // Without a name it leaves nothing behind, though this process be killed in the middle.
  const nameless = await openNameless(place);
  const file = nameless ?? (await openNamed(unfinished));
  let done = false;
  try {
    await pour(content, file, bytesMax);
    await likeBefore(file, old);
    await file.sync();
    const stat = await file.stat({ bigint: true });
    if (nameless !== undefined && !nameFile(file.fd, unfinished.at)) throw new AppError('unavailable', 'The disk does not give the file its name: try again.');
    done = await putInPlace(place, unfinished, { old, ours: stat, expected });
    await settle(place);
    return { etag: etagOf(stat), size: Number(stat.size), modified: Number(stat.mtimeMs), created: old === undefined };
  } finally {
    await file.close();
    if (!done) await unlink(unfinished.at).catch(() => undefined);
  }
}

const openNamed = (unfinished: Place): Promise<FileHandle> => open(unfinished.at, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);

/** Undefined where the disk or the system has no such files. */
async function openNameless(place: Place): Promise<FileHandle | undefined> {
  if (process.platform !== 'linux') return undefined;
  return open(place.folder.self, constants.O_WRONLY | constants.O_DIRECTORY | O_TMPFILE, 0o600).catch(() => undefined);
}

/** What is there, if it is what was expected. */
async function present(place: Place, expected: Expected): Promise<BigIntStats | undefined> {
  const stat = lstatSync(place.at, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) {
    if (typeof expected === 'object') throw new AppError('precondition', 'The file is gone: it was moved or deleted since it was read.');
    return undefined;
  }
  mustBeFile(stat);
  if (expected === 'absent') throw new AppError('precondition', 'There is a file at this path already.');
  if (!(await isExpected(place, stat, expected))) throw new AppError('precondition', CHANGED);
  accessSync(place.at, constants.W_OK);
  return stat;
}

async function isExpected(place: Place, stat: BigIntStats, expected: Expected): Promise<boolean> {
  if (typeof expected !== 'object') return true;
  if ('etags' in expected) return expected.etags.includes(etagOf(stat));
  const file = openHere(place);
  try {
    return sameVersion(file.stat, stat) && (await fileHash(file.descriptor)) === expected.hash;
  } finally {
    file.close();
  }
}

async function pour(content: Content, file: FileHandle, bytesMax: number): Promise<void> {
  let bytes = 0;
  for await (const part of content instanceof Uint8Array ? [content] : content) {
    bytes += part.byteLength;
    if (bytes > bytesMax) throw new AppError('too_large', `A file may have ${bytesMax} bytes here.`);
    for (let from = 0; from < part.byteLength; ) from += (await file.write(part, from)).bytesWritten;
  }
}

async function likeBefore(file: FileHandle, old: BigIntStats | undefined): Promise<void> {
  if (old === undefined) return file.chmod(0o666 & ~process.umask());
  const now = await file.stat({ bigint: true });
  if (now.uid !== old.uid || now.gid !== old.gid) {
    try {
      await file.chown(Number(old.uid), Number(old.gid));
    } catch (error) {
      if (systemCode(error) !== 'EPERM') throw error;
      throw new AppError('forbidden', 'This file belongs to someone else, and would not any more once it is saved: nothing was changed.');
    }
  }
  // Last, for a change of owner clears bits of the mode.
  await file.chmod(Number(old.mode & 0o7777n));
}

interface Exchange {
  old: BigIntStats | undefined;
  ours: BigIntStats;
  expected: Expected;
}

/** @returns true once nothing is left beside it */
async function putInPlace(place: Place, unfinished: Place, { old, ours, expected }: Exchange): Promise<boolean> {
  if (old === undefined) return intoNothing(place, unfinished, expected);
  if (!renameInOneStep(unfinished.at, place.at, 'exchange')) return overIt(place, unfinished, old);
  if (await isSame(unfinished, old, expected)) {
    await unlink(unfinished.at);
    return true;
  }
  takeBack(place, unfinished, ours);
  throw new AppError('precondition', CHANGED);
}

/** What then lies beside it is ours, or what yet another one put in its place meanwhile: that belongs there. */
function takeBack(place: Place, unfinished: Place, ours: BigIntStats): void {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    // Gone, or moved away by another: what was there before is brought back all the same.
    if (!renameInOneStep(unfinished.at, place.at, 'exchange')) return void renameInOneStep(unfinished.at, place.at, 'to nothing');
    const back = lstatSync(unfinished.at, { bigint: true, throwIfNoEntry: false });
    if (back === undefined || (back.ino === ours.ino && back.dev === ours.dev)) return;
  }
}

async function isSame(place: Place, old: BigIntStats, expected: Expected): Promise<boolean> {
  const stat = lstatSync(place.at, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) return false;
  if (typeof expected === 'object' && 'hash' in expected) return isExpected(place, stat, expected);
  return expected === 'anything' || sameVersion(stat, old);
}

async function intoNothing(place: Place, unfinished: Place, expected: Expected): Promise<boolean> {
  if (renameInOneStep(unfinished.at, place.at, 'to nothing')) return true;
  try {
    await link(unfinished.at, place.at);
    return false;
  } catch (error) {
    const there = systemCode(error) === 'EEXIST';
    if (there) throw new AppError('precondition', expected === 'absent' ? 'There is a file at this path already.' : CHANGED);
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes(systemCode(error))) throw error;
  }
  if (lstatSync(place.at, { throwIfNoEntry: false }) !== undefined) throw new AppError('precondition', CHANGED);
  renameSync(unfinished.at, place.at);
  return true;
}

/** Where the system cannot exchange: looked at as late as can be. */
function overIt(place: Place, unfinished: Place, old: BigIntStats): boolean {
  const now = lstatSync(place.at, { bigint: true, throwIfNoEntry: false });
  if (now === undefined || !sameVersion(now, old)) throw new AppError('precondition', CHANGED);
  renameSync(unfinished.at, place.at);
  return true;
}

/** The names themselves, to the disk. */
async function settle(place: Place): Promise<void> {
  const folder = await open(place.folder.self, constants.O_RDONLY | constants.O_DIRECTORY).catch(() => undefined);
  try {
    await folder?.sync();
  } catch {
    // Not every disk does it for folders, and what was written is there.
  } finally {
    await folder?.close();
  }
}

function temporary(place: Place): { name: Buffer; at: Buffer } {
  const name = Buffer.from(`.dispatch-${Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString('hex')}.tmp`);
  return { name, at: place.folder.at(name) };
}
