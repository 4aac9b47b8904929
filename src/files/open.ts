// Opens what lies inside a workspace. Each folder on the way is opened from the one before it,
// never through a link, so that a program which swaps one meanwhile leads nowhere: what was
// opened is inside. A link is followed only to where its real path lies inside, by a new walk.

import type { BigIntStats } from 'node:fs';
import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { AppError, invalid } from '../errors.ts';
import { limits } from '../limits.ts';
import { namesOf } from './path-text.ts';
import { fileTrouble, systemCode } from './trouble.ts';

/** The folder that a walk stays in. Both are real paths; the data folder is ours alone, wherever it lies. */
export interface Ground {
  path: string;
  dataFolder: string;
}

/** Something in an open folder, there or not. Whoever has one disposes of it. */
export interface Place {
  folder: Folder;
  name: Buffer;
  /** For system calls: `name` in just this folder. A link there is not followed by the walk. */
  at: Buffer;
}

export interface OpenFile {
  descriptor: number;
  /** A path that leads to just this file while it is open. */
  way: string;
  stat: BigIntStats;
  close(): void;
}

const BY_DESCRIPTOR = existsSync('/proc/self/fd');
/** Only to stand in the folder: it need not be readable for that. Node does not name O_PATH. */
const STAND = BY_DESCRIPTOR ? 0o10000000 : constants.O_RDONLY;
const OUTSIDE = 'A link in this path leads out of the workspace.';
const OURS = 'Dispatch keeps its own data there.';
const SWAPPED = 'This was changed by another program at this very moment: try again.';

/** An open folder. It stays the one that it is, however it is renamed. */
export class Folder {
  readonly descriptor: number;
  /** Real path when it was opened. */
  readonly real: Buffer;
  #open = true;

  constructor(descriptor: number, real: Buffer) {
    this.descriptor = descriptor;
    this.real = real;
  }

  /** A path for system calls, of the folder itself. */
  get self(): Buffer {
    return BY_DESCRIPTOR ? Buffer.from(`/proc/self/fd/${this.descriptor}/`) : this.real;
  }

  at(name: Buffer): Buffer {
    return Buffer.concat([this.self, BY_DESCRIPTOR ? name : Buffer.concat([Buffer.from('/'), name])]);
  }

