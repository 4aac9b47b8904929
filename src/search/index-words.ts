// The words of the full text index: the trigrams that occur in a block, each once, and of runs of
// letters also what is five letters long, which is far rarer: with trigrams alone a word that is
// not there would be looked for in every fourth block, with both in every sixtieth. FTS5's own
// trigram tokenizer would be given every place of each, which takes three times as long and half
// as much room again. That two pieces share a word is allowed: every hit is looked up in the text.

const ASCII_END = 0x80;
const SPACE = 0x20;
const LINE_BREAK = 0x0a;
const UNDERSCORE = 0x5f;
const A = 0x61;
const Z = 0x7a;
const LETTERS = 5;
/** Five letters of five bits each. */
const LETTERS_MASK = (1 << 25) - 1;

/** Seen trigrams of ASCII, by three times seven bits; seen letters, a bit each. */
const seenTrigrams = new Uint8Array(1 << 21);
const seenLetters = new Uint32Array(1 << 20);

/** Of folded text, for FTS5's `ascii` tokenizer. No word goes across a line. */
export function indexWords(folded: string): string {
  return [...trigramsOf(folded).map(({ word }) => word), ...lettersOf(folded)].join(' ');
}

/** Those that a block must have which has this folded text, the rarest first; what others imply is left out. */
export function neededWords(folded: string): string[] {
  const runs = [...folded.matchAll(/[a-z_]{5,}/g)].map(({ index, 0: run }) => ({ from: index, to: index + run.length }));
  const trigrams = trigramsOf(folded).filter(({ end }) => !runs.some(({ from, to }) => end - 2 >= from && end < to));
  return [...lettersOf(folded), ...trigrams.map(({ word }) => word)];
}

/** With the index of the last unit of each. */
function trigramsOf(folded: string): { word: string; end: number }[] {
  const keys: number[] = [];
  const ends: number[] = [];
  const others = new Map<string, number>();
  let first = LINE_BREAK;
  let second = LINE_BREAK;
  for (let index = 0; index < folded.length; index += 1) {
    const third = blankAsSpace(folded.charCodeAt(index));
    if (third === SPACE && second === SPACE) continue;
    if (first !== LINE_BREAK && second !== LINE_BREAK && third !== LINE_BREAK) {
      if ((first | second | third) < ASCII_END) {
        const key = (first << 14) | (second << 7) | third;
        if (seenTrigrams[key] === 0) {
          seenTrigrams[key] = 1;
          keys.push(key);
          ends.push(index);
        }
      } else {
        others.set(trigram(first, second, third), index);
      }
    }
    first = second;
    second = third;
  }
  const words = keys.map((key, index) => {
    seenTrigrams[key] = 0;
    return { word: trigram(key >> 14, (key >> 7) & 0x7f, key & 0x7f), end: ends[index] ?? 0 };
  });
  for (const [word, end] of others) words.push({ word, end });
  return words;
}

/** Five letters in a row, lower case or underscore. */
function lettersOf(folded: string): string[] {
  const keys: number[] = [];
  let run = 0;
  let key = 0;
  for (let index = 0; index < folded.length; index += 1) {
    const unit = folded.charCodeAt(index);
    const code = unit >= A && unit <= Z ? unit - A + 1 : unit === UNDERSCORE ? 27 : 0;
    if (code === 0) {
      run = 0;
      continue;
    }
    key = ((key << 5) | code) & LETTERS_MASK;
    run += 1;
    if (run < LETTERS) continue;
    const bit = 1 << (key & 31);
    const bits = seenLetters[key >> 5] ?? 0;
    if ((bits & bit) !== 0) continue;
    seenLetters[key >> 5] = bits | bit;
    keys.push(key);
  }
  return keys.map((each) => {
    seenLetters[each >> 5] = 0;
    return String.fromCharCode(...[20, 15, 10, 5, 0].map((shift) => letterOf((each >> shift) & 31)));
  });
}

/** FTS5 takes a letter for part of a word, and an underscore for a gap: a digit stands for it. */
const letterOf = (code: number): number => (code === 27 ? 0x30 : code + A - 1);

/** No space, control character or half of a character pair: FTS5 takes anything from U+0080 on for a letter. */
function trigram(first: number, second: number, third: number): string {
  return String.fromCharCode(unitOf(first), unitOf(second), unitOf(third));
}

function unitOf(unit: number): number {
  if (unit < ASCII_END) return unit + ASCII_END;
  return unit >= 0xd800 && unit < 0xe000 ? (unit & 0x7ff) + 0x400 : unit;
}

const blankAsSpace = (unit: number): number => (unit === 0x09 || unit === 0xa0 ? SPACE : unit);
