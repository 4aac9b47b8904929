// What git says of the files in a folder tree, for a list of them: one look, of names only.

import { limits } from '../limits.ts';
import { piecesOf } from './names.ts';
import { pathIn, standingOf } from './place.ts';
import { Reading } from './reading.ts';
import type { GitPlace } from './run.ts';
import { NoRepository } from './trouble.ts';

export type Mark = 'conflict' | 'modified' | 'added' | 'deleted' | 'renamed' | 'untracked' | 'ignored';

/**
 * Paths from the workspace down to their marks; a folder has one where all in it is untracked
 * or ignored. Empty outside a repository.
 */
export async function marksOf(place: GitPlace, signal?: AbortSignal): Promise<Map<string, Mark>> {
  const reading = new Reading(place, signal);
  const marks = new Map<string, Mark>();
  try {
    const standing = await standingOf(reading);
    const { stdout } = await reading.ask(
      ['status', '--porcelain=v2', '-z', '--untracked-files=normal', '--ignored=traditional', '--ignore-submodules=dirty', '--no-renames', '--', '.'],
      { outputBytesMax: limits.gitStatusBytesMax },
    );
    for (const piece of piecesOf(stdout)) {
      const kind = String.fromCharCode(piece[0] ?? 0);
      const path = pathIn(standing, pathPart(kind, piece));
      if (path !== null && path !== '') marks.set(path, markOf(kind, piece.toString('latin1', 2, 4)));
    }
  } catch (error) {
    if (!(error instanceof NoRepository)) throw error;
  }
  return marks;
}

function pathPart(kind: string, piece: Buffer): Buffer {
  let start = 0;
  const fields = kind === 'u' ? 10 : kind === '1' ? 8 : 1;
  for (let field = 0; field < fields; field += 1) start = piece.indexOf(0x20, start) + 1;
  return piece.subarray(start);
}

function markOf(kind: string, xy: string): Mark {
  if (kind === '?') return 'untracked';
  if (kind === '!') return 'ignored';
  if (kind === 'u') return 'conflict';
  if (xy.includes('D')) return 'deleted';
  return xy.includes('A') ? 'added' : 'modified';
}
