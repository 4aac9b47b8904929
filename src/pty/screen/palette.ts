// The colours that programs are told, and that a screen is shown in outside of a terminal: those
// of the dark theme, for what a program asks must not depend on who happens to look.

import { THEMES } from './shared.ts';

export type Rgb = readonly [number, number, number];

export const FOREGROUND = 256;
export const BACKGROUND = 257;
export const CURSOR = 258;

const CUBE = [0, 95, 135, 175, 215, 255];

/** Colour of an index: 0 to 255, or foreground, background, cursor. */
export function colorOf(index: number): Rgb {
  const named = NAMED[index];
  if (named !== undefined) return named;
  if (index >= 232) {
    const gray = 8 + (index - 232) * 10;
    return [gray, gray, gray];
  }
  const step = index - 16;
  return [CUBE[Math.floor(step / 36)] ?? 0, CUBE[Math.floor(step / 6) % 6] ?? 0, CUBE[step % 6] ?? 0];
}

export const hex = ([red, green, blue]: Rgb): string =>
  `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
const { dark } = THEMES;

const NAMED: Record<number, Rgb> = {
  ...Object.fromEntries(NAMES.map((name, index) => [index, parse(dark[name])])),
  ...Object.fromEntries(NAMES.map((name, index) => [index + 8, parse(dark[`bright${name[0]?.toUpperCase()}${name.slice(1)}`])])),
  [FOREGROUND]: parse(dark.foreground),
  [BACKGROUND]: parse(dark.background),
  [CURSOR]: parse(dark.cursor),
};

function parse(color: string | undefined): Rgb {
  const value = Number.parseInt((color ?? '#000000').slice(1), 16);
  return [(value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
