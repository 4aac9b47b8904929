// What programs print, made up: every sequence that xterm knows, in any order, with the
// characters that are hard to place, and now and then another size of the screen.

import type { Dice } from './dice.ts';

const TEXTS = [
  'abc',
  'hello world ',
  'x'.repeat(30),
  '日本語',
  '　。「」',
  'e\u0301',
  'naïve',
  '👩‍👩‍👧‍👦',
  '👍🏽',
  '🇩🇪🇫🇷🇮',
  '☺\ufe0f☺',
  '\u200d',
  '\u0301',
  '한글',
  'ก็',
  'qqxxllkk',
  '─│┌┐',
  '#{|}~[]',
];
const CONTROLS = ['\r', '\n', '\r\n', '\b', '\t', '\x0e', '\x0f', '\x07', '\x1b7', '\x1b8', '\x1bD', '\x1bE', '\x1bM', '\x1bH', '\x1b#8', '\x1b=', '\x1b>'];
const CSI = [...'@ABCDEFGHIJKLMPSTXZ`abdefgr'];
const RARE_CSI = [' @', ' A', "'}", "'~", '"q', '!p', ' q'];
const PRIVATE = [1, 6, 7, 12, 25, 45, 47, 66, 9, 1000, 1002, 1003, 1004, 1006, 1016, 1047, 1048, 1049, 2004, 2026];
const SGR = [
  ...['0', '1', '2', '3', '4', '4:3', '5', '7', '8', '9', '21', '22', '24', '27', '31', '42', '97', '104', '53', '59'],
  ...['38;5;3', '48;5;200', '38;2;1;2;3', '48;2;200;100;0', '58;5;9', '58;2;9;8;7', '39', '49', '4;38;5;1', '0;7'],
];
const CHARSETS = ['(0', '(B', ')0', '*A', '+K', '(4', 'n', 'o', '~', '%G'];
const STRINGS = [
  ']0;title',
  ']2;überschrift',
  ']1;icon',
  ']8;;http://example.org/a;b',
  ']8;id=one;http://example.org/',
  ']8;;',
  ']4;1;rgb:12/34/56',
  ']10;#abcdef',
  ']104',
  ']7;file:///tmp',
  ']133;A',
  ']52;c;aGVsbG8=',
  'P$qm',
  '_Gpicture',
];
/** About as long as they may be, and longer: hidden in what xterm passes over, too. */
const LONG_STRINGS = [
  ...[900, 1100, 4090, 4200].map((length) => `]2;${'ü'.repeat(length)}`),
  `]1;${'👍'.repeat(700)}`,
  `]0;hidden${'\0'.repeat(5000)}title`,
  `]${'0'.repeat(5000)}2;never`,
  ...[3000, 5000].map((length) => `]8;;http://example.org/${'a'.repeat(length)}`),
  `P${'1;'.repeat(3000)}q`,
  `[${'0'.repeat(5000)};7`,
];

export function randomSequence(dice: Dice): string {
  const number = (): string => (dice.chance(0.4) ? '' : String(dice.chance(0.9) ? dice.below(20) : dice.pick([0, 1, 100, 9999])));
  const kind = dice.below(100);
  if (kind < 30) return dice.pick(TEXTS);
  if (kind < 45) return dice.pick(CONTROLS);
  if (kind < 63) return `\x1b[${number()}${dice.chance(0.3) ? `;${number()}` : ''}${dice.pick(CSI)}`;
  if (kind < 66) return `\x1b[${number()}${dice.pick(RARE_CSI)}`;
  if (kind < 75) return `\x1b[?${dice.pick(PRIVATE)}${dice.pick(['h', 'l', 'h', 'l', 'J', 'K'])}`;
  if (kind < 78) return `\x1b[${dice.pick(['4h', '4l', '20h', '20l', 's', 'u', '22;0t', '23;0t'])}`;
  if (kind < 91) return `\x1b[${dice.pick(SGR)}m`;
  if (kind < 94) return `\x1b${dice.pick(CHARSETS)}`;
  if (kind < 99) {
    const end = dice.chance(0.05) ? '' : dice.pick(['\x07', '\x1b\\']);
    return `\x1b${dice.pick(dice.chance(0.05) ? LONG_STRINGS : STRINGS)}${end}`;
  }
  return dice.chance(0.2) ? '\x1bc' : `${dice.pick(['a', '日'])}\x1b[${dice.below(5)}b`;
}
