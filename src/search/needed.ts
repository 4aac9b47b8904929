// What a block must have, as far as the index can tell, to have what is looked for: words for
// the full text index, pieces for the sets beside it. It never leaves out a block that has it.

import { limits } from '../limits.ts';
import { indexWord, partsOf, trigramsOf, UNLISTED } from './index-words.ts';
import { type Pieces, piecesOf } from './pieces.ts';
import type { Query } from './query.ts';
import type { ListedWords } from './vocabulary.ts';

export interface Needed {
  /** For FTS5: words of the index, quoted; letters only. Null where nothing is to be asked. */
  match: string | null;
  pieces: Pieces;
}

/** So many say enough; more only take time. */
const CONDITIONS_MAX = 48;

export function neededFor({ terms }: Query, listed: ListedWords): Needed {
  const conditions = new Set<string>();
  const trigrams = new Set<string>();
  for (const { text, prefix } of terms) {
    for (const part of partsOf(text, prefix)) {
      // Of what is a part of so many, no block is without any.
      const words = listed.with(part, limits.searchWordsMax);
      if (words !== undefined) conditions.add(anyOf([...words.map(indexWord), UNLISTED]));
    }
    for (const trigram of trigramsOf(text)) trigrams.add(`"${trigram}"`);
  }
  const all = [...conditions, ...trigrams].slice(0, CONDITIONS_MAX);
  return { match: all.length === 0 ? null : all.join(' AND '), pieces: piecesOf(terms.map(({ text }) => text)) };
}

const anyOf = (words: readonly string[]): string => `(${words.map((word) => `"${word}"`).join(' OR ')})`;
