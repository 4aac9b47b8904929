// A session's screen drawn into a terminal of any size: only what has changed, cut to what fits,
// never a byte of the program itself. So whatever it prints, the terminal answers no query, rings
// nothing of the past and is as it was when we leave.

import { BG, sgr, underlineOf } from '../pty/screen/attributes.ts';
import type { Screen } from '../pty/screen/screen.ts';
import { charactersOf, COMBINED, type Core, type Line, WIDTH_SHIFT } from '../pty/screen/xterm.ts';
import type { Winsize } from '../pty/winsize.ts';

/** The other screen, the window's title kept, no wrapping: rows are placed one by one. */
export const BEGIN = '\x1b[?1049h\x1b[22;0t\x1b[?7l\x1b[2J';
/** All that `paint` can have set, then the screen from before. */
export const END =
  '\x1b[?9;1000;1002;1003;1005;1006;1004;2004;1l\x1b>\x1b[m\x1b[?7h\x1b[0 q\x1b[?25h\x1b[23;0t\x1b[?1049l';

const MOUSE: Record<string, string> = { X10: '9', VT200: '1000', DRAG: '1002', ANY: '1003' };
const TITLE_LENGTH_MAX = 256;

export interface View {
  local: Winsize;
  /** For the last row, when there is something to say. */
  status: string | undefined;
  /** Whether keys and mouse are the program's. */
  types: boolean;
}

export class Painter {
  #shown: string[] = [];
  #around = '';
  #top = 0;
  #left = 0;

  /** The terminal shows something else now: the next `paint` draws all. */
  forget(): void {
    this.#shown = [];
    this.#around = '';
  }

  /** @returns what brings the terminal from what it shows to the screen */
  paint(screen: Screen, { local, status, types }: View): string {
    const { core } = screen.emulator;
    const { cols, rows, buffers } = core._bufferService;
    const { active } = buffers;
    const room = Math.max(1, status === undefined ? local.rows : local.rows - 1);
    const column = Math.min(active.x, cols - 1);
    this.#top = follow(this.#top, active.y, room, rows);
    this.#left = follow(this.#left, column, local.cols, cols);
    let text = this.#shown.length === 0 ? '\x1b[m\x1b[2J' : '';
    for (let y = 0; y < local.rows; y += 1) {
      const line = y < room && this.#top + y < rows ? active.lines.get(active.ybase + this.#top + y) : undefined;
      const row = y >= room ? statusRow(status ?? '', local.cols) : this.#row(line, cols, local.cols);
      if (this.#shown[y] === row) continue;
      this.#shown[y] = row;
      text += `\x1b[${y + 1};1H\x1b[m${row}\x1b[m\x1b[K`;
    }
    const around = this.#modes(core, types) + title(core._inputHandler._windowTitle);
    if (around !== this.#around) text += around;
    this.#around = around;
    const at = `\x1b[${active.y - this.#top + 1};${column - this.#left + 1}H`;
    const visible = !core.coreService.isCursorHidden && active.y - this.#top < room;
    return `\x1b[?2026h\x1b[?25l${text}${at}${visible ? '\x1b[?25h' : ''}\x1b[?2026l`;
  }

  #row(line: Line | undefined, cols: number, localCols: number): string {
    if (line === undefined) return '';
    const text = rowText(line, this.#left, Math.min(cols, this.#left + localCols));
    return cols - this.#left < localCols ? `${text}\x1b[m\x1b[${cols - this.#left + 1}G\x1b[2m│` : text;
  }

  #modes(core: Core, types: boolean): string {
    const { applicationCursorKeys, applicationKeypad, bracketedPasteMode, sendFocus, cursorStyle, cursorBlink } =
      core.coreService.decPrivateModes;
    const set = (on: boolean, mode: string): string => `\x1b[?${mode}${on && types ? 'h' : 'l'}`;
    const mouse = MOUSE[core.coreMouseService.activeProtocol];
    const whole = this.#top === 0 && this.#left === 0; // Else a click would be somewhere else.
    const sgrMouse = core.coreMouseService.activeEncoding === 'SGR';
    const style = cursorStyle === undefined ? 0 : { block: 2, underline: 4, bar: 6 }[cursorStyle];
    return [
      '\x1b[?9;1000;1002;1003l',
      mouse === undefined || !whole || !types ? '' : `\x1b[?${mouse}h`,
      set(sgrMouse, '1006'),
      set(sendFocus, '1004'),
      set(bracketedPasteMode, '2004'),
      set(applicationCursorKeys, '1'),
      applicationKeypad && types ? '\x1b=' : '\x1b>',
      `\x1b[${style > 0 && cursorBlink === true ? style - 1 : style} q`,
    ].join('');
  }
}

/** Where a window of `room` begins: at the start if `at` is in it then, else moved no more than it must. */
function follow(begin: number, at: number, room: number, length: number): number {
  if (at < room) return 0;
  return Math.min(Math.max(begin, at - room + 1), at, Math.max(0, length - room));
}

function rowText(line: Line, from: number, to: number): string {
  let text = '';
  let set = '\x1b[m';
  let blanks = 0;
  for (let column = 0; column < Math.min(to, line.length); column += 1) {
    const content = line._data[column * 3] ?? 0;
    const width = content >>> WIDTH_SHIFT;
    if (width === 0) continue;
    const end = column + width;
    if (end <= from || end > to) {
      if (end > to && column >= from) blanks += to - column;
      continue;
    }
    const fg = line._data[column * 3 + 1] ?? 0;
    const bg = (line._data[column * 3 + 2] ?? 0) & ~BG.protected;
    const characters = charactersOf(line, column);
    if (characters === '' && fg === 0 && bg === 0) {
      blanks += 1;
      continue;
    }
    const extended = (bg & BG.extended) === 0 ? undefined : line._extendedAttrs[column];
    const next = sgr(fg, bg, underlineOf(fg, bg, extended));
    if (blanks > 0) text += `${set === '\x1b[m' ? '' : '\x1b[m'}${' '.repeat(blanks)}`;
    if (blanks > 0) set = '\x1b[m';
    blanks = 0;
    if (next !== set) text += next;
    set = next;
    text += column < from ? ' ' : characters || ' ';
    // The terminal may think otherwise of its width: what follows stands right all the same.
    if (width > 1 || (content & COMBINED) !== 0) text += `\x1b[${end - from + 1}G`;
  }
  return text;
}

function statusRow(status: string, cols: number): string {
  let text = ` ${status.replace(/\p{Cc}/gu, ' ')} `;
  while (Bun.stringWidth(text) > cols) text = text.slice(0, -1);
  return `\x1b[7m${text}`;
}

/** Text of the program: it must not leave its place. */
function title(text: string): string {
  return `\x1b]2;${text.replace(/\p{Cc}/gu, ' ').slice(0, TITLE_LENGTH_MAX)}\x1b\\`;
}
