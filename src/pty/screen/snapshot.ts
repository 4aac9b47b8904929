// A screen as VT: written into a reset terminal of the same size it gives the same screen, in
// all that xterm keeps and by which later output can tell a difference. Nothing in it rings,
// asks, copies or waits.

import { BG, link, sgr, underlineOf } from './attributes.ts';
import { letterOf, printable } from './charsets.ts';
import { type Detail, joinState, RowWriter } from './rows.ts';
import { type Buffer, charactersOf, type Core, HAS_CONTENT, type Line, WIDTH_SHIFT } from './xterm.ts';

/** What the program set and xterm's own objects do not tell. */
export interface Told {
  /** DECSET 12, where a program ever said so; its other value is the viewer's own setting. */
  cursorBlink: boolean | undefined;
  /** Colours that a program chose, by index; from 256 foreground, background, cursor. */
  colors: ReadonlyMap<number, readonly [number, number, number]>;
}

const TITLE_STACK = 10;
const SPECIAL_COLOR = 256;
const TAB_WIDTH = 8;

/** The screen, and the lines above it from the oldest on, as many as fit into `bytesMax` with it. */
export function drawScreen(core: Core, told: Told, scrollback: number, bytesMax: number): string {
  for (const detail of ['all', 'no links', 'text'] satisfies Detail[]) {
    const screen = screenOf(core, told, detail);
    const left = bytesMax - byteLength(screen.before) - byteLength(screen.after);
    if (left < 0 && detail !== 'text') continue;
    return screen.before + scrollbackOf(core, scrollback, left, detail) + screen.after;
  }
  return '';
}

const byteLength = (text: string): number => globalThis.Buffer.byteLength(text);

function screenOf(core: Core, told: Told, detail: Detail): { before: string; after: string } {
  const { active, normal, alt } = core._bufferService.buffers;
  const inAlt = active === alt;
  const before = titles(core) + colors(told) + (inAlt ? '' : awayCursor(core, alt));
  const writer = new RowWriter(core, detail);
  drawViewport(core, writer, normal);
  writer.control(tabStops(core, normal) + savedCursor(core, normal));
  if (inAlt) {
    writer.control(margins(core, normal) + moveTo(normal.x, normal.y) + '\x1b[?47h');
    drawViewport(core, writer, alt);
    writer.control(tabStops(core, alt) + savedCursor(core, alt));
  }
  return { before, after: writer.text + modes(core, told) + cursor(core, active) };
}

/** Lines above the screen. Each that does not go on from another begins plain, so the first ones can be left out. */
function scrollbackOf(core: Core, most: number, bytesMax: number, detail: Detail): string {
  const { normal } = core._bufferService.buffers;
  const kept: string[] = [];
  let bytes = 0;
  let end = normal.ybase;
  while (end > 0 && normal.ybase - end < most) {
    let start = end - 1;
    while (start > 0 && normal.lines.get(start)?.isWrapped === true && normal.ybase - start < most) start -= 1;
    const text = paragraph(core, normal, start, end, detail);
    bytes += byteLength(text);
    if (bytes > bytesMax) break;
    kept.push(text);
    end = start;
  }
  return kept.reverse().join('');
}

/** Lines that go on from one another, with the line feeds that scroll them up. */
function paragraph(core: Core, buffer: Buffer, start: number, end: number, detail: Detail): string {
  const writer = new RowWriter(core, detail);
  for (let y = start; y < end; y += 1) {
    const line = buffer.lines.get(y);
    const next = buffer.lines.get(y + 1);
    if (line !== undefined) writer.row(line, next);
    writer.plain();
    if (next?.isWrapped !== true) writer.control('\r\n');
  }
  return writer.text;
}

/** The rows of a buffer's screen. What is above it has been printed just before, up to its last line feed. */
function drawViewport(core: Core, writer: RowWriter, buffer: Buffer): void {
  const { rows } = core._bufferService;
  // The lines above end where the screen is to begin, at its last row where there are enough of
  // them: from there on line feeds scroll, so all of them are printed. Else rows are gone to.
  const scrolls = buffer.ybase > 0;
  let wrapped = false;
  for (let y = 0; y < rows; y += 1) {
    const line = buffer.lines.get(buffer.ybase + y);
    const next = y + 1 < rows ? buffer.lines.get(buffer.ybase + y + 1) : undefined;
    if (line === undefined) continue;
    if (!scrolls && !wrapped) {
      if (next?.isWrapped !== true && isBlank(line)) continue;
      writer.control(moveTo(0, y));
    }
    writer.row(line, next);
    writer.plain();
    wrapped = next?.isWrapped === true;
    if (scrolls && !wrapped && y + 1 < rows) writer.control('\r\n');
  }
}

