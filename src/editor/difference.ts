// The smallest edit that is quickly found from one text to another: what stays keeps its place,
// so that carets and unsent edits of others stay where they are.

import { ChangeSet, type ChangeSpec, type Text } from '@codemirror/state';
import { diffArrays } from 'diff';
import { limits } from '../limits.ts';

/** By lines, then by what differs within them. Applied to `from` it gives `to`. */
export function difference(from: Text, to: Text): ChangeSet {
  const changes: ChangeSpec[] = [];
  const { start, end } = sameAround(from, to);
  const parts = diffArrays(linesOf(from, start, end), linesOf(to, start, end), {
    timeout: limits.documentDiffMs,
    maxEditLength: limits.documentDiffEditsMax,
  });
  if (parts === undefined) {
    // Too different to look closer: the middle goes as one.
    narrowed(changes, startOf(from, start), middle(from, start, end), middle(to, start, end));
    return ChangeSet.of(changes, from.length, '\n');
  }
  let line = start;
  let removed: string[] = [];
  let added: string[] = [];
  const flush = (): void => {
    lineEdit(changes, from, line, removed, added);
    line += removed.length;
    removed = [];
    added = [];
  };
  for (const part of parts) {
    if (part.removed) removed.push(...part.value);
    else if (part.added) added.push(...part.value);
    else {
      flush();
      line += part.value.length;
    }
  }
  flush();
  return ChangeSet.of(changes, from.length, '\n');
}

/** How many lines are the same at the beginning, and at the end of what is left. */
function sameAround(from: Text, to: Text): { start: number; end: number } {
  const most = Math.min(from.lines, to.lines);
  let start = 0;
  const [forward, other] = [from.iterLines(), to.iterLines()];
  while (start < most && forward.next().value === other.next().value) start += 1;
  let end = 0;
  while (end < most - start && from.line(from.lines - end).text === to.line(to.lines - end).text) end += 1;
  return { start, end };
}

const linesOf = (text: Text, start: number, end: number): string[] => {
  const lines: string[] = [];
  if (start >= text.lines - end) return lines;
  for (const line of text.iterLines(start + 1, text.lines - end + 1)) lines.push(line);
  return lines;
};

/** Where line `index` (from 0) begins; the end of the text for the one after the last. */
const startOf = (text: Text, index: number): number => (index < text.lines ? text.line(index + 1).from : text.length);

function middle(text: Text, start: number, end: number): string {
  return linesOf(text, start, end).join('\n');
}

/** Whole lines come and go with the break after them; at the end of the text with the one before. */
function lineEdit(changes: ChangeSpec[], from: Text, line: number, removed: string[], added: string[]): void {
  if (removed.length === 0 && added.length === 0) return;
  if (removed.length > 0 && added.length > 0) {
    narrowed(changes, startOf(from, line), removed.join('\n'), added.join('\n'));
    return;
  }
  const atEnd = line + removed.length >= from.lines;
  if (removed.length === 0) {
    const inserted = added.join('\n');
    changes.push(atEnd ? { from: from.length, insert: `\n${inserted}` } : { from: startOf(from, line), insert: `${inserted}\n` });
    return;
  }
  const begin = startOf(from, line);
  changes.push(atEnd ? { from: Math.max(0, begin - 1), to: from.length } : { from: begin, to: startOf(from, line + removed.length) });
}

/** Without what both begin and end with; no character is cut in half. */
function narrowed(changes: ChangeSpec[], at: number, removed: string, added: string): void {
  const most = Math.min(removed.length, added.length);
  let start = 0;
  while (start < most && removed[start] === added[start]) start += 1;
  let end = 0;
  while (end < most - start && removed.at(-1 - end) === added.at(-1 - end)) end += 1;
  if (start > 0 && isHigh(removed.charCodeAt(start - 1))) start -= 1;
  if (end > 0 && isLow(removed.charCodeAt(removed.length - end))) end -= 1;
  const insert = added.slice(start, added.length - end);
  if (insert === '' && removed.length === start + end) return;
  changes.push({ from: at + start, to: at + removed.length - end, insert });
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;
