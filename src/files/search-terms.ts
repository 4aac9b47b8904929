// What is searched for in files, and what is found: the words between a search, whoever does it,
// and those who read its results.

import { invalid } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Ground } from './open.ts';

export interface SearchTerms {
  text: string;
  regex: boolean;
  /** Whether upper and lower case are told apart. */
  exactCase: boolean;
  /** Names or paths with * and ?; one that begins with ! leaves out. */
  globs: readonly string[];
}

/** Letters of a line, from and up to, as JavaScript counts them. */
export type LetterRange = readonly [number, number];

export interface Match {
  path: string;
  /** From 1. */
  line: number;
  /** Letters of the line before `text`: a long line is cut around what was found. */
  before: number;
  text: string;
  ranges: LetterRange[];
  /** The line as it would be. */
  replaced?: string;
}

export type SearchEvent =
  | ({ type: 'match' } & Match)
  | { type: 'done'; engine: 'ripgrep' | 'own'; matches: number; files: number; limited: 'matches' | 'time' | null }
  | { type: 'error'; message: string };

/** What a thread of its own is given to do. */
export type SearchJob =
  | { kind: 'search'; ground: Ground; terms: SearchTerms; ignored: readonly string[]; replacement?: string | undefined }
  | { kind: 'replace'; ground: Ground; terms: SearchTerms; replacement: string; files: readonly { path: string; etag: string }[] };

export interface Replaced {
  type: 'replaced';
  path: string;
  /** The new bytes; none where nothing was found, or the file is another one or no UTF-8. */
  bytes: Uint8Array | null;
  etag: string;
  count: number;
  reason: string | null;
}

/** @throws AppError invalid (field q) */
export function patternOf({ text, regex, exactCase }: SearchTerms): RegExp {
  const flags = exactCase ? 'gmu' : 'gimu';
  if (!regex) return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), flags);
  try {
    return new RegExp(text, flags);
  } catch (error) {
    throw invalid('q', `This is no regular expression: ${error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : 'it cannot be read'}.`);
  }
}

/** A line, cut around its first range where it is long. */
export function shownLine(line: string, ranges: readonly LetterRange[]): Pick<Match, 'before' | 'text' | 'ranges'> {
  const most = limits.fileSearchLineLength;
  const first = ranges[0]?.[0] ?? 0;
  const before = line.length <= most ? 0 : Math.max(0, Math.min(first - 40, line.length - most));
  const text = line.slice(before, before + most).toWellFormed();
  const kept = ranges.map(([from, to]) => [from - before, Math.min(to - before, text.length)] as const).filter(([from, to]) => from >= 0 && from < text.length && to >= from);
  return { before, text, ranges: kept.slice(0, limits.fileSearchRangesMax) };
}

/** Whether a path is among those that the globs leave in. */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const made = globs.map((glob) => {
    const out = glob.startsWith('!');
    const plain = (out ? glob.slice(1) : glob).replace(/^\//, '');
    // Without a slash it is a name at any depth, as in an ignore file; a folder means all in it.
    const anywhere = plain.replace(/\/$/, '').includes('/') ? plain : `**/${plain}`;
    return { out, patterns: [new Bun.Glob(anywhere), new Bun.Glob(`${anywhere.replace(/\/$/, '')}/**`)] };
  });
  const wanted = made.some(({ out }) => !out);
  return (path) => {
    let inside = !wanted;
    for (const { out, patterns } of made) if (patterns.some((pattern) => pattern.match(path))) inside = !out;
    return inside;
  };
}
