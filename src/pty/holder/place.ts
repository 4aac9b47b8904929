// Where the holder of a data folder is found. All that a server must know stands in the data
// folder itself (XDG_RUNTIME_DIR differs between a login and a service), per major version,
// so that holders which do not understand each other live side by side.

import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { limits } from '../../limits.ts';

export interface Place {
  /** 0700; the files below and the spool lie in it. */
  folder: string;
  /** Locked by the living holder. */
  lock: string;
  /** Card of the living holder, 0600: it has the token. */
  card: string;
  log: string;
}

export interface Card {
  pid: number;
  /** Shows that a caller can read the data folder. */
  token: string;
  /** Any of them leads to the holder: one may have been swept away with a login's runtime folder. */
  sockets: string[];
}

export function placeOf(dataFolder: string, major: number): Place {
  const folder = join(dataFolder, `holder-${major}`);
  return { folder, lock: join(folder, 'lock'), card: join(folder, 'card.json'), log: join(folder, 'log') };
}

/** Major versions that ever had a holder here. */
export function majorsIn(dataFolder: string): number[] {
  try {
    return readdirSync(dataFolder).flatMap((name) => {
      const major = /^holder-(\d+)$/.exec(name)?.[1];
      return major === undefined ? [] : [Number(major)];
    });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Paths to listen on: the user's runtime folder where there is one, and the place's own. */
export function socketPaths(place: Place, runtimeFolder: string | undefined): string[] {
  const own = join(place.folder, 'socket');
  const shared = runtimeFolder === undefined || runtimeFolder === '' ? undefined : sharedFolder(place, runtimeFolder);
  return shared === undefined ? [own] : [join(shared, 'socket'), own];
}

/** undefined where it is not ours alone, or the path would be too long. */
function sharedFolder(place: Place, runtimeFolder: string): string | undefined {
  const hash = new Bun.CryptoHasher('sha256').update(realpathSync(place.folder)).digest('hex').slice(0, 16);
  const folder = join(runtimeFolder, `dispatch-${hash}`);
  if (Buffer.byteLength(join(folder, 'socket')) > limits.socketPathBytesMax || !isOurs(runtimeFolder)) return undefined;
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) return undefined;
  }
  return isOurs(folder) ? folder : undefined;
}

/** A folder, no link to one, which nobody else can use: after `su` the variable names another user's. */
function isOurs(folder: string): boolean {
  const found = isAbsolute(folder) ? lstatSync(folder, { throwIfNoEntry: false }) : undefined;
  return found !== undefined && found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}

/** A path that fits a socket's address: a long one is reached through its folder's descriptor. */
export function shortPath(path: string): { path: string; dispose(): void } {
  if (Buffer.byteLength(path) <= limits.socketPathBytesMax) return { path, dispose() {} };
  const folder = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${folder}/${basename(path)}`, dispose: () => closeSync(folder) };
}

/** undefined where there is none, also where a power loss left an empty one: only a living holder's is whole. */
export function readCard(place: Place): Card | undefined {
  try {
    return JSON.parse(readFileSync(place.card, 'utf8')) as Card;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** In one step: a reader sees the old card or this one. */
export function writeCard(place: Place, card: Card): void {
  const next = `${place.card}.next`;
  writeFileSync(next, JSON.stringify(card), { mode: 0o600 });
  renameSync(next, place.card);
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