function isBlank(line: Line): boolean {
  for (let column = 0; column < line.length; column += 1) {
    const at = column * 3;
    if (((line._data[at] ?? 0) & HAS_CONTENT) !== 0 || line._data[at + 1] !== 0 || line._data[at + 2] !== 0) return false;
  }
  return true;
}

const moveTo = (x: number, y: number): string => `\x1b[${y + 1};${x + 1}H`;

/** A reset leaves titles as they were, the stack of them too. */
function titles(core: Core): string {
  const { _windowTitle, _iconName, _windowTitleStack, _iconNameStack } = core._inputHandler;
  let text = '\x1b[23;0t'.repeat(TITLE_STACK);
  for (const title of _windowTitleStack) text += `${osc(`2;${title}`)}\x1b[22;2t`;
  for (const name of _iconNameStack) text += `${osc(`1;${name}`)}\x1b[22;1t`;
  return text + osc(`2;${_windowTitle}`) + osc(`1;${_iconName}`);
}

const osc = (text: string): string => `\x1b]${text}\x1b\\`;

function colors(told: Told): string {
  let text = osc('104') + osc('110') + osc('111') + osc('112');
  for (const [index, color] of told.colors) {
    const [red, green, blue] = color.map((part) => part.toString(16).padStart(2, '0'));
    const which = index < SPECIAL_COLOR ? `4;${index}` : `${10 + index - SPECIAL_COLOR}`;
    text += osc(`${which};rgb:${red}/${green}/${blue}`);
  }
  return text;
}

/** The alternate screen keeps its saved cursor while it is away. */
function awayCursor(core: Core, alt: Buffer): string {
  const saved = savedCursor(core, alt);
  return saved === '' ? '' : `\x1b[?47h${saved}\x1b[?47l\x1b[H`;
}

/** Nothing where it is as after a reset. Leaves attributes and character set as after one. */
function savedCursor(core: Core, buffer: Buffer): string {
  const { row, underline } = core._inputHandler.saved(buffer);
  const { savedX, savedCharset } = buffer;
  const { fg, bg } = buffer.savedCurAttrData;
  const attributes = ownAttributes(fg, bg, underline);
  if (row === 0 && savedX === 0 && attributes === sgr(0, 0, 0) && savedCharset === undefined) return '';
  const designate = savedCharset === undefined ? '' : `\x1b(${letterOf(savedCharset)}`;
  const { cols, rows } = core._bufferService;
  const place = moveTo(Math.min(savedX, cols - 1), Math.min(row, rows - 1));
  const text = `${designate}${attributes}${place}\x1b7\x1b[m`;
  return designate === '' ? text : `${text}\x1b(B`;
}

