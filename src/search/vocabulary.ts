// The list of all words of letters in the index, each once: what is looked for is looked up in
// it, and the full text index is asked for the words that have it in them. It is bounded; what is
// not on it is not lost, but told by pieces and found more slowly. Words stay on it until the
// index is made anew.

import type { Database } from 'bun:sqlite';
import { limits } from '../limits.ts';
import type { Part } from './index-words.ts';

export const VOCABULARY_TABLE = `
CREATE TABLE vocabulary (
  id INTEGER PRIMARY KEY,
  word TEXT NOT NULL UNIQUE
);
`;

/** For whoever writes the index, within its transactions. */
export class Vocabulary {
  readonly #sqlite: Database;
  readonly #has;
  readonly #insert;
  /** Some that are on it. */
  readonly #known = new Set<string>();
  #bytes: number | undefined;

  constructor(sqlite: Database) {
    this.#sqlite = sqlite;
    this.#has = sqlite.query<{ id: number }, [string]>('SELECT id FROM vocabulary WHERE word = ?');
    this.#insert = sqlite.query<unknown, [string]>('INSERT INTO vocabulary (word) VALUES (?)');
  }

  /** @returns those that are on it now: where too many are new it is no text, but such as base64, and none is put on it */
  list(words: readonly string[]): readonly string[] {
    const others = words.filter((word) => !this.#known.has(word));
    if (sizeOf(others) > limits.searchNewWordsBytesMax) return words.filter((word) => this.#known.has(word));
    const fresh = others.filter((word) => this.#has.get(word) === null);
    const bytes = sizeOf(fresh);
    this.#bytes ??= this.#sqlite.query<{ bytes: number | null }, []>('SELECT sum(length(word) + 1) AS bytes FROM vocabulary').get()?.bytes ?? 0;
    const left = new Set(this.#bytes + bytes > limits.searchVocabularyBytesMax ? fresh : []);
    for (const word of fresh) if (!left.has(word)) this.#insert.run(word);
    this.#bytes += left.size > 0 ? 0 : bytes;
    if (this.#known.size > limits.searchWordsKnown) this.#known.clear();
    for (const word of others) if (!left.has(word)) this.#known.add(word);
    return left.size === 0 ? words : words.filter((word) => !left.has(word));
  }

  /** What was not committed is on it no more. */
  forget(): void {
    this.#known.clear();
    this.#bytes = undefined;
  }
}

/** For whoever searches: one text, with a line break on both sides of each word. */
export class ListedWords {
  readonly #after;
  #lastId = 0;
  #text = Buffer.alloc(FIRST_BYTES);
  #length = 1;

  constructor(sqlite: Database) {
    this.#text[0] = LINE_BREAK;
    this.#after = sqlite.query<{ id: number; word: string }, [number]>('SELECT id, word FROM vocabulary WHERE id > ? ORDER BY id');
  }

  /** Within the transaction in which the index is asked: what came since is heard of. */
  refresh(): void {
    const rows = this.#after.all(this.#lastId);
    const bytes = this.#length + sizeOf(rows.map(({ word }) => word));
    if (bytes > this.#text.byteLength) this.#text = Buffer.concat([this.#text.subarray(0, this.#length)], bytes * 2);
    for (const { word } of rows) this.#length += this.#text.write(`${word}\n`, this.#length, 'latin1');
    this.#lastId = rows.at(-1)?.id ?? this.#lastId;
  }

  /** Words that have it in them; undefined where they are more than `most`. */
  with({ letters, begins, ends }: Part, most: number): string[] | undefined {
    const text = this.#text.subarray(0, this.#length);
    const looked = Buffer.from(`${begins ? '\n' : ''}${letters}${ends ? '\n' : ''}`, 'latin1');
    const words: string[] = [];
    for (let at = text.indexOf(looked); at !== -1; ) {
      if (words.length === most) return undefined;
      const inside = at + (begins ? 1 : 0);
      const from = text.lastIndexOf(LINE_BREAK, inside - 1) + 1;
      const to = text.indexOf(LINE_BREAK, inside);
      words.push(text.toString('latin1', from, to));
      at = text.indexOf(looked, to);
    }
    return words;
  }
}

const FIRST_BYTES = 64 * 1024;
const LINE_BREAK = 0x0a;
/** ASCII, with a line break each. */
const sizeOf = (words: readonly string[]): number => words.reduce((sum, { length }) => sum + length + 1, 0);
