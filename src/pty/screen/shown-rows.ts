// Follows the rows of a screen from event to event: which scrolled away, which show something
// else, and since when each shows what it does. Rows are known by xterm's own line objects, which
// move as the lines do.

import { limits } from '../../limits.ts';
import type { Winsize } from '../winsize.ts';
import { FG } from './attributes.ts';
import { joined, linesOf, type ShownLine, ShownText } from './shown-text.ts';
import { type Buffer, charactersOf, CODE_POINT, COMBINED, type Core, HAS_CONTENT, type Line, WIDTH_SHIFT } from './xterm.ts';

/** A row as it was after an event. */
export interface ShownRow {
  text: string;
  /** Of the event after which it showed that first. */
  sequence: number;
  timestamp: number;
  /** It goes on from the row above. */
  wrapped: boolean;
  /** It was taken already. */
  taken: boolean;
}

export interface RowsState {
  normal: ShownRow[];
  alternate: ShownRow[];
  isAlternate: boolean;
  carried: ShownRow[];
}

interface Moment {
  sequence: number;
  timestamp: number;
}

export class ShownRows {
  readonly text = new ShownText();
  readonly #core: Core;
  /** What each line of a screen showed after the last event. */
  #rows = new Map<Line, ShownRow>();
  #hidden = new Map<Line, ShownRow>();
  #isAlternate = false;
  /** Of a line whose end is still on the screen, the rows that scrolled away. */
  #carried: ShownRow[] = [];
  #carriedFromAlternate = false;
  #now: Moment = { sequence: 0, timestamp: 0 };

  constructor(core: Core) {
    this.#core = core;
    const service = core._bufferService;
    const { scroll } = service;
    service.scroll = (attributes, wrapped) => {
      this.#leaving();
      scroll.call(service, attributes, wrapped);
    };
  }

  /** Before output is written. */
  begin(moment: Moment): void {
    this.#now = moment;
  }

