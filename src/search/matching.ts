// Looks a query up in the text of one block: where the words of the index only say that it may
// be there, this says where it is.

import { limits } from '../limits.ts';
import type { Block } from './block.ts';
import { fold, foldLine } from './fold.ts';
import type { Query, Term } from './query.ts';

/** How near the words are to each other: in one line, within a few, or just in the same block. */
export type Nearness = 0 | 1 | 2;

export interface Hit {
  nearness: Nearness;
  /** The line that it is shown at, from 0 in the block. */
  line: number;
  /** Lines that have a word each, in order. */
  lines: number[];
}

export interface Part {
  text: string;
  match: boolean;
}

/** A query, ready to be looked up in many blocks. */
export class Matcher {
  readonly #terms: RegExp[];
  readonly #looked: Looked[];
  readonly #without: RegExp[];

  constructor({ terms, without }: Query) {
    // The longest is the rarest, mostly.
    const sorted = [...terms].sort((one, other) => other.text.length - one.text.length);
    this.#terms = sorted.map(patternOf);
    this.#looked = sorted.map(lookedFor);
    this.#without = without.map(patternOf);
  }

  /** In a name, a path: whether all of it is there. */
  fits(text: string): boolean {
    const folded = fold(text);
    return this.#terms.every((term) => found(term, folded, 0) !== undefined) && !this.#excludes(folded);
  }

  /** Nearest words first, then latest first. @param allows whether a line counts at all; all do without */
  hits(block: Block, allows?: (line: number) => boolean): Hit[] {
    const { folded } = block;
    // Most blocks are looked at in vain: what is cheapest to see comes first.
    if (!this.#looked.every(({ words }) => words.every((word) => folded.includes(word)))) return [];
    const places: number[][] = [];
    for (const looked of this.#looked) {
      const lines = linesWith(looked, block);
      places.push(allows === undefined ? lines : lines.filter(allows));
      if (places.at(-1)?.length === 0) return [];
    }
    const [rarest, ...others] = places.toSorted((one, other) => one.length - other.length);
    if (rarest === undefined) return [];
    const excluded = (line: number): boolean => this.#excludes(foldedLine(block, line));
    const hits: Hit[] = [];
    let apart: Hit | undefined;
    for (const line of rarest.toReversed()) {
      const lines = [line, ...others.map((place) => nearest(place, line))];
      const span = Math.max(...lines) - Math.min(...lines);
      if (lines.some((each) => this.#without.length > 0 && excluded(each))) continue;
      const hit: Hit = { nearness: span === 0 ? 0 : span <= limits.searchNearLines ? 1 : 2, line, lines: unique(lines) };
      if (hit.nearness < 2) hits.push(hit);
      else if (apart === undefined || span < spanOf(apart)) apart = hit;
    }
    if (hits.length === 0 && apart !== undefined) return [apart];
    return this.#terms.length < 2 ? hits : hits.sort((one, other) => one.nearness - other.nearness);
  }

  /** The line in pieces, what was looked for told from the rest; of a long one what stands around the first find. */
  parts(line: string): Part[] {
    const { folded, origin } = foldLine(line);
    const ranges: [number, number][] = [];
    for (const term of this.#terms) {
      for (let at = 0, match = found(term, folded, 0); match !== undefined && ranges.length < MARKS_MAX; match = found(term, folded, at)) {
        at = match.end;
        ranges.push([origin(match.start), Math.max(origin(match.end), origin(match.start) + 1)]);
      }
    }
    ranges.sort(([one], [other]) => one - other);
    const from = Math.max(0, (ranges[0]?.[0] ?? 0) - limits.searchContextLength / 3);
    const begin = line.length <= limits.searchContextLength ? 0 : Math.floor(Math.min(from, line.length - limits.searchContextLength));
    return cut(line, ranges, begin, Math.min(line.length, begin + limits.searchContextLength));
  }

  #excludes(folded: string): boolean {
    return this.#without.some((term) => found(term, folded, 0) !== undefined);
  }
}

const MARKS_MAX = 100;
const SPECIAL = /[.*+?^${}()|[\]\\/]/g;

function patternOf({ text, prefix }: Term): RegExp {
  const words = text.split(' ').map((word) => word.replace(SPECIAL, '\\$&'));
  return new RegExp(`${prefix ? '(?<![\\p{L}\\p{N}_])' : ''}${words.join('[^\\S\\n]+')}`, 'gu');
}

function found(term: RegExp, folded: string, from: number): { start: number; end: number } | undefined {
  term.lastIndex = from;
  const match = term.exec(folded);
  return match === null ? undefined : { start: match.index, end: match.index + match[0].length };
}

/** A term, ready to be looked up in bytes. */
interface Looked {
  words: Buffer[];
  /** Where the words are not all that there is to it. */
  pattern: RegExp | undefined;
}

function lookedFor(term: Term): Looked {
  const words = term.text.split(' ').map((word) => Buffer.from(word));
  return { words, pattern: term.prefix || words.length > 1 ? patternOf(term) : undefined };
}

/** Each line once, in order. */
function linesWith({ words: [first, second], pattern }: Looked, block: Block): number[] {
  const { folded, starts } = block;
  const lines: number[] = [];
  if (first === undefined) return lines;
  for (let at = folded.indexOf(first); at !== -1; ) {
    let next: number | undefined = at + 1;
    if (second === undefined || mayFollow(folded, at + first.byteLength, second)) {
      const line = lineAt(starts, at);
      if (pattern === undefined || found(pattern, foldedLine(block, line), 0) !== undefined) lines.push(line);
      next = starts[line + 1];
      if (next === undefined) break;
    }
    at = folded.indexOf(first, next);
  }
  return lines;
}

const foldedLine = ({ folded, starts }: Block, line: number): string => folded.toString('utf8', starts[line], (starts[line + 1] ?? folded.byteLength + 1) - 1);

/** After blanks; of others than ASCII's it is not said that it does not. */
function mayFollow(folded: Buffer, from: number, word: Buffer): boolean {
  let at = from;
  while (folded[at] === 0x20 || folded[at] === 0x09) at += 1;
  const next = folded[at] ?? 0;
  return next >= 0x80 || next < 0x20 || (at > from && next === word[0]);
}

function lineAt(starts: readonly number[], at: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Of lines in order, which are not none, the one that is nearest. */
function nearest(lines: readonly number[], line: number): number {
  const below = lines[lineAt(lines, line)] ?? line;
  const above = lines[lineAt(lines, line) + 1] ?? below;
  return Math.abs(above - line) < Math.abs(below - line) ? above : below;
}

const unique = (lines: readonly number[]): number[] => [...new Set(lines)].sort((one, other) => one - other);
const spanOf = ({ lines }: Hit): number => (lines.at(-1) ?? 0) - (lines[0] ?? 0);

function cut(line: string, ranges: readonly [number, number][], begin: number, end: number): Part[] {
  const parts: Part[] = [];
  const add = (text: string, match: boolean): void => {
    if (text !== '') parts.push({ text: text.toWellFormed(), match });
  };
  let at = begin;
  if (begin > 0) add('…', false);
  for (const [from, to] of ranges) {
    if (from >= end || to <= at) continue;
    add(line.slice(at, Math.max(at, from)), false);
    add(line.slice(Math.max(at, from), Math.min(to, end)), true);
    at = Math.min(to, end);
  }
  add(line.slice(at, end), false);
  if (end < line.length) add('…', false);
  return parts;
}
