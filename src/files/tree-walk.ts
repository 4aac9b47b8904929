// All that lies in a folder, depth first, from descriptor to descriptor: links are told and not
// followed, what comes or goes meanwhile is there or not.

import { type BigIntStats, lstatSync } from 'node:fs';
import { limits } from '../limits.ts';
import { namesIn } from './names.ts';
import { childFolder, type Folder, type Ground, type Place } from './open.ts';

export interface Walked {
  place: Place;
  /** From the folder that the walk began in. */
  names: readonly Buffer[];
  stat: BigIntStats;
}

export interface WalkOptions {
  /** Folders and files that are not looked at. */
  leaveOut?: (name: Buffer, names: readonly Buffer[]) => boolean;
  entriesMax?: number;
  /** Told what the walk does not go into: a folder that cannot be read, or lies too deep, and the first entry past the bound. */
  missed?: (why: 'unreadable' | 'deep' | 'bound', names: readonly Buffer[]) => void;
}

/** A folder comes before what is in it, at most limits.treeDepthMax of them within each other; each place holds until the next one is asked for. */
export async function* walkTree(ground: Ground, folder: Folder, options: WalkOptions = {}, names: readonly Buffer[] = [], count = { left: options.entriesMax ?? limits.copyEntriesMax }): AsyncGenerator<Walked> {
  // What cannot be read is left out, as it is in a list made by any other program.
  const found = await namesIn(folder).catch(() => (options.missed?.('unreadable', names), []));
  found.sort((one, other) => Buffer.compare(one.bytes, other.bytes));
  for (const { bytes } of found) {
    const below = [...names, bytes];
    if (options.leaveOut?.(bytes, below) === true) continue;
    if (count.left-- <= 0) {
      if (count.left === -1) options.missed?.('bound', below);
      return;
    }
    const at = folder.at(bytes);
    const stat = lstatSync(at, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) continue;
    yield { place: { folder, name: bytes, at }, names: below, stat };
    if (!stat.isDirectory()) continue;
    if (below.length > limits.treeDepthMax) {
      options.missed?.('deep', below);
      continue;
    }
    const inner = opened(ground, folder, bytes);
    if (inner === undefined) options.missed?.('unreadable', below);
    try {
      if (inner !== undefined) yield* walkTree(ground, inner, options, below, count);
    } finally {
      inner?.dispose();
    }
  }
}

function opened(ground: Ground, folder: Folder, name: Buffer): Folder | undefined {
  try {
    return childFolder(ground, folder, name);
  } catch {
    return undefined; // The data folder, or one that may not be entered.
  }
}