  /** After it was written. */
  end(): void {
    const isAlternate = this.#core._bufferService.buffers.active === this.#core._bufferService.buffers.alt;
    if (isAlternate !== this.#isAlternate) this.#switched(isAlternate);
    const rows = this.#read();
    const replaced: { was: ShownRow; is: string }[] = [];
    for (const [line, was] of this.#rows) {
      const is = rows.get(line);
      if (is?.text === was.text) rows.set(line, { ...was, wrapped: is.wrapped });
      else replaced.push({ was, is: is?.text ?? '' });
    }
    if (replaced.length > 0) this.text.replaced(replaced, this.#now.timestamp);
    this.#rows = rows;
    if (this.#carried.length > 0 && !this.#firstRow?.wrapped) this.#letGo();
  }

  /** Lines are laid out anew: what is not there any more has scrolled away, what is new was there before. */
  resize({ cols, rows }: Winsize, resize: (winsize: Winsize) => void): void {
    this.#letGo();
    const before = new Map<string, ShownRow[]>();
    const lines = joined([...this.#rows.values()]);
    for (const line of lines) before.set(keyOf(line), line);
    resize({ cols, rows });
    const now = this.#read();
    const after = joined([...now.values()]);
    for (const line of after) {
      const key = keyOf(line);
      const known = before.get(key);
      const last = known?.at(-1);
      for (const row of line) {
        row.sequence = last?.sequence ?? this.#now.sequence;
        row.timestamp = last?.timestamp ?? this.#now.timestamp;
        row.taken = last?.taken ?? true;
      }
      before.delete(key);
    }
    this.text.left([...before.values()].flat());
    this.#rows = now;
  }

  /** Lines that show now and were not taken. */
  open(): ShownLine[] {
    const normal = this.#isAlternate ? this.#hidden : this.#rows;
    const alternate = this.#isAlternate ? this.#rows : this.#hidden;
    const rows = [...this.#carried, ...normal.values(), ...alternate.values()];
    return joined(rows).flatMap((line) => (line.every(({ taken }) => taken) ? [] : linesOf(line)));
  }

  state(): RowsState {
    const [normal, alternate] = this.#isAlternate ? [this.#hidden, this.#rows] : [this.#rows, this.#hidden];
    return { normal: [...normal.values()], alternate: [...alternate.values()], isAlternate: this.#isAlternate, carried: this.#carried };
  }

  /** On a screen that was made as it was when the state was asked for. */
  restore({ normal, alternate, isAlternate, carried }: RowsState): void {
    const { buffers } = this.#core._bufferService;
    const shown = (buffer: Buffer, rows: ShownRow[]): Map<Line, ShownRow> =>
      new Map(rows.flatMap((row, y) => {
        const line = buffer.lines.get(buffer.ybase + y);
        return line === undefined ? [] : [[line, row] as const];
      }));
    const [here, hidden] = [shown(buffers.normal, normal), shown(buffers.alt, alternate)];
    this.#rows = isAlternate ? hidden : here;
    this.#hidden = isAlternate ? here : hidden;
    this.#isAlternate = isAlternate;
    this.#carried = carried;
  }

  /** The line that the next scroll takes off the screen. */
  #leaving(): void {
    const { active } = this.#core._bufferService.buffers;
    const line = active.lines.get(active.ybase + active.scrollTop);
    if (line === undefined) return;
    const text = rowText(line);
    const known = this.#rows.get(line);
    this.#rows.delete(line);
    const row = known?.text === text ? known : { text, ...this.#now, wrapped: line.isWrapped, taken: false };
    if (!line.isWrapped) this.#letGo();
    this.#carried.push(row);
    this.#carriedFromAlternate = active === this.#core._bufferService.buffers.alt;
    if (known !== undefined && known !== row) this.text.replaced([{ was: known, is: text }], this.#now.timestamp);
    // A line without an end must not take all memory.
    if (this.#carried.length > CARRIED_MAX) this.#letGo();
  }

  #letGo(): void {
    if (this.#carried.length > 0) this.text.scrolled(this.#carried, this.#carriedFromAlternate);
    this.#carried = [];
  }

  #switched(isAlternate: boolean): void {
    this.#letGo();
    if (!isAlternate) {
      this.text.left([...this.#rows.values()]);
      this.#rows = new Map();
    }
    [this.#rows, this.#hidden] = [this.#hidden, this.#rows];
    this.#isAlternate = isAlternate;
  }

  get #firstRow(): ShownRow | undefined {
    const [first] = this.#rows.values();
    return first;
  }

  #read(): Map<Line, ShownRow> {
    const { buffers, rows } = this.#core._bufferService;
    const { active } = buffers;
    const shown = new Map<Line, ShownRow>();
    for (let y = 0; y < rows; y += 1) {
      const line = active.lines.get(active.ybase + y);
      if (line !== undefined) shown.set(line, { text: rowText(line), ...this.#now, wrapped: line.isWrapped, taken: false });
    }
    return shown;
  }
}

const CARRIED_MAX = 2 * Math.ceil(limits.shownLineLengthMax / limits.winsizeColsMin);
const keyOf = (rows: readonly ShownRow[]): string => rows.map(({ text }) => text).join('').trimEnd();

const scratch = new Uint8Array(limits.winsizeColsMax);
const ascii = Buffer.from(scratch.buffer);

/** Up to its last printed cell; concealed text is blank, as it is on the screen. */
function rowText(line: Line): string {
  const data = line._data;
  let end = line.length;
  while (end > 0 && ((data[(end - 1) * 3] ?? 0) & HAS_CONTENT) === 0) end -= 1;
  for (let column = 0; column < end; column += 1) {
    const content = data[column * 3] ?? 0;
    const code = content & CODE_POINT;
    const isConcealed = ((data[column * 3 + 1] ?? 0) & FG.invisible) !== 0;
    if ((content & COMBINED) !== 0 || code >= 0x80 || column >= scratch.length || content >>> WIDTH_SHIFT !== 1) return wideText(line, end);
    scratch[column] = code === 0 || isConcealed ? 0x20 : code;
  }
  return ascii.toString('latin1', 0, end);
}

function wideText(line: Line, end: number): string {
  let text = '';
  for (let column = 0; column < end; column += 1) {
    const content = line._data[column * 3] ?? 0;
    const isConcealed = ((line._data[column * 3 + 1] ?? 0) & FG.invisible) !== 0;
    const width = content >>> WIDTH_SHIFT;
    // The right half of a wide character.
    if (width === 0 && (content & HAS_CONTENT) === 0) continue;
    text += isConcealed ? ' ' : charactersOf(line, column) || ' ';
  }
  return text;
}
