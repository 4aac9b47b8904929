// Diffs as they are shown: of the index, of the files, between two commits. Bounded, and plain
// about what is not shown. Numbers of lines start at 1.

import { readSync } from 'node:fs';
import { AppError } from '../errors.ts';
import { type Ground, openFile } from '../files/open.ts';
import { etagOf } from '../files/version.ts';
import { limits } from '../limits.ts';
import { pathspec } from './names.ts';
import { type PatchFile, type PatchHunk, parsedPatch } from './patch.ts';
import { pathIn, type Standing, standingOf } from './place.ts';
import { PLAIN_DIFF, type Reading } from './reading.ts';
import { mustSucceed } from './trouble.ts';
import { markedWords, type Marks } from './words.ts';

export interface DiffLine {
  is: 'came' | 'went' | 'stayed';
  before: number | null;
  after: number | null;
  text: string;
  /** The words that changed. */
  marks: Marks;
  /** The file ends here without a line end. */
  open: boolean;
}

export interface DiffHunk {
  id: string;
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  section: string;
  lines: DiffLine[];
}

export interface FileDiff {
  path: string;
  from: string | null;
  change: 'added' | 'modified' | 'deleted' | 'renamed' | 'copied' | 'retyped' | 'untracked';
  oldMode: string;
  newMode: string;
  binary: boolean;
  /** Both sides of a merge changed it: what is shown is against ours. */
  conflict: boolean;
  submodule: boolean;
  tooLong: boolean;
  came: number;
  went: number;
  /** Of this very difference. */
  id: string;
  hunks: DiffHunk[];
}

export interface Diff {
  files: FileDiff[];
  /** There are more than these. */
  cut: boolean;
}

/** What is compared: the last commit with the index, the index with the files, a commit with the one before it. */
export type Sides = 'staged' | 'unstaged' | { from: string; to: string };

const CHANGES: Readonly<Record<string, FileDiff['change']>> = { A: 'added', M: 'modified', D: 'deleted', R: 'renamed', C: 'copied', T: 'retyped' };
const SUBMODULE = '160000';

/** @param paths only these; all where there are none */
export async function diffOf(reading: Reading, sides: Sides, paths: readonly string[] = []): Promise<Diff> {
  const standing = await standingOf(reading);
  const { files, cut } = await patchFiles(reading, sides, paths);
  return { files: files.flatMap((file) => shown(file, standing)), cut };
}

/** With the bytes of each hunk. */
export async function patchFiles(reading: Reading, sides: Sides, paths: readonly string[]): Promise<{ files: PatchFile[]; cut: boolean }> {
  const what = sides === 'staged' ? ['--cached'] : sides === 'unstaged' ? ['--ours'] : [sides.from, sides.to];
  const where = paths.length === 0 ? ['.'] : paths.map(pathspec);
  const flags = ['--raw', '--patch', '-z', '--no-abbrev', '--unified=3', '--inter-hunk-context=0', '--find-renames', ...PLAIN_DIFF];
  const answer = await reading.ask(['diff', ...flags, ...what, '--', ...where], { outputBytesMax: limits.gitDiffBytesMax });
  mustSucceed(answer, 'Git could not compare.');
  return { files: parsedPatch(answer.stdout, answer.cut), cut: answer.cut };
}

/** A file that git does not know, as lines that came. */
export function untrackedDiff(ground: Ground, path: string): FileDiff {
  const diff: FileDiff = {
    path, from: null, change: 'untracked', oldMode: '000000', newMode: '100644', binary: false, conflict: false, submodule: false, tooLong: false, came: 0, went: 0, id: '', hunks: [],
  };
  const file = openFile(ground, path);
  try {
    diff.id = new Bun.CryptoHasher('sha256').update(`${path}\0${etagOf(file.stat)}`).digest('hex').slice(0, 20);
    if (file.stat.size > limits.gitUntrackedBytesMax) return { ...diff, tooLong: true };
    const bytes = Buffer.alloc(Number(file.stat.size));
    const content = bytes.subarray(0, readSync(file.descriptor, bytes, 0, bytes.byteLength, 0));
    if (content.includes(0)) return { ...diff, binary: true };
    if (content.byteLength === 0) return diff;
    const text = content.toString('utf8');
    const open = !text.endsWith('\n');
    const texts = (open ? text : text.slice(0, -1)).split('\n');
    diff.came = texts.length;
    if (texts.length > limits.gitDiffLinesMax) return { ...diff, tooLong: true };
    const lines = texts.map((line, index) => ({ is: 'came' as const, before: null, after: index + 1, text: shortened(line), marks: [], open: open && index === texts.length - 1 }));
    diff.hunks = [{ id: diff.id, oldStart: 0, oldLines: 0, newStart: 1, newLines: lines.length, section: '', lines }];
    return diff;
  } finally {
    file.close();
  }
}

/** The same where it is gone or no file: a link or a pipe has nothing to show. */
export function untrackedOrNothing(ground: Ground, path: string): FileDiff | undefined {
  try {
    return untrackedDiff(ground, path);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function shown(file: PatchFile, standing: Standing): FileDiff[] {
  const path = pathIn(standing, file.path);
  if (path === null) return [];
  const { oldMode, newMode, binary, conflict, tooLong, came, went, id } = file;
  return [
    {
      path,
      from: file.from === null ? null : pathIn(standing, file.from),
      change: CHANGES[file.letter] ?? 'modified',
      oldMode,
      newMode,
      binary,
      conflict,
      submodule: oldMode === SUBMODULE || newMode === SUBMODULE,
      tooLong,
      came,
      went,
      id,
      hunks: file.hunks.map(shownHunk),
    },
  ];
}

function shownHunk({ id, oldStart, oldLines, newStart, newLines, section, lines }: PatchHunk): DiffHunk {
  const texts = lines.map(({ is, before, after, text, open }): DiffLine => ({ is, before, after, text: shortened(text.toString('utf8')), marks: [], open }));
  markPairs(texts);
  return { id, oldStart, oldLines, newStart, newLines, section, lines: texts };
}

const shortened = (text: string): string => (text.length <= limits.gitLineLengthMax ? text : `${text.slice(0, limits.gitLineLengthMax)}…`);

/** Lines that went and came at one place are compared in their order. */
function markPairs(lines: readonly DiffLine[]): void {
  for (let at = 0; at < lines.length; ) {
    const went = run(lines, at, 'went');
    const came = run(lines, at + went.length, 'came');
    for (const [index, old] of went.entries()) {
      const now = came[index];
      const marks = now === undefined ? undefined : markedWords(old.text, now.text);
      if (now === undefined || marks === undefined) continue;
      old.marks = marks.before;
      now.marks = marks.after;
    }
    at += Math.max(1, went.length + came.length);
  }
}

function run(lines: readonly DiffLine[], from: number, is: DiffLine['is']): DiffLine[] {
  let to = from;
  while (lines[to]?.is === is) to += 1;
  return lines.slice(from, to);
}
