// Copies and removes what lies at a place, whole folders too, from descriptor to descriptor: a
// link is copied as the link that it is, and nothing is followed.

import type { BigIntStats } from 'node:fs';
import { constants, lstatSync, readlinkSync, symlinkSync } from 'node:fs';
import { copyFile, mkdir, open, rmdir, unlink } from 'node:fs/promises';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { namesIn } from './names.ts';
import { childFolder, type Folder, type Ground, openHere, type Place } from './open.ts';
import { fileTrouble } from './trouble.ts';

export interface Copied {
  entries: number;
  /** Pipes, sockets and devices, which are not copied. */
  skipped: number;
}

/**
 * To where nothing is. What was begun is removed again if it fails.
 * @param special whether pipes and the like are left out, or stop it
 * @throws AppError conflict, full, forbidden, too_large
 */
export async function copyTo(ground: Ground, from: Place, to: Place, special: 'skip' | 'refuse'): Promise<Copied> {
  const copied = { entries: 0, skipped: 0 };
  if (lstatSync(to.at, { throwIfNoEntry: false }) !== undefined) throw new AppError('conflict', 'There is something of this name already.');
  try {
    await copyOne(ground, from, to, special, copied, 0);
    return copied;
  } catch (error) {
    await removeAt(ground, to).catch(() => undefined);
    throw fileTrouble(error);
  }
}

/** @throws AppError forbidden */
export async function removeAt(ground: Ground, place: Place): Promise<void> {
  try {
    const inner = childFolder(ground, place.folder, place.name);
    if (inner === undefined) return await unlink(place.at);
    try {
      for (const { bytes } of await namesIn(inner)) await removeAt(ground, placeIn(inner, bytes));
    } finally {
      inner.dispose();
    }
    await rmdir(place.at);
  } catch (error) {
    throw fileTrouble(error);
  }
}

export const placeIn = (folder: Folder, name: Buffer): Place => ({ folder, name, at: folder.at(name) });

async function copyOne(ground: Ground, from: Place, to: Place, special: 'skip' | 'refuse', copied: Copied, depth: number): Promise<void> {
  if (++copied.entries > limits.copyEntriesMax) throw new AppError('too_large', `At most ${limits.copyEntriesMax} files and folders are copied at once.`);
  const stat = lstatSync(from.at, { bigint: true });
  if (stat.isSymbolicLink()) return symlinkSync(readlinkSync(from.at, { encoding: 'buffer' }), to.at);
  if (stat.isDirectory()) return copyFolder(ground, from, to, special, copied, depth + 1);
  if (stat.isFile()) return copyBytes(from, to, stat);
  if (special === 'refuse') throw new AppError('conflict', 'There is a pipe, a socket or a device in it, which cannot be brought to another disk.');
  copied.skipped += 1;
}

async function copyFolder(ground: Ground, from: Place, to: Place, special: 'skip' | 'refuse', copied: Copied, depth: number): Promise<void> {
  if (depth > limits.treeDepthMax) throw new AppError('too_large', `At most ${limits.treeDepthMax} folders within each other are copied.`);
  const source = childFolder(ground, from.folder, from.name);
  if (source === undefined) throw new AppError('conflict', 'This was changed by another program at this very moment: try again.');
  let target: Folder | undefined;
  try {
    const names = await namesIn(source);
    await mkdir(to.at, 0o700);
    target = childFolder(ground, to.folder, to.name);
    if (target === undefined) throw new AppError('conflict', 'This was changed by another program at this very moment: try again.');
    for (const { bytes } of names) await copyOne(ground, placeIn(source, bytes), placeIn(target, bytes), special, copied, depth);
  } finally {
    source.dispose();
    target?.dispose();
  }
  await likeIt(to, lstatSync(from.at, { bigint: true }), constants.O_RDONLY | constants.O_DIRECTORY);
}

async function copyBytes(from: Place, to: Place, stat: BigIntStats): Promise<void> {
  const file = openHere(from);
  try {
    await copyFile(file.way, to.at, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await likeIt(to, stat, constants.O_RDONLY);
  } finally {
    file.close();
  }
}

/** By a descriptor: a link that another program put there meanwhile would lead to somebody else's file. */
async function likeIt({ at }: Place, { mode, atimeMs, mtimeMs }: BigIntStats, flags: number): Promise<void> {
  const own = await open(at, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    await own.utimes(Number(atimeMs) / 1000, Number(mtimeMs) / 1000);
    await own.chmod(Number(mode & 0o777n));
  } finally {
    await own.close();
  }
}
