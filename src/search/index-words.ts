// The words of the index: the trigrams that occur in a block, each once. FTS5's own trigram
// tokenizer would be given every place of each of them, which takes three times as long and half
// as much room again. A word stands for its trigram; that two trigrams share a word is allowed,
// for every hit is looked up in the text.

const ASCII_END = 0x80;
const SPACE = 0x20;
const LINE_BREAK = 0x0a;
/** Seen ASCII trigrams, by their three times seven bits. */
const seen = new Uint8Array(1 << 21);

/** Trigrams of folded text, as words for FTS5's `ascii` tokenizer. None goes across a line. */
export function trigramWords(folded: string): string {
  const keys: number[] = [];
  const others = new Set<string>();
  let first = LINE_BREAK;
  let second = LINE_BREAK;
  for (let index = 0; index < folded.length; index += 1) {
    const third = blankAsSpace(folded.charCodeAt(index));
    if (third === SPACE && second === SPACE) continue;
    if (first !== LINE_BREAK && second !== LINE_BREAK && third !== LINE_BREAK) {
      if ((first | second | third) < ASCII_END) {
        const key = (first << 14) | (second << 7) | third;
        if (seen[key] === 0) {
          seen[key] = 1;
          keys.push(key);
        }
      } else {
        others.add(word(first, second, third));
      }
    }
    first = second;
    second = third;
  }
  const words: string[] = [];
  for (const key of keys) {
    seen[key] = 0;
    words.push(word(key >> 14, (key >> 7) & 0x7f, key & 0x7f));
  }
  return [...words, ...others].join(' ');
}

/** No space, control character or half of a character pair: FTS5 takes anything from U+0080 on for a letter. */
function word(first: number, second: number, third: number): string {
  return String.fromCharCode(letter(first), letter(second), letter(third));
}

function letter(unit: number): number {
  if (unit < ASCII_END) return unit + ASCII_END;
  return unit >= 0xd800 && unit < 0xe000 ? (unit & 0x7ff) + 0x400 : unit;
}

const blankAsSpace = (unit: number): number => (unit === 0x09 || unit === 0xa0 ? SPACE : unit);
