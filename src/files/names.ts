// What lies in an open folder: names as bytes, and what each is, without following links.

import type { Dirent } from 'node:fs';
import { lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Folder } from './open.ts';
import { fileTrouble } from './trouble.ts';
import { UNFINISHED } from './write.ts';

export type NameKind = 'folder' | 'file' | 'link' | 'other';

export interface Name {
  bytes: Buffer;
  kind: NameKind;
}

/** In the order of the disk, without files of ours that are being written. @throws AppError forbidden, unavailable */
export async function namesIn(folder: Folder): Promise<Name[]> {
  try {
    const path = folder.self.toString();
    const found = await readdir(path, { withFileTypes: true });
    const names: Name[] = [];
    let unclear = false;
    for (const entry of found) {
      // What is no UTF-8 comes so; names in which the sign itself stands are looked at again, too.
      if (entry.name.includes('\ufffd')) unclear = true;
      else if (!UNFINISHED.test(entry.name)) names.push({ bytes: Buffer.from(entry.name), kind: kindOf(folder, entry) });
    }
    if (!unclear) return names;
    for (const bytes of await readdir(path, { encoding: 'buffer' })) {
      if (bytes.toString().includes('\ufffd')) names.push({ bytes, kind: kindAt(folder, bytes) });
    }
    return names;
  } catch (error) {
    throw fileTrouble(error);
  }
}

function kindOf(folder: Folder, entry: Dirent): NameKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (entry.isSymbolicLink()) return 'link';
  const told = entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice();
  return told ? 'other' : kindAt(folder, Buffer.from(entry.name)); // Not every file system says it in its lists.
}

function kindAt(folder: Folder, name: Buffer): NameKind {
  const stat = lstatSync(folder.at(name), { throwIfNoEntry: false });
  if (stat === undefined) return 'other';
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'folder';
  return stat.isSymbolicLink() ? 'link' : 'other';
}
