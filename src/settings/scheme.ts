// A terminal's colours out of the files that others keep them in: X resources (`*.color4:
// #5fafd7`) and iTerm's .itermcolors. What cannot be read is said, with the line or the name.

import { invalid } from '../errors.ts';
import { limits } from '../limits.ts';

const EIGHT = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
const BRIGHT = ['brightBlack', 'brightRed', 'brightGreen', 'brightYellow', 'brightBlue', 'brightMagenta', 'brightCyan', 'brightWhite'] as const;
const SIXTEEN = [...EIGHT, ...BRIGHT] as const;

/** What a scheme says, by xterm.js's names. */
export const SCHEME_COLOURS = ['foreground', 'background', 'cursor', 'selectionBackground', ...SIXTEEN] as const;

export type SchemeColour = (typeof SCHEME_COLOURS)[number];
/** Each as `#rrggbb`, in small letters. */
export type Scheme = Record<SchemeColour, string>;

/** @throws AppError invalid (field scheme): what it is not, or which colour is missing or cannot be read */
export function parseScheme(text: string): Scheme {
  if (text.trim() === '') throw wrong('Paste a scheme, or choose its file.');
  if (text.length > limits.schemeTextLengthMax) throw wrong(`A scheme has at most ${limits.schemeTextLengthMax / 1024} KiB: this is something else.`);
  if (text.startsWith('bplist')) throw wrong('This property list is binary. Make it text first: plutil -convert xml1 FILE');
  const found = /<key>[^<]{0,80} Color<\/key>/.test(text) ? ofIterm(text) : ofResources(text);
  if (found.size === 0) {
    throw wrong('There are no colours in it. It takes X resources (*.color0: #1c2427) or an .itermcolors file as XML.');
  }
  const missing = [...(['foreground', 'background'] as const), ...SIXTEEN].filter((name) => !found.has(name));
  if (missing.length > 0) throw wrong(`It does not say ${listOf(missing.map(wordsOf))}.`);
  return complete(found);
}

type Found = Map<SchemeColour, string>;

/** What is often left out follows from the rest. */
function complete(found: Found): Scheme {
  const of = (name: SchemeColour): string => found.get(name) ?? '#000000';
  const cursor = found.get('cursor') ?? of('foreground');
  const selectionBackground = found.get('selectionBackground') ?? mixed(of('background'), of('foreground'), 0.25);
  const rest = Object.fromEntries(SCHEME_COLOURS.map((name) => [name, of(name)])) as Scheme;
  return { ...rest, cursor, selectionBackground };
}

const RESOURCES: Readonly<Record<string, SchemeColour>> = {
  foreground: 'foreground',
  background: 'background',
  cursorcolor: 'cursor',
  highlightcolor: 'selectionBackground',
  ...Object.fromEntries(SIXTEEN.map((name, index) => [`color${index}`, name])),
};

