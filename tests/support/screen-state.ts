// Two screens compared in all that can be seen of them and all that later output can depend on:
// grid, attributes, links, modes, margins, cursors, character sets, tab stops, title.

import { BG, FG, normalColor, underlineOf } from '../../src/pty/screen/attributes.ts';
import { letterOf } from '../../src/pty/screen/charsets.ts';
import { type Buffer as ScreenBuffer, charactersOf, type Core, type Extended, HAS_CONTENT, type Line, WIDTH_SHIFT } from '../../src/pty/screen/xterm.ts';

/** What differs, for a person to read; empty where the screens are equal. */
export function differences(one: Core, other: Core): string[] {
  const found: string[] = [];
  const say = (what: string, a: unknown, b: unknown): void => {
    if (JSON.stringify(a) !== JSON.stringify(b)) found.push(`${what}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`);
  };
  for (const [name, a] of Object.entries(stateOf(one))) say(name, a, stateOf(other)[name]);
  for (const which of ['normal', 'alt'] as const) {
    const a = one._bufferService.buffers[which];
    const b = other._bufferService.buffers[which];
    say(`${which} is used`, a.lines.length > 0, b.lines.length > 0);
    if (a.lines.length === 0 || b.lines.length === 0) continue;
    const above = Math.min(a.ybase, b.ybase);
    for (let y = -wholeLines(a, b, above); y < one._bufferService.rows; y += 1) {
      const first = rowOf(one, a, a.ybase + y, y > -above);
      const second = rowOf(other, b, b.ybase + y, y > -above);
      if (first !== second) found.push(`${which} row ${y}:\n    ${first}\n    ${second}`);
    }
  }
  return found;
}

/** Of the rows above both screens: those from the first on that begins a line in both, for a line may have been cut. */
function wholeLines(a: ScreenBuffer, b: ScreenBuffer, above: number): number {
  // Full ones have lost lines, and the oldest that is left may have lost its beginning.
  const isFull = ({ lines }: ScreenBuffer): boolean => lines.length >= lines.maxLength;
  if (above === 0 || (a.ybase === b.ybase && !isFull(a) && !isFull(b))) return above;
  let rows = above - 1;
  const begins = (buffer: ScreenBuffer): boolean => buffer.lines.get(buffer.ybase - rows)?.isWrapped !== true;
  while (rows > 0 && !(begins(a) && begins(b))) rows -= 1;
  return rows;
}

function stateOf(core: Core): Record<string, unknown> {
  const { cols, rows, buffers } = core._bufferService;
  const { _charsets, charset, glevel } = core._charsetService;
  const { _curAttrData: now, _parser, _windowTitle, _iconName, _windowTitleStack, _iconNameStack } = core._inputHandler;
  const { synchronizedOutput: _, ...modes } = { synchronizedOutput: false, ...core.coreService.decPrivateModes };
  const { active, normal, alt } = buffers;
  return {
    size: [cols, rows],
    active: active === alt ? 'alt' : 'normal',
    cursor: [active.x, active.y],
    'normal cursor': active === alt ? normal.y : undefined,
    'normal saved': savedOf(core, normal),
    'alt saved': savedOf(core, alt),
    'normal margins': [normal.scrollTop, normal.scrollBottom],
    'alt margins': [alt.scrollTop, alt.scrollBottom],
    'normal tabs': stopsOf(normal, cols),
    'alt tabs': stopsOf(alt, cols),
    modes,
    'insert mode': core.coreService.modes.insertMode,
    'cursor hidden': core.coreService.isCursorHidden,
    mouse: [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding],
    'line feed': core.optionsService.rawOptions.convertEol,
    charsets: [[0, 1, 2, 3].map((index) => letterOf(_charsets[index])).join(''), glevel, letterOf(charset)],
    attributes: attributesOf(core, now.fg, now.bg, now.extended),
    'colour of underlines': normalColor(now.extended._ext),
    parser: _parser.currentState,
    join: _parser.precedingJoinState === 0 ? 0 : (_parser.precedingJoinState >>> 1) & 0x3f,
    titles: [_windowTitle, _iconName, _windowTitleStack, _iconNameStack],
  };
}

function savedOf(core: Core, buffer: ScreenBuffer): unknown {
  const { cols, rows } = core._bufferService;
  const { row, underline } = core._inputHandler.saved(buffer);
  const { fg, bg } = buffer.savedCurAttrData;
  const place = [Math.min(buffer.savedX, cols - 1), Math.min(row, rows - 1)];
  return [place, attributesOf(core, fg, bg | BG.extended, { _ext: underline, urlId: 0 }), letterOf(buffer.savedCharset)];
}

const stopsOf = ({ tabs }: ScreenBuffer, cols: number): string =>
  Object.keys(tabs).filter((column) => Number(column) < cols && tabs[Number(column)] === true).join();

function rowOf(core: Core, buffer: ScreenBuffer, y: number, withWrap: boolean): string {
  const line = buffer.lines.get(y);
  if (line === undefined) return 'missing';
  let text = withWrap && line.isWrapped ? '↩' : '';
  let before = '';
  for (let column = 0; column < core._bufferService.cols; column += 1) {
    const content = line._data[column * 3] ?? 0;
    const attributes = cellAttributes(core, line, column);
    if (attributes !== before) text += `{${attributes}}`;
    before = attributes;
    const width = content >>> WIDTH_SHIFT;
    // Past the edge of the alternate screen, where nothing is, the cursor can only be put by printing a blank.
    const blank = (content & HAS_CONTENT) === 0x20 && bufferIsAlt(core, buffer);
    if (blank) text += '·';
    else if (width !== 0 || (content & HAS_CONTENT) !== 0) text += `${charactersOf(line, column) || '·'}${width === 1 ? '' : `<${width}>`}`;
    else if ((line._data[(column - 1) * 3] ?? 0) >>> WIDTH_SHIFT !== 2) text += '<0>';
  }
  return text;
}

const bufferIsAlt = (core: Core, buffer: ScreenBuffer): boolean => core._bufferService.buffers.alt === buffer;

function cellAttributes(core: Core, line: Line, column: number): string {
  const fg = line._data[column * 3 + 1] ?? 0;
  const bg = line._data[column * 3 + 2] ?? 0;
  const extended = (bg & BG.extended) === 0 ? undefined : line._extendedAttrs[column];
  return attributesOf(core, fg, bg, extended);
}

function attributesOf(core: Core, fg: number, bg: number, extended: Extended | undefined): string {
  const flagsOf = (value: number, without: number): number => ((value & ~without) >>> 26) & 0x3f;
  const underline = underlineOf(fg, bg, extended);
  const id = (bg & BG.extended) === 0 ? 0 : (extended?.urlId ?? 0);
  const link = id === 0 ? undefined : core._oscLinkService.getLinkData(id);
  const numbers = [normalColor(fg), normalColor(bg), flagsOf(fg, FG.underline), flagsOf(bg, BG.extended), underline];
  const shown = numbers.every((value) => value === 0) ? '' : numbers.map((value) => value.toString(16)).join(',');
  return link === undefined ? shown : `${shown}@${link.id ?? ''};${link.uri}`;
}
