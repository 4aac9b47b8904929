// What a screen shows, as text to be searched: a line when it scrolls away, and what stood on the
// screen for a moment when it is replaced. A bar that goes on, a clock, a list that is drawn anew
// count once, in their last state; what nobody could see does not count at all.

import { limits } from '../../limits.ts';
import type { ShownRow } from './shown-rows.ts';

/** A line, with the event after which it was shown. */
export interface ShownLine {
  text: string;
  sequence: number;
  timestamp: number;
}

const LETTERS = /[^\p{L}0]+/gu;
const DIGITS = /\d+/g;

/** Decides what of a screen's rows is taken, and joins rows that are one line. */
export class ShownText {
  /** Lines that were taken. */
  lines: ShownLine[] = [];
  /** Texts of screens that were taken, the latest last. */
  readonly #taken = new Set<string>();
  /** The same without figures, since somebody typed. */
  readonly #sinceInput = new Set<string>();
  #input = 0;

  /** Somebody typed: what changes now does so for that. */
  typed(sequence: number): void {
    this.#input = sequence;
    this.#sinceInput.clear();
  }

  /** Scrolled away: rows of one line, whole. On the alternate screen lines come and go again. */
  scrolled(rows: readonly ShownRow[], isAlternate: boolean): void {
    if (isAlternate) this.left(rows);
    else if (!rows.every(({ taken }) => taken)) this.#add(rows);
  }

  /** Rows that show something else now, or nothing. @param now ms, of the event that changed them */
  replaced(rows: readonly { was: ShownRow; is: string }[], now: number): void {
    const standing = rows.filter(({ was, is }) => this.#stood(was, is, now)).map(({ was }) => was);
    for (const line of joined(standing)) {
      const bare = withoutFigures(textOf(line));
      const byItself = (line[0]?.sequence ?? 0) >= this.#input;
      if (byItself && bare !== '' && this.#sinceInput.has(bare)) continue;
      this.#sinceInput.add(bare);
      this.#addOnce(line);
    }
    if (this.#sinceInput.size > limits.shownTextsKept) this.#sinceInput.clear();
  }

  /** A screen that is left: all of it was there to be seen. */
  left(rows: readonly ShownRow[]): void {
    for (const line of joined(rows)) if (!line.every(({ taken }) => taken)) this.#addOnce(line);
  }

  take(): ShownLine[] {
    const { lines } = this;
    this.lines = [];
    return lines;
  }

  /** Long enough to be read, and no earlier state of what is there now. */
  #stood({ text, taken, timestamp, sequence }: ShownRow, is: string, now: number): boolean {
    if (taken || text.trim() === '' || now - timestamp < limits.shownTextMs) return false;
    if (is.startsWith(text.trimEnd())) return false;
    return this.#input > sequence || withoutFigures(is) !== withoutFigures(text);
  }

  #addOnce(rows: readonly ShownRow[]): void {
    const text = textOf(rows);
    if (text === '' || this.#taken.has(text)) return;
    this.#taken.add(text);
    for (const oldest of this.#taken) {
      if (this.#taken.size <= limits.shownTextsKept) break;
      this.#taken.delete(oldest);
    }
    this.#add(rows);
  }

  #add(rows: readonly ShownRow[]): void {
    this.lines.push(...linesOf(rows));
  }
}

/** Rows of one line as that line, of its last row's moment; a very long one in pieces. Nothing where it is blank. */
export function linesOf(rows: readonly ShownRow[]): ShownLine[] {
  const text = textOf(rows);
  if (text === '') return [];
  const { sequence, timestamp } = rows.reduce((latest, row) => (row.sequence > latest.sequence ? row : latest));
  const lines: ShownLine[] = [];
  const { shownLineLengthMax: most, shownLineOverlap: overlap } = limits;
  for (let at = 0; at === 0 || at + overlap < text.length; at += most - overlap) lines.push({ text: text.slice(at, at + most), sequence, timestamp });
  return lines;
}

/** Rows in their order, those of one line together. */
export function joined(rows: readonly ShownRow[]): ShownRow[][] {
  const lines: ShownRow[][] = [];
  for (const row of rows) {
    const last = lines.at(-1);
    if (row.wrapped && last !== undefined) last.push(row);
    else lines.push([row]);
  }
  return lines;
}

const textOf = (rows: readonly ShownRow[]): string => rows.map(({ text }) => text).join('').trimEnd();

/** What a progress bar, a clock or a spinner leaves the same. */
const withoutFigures = (text: string): string => text.replace(DIGITS, '0').replace(LETTERS, '');