function tabStops(core: Core, buffer: Buffer): string {
  const { cols } = core._bufferService;
  const stops = Object.keys(buffer.tabs).map(Number).filter((column) => column < cols && buffer.tabs[column] === true);
  const usual = Math.ceil(cols / TAB_WIDTH);
  if (stops.length === usual && stops.every((column) => column % TAB_WIDTH === 0)) return '';
  return `\x1b[3g${stops.map((column) => `\x1b[${column + 1}G\x1bH`).join('')}`;
}

function margins(core: Core, { scrollTop, scrollBottom }: Buffer): string {
  if (scrollTop === 0 && scrollBottom === core._bufferService.rows - 1) return '';
  return `\x1b[${scrollTop + 1};${scrollBottom + 1}r`;
}

const MOUSE_PROTOCOLS: Record<string, number> = { X10: 9, VT200: 1000, DRAG: 1002, ANY: 1003 };
const MOUSE_ENCODINGS: Record<string, number> = { SGR: 1006, SGR_PIXELS: 1016 };

function modes(core: Core, told: Told): string {
  const { decPrivateModes: dec, isCursorHidden } = core.coreService;
  const set: number[] = [];
  const reset: number[] = [];
  (isCursorHidden ? reset : set).push(25);
  if (told.cursorBlink !== undefined) (told.cursorBlink ? set : reset).push(12);
  if (dec.applicationCursorKeys) set.push(1);
  if (!dec.wraparound) reset.push(7);
  if (dec.reverseWraparound) set.push(45);
  if (dec.applicationKeypad) set.push(66);
  if (dec.sendFocus) set.push(1004);
  if (dec.bracketedPasteMode) set.push(2004);
  const protocol = MOUSE_PROTOCOLS[core.coreMouseService.activeProtocol];
  if (protocol !== undefined) set.push(protocol);
  const encoding = MOUSE_ENCODINGS[core.coreMouseService.activeEncoding];
  if (encoding !== undefined) set.push(encoding);
  const list = (numbers: number[], final: string): string => (numbers.length === 0 ? '' : `\x1b[?${numbers.join(';')}${final}`);
  const lineFeed = core.optionsService.rawOptions.convertEol ? '\x1b[20h' : '\x1b[20l';
  return list(set, 'h') + list(reset, 'l') + lineFeed + cursorStyle(core);
}

function cursorStyle(core: Core): string {
  const { cursorStyle: style, cursorBlink: blink } = core.coreService.decPrivateModes;
  if (style === undefined && blink === undefined) return '';
  const number = style === undefined ? 8 : { block: 2, underline: 4, bar: 6 }[style];
  return `\x1b[${blink === true ? number - 1 : number} q`;
}

function charsets(core: Core): string {
  const { _charsets: sets, glevel } = core._charsetService;
  let text = '';
  for (const [index, intermediate] of ['(', ')', '*', '+'].entries()) {
    if (sets[index] !== undefined) text += `\x1b${intermediate}${letterOf(sets[index])}`;
  }
  return text + (['', '\x0e', '\x1bn', '\x1bo'][glevel] ?? '');
}

/** Position, attributes, link, and what the last character printed leaves behind. */
function cursor(core: Core, buffer: Buffer): string {
  const { cols, buffers } = core._bufferService;
  const { _parser } = core._inputHandler;
  const origin = core.coreService.decPrivateModes.origin;
  const row = origin ? Math.max(0, buffer.y - buffer.scrollTop) : buffer.y;
  const place = margins(core, buffer) + (origin ? '\x1b[?6h' : '');
  const insert = core.coreService.modes.insertMode ? '\x1b[4h' : '';
  // Neither the sets nor the attributes have been touched so far, and none of them moves the cursor.
  const state = charsets(core) + attributesNow(core) + insert;
  const last = lastPrinted(buffer);
  if (last !== undefined && _parser.precedingJoinState !== 0 && sameJoin(core, last.shown)) {
    const characters = printable(last.shown, core._charsetService.charset);
    // Printed last of all: what comes next may join with it. Inserting moves back what was taken out.
    const room = insert === '' ? '' : `\x1b[${firstWidth(core, last.shown)}P`;
    if (characters !== undefined) return place + state + moveTo(buffer.x - last.width, row) + room + characters;
  }
  if (buffer.x < cols) return place + moveTo(buffer.x, row) + state;
  const writer = new RowWriter(core, 'all');
  if (last !== undefined) {
    writer.control(moveTo(cols - last.width, row));
    writer.attributesOf(last.line, last.index);
    writer.control(last.shown);
    writer.plain();
    return place + writer.text + state;
  }
  // Past the edge, with nothing printed at it: the other screen gives its cursor, if it is free.
  if (buffer === buffers.normal) return `${place}\x1b[?47h${moveTo(cols - 1, buffer.y)}x\x1b[?47l${state}`;
  const color = (buffer.lines.get(buffer.ybase + buffer.y)?._data[(cols - 1) * 3 + 2] ?? 0) & 0x3ffffff;
  return `${place}${moveTo(cols - 1, row)}${sgr(0, color, 0)} ${state}`;
}

function attributesNow(core: Core): string {
  const { fg, bg, extended } = core._inputHandler._curAttrData;
  return ownAttributes(fg, bg, extended._ext) + (extended.urlId === 0 ? '' : link(core, extended.urlId));
}

/** Of no cell: here the colour of an underline counts before there is one. */
function ownAttributes(fg: number, bg: number, underline: number): string {
  const counts = bg | BG.extended;
  return sgr(fg, bg, underlineOf(fg, counts, { _ext: underline, urlId: 0 }));
}

interface LastPrinted {
  line: Line;
  index: number;
  width: number;
  shown: string;
}

/** The cell that ends where the cursor is. */
function lastPrinted(buffer: Buffer): LastPrinted | undefined {
  const line = buffer.lines.get(buffer.ybase + buffer.y);
  if (line === undefined || buffer.x === 0) return undefined;
  const widthAt = (index: number): number => (line._data[index * 3] ?? 0) >>> WIDTH_SHIFT;
  const index = buffer.x > 1 && widthAt(buffer.x - 1) === 0 ? buffer.x - 2 : buffer.x - 1;
  const shown = charactersOf(line, index);
  const width = buffer.x - index;
  if (shown === '' || widthAt(index) !== width) return undefined;
  return { line, index, width, shown };
}

/** Columns that the first of `characters` takes before others join it. */
function firstWidth(core: Core, characters: string): number {
  return (core.unicodeService.charProperties(characters.codePointAt(0) ?? 0, 0) >>> 1) & 3;
}

/** Whether printing `characters` anew leaves what xterm has now: kind of the last one, and width. */
function sameJoin(core: Core, characters: string): boolean {
  const kindAndWidth = (state: number): number => (state >>> 1) & 0x3f;
  return kindAndWidth(joinState(core, characters)) === kindAndWidth(core._inputHandler._parser.precedingJoinState);
}
