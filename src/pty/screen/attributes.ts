// Colours and flags of a cell as xterm packs them, and the SGR, DECSCA and link sequences
// that set exactly them.

import type { Core, Extended } from './xterm.ts';

export const COLOR_MODE = 0x3000000;
export const COLOR_16 = 0x1000000;
export const COLOR_256 = 0x2000000;
export const COLOR_RGB = 0x3000000;
const RGB = 0xffffff;
/** Mode and value of a colour. */
const COLOR = COLOR_MODE | RGB;

/** Flags beside the foreground, and the SGR that sets each. */
export const FG = {
  inverse: 0x4000000,
  bold: 0x8000000,
  underline: 0x10000000,
  blink: 0x20000000,
  invisible: 0x40000000,
  strikethrough: 0x80000000,
} as const;

/** Flags beside the background. */
export const BG = {
  italic: 0x4000000,
  dim: 0x8000000,
  extended: 0x10000000,
  protected: 0x20000000,
  overline: 0x40000000,
} as const;

const UNDERLINE_STYLE_SHIFT = 26;
const UNDERLINE_STYLE = 7 << UNDERLINE_STYLE_SHIFT;
const SINGLE_UNDERLINE = 1 << UNDERLINE_STYLE_SHIFT;

/** A colour as the numbers of SGR: `base` is 30, 40 or 50. Nothing for the default. */
function colorCodes(packed: number, base: 30 | 40 | 50): string {
  const value = packed & RGB;
  switch (packed & COLOR_MODE) {
    case COLOR_16:
      return `;${(value & 8) === 0 ? base + (value & 7) : base + 60 + (value & 7)}`;
    case COLOR_256:
      return `;${base + 8};5;${value & 0xff}`;
    case COLOR_RGB:
      return `;${base + 8};2;${value >>> 16};${(value >>> 8) & 0xff};${value & 0xff}`;
    default:
      return '';
  }
}

/**
 * Style and colour of the underline as it shows, in one number. xterm keeps both apart from the
 * flag, and the three may contradict each other after a cursor was restored.
 */
export function underlineOf(fg: number, bg: number, extended: Extended | undefined): number {
  const counts = (bg & BG.extended) !== 0 && extended !== undefined;
  const color = counts ? normalColor(extended._ext) : 0;
  if ((fg & FG.underline) === 0) return color;
  return counts ? (extended._ext & UNDERLINE_STYLE) | color : SINGLE_UNDERLINE;
}

/** Sets all attributes anew. `underline` is as `underlineOf` gives it. */
export function sgr(fg: number, bg: number, underline: number): string {
  let codes = colorCodes(fg, 30) + colorCodes(bg, 40);
  if (fg >>> 26 !== 0 || bg >>> 26 !== 0 || underline !== 0) codes += flagCodes(fg, bg, underline);
  const set = codes === '' ? '\x1b[m' : `\x1b[${codes}m`;
  return (bg & BG.protected) === 0 ? set : `${set}\x1b[1"q`;
}

function flagCodes(fg: number, bg: number, underline: number): string {
  let codes = '';
  if ((fg & FG.bold) !== 0) codes += ';1';
  if ((bg & BG.dim) !== 0) codes += ';2';
  if ((bg & BG.italic) !== 0) codes += ';3';
  const style = (underline & UNDERLINE_STYLE) >>> UNDERLINE_STYLE_SHIFT;
  if (style > 0) codes += style > 1 ? `;4:${style}` : ';4';
  if ((fg & FG.blink) !== 0) codes += ';5';
  if ((fg & FG.inverse) !== 0) codes += ';7';
  if ((fg & FG.invisible) !== 0) codes += ';8';
  if ((fg & FG.strikethrough) !== 0) codes += ';9';
  if ((bg & BG.overline) !== 0) codes += ';53';
  return codes + colorCodes(underline, 50);
}

/** Opens the link that cells with this id belong to, or closes one. */
export function link(core: Core, id: number): string {
  const data = id === 0 ? undefined : core._oscLinkService.getLinkData(id);
  if (data === undefined) return '\x1b]8;;\x1b\\';
  return `\x1b]8;${data.id === undefined ? '' : `id=${data.id}`};${data.uri}\x1b\\`;
}

/** Colours compare by mode and value: xterm leaves traces of an earlier colour beside them. */
export function normalColor(packed: number): number {
  const mode = packed & COLOR_MODE;
  if (mode === COLOR_RGB) return packed & COLOR;
  return mode === 0 ? 0 : packed & (COLOR_MODE | 0xff);
}
