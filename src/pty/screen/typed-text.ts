// What was typed, as lines: letter by letter it comes, and a line is what was there at Enter.

import type { JsonObject } from '../../json.ts';

/** Sequences of keys that are no text: arrows, function keys, reports, pastes' brackets. */
const KEYS = /\x1b(?:\[[0-9;?<]*[ -/]*[@-~]|O[@-~]|[\s\S])?/g;
const LENGTH_MAX = 4096;

export class TypedText {
  #line: string;

  constructor(line = '') {
    this.#line = line;
  }

  /** So far. */
  get line(): string {
    return this.#line;
  }

  /** @returns lines that ended */
  take(data: JsonObject): string[] {
    // Of what is not recorded nobody knows what it made of the line.
    if (typeof data.text !== 'string') {
      this.#line = '';
      return [];
    }
    const lines: string[] = [];
    for (const letter of data.text.replace(KEYS, '')) {
      if (letter === '\r' || letter === '\n') {
        if (this.#line.trim() !== '') lines.push(this.#line);
        this.#line = '';
      } else {
        this.#line = edited(this.#line, letter).slice(-LENGTH_MAX);
      }
    }
    return lines;
  }
}

/** As a line editor has it: Backspace, Ctrl+U, Ctrl+W, Ctrl+C. */
function edited(line: string, letter: string): string {
  switch (letter) {
    case '\x7f':
    case '\b':
      return [...line].slice(0, -1).join('');
    case '\x03':
    case '\x15':
      return '';
    case '\x17':
      return line.replace(/\S+\s*$/, '');
    case '\t':
      return `${line} `;
    default:
      return letter < ' ' ? line : line + letter;
  }
}