/** Lines of `PROGRAM*NAME: COLOUR`, with `#define`s and `#ifdef`s as xrdb's preprocessor has them. */
function ofResources(text: string): Found {
  const found: Found = new Map();
  const defined = new Map<string, string>();
  /** Of each `#ifdef` that is open, whether its lines count. */
  const branches: boolean[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const [, word = '', name = '', value = ''] = /^\s*#\s*(define|undef|ifn?def|else|endif)\b\s*(\S*)\s*(\S*)/.exec(line) ?? [];
    if (word === 'ifdef' || word === 'ifndef') branches.push(defined.has(name) === (word === 'ifdef'));
    else if (word === 'else') branches.push(branches.pop() === false);
    else if (word === 'endif') branches.pop();
    if (branches.includes(false)) continue;
    if (word === 'define') defined.set(name, value);
    else if (word === 'undef') defined.delete(name);
    const colon = line.indexOf(':');
    if (colon === -1 || /^\s*[!#]/.test(line)) continue;
    const resource = line.slice(0, colon).trim().split(/[.*]/).at(-1)?.toLowerCase() ?? '';
    const colour = Object.hasOwn(RESOURCES, resource) ? RESOURCES[resource] : undefined;
    if (colour === undefined) continue;
    const said = line.slice(colon + 1).trim();
    const read = colourOf(meant(said, defined));
    if (read === undefined) throw wrong(`Line ${index + 1}: “${said.slice(0, 40)}” is no colour that can be read. Write it as #rrggbb.`);
    found.set(colour, read);
  }
  return found;
}

/** What a name was defined as, which may be a name again; without the opacity that urxvt has before a colour (`[90]`). */
function meant(said: string, defined: ReadonlyMap<string, string>): string {
  let text = said.replace(/^\[[^\]]{0,40}\]/, '');
  for (let step = 0; step < DEFINED_DEPTH; step += 1) text = defined.get(text) ?? text;
  return text;
}

const DEFINED_DEPTH = 8;

/** `#rgb`, `#rrggbb`, `#rrrrggggbbbb`, `rgb:rr/gg/bb`, `rgba:rr/gg/bb/aa`. */
function colourOf(text: string): string | undefined {
  const parts = /^#([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{12})$/i.test(text)
    ? [0, 1, 2].map((index) => text.slice(1 + (index * (text.length - 1)) / 3, 1 + ((index + 1) * (text.length - 1)) / 3))
    : /^rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})(?:\/[0-9a-f]{1,4})?$/i.exec(text)?.slice(1);
  return parts === undefined ? undefined : hexOf(parts.map((part) => Number.parseInt(part, 16) / (16 ** part.length - 1)));
}

const ITERM: Readonly<Record<string, SchemeColour>> = {
  'Foreground Color': 'foreground',
  'Background Color': 'background',
  'Cursor Color': 'cursor',
  'Selection Color': 'selectionBackground',
  ...Object.fromEntries(SIXTEEN.map((name, index) => [`Ansi ${index} Color`, name])),
};
const COMPONENTS = ['Red Component', 'Green Component', 'Blue Component'];
const ASIDE = ['Alpha Component', 'Color Space'];

/** A property list, read as the pairs of key and number that it is made of. */
function ofIterm(text: string): Found {
  const parts = new Map<SchemeColour, number[]>();
  let colour: SchemeColour | undefined;
  let component = -1;
  for (const [, kind, value = ''] of text.matchAll(/<(key|real|integer)>([^<]{0,80})</g)) {
    if (kind === 'key') component = COMPONENTS.indexOf(value);
    // `Ansi 0 Color (Light)` is another colour, of those who have two schemes.
    if (kind === 'key' && component === -1 && !ASIDE.includes(value)) colour = Object.hasOwn(ITERM, value) ? ITERM[value] : undefined;
    else if (colour !== undefined && component !== -1) {
      const known = parts.get(colour) ?? [];
      known[component] = Number(value);
      parts.set(colour, known);
    }
  }
  return new Map([...parts].map(([name, three]) => [name, checkedParts(name, three)]));
}

function checkedParts(name: SchemeColour, [red = Number.NaN, green = Number.NaN, blue = Number.NaN]: readonly number[]): string {
  const three = [red, green, blue];
  if (three.some(Number.isNaN)) throw wrong(`Of ${wordsOf(name)} it does not say red, green and blue as numbers from 0 to 1.`);
  return hexOf(three);
}

const hexOf = (parts: readonly number[]): string =>
  `#${parts.map((part) => Math.round(Math.min(1, Math.max(0, part)) * 255).toString(16).padStart(2, '0')).join('')}`;

function mixed(one: string, other: string, share: number): string {
  const at = (color: string, index: number): number => Number.parseInt(color.slice(1 + index * 2, 3 + index * 2), 16) / 255;
  return hexOf([0, 1, 2].map((index) => at(one, index) * (1 - share) + at(other, index) * share));
}

/** As the files call it. */
function wordsOf(name: SchemeColour): string {
  const index = SIXTEEN.findIndex((one) => one === name);
  return index === -1 ? `the ${name}` : `colour ${index}`;
}

const listOf = (words: readonly string[]): string => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`);

const wrong = (message: string) => invalid('scheme', message);
