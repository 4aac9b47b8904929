// A folder as a list in pages: folders first, names as people count (file 2 before file 10).
// The order of a large folder is kept while the folder does not change.

import { fstatSync, lstatSync, readlinkSync, statSync } from 'node:fs';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { namesIn } from './names.ts';
import { type Folder, type Ground, openFolder, openPlace, openTarget } from './open.ts';
import { folderOf, joined, normalPath, textOf } from './path-text.ts';

export type EntryKind = 'folder' | 'file' | 'link' | 'other';

export interface Entry {
  /** As text: what is no UTF-8 is written %XX. */
  name: string;
  /** From the workspace down. */
  path: string;
  /** What is there; of a link that stays inside, what it leads to, else `link`. */
  kind: EntryKind;
  /** Where a link leads, as it is written in it. */
  link: string | null;
  /** Bytes of a file. */
  size: number | null;
  /** ISO 8601 UTC. */
  modified: string | null;
  /** Its name begins with a dot. */
  hidden: boolean;
}

export interface FolderPage {
  path: string;
  entries: Entry[];
  /** Names that begin with a dot, shown or not. */
  hiddenTotal: number;
  pagination: { total: number; limit: number; offset: number; hasMore: boolean };
}

export interface ListOptions {
  hidden: boolean;
  limit: number;
  offset: number;
}

interface Sorted {
  name: string;
  bytes: Buffer;
  folder: boolean;
  key: string;
}

/** @throws AppError not_found, forbidden, invalid */
export async function listFolder(ground: Ground, path: string, { hidden, limit, offset }: ListOptions): Promise<FolderPage> {
  const at = normalPath(path);
  const folder = openFolder(ground, at);
  try {
    const all = await sortedNames(folder);
    const names = hidden ? all : all.filter(({ name }) => !name.startsWith('.'));
    const page = names.slice(offset, offset + limit);
    const hiddenTotal = hidden ? all.reduce((sum, { name }) => sum + (name.startsWith('.') ? 1 : 0), 0) : all.length - names.length;
    return {
      path: at,
      entries: page.flatMap(({ name, bytes }) => entryOf(ground, folder, at, name, bytes) ?? []),
      hiddenTotal,
      pagination: { total: names.length, limit, offset, hasMore: offset + page.length < names.length },
    };
  } finally {
    folder.dispose();
  }
}

/** What is there, as in a list. @throws AppError not_found */
export function kindAt(ground: Ground, path: string): EntryKind {
  const place = openPlace(ground, path);
  try {
    const entry = entryOf(ground, place.folder, folderOf(normalPath(path)), textOf(place.name), place.name);
    if (entry === undefined) throw new AppError('not_found', 'There is nothing at this path.');
    return entry.kind;
  } finally {
    place.folder.dispose();
  }
}

interface Kept {
  version: string;
  names: Sorted[];
}

const kept = new Map<string, Kept>();

async function sortedNames(folder: Folder): Promise<Sorted[]> {
  const { dev, ino, mtimeNs, ctimeNs, mtimeMs } = fstatSync(folder.descriptor, { bigint: true });
  const id = `${dev}:${ino}`;
  const version = `${mtimeNs}:${ctimeNs}`;
  const known = kept.get(id);
  if (known?.version === version) return known.names;
  const names = (await namesIn(folder)).map(({ bytes, kind }) => {
    const name = textOf(bytes);
    return { name, bytes, folder: kind === 'folder' || (kind === 'link' && leadsToFolder(folder, bytes)), key: sortKey(name) };
  });
  names.sort((one, other) => Number(other.folder) - Number(one.folder) || order(one.key, other.key) || order(one.name, other.name));
  kept.delete(id);
  // Of a folder that changes just now the clock may not tell the next change.
  if (names.length >= limits.listKeptFrom && Date.now() - Number(mtimeMs) > limits.clockStepMs) kept.set(id, { version, names });
  for (const first of kept.keys()) if (kept.size > limits.listsKept) kept.delete(first);
  return names;
}

function entryOf(ground: Ground, folder: Folder, path: string, name: string, bytes: Buffer): Entry | undefined {
  const at = folder.at(bytes);
  const stat = lstatSync(at, { throwIfNoEntry: false });
  if (stat === undefined) return undefined; // Gone meanwhile.
  const entry = { name, path: joined(path, name), hidden: name.startsWith('.'), modified: new Date(stat.mtimeMs).toISOString() };
  if (stat.isSymbolicLink()) return { ...entry, ...ofLink(ground, entry.path, at) };
  const kind = stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other';
  return { ...entry, kind, link: null, size: kind === 'file' ? stat.size : null };
}

function ofLink(ground: Ground, path: string, at: Buffer): Pick<Entry, 'kind' | 'link' | 'size'> {
  let link = '';
  try {
    link = textOf(readlinkSync(at, { encoding: 'buffer' }));
    const place = openTarget(ground, path);
    try {
      const stat = lstatSync(place.at);
      return { kind: stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other', link, size: stat.isFile() ? stat.size : null };
    } finally {
      place.folder.dispose();
    }
  } catch {
    return { kind: 'link', link, size: null }; // Out, nowhere or in a circle.
  }
}

/** For the order alone; whether it may be opened, its walk says. */
function leadsToFolder(folder: Folder, bytes: Buffer): boolean {
  try {
    return statSync(folder.at(bytes), { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

const sortKey = (name: string): string => name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'));
const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
