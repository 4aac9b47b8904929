// What a person types into the search, as what is looked for. Any text is a query: nothing in it
// is SQL, and nothing is an error but that it is too short to be looked for.

import { invalid } from '../errors.ts';
import { limits } from '../limits.ts';
import { fold } from './fold.ts';
import { isLongEnough } from './index-words.ts';

export interface Term {
  /** Folded; blanks are single spaces. */
  text: string;
  /** `word*`: only at the beginning of a word. */
  prefix: boolean;
}

export interface Query {
  /** All of these. */
  terms: Term[];
  /** None of these. */
  without: Term[];
}

/** `-"..."`, `"..."`, or what stands between blanks. A quote that is not closed goes to the end. */
const PIECE = /(-?)"([^"]*)(?:"|$)|(\S+)/gu;

/** @throws AppError invalid where nothing in it has three characters */
export function parseQuery(text: string): Query {
  const terms: Term[] = [];
  const without: Term[] = [];
  for (const [, minus = '', phrase, bare = ''] of text.matchAll(PIECE)) {
    const isPhrase = phrase !== undefined;
    const excludes = minus === '-' || (!isPhrase && bare.length > 1 && bare.startsWith('-'));
    const word = isPhrase ? phrase : excludes ? bare.slice(1) : bare;
    const prefix = !isPhrase && /[\p{L}\p{N}_]\*$/u.test(word);
    const folded = normal(prefix ? word.slice(0, -1) : word);
    if (folded === '') continue;
    (excludes ? without : terms).push({ text: folded, prefix });
  }
  if (!terms.some((term) => isLongEnough(term.text))) throw invalid('q', tooShort(terms, without));
  return { terms, without };
}

function tooShort(terms: readonly Term[], without: readonly Term[]): string {
  if (terms.length === 0 && without.length > 0) return 'Say what to look for, too: a query that only excludes finds nothing.';
  return `Search needs at least ${limits.searchCharactersMin} characters in a row: type a longer word, or a phrase in quotes.`;
}

const normal = (text: string): string => fold(text).replace(/\s+/gu, ' ').trim();
