// The present screen for those who have no terminal: plain text, text with colours, HTML.

import { BG, COLOR_16, COLOR_256, COLOR_MODE, COLOR_RGB, FG, underlineOf } from './attributes.ts';
import { BACKGROUND, colorOf, FOREGROUND, hex, type Rgb } from './palette.ts';
import { RowWriter } from './rows.ts';
import { charactersOf, type Core, type Line, WIDTH_SHIFT } from './xterm.ts';

export function asText(core: Core): string {
  return linesOf(core)
    .map((line) => [...cellsOf(line)].map(({ characters }) => characters).join('').trimEnd())
    .join('\n')
    .trimEnd();
}

export function asAnsi(core: Core): string {
  const rows = linesOf(core).map((line) => {
    const writer = new RowWriter(core, 'no links');
    writer.row(line, undefined);
    writer.plain();
    return writer.text;
  });
  while (rows.at(-1) === '') rows.pop();
  return rows.join('\r\n');
}

export function asHtml(core: Core, colors: ReadonlyMap<number, Rgb>): string {
  const color = (index: number): Rgb => colors.get(index) ?? colorOf(index);
  const rows = linesOf(core).map((line) => lineAsHtml(line, colors));
  const frame = `color:${hex(color(FOREGROUND))};background:${hex(color(BACKGROUND))}`;
  return `<pre class="screen" style="${frame}">${rows.join('\n')}\n</pre>`;
}

/** The text of one line, escaped, in spans with inline colours; nothing where it is blank. */
export function lineAsHtml(line: Line, colors: ReadonlyMap<number, Rgb>): string {
  const color = (index: number): Rgb => colors.get(index) ?? colorOf(index);
  let html = '';
  let style = '';
  let run = '';
  const close = (): void => {
    if (run !== '') html += style === '' ? Bun.escapeHTML(run) : `<span style="${style}">${Bun.escapeHTML(run)}</span>`;
    run = '';
  };
  for (const cell of cellsOf(line)) {
    const next = styleOf(cell, color);
    if (next !== style) close();
    style = next;
    run += cell.characters;
  }
  if (style === '') run = run.trimEnd();
  close();
  return html;
}

function linesOf(core: Core): Line[] {
  const { active } = core._bufferService.buffers;
  const lines = Array.from({ length: core._bufferService.rows }, (_, y) => active.lines.get(active.ybase + y));
  return lines.filter((line) => line !== undefined);
}

interface Cell {
  /** A blank where the cell is empty. */
  characters: string;
  fg: number;
  bg: number;
  underline: number;
}

function* cellsOf(line: Line): Generator<Cell> {
  for (let column = 0; column < line.length; column += 1) {
    const content = line._data[column * 3] ?? 0;
    if (content >>> WIDTH_SHIFT === 0) continue;
    const fg = line._data[column * 3 + 1] ?? 0;
    const bg = line._data[column * 3 + 2] ?? 0;
    const extended = (bg & BG.extended) === 0 ? undefined : line._extendedAttrs[column];
    yield { characters: charactersOf(line, column) || ' ', fg, bg, underline: underlineOf(fg, bg, extended) };
  }
}

const UNDERLINE_STYLES = ['', 'solid', 'double', 'wavy', 'dotted', 'dashed'];

function styleOf({ fg, bg, underline }: Cell, color: (index: number) => Rgb): string {
  if (fg === 0 && bg === 0) return '';
  const inverse = (fg & FG.inverse) !== 0;
  const own = { text: packedColor(fg, color), back: packedColor(bg, color) };
  const text = inverse ? (own.back ?? color(BACKGROUND)) : own.text;
  const back = inverse ? (own.text ?? color(FOREGROUND)) : own.back;
  const parts: string[] = [];
  if (text !== undefined) parts.push(`color:${hex(text)}`);
  if (back !== undefined) parts.push(`background:${hex(back)}`);
  if ((fg & FG.bold) !== 0) parts.push('font-weight:bold');
  if ((bg & BG.italic) !== 0) parts.push('font-style:italic');
  if ((bg & BG.dim) !== 0) parts.push('opacity:.6');
  if ((fg & FG.invisible) !== 0) parts.push('visibility:hidden');
  const style = UNDERLINE_STYLES[(underline >>> 26) & 7] ?? '';
  const lines = [
    style === '' ? '' : `underline ${style}`,
    (bg & BG.overline) === 0 ? '' : 'overline',
    (fg & FG.strikethrough) === 0 ? '' : 'line-through',
  ].filter((name) => name !== '');
  if (lines.length > 0) parts.push(`text-decoration:${lines.join(' ')}`);
  return parts.join(';');
}

function packedColor(packed: number, color: (index: number) => Rgb): Rgb | undefined {
  switch (packed & COLOR_MODE) {
    case COLOR_16:
    case COLOR_256:
      return color(packed & 0xff);
    case COLOR_RGB:
      return [(packed >>> 16) & 0xff, (packed >>> 8) & 0xff, packed & 0xff];
    default:
      return undefined;
  }
}
