// What git says of the files of a workspace, for lists of them: looked up once for the questions
// of a moment. Where there is no repository, or no git, there are no marks.

import { AppError } from '../errors.ts';
import { type Mark, marksOf } from '../git/marks.ts';
import { limits } from '../limits.ts';
import { within } from '../within.ts';
import type { Parts } from './parts.ts';

export type Marks = ReadonlyMap<string, Mark>;

interface Look {
  at: number;
  marks: Promise<Marks>;
}

const looks = new WeakMap<Parts, Map<string, Look>>();

export function marksFor(parts: Parts, id: string): Promise<Marks> {
  const known = looks.get(parts) ?? new Map<string, Look>();
  looks.set(parts, known);
  const now = performance.now();
  for (const [workspace, { at }] of known) if (now - at > limits.marksKeptMs) known.delete(workspace);
  const look = known.get(id) ?? { at: now, marks: looked(parts, id) };
  known.set(id, look);
  return look.marks;
}

/** Those that are there by then; the look itself goes on. */
export async function marksWithin(parts: Parts, id: string, ms: number): Promise<Marks | undefined> {
  const marks = marksFor(parts, id);
  return (await within(marks, ms)) ? marks : undefined;
}

/** Paths of files and whole folders. */
export async function ignoredIn(parts: Parts, id: string): Promise<string[]> {
  return [...(await marksFor(parts, id))].flatMap(([path, mark]) => (mark === 'ignored' ? [path] : []));
}

/** Its own, or that of a folder which is ignored or untracked as a whole. */
export function markAt(marks: Marks, path: string): Mark | null {
  const own = marks.get(path);
  if (own !== undefined) return own;
  for (let slash = path.lastIndexOf('/'); slash !== -1; slash = path.lastIndexOf('/', slash - 1)) {
    const above = marks.get(path.slice(0, slash));
    if (above === 'ignored' || above === 'untracked') return above;
  }
  return null;
}

/** Whether anything below a folder changed. */
export function changedBelow(marks: Marks, folder: string): boolean {
  for (const [path, mark] of marks) if (mark !== 'ignored' && path.startsWith(`${folder}/`)) return true;
  return false;
}

async function looked({ git, workspaces }: Parts, id: string): Promise<Marks> {
  try {
    return await marksOf(git.of(workspaces.get(id)).place);
  } catch (error) {
    if (error instanceof AppError) return new Map();
    throw error;
  }
}
