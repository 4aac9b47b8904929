// Draws lines of a screen as VT, cell by cell what they are: characters, attributes, links, what
// is empty and what was erased in a colour, and whether a line goes on from the one before.
// Nothing but printing makes xterm wrap a line, so a wrapped line is printed across the edge.

import { BG, FG, link, sgr, underlineOf } from './attributes.ts';
import { charactersOf, type Core, HAS_CONTENT, type Line, WIDTH_SHIFT } from './xterm.ts';

/** An ideographic space: two columns wide, and joins with nothing. */
const WIDE_SPACE = '\u3000';

/** How faithful a drawing is; less where a hostile screen would be too large. */
export type Detail = 'all' | 'no links' | 'text';

export class RowWriter {
  /** What was drawn so far. */
  text = '';
  readonly #core: Core;
  readonly #detail: Detail;
  readonly #cols: number;
  #fg = 0;
  #bg = 0;
  #underline = 0;
  #link = 0;
  /** Last characters printed, where nothing came between: a cluster may join with them. */
  #last = '';

  constructor(core: Core, detail: Detail) {
    this.#core = core;
    this.#detail = detail;
    this.#cols = core._bufferService.cols;
  }

  /** Something that leaves attributes and link as they are. */
  control(sequence: string): void {
    this.text += sequence;
    this.#last = '';
  }

  /** Attributes and link of no cell at all. */
  plain(): void {
    this.#attributes(0, 0, 0, 0);
  }

  /** Attributes of the cell at `index`, and its link. */
  attributesOf(line: Line, index: number): void {
    const fg = line._data[index * 3 + 1] ?? 0;
    const bg = line._data[index * 3 + 2] ?? 0;
    const extended = (bg & BG.extended) === 0 ? undefined : line._extendedAttrs[index];
    this.#attributes(fg, bg, underlineOf(fg, bg, extended), extended?.urlId ?? 0);
  }

  /**
   * Draws `line` into an empty row that the cursor is at the start of, and wraps into `next` if
   * that goes on from it: then the cursor is in the next row, which is empty but not printed.
   */
  row(line: Line, next: Line | undefined): void {
    const end = this.#cells(line);
    if (next?.isWrapped !== true) return;
    if (end < this.#cols) {
      // Its end is empty: a wide character that does not fit leaves exactly that behind.
      this.#moveRight(this.#cols - 1 - end);
      this.attributesOf(line, this.#cols - 1);
      this.#cluster(WIDE_SPACE);
      this.plain();
      this.control(`\r\x1b[${this.#cols}X`);
    } else {
      this.plain();
      this.#cluster(' ');
      this.control('\r\x1b[X');
    }
  }

  /** @returns the column after the last one printed or passed; what follows is empty */
  #cells(line: Line): number {
    const data = line._data;
    let at = 0;
    let column = 0;
    while (column < this.#cols) {
      const content = data[column * 3] ?? 0;
      const fg = data[column * 3 + 1] ?? 0;
      const bg = data[column * 3 + 2] ?? 0;
      if ((content & HAS_CONTENT) === 0) {
        const same = fg === 0 && bg === 0 ? 1 : this.#emptyCells(line, column, at);
        if (same < 0) {
          at = column;
          column -= same;
        } else {
          column += same;
        }
        continue;
      }
      this.#moveRight(column - at);
      this.attributesOf(line, column);
      const width = (content >>> WIDTH_SHIFT) || 1;
      const printed = this.#cluster(charactersOf(line, column));
      column += width;
      at = column;
      // Pieces of a cluster that fell apart may have kept the width of the whole.
      if (printed !== width && column < this.#cols) this.control(`\x1b[${column + 1}G`);
    }
    return at;
  }

  /**
   * Empty cells that were erased in a colour. The cursor is at `at` before.
   * @returns how many; negative where the cursor is at `column` now, positive where it did not move
   */
  #emptyCells(line: Line, column: number, at: number): number {
    const data = line._data;
    const color = (data[column * 3 + 2] ?? 0) & 0x3ffffff;
    let count = 1;
    while (column + count < this.#cols && sameEmpty(data, column, column + count)) count += 1;
    if (color === 0) return count;
    this.#moveRight(column - at);
    this.#attributes(0, color, 0, 0);
    this.control(`\x1b[${count}X`);
    return -count;
  }

  #attributes(fg: number, bg: number, underline: number, id: number): void {
    if (this.#detail === 'text') return;
    if (id !== this.#link && this.#detail === 'all') {
      this.#link = id;
      this.text += link(this.#core, id);
      this.#last = '';
    }
    // Which of the flags of the extension are set is told by what they are about.
    const ownBg = bg & ~BG.extended;
    const ownFg = fg & ~FG.underline;
    if (ownFg === this.#fg && ownBg === this.#bg && underline === this.#underline) return;
    this.#fg = ownFg;
    this.#bg = ownBg;
    this.#underline = underline;
    this.text += sgr(ownFg, ownBg, underline);
    this.#last = '';
  }

  #moveRight(columns: number): void {
    if (columns > 0) this.control(columns === 1 ? '\x1b[C' : `\x1b[${columns}C`);
  }

  /**
   * Prints what one cell holds; what would join with the cell before is kept apart by a NUL.
   * @returns the columns it takes
   */
  #cluster(characters: string): number {
    const shown = this.#detail === 'text' ? String.fromCodePoint(characters.codePointAt(0) ?? 0x20) : characters;
    if (this.#last !== '' && joins(this.#core, this.#last, shown)) this.control('\0');
    this.text += shown;
    this.#last = shown;
    return shown.length === 1 && shown.charCodeAt(0) < 0x300 ? 1 : (joinState(this.#core, shown) >>> 1) & 3;
  }
}

/** State of joining after `characters`, printed after nothing: what xterm keeps between two of them. */
export function joinState(core: Core, characters: string): number {
  let state = 0;
  for (const character of characters) state = core.unicodeService.charProperties(character.codePointAt(0) ?? 0, state);
  return state;
}

function joins(core: Core, before: string, after: string): boolean {
  const code = after.codePointAt(0) ?? 0;
  // Nothing below joins with what is before it, unless that asks for it: then it is above.
  if (code < 0x300 && before.length === 1 && before.charCodeAt(0) < 0x300) return false;
  return (core.unicodeService.charProperties(code, joinState(core, before)) & 1) === 1;
}

const sameEmpty = (data: Uint32Array, first: number, other: number): boolean =>
  ((data[other * 3] ?? 0) & HAS_CONTENT) === 0 &&
  data[other * 3 + 1] === data[first * 3 + 1] &&
  data[other * 3 + 2] === data[first * 3 + 2];
