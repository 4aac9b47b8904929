// WCAG AA, computed from the style sheet's own tokens: 4.5 for text, 3 for edges and lamps.

import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const css = readFileSync(resolve(import.meta.dir, '../../public/app.css'), 'utf8');
const tokensOf = (text: string) =>
  [...text.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [name, { light, dark }] as const);
const MORE = /:root\[data-contrast='more'\] \{[^}]*\}/;
const tokens = new Map(tokensOf(css.replace(MORE, '')));
const moreTokens = new Map([...tokens, ...tokensOf(MORE.exec(css)?.[0] ?? '')]);

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const GROUNDS = ['paper', 'panel', 'raised', 'hover'];
const PAIRS: [string, string, number][] = [
  ...['ink', 'ink-2', 'accent', 'accent-hover', 'warn', 'bad'].flatMap((text) =>
    GROUNDS.map((ground): [string, string, number] => [text, ground, 4.5]),
  ),
  ['ink-3', 'raised', 4.5],
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-hover', 4.5],
  ['bad', 'bad-wash', 4.5],
  ['warn', 'warn-wash', 4.5],
  ['ink', 'accent-wash', 4.5],
  ['ink-2', 'accent-wash', 4.5],
  ['ink-2', 'warn-wash', 4.5],
  ...['edge', 'lamp-working', 'lamp-needs', 'lamp-idle', 'lamp-error'].flatMap((part) =>
    GROUNDS.map((ground): [string, string, number] => [part, ground, 3]),
  ),
];

function weakIn(theme: 'light' | 'dark', among: typeof tokens, atLeast: number): string[] {
  return PAIRS.flatMap(([front, ground, most]) => {
    const [one, other] = [among.get(front)?.[theme], among.get(ground)?.[theme]];
    if (one === undefined || other === undefined) return [`${front} or ${ground} is no token`];
    const least = most === 4.5 ? atLeast : most;
    const ratio = contrast(one, other);
    return ratio < least ? [`${front} on ${ground}: ${ratio.toFixed(2)} of ${least}`] : [];
  });
}

for (const theme of ['light', 'dark'] as const) {
  test(`can be read in the ${theme} theme`, () => expect(weakIn(theme, tokens, 4.5)).toEqual([]));

  test(`have more contrast in the ${theme} theme where that is chosen`, () => expect(weakIn(theme, moreTokens, 7)).toEqual([]));
}
