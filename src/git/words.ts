// Which words of a line changed, where one line took the place of another: found by a library,
// with bounds, and left out where the two have too little in common to be compared by eye.

import { diffWordsWithSpace } from 'diff';

/** Ranges of UTF-16 units in a line. */
export type Marks = [from: number, to: number][];

export interface MarkedPair {
  before: Marks;
  after: Marks;
}

const LENGTH_MAX = 400;
const TIMEOUT_MS = 5;
/** Of what is in both, in parts of the longer one. */
const ALIKE = 0.35;

export function markedWords(before: string, after: string): MarkedPair | undefined {
  if (before.length > LENGTH_MAX || after.length > LENGTH_MAX) return undefined;
  const parts = diffWordsWithSpace(before, after, { timeout: TIMEOUT_MS });
  if (parts === undefined) return undefined;
  const marks: MarkedPair = { before: [], after: [] };
  let old = 0;
  let now = 0;
  let alike = 0;
  for (const { value, added, removed } of parts) {
    if (added) push(marks.after, now, value.length);
    if (removed) push(marks.before, old, value.length);
    if (!added && !removed) alike += value.trim().length;
    if (!added) old += value.length;
    if (!removed) now += value.length;
  }
  return alike >= ALIKE * Math.max(before.trim().length, after.trim().length) ? marks : undefined;
}

function push(marks: Marks, from: number, length: number): void {
  const last = marks.at(-1);
  if (last !== undefined && last[1] === from) last[1] += length;
  else marks.push([from, from + length]);
}
