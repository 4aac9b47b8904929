// Which letter designates which character set. xterm keeps only the sets themselves, so the
// letters are found by asking it once.

import type { Charset } from './xterm.ts';
import { createEmulator } from './xterm.ts';

const LETTERS = [...'0A45CRQKYE6ZH7='];

let known: Map<Charset, string> | undefined;

/** Final byte of the sequence that designates `charset`; B, the default, for any other. */
export function letterOf(charset: Charset): string {
  known ??= askAll();
  return known.get(charset) ?? 'B';
}

function askAll(): Map<Charset, string> {
  const { core, terminal } = createEmulator({ cols: 2, rows: 1 }, 0);
  const letters = new Map<Charset, string>();
  for (const letter of LETTERS) {
    core._inputHandler.parse(new TextEncoder().encode(`\x1b(${letter}`));
    const charset = core._charsetService._charsets[0];
    if (charset !== undefined && !letters.has(charset)) letters.set(charset, letter);
  }
  terminal.dispose();
  return letters;
}

/** What to print under `charset` so that `characters` appear; undefined where nothing does. */
export function printable(characters: string, charset: Charset): string | undefined {
  if (charset === undefined) return characters;
  let text = '';
  for (const character of characters) {
    const isReplaced = character.charCodeAt(0) < 127 && charset[character] !== undefined;
    const key = isReplaced ? Object.keys(charset).find((from) => charset[from]?.[0] === character) : character;
    if (key === undefined) return undefined;
    text += key;
  }
  return text;
}
