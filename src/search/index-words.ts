// The words of the full text index: of a block the words of letters that occur in it, which are
// listed beside it, so that a part of a word is found by the list; and the trigrams that have
// anything but letters in them. Each once. That two pieces share a word of the index is allowed:
// every hit is looked up in the text.

const ASCII_END = 0x80;
const SPACE = 0x20;
const LINE_BREAK = 0x0a;
const UNDERSCORE = 0x5f;
const A = 0x61;
const Z = 0x7a;
/** Of letters; what is shorter is shorter than anything that is looked for. */
const WORD_MIN = 3;
const WORDS = /[a-z_]{3,}/g;
const WORD = /[a-z_]{3}/;

/** Stands beside the words of a block of which some are not listed. No word and no trigram is of one letter. */
export const UNLISTED = '\u0100';

/** Seen trigrams of ASCII, by three times seven bits. */
const seenTrigrams = new Uint8Array(1 << 21);

/** Words of the index, for FTS5's `ascii` tokenizer. @param words of letters @param isAll they are all that the text has */
export function indexWords(folded: string, words: readonly string[], isAll: boolean): string {
  const all = [...trigramsOf(folded), ...words.map(indexWord)];
  if (!isAll) all.push(UNLISTED);
  return all.join(' ');
}

/** FTS5 takes a letter for part of a word, and an underscore for a gap: a digit stands for it. */
export const indexWord = (word: string): string => word.replaceAll('_', '0');

/** A word of letters of what is looked for: whole, or a part where it goes on at an end. */
export interface Part {
  letters: string;
  begins: boolean;
  ends: boolean;
}

/** Of folded text. @param prefix it stands where a word begins */
export function partsOf(folded: string, prefix: boolean): Part[] {
  return [...folded.matchAll(WORDS)].map(({ index, 0: letters }) => ({
    letters,
    begins: prefix || index > 0,
    ends: index + letters.length < folded.length,
  }));
}

/** Whether there is anything in it to be looked for. */
export const isLongEnough = (folded: string): boolean => WORD.test(folded) || trigramsOf(folded).length > 0;

/** Each once. No trigram goes across a line, none is of letters alone. */
export function trigramsOf(folded: string): string[] {
  const keys: number[] = [];
  const others = new Set<string>();
  let first = LINE_BREAK;
  let second = LINE_BREAK;
  let letters = 0;
  for (let index = 0; index < folded.length; index += 1) {
    const third = blankAsSpace(folded.charCodeAt(index));
    if (third === SPACE && second === SPACE) continue;
    letters = isLetter(third) ? letters + 1 : 0;
    if (letters < WORD_MIN && first !== LINE_BREAK && second !== LINE_BREAK && third !== LINE_BREAK) {
      if ((first | second | third) < ASCII_END) {
        const key = (first << 14) | (second << 7) | third;
        if (seenTrigrams[key] === 0) {
          seenTrigrams[key] = 1;
          keys.push(key);
        }
      } else {
        others.add(trigram(first, second, third));
      }
    }
    first = second;
    second = third;
  }
  const words = keys.map((key) => {
    seenTrigrams[key] = 0;
    return trigram(key >> 14, (key >> 7) & 0x7f, key & 0x7f);
  });
  return [...words, ...others];
}

/** Words of letters in folded text, each once. */
export function lettersOf(folded: Buffer): string[] {
  const seen = new SeenWords(folded);
  let from = 0;
  let hash = 0;
  for (let index = 0; index <= folded.byteLength; index += 1) {
    const byte = folded[index] ?? LINE_BREAK;
    if (isLetter(byte)) {
      hash = Math.imul(hash ^ byte, 0x01000193);
      continue;
    }
    if (index - from >= WORD_MIN) seen.add(from, index, hash);
    from = index + 1;
    hash = 0;
  }
  return seen.words;
}

/** Without a string for each place where a word is: there are twenty times as many. */
class SeenWords {
  readonly words: string[] = [];
  readonly #bytes: Buffer;
  #starts = new Int32Array(1 << 15).fill(-1);
  #ends = new Int32Array(1 << 15);

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  add(from: number, to: number, hash: number): void {
    const mask = this.#starts.length - 1;
    for (let at = (hash ^ (hash >>> 15)) & mask; ; at = (at + 1) & mask) {
      const start = this.#starts[at] ?? -1;
      if (start === -1) {
        this.#starts[at] = from;
        this.#ends[at] = to;
        this.words.push(this.#bytes.toString('latin1', from, to));
        if (this.words.length > mask >> 1) this.#grow();
        return;
      }
      if ((this.#ends[at] ?? 0) - start === to - from && this.#isSame(start, from, to - from)) return;
    }
  }

  #isSame(one: number, other: number, length: number): boolean {
    for (let index = 0; index < length; index += 1) if (this.#bytes[one + index] !== this.#bytes[other + index]) return false;
    return true;
  }

  #grow(): void {
    const [starts, ends] = [this.#starts, this.#ends];
    this.#starts = new Int32Array(starts.length * 2).fill(-1);
    this.#ends = new Int32Array(starts.length * 2);
    const mask = this.#starts.length - 1;
    for (const [index, start] of starts.entries()) {
      if (start === -1) continue;
      const end = ends[index] ?? 0;
      let hash = 0;
      for (let each = start; each < end; each += 1) hash = Math.imul(hash ^ (this.#bytes[each] ?? 0), 0x01000193);
      let at = (hash ^ (hash >>> 15)) & mask;
      while (this.#starts[at] !== -1) at = (at + 1) & mask;
      this.#starts[at] = start;
      this.#ends[at] = end;
    }
  }
}

const isLetter = (unit: number): boolean => (unit >= A && unit <= Z) || unit === UNDERSCORE;

/** No space, control character or half of a character pair: FTS5 takes anything from U+0080 on for a letter. */
function trigram(first: number, second: number, third: number): string {
  return String.fromCharCode(unitOf(first), unitOf(second), unitOf(third));
}

function unitOf(unit: number): number {
  if (unit < ASCII_END) return unit + ASCII_END;
  return unit >= 0xd800 && unit < 0xe000 ? (unit & 0x7ff) + 0x400 : unit;
}

const blankAsSpace = (unit: number): number => (unit === 0x09 || unit === 0xa0 ? SPACE : unit);