  dispose(): void {
    if (this.#open) closeSync(this.descriptor);
    this.#open = false;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** The folder at a path, through links that stay inside. @throws AppError not_found, invalid, forbidden */
export const openFolder = (ground: Ground, path: string): Folder => descended(ground, namesOf(path));

/** A name in its folder: the last one is not followed. @throws AppError; invalid for the workspace's own folder */
export const openPlace = (ground: Ground, path: string): Place => placeOf(ground, namesOf(path));

/** As openPlace, and where a link is there, what it leads to. @throws AppError; not_found where it leads nowhere */
export function openTarget(ground: Ground, path: string): Place {
  let names = namesOf(path);
  for (let links = 0; links <= limits.linksFollowedMax; links++) {
    const place = placeOf(ground, names);
    const target = leadsTo(place);
    if (target === undefined) return place;
    place.folder.dispose();
    names = namesInside(ground, target);
  }
  throw circle();
}

/** A regular file, for reading. Pipes, sockets and devices are not even touched. @throws AppError */
export function openFile(ground: Ground, path: string): OpenFile {
  const place = openTarget(ground, path);
  try {
    return openHere(place);
  } finally {
    place.folder.dispose();
  }
}

/** The same in a folder that is open. @throws AppError */
export function openHere(place: Place): OpenFile {
  let descriptor: number | undefined;
  try {
    mustBeFile(lstatSync(place.at, { bigint: true }));
    descriptor = openSync(place.at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stat = fstatSync(descriptor, { bigint: true });
    mustBeFile(stat);
    if (!BY_DESCRIPTOR) checkAfter(joinedBytes(place.folder.real, place.name), stat);
    const opened = descriptor;
    const way = BY_DESCRIPTOR ? `/proc/self/fd/${opened}` : joinedBytes(place.folder.real, place.name).toString();
    return { descriptor: opened, way, stat, close: () => closeSync(opened) };
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw systemCode(error) === 'ELOOP' ? new AppError('conflict', SWAPPED) : fileTrouble(error);
  }
}

/** A folder in a folder that is open; undefined where there is none, or a link to one. @throws AppError forbidden */
export function childFolder(ground: Ground, folder: Folder, name: Buffer): Folder | undefined {
  try {
    const next = entered(ground, folder, name);
    return next instanceof Folder ? next : undefined;
  } catch (error) {
    if (['ENOTDIR', 'ENOENT', 'ELOOP'].includes(systemCode(error))) return undefined;
    throw fileTrouble(error);
  }
}

/** @throws AppError conflict, saying what it is instead */
export function mustBeFile(stat: BigIntStats): void {
  if (stat.isFile()) return;
  if (stat.isDirectory()) throw new AppError('conflict', 'There is a folder at this path.');
  throw new AppError('conflict', `There is no file at this path but ${kindOf(stat)}: it is left alone.`);
}

function kindOf(stat: BigIntStats): string {
  if (stat.isFIFO()) return 'a pipe';
  if (stat.isSocket()) return 'a socket';
  return stat.isSymbolicLink() ? 'a link' : 'a device';
}

function placeOf(ground: Ground, names: readonly Buffer[]): Place {
  const name = names.at(-1);
  if (name === undefined) throw invalid('path', 'Give the path of something in the workspace: this is its own folder.');
  const folder = descended(ground, names.slice(0, -1));
  const place = { folder, name, at: folder.at(name) };
  try {
    // Standing above it, its name would be enough to rename or to remove it.
    if (isOurs(ground, lstatSync(place.at, { bigint: true, throwIfNoEntry: false }))) throw new AppError('forbidden', OURS);
    return place;
  } catch (error) {
    folder.dispose();
    throw fileTrouble(error);
  }
}

function descended(ground: Ground, names: readonly Buffer[], links = 0): Folder {
  let folder = root(ground);
  try {
    for (const [index, name] of names.entries()) {
      const next = entered(ground, folder, name);
      folder.dispose();
      if (next instanceof Folder) {
        folder = next;
        continue;
      }
      if (links === limits.linksFollowedMax) throw circle();
      return descended(ground, [...namesInside(ground, next), ...names.slice(index + 1)], links + 1);
    }
    return folder;
  } catch (error) {
    folder.dispose();
    throw fileTrouble(error);
  }
}

function root(ground: Ground): Folder {
  try {
    const real = Buffer.from(ground.path);
    const folder = new Folder(openSync(real, STAND | constants.O_DIRECTORY | constants.O_NOFOLLOW), real);
    // A folder above may have become a link since the workspace was made.
    if (BY_DESCRIPTOR ? readlinkSync(`/proc/self/fd/${folder.descriptor}`) === ground.path : realpathSync(ground.path) === ground.path) return folder;
    folder.dispose();
  } catch {
    // As if it were gone.
  }
  throw new AppError('conflict', 'The folder of this workspace cannot be reached: it was moved, deleted or is not readable.');
}

/** @returns the folder, or the real path that a link in its place leads to */
function entered(ground: Ground, from: Folder, name: Buffer): Folder | Buffer {
  const at = from.at(name);
  let descriptor: number;
  try {
    descriptor = openSync(at, STAND | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    const swapped = ['ENOTDIR', 'ELOOP'].includes(systemCode(error)) && lstatSync(at).isSymbolicLink();
    if (!swapped) throw error;
    return realpathSync(at, { encoding: 'buffer' });
  }
  const folder = new Folder(descriptor, joinedBytes(from.real, name));
  try {
    const stat = fstatSync(descriptor, { bigint: true });
    if (isOurs(ground, stat)) throw new AppError('forbidden', OURS);
    if (!BY_DESCRIPTOR) checkAfter(folder.real, stat);
    return folder;
  } catch (error) {
    folder.dispose();
    throw error;
  }
}

/** Real path of what the link at a place leads to; undefined where no link is. @throws AppError */
function leadsTo(place: Place): Buffer | undefined {
  try {
    if (lstatSync(place.at, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined;
    return realpathSync(place.at, { encoding: 'buffer' });
  } catch (error) {
    place.folder.dispose();
    throw systemCode(error) === 'ENOENT' ? new AppError('not_found', 'This is a link that leads nowhere.') : fileTrouble(error);
  }
}

function namesInside(ground: Ground, real: Buffer): Buffer[] {
  const base = Buffer.from(ground.path.endsWith('/') ? ground.path : `${ground.path}/`);
  if (real.equals(base.subarray(0, -1))) return [];
  if (!real.subarray(0, base.byteLength).equals(base)) throw new AppError('forbidden', OUTSIDE);
  const names: Buffer[] = [];
  for (let from = base.byteLength; from < real.byteLength; ) {
    const slash = real.indexOf(0x2f, from);
    const end = slash === -1 ? real.byteLength : slash;
    names.push(real.subarray(from, end));
    from = end + 1;
  }
  return names;
}

/** The data folder, looked for only where it can be met. */
function isOurs(ground: Ground, stat: BigIntStats | undefined): boolean {
  if (stat === undefined || !ground.dataFolder.startsWith(ground.path)) return false;
  const ours = statSync(ground.dataFolder, { bigint: true, throwIfNoEntry: false });
  return ours !== undefined && ours.ino === stat.ino && ours.dev === stat.dev;
}

/** Where there is no way by descriptors: what was opened must be what is there, by its real path. */
function checkAfter(real: Buffer, opened: BigIntStats): void {
  const now = lstatSync(real, { bigint: true });
  const same = now.ino === opened.ino && now.dev === opened.dev && realpathSync(real, { encoding: 'buffer' }).equals(real);
  if (!same) throw new AppError('conflict', SWAPPED);
}

const joinedBytes = (folder: Buffer, name: Buffer): Buffer => Buffer.concat([folder, Buffer.from(folder.at(-1) === 0x2f ? '' : '/'), name]);
const circle = (): AppError => invalid('path', 'The links in this path lead in a circle.');
