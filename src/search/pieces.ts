// Pieces of four and five characters that occur in a block and have a digit in them: of numbers,
// hashes, addresses, which are too many to list. A set of bits which may have one that does not
// occur, and has every one that does; of a block with unlisted words, those of all words.

import { DamagedBlock } from './block.ts';

const SHORT = 4;
const LONG = 5;
const HEAD_BYTES = 5;
/** Six bits for each character; one more tells a short piece from a long one. */
const SHORT_MASK = (1 << (SHORT * 6)) - 1;
const LONG_MASK = (1 << (LONG * 6)) - 1;
const IS_SHORT = 1 << 30;
/** 16 KiB, a thirtieth of a block's text. */
const BITS_MAX = 1 << 17;
const BITS_MIN = 1 << 6;

const NONE = 0;
const FIRST_DIGIT = 28;
/** 0 for what parts words; letters, the underscore, digits. */
const CODES = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x61 && byte <= 0x7a) return byte - 0x60;
  if (byte === 0x5f) return 27;
  return byte >= 0x30 && byte <= 0x39 ? byte - 0x30 + FIRST_DIGIT : NONE;
});

/** What is looked for. */
export interface Pieces {
  /** With a digit. */
  mixed: number[];
  /** Of letters alone. */
  letters: number[];
}

export function piecesOf(folded: readonly string[]): Pieces {
  const pieces: Pieces = { mixed: [], letters: [] };
  for (const text of folded) eachPiece(Buffer.from(text), (key, isMixed) => (isMixed ? pieces.mixed : pieces.letters).push(key));
  return pieces;
}

/** @param ofAllWords of those without a digit, too */
export function packPieces(folded: Buffer, ofAllWords: boolean): Uint8Array {
  // What two pieces have in common by chance in one block they have in no other.
  const salt = Bun.hash.xxHash32(folded);
  let bits: Uint32Array = new Uint32Array(BITS_MAX >> 5);
  eachPiece(folded, (key, isMixed) => {
    if (!isMixed && !ofAllWords) return;
    const place = placeOf(key, salt);
    bits[place >> 5] = (bits[place >> 5] ?? 0) | (1 << (place & 31));
  });
  // While less than an eighth is set, half of the room does.
  while (bits.length > BITS_MIN >> 5 && countOf(bits) * 8 < bits.length * 32) bits = halved(bits);
  const packed = Buffer.alloc(HEAD_BYTES + bits.byteLength);
  packed.writeUInt8(ofAllWords ? 1 : 0, 0);
  packed.writeUInt32LE(salt, 1);
  packed.set(new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength), HEAD_BYTES);
  return packed;
}

/** Whether the block may have all of them. @throws DamagedBlock */
export function mayHave(packed: Uint8Array, { mixed, letters }: Pieces): boolean {
  const bits = (packed.byteLength - HEAD_BYTES) * 8;
  if (bits < BITS_MIN || bits > BITS_MAX || (bits & (bits - 1)) !== 0) throw new DamagedBlock('The pieces of a block are not whole');
  const salt = (packed[1] ?? 0) | ((packed[2] ?? 0) << 8) | ((packed[3] ?? 0) << 16) | ((packed[4] ?? 0) << 24);
  const has = (key: number): boolean => {
    const place = placeOf(key, salt) & (bits - 1);
    return ((packed[HEAD_BYTES + (place >> 3)] ?? 0) & (1 << (place & 7))) !== 0;
  };
  return mixed.every(has) && (packed[0] === 0 || letters.every(has));
}

function eachPiece(folded: Buffer, take: (key: number, isMixed: boolean) => void): void {
  let key = 0;
  let length = 0;
  let digitAt = -LONG;
  for (let index = 0; index < folded.byteLength; index += 1) {
    const code = CODES[folded[index] ?? 0] ?? NONE;
    if (code === NONE) {
      length = 0;
      continue;
    }
    key = ((key << 6) | code) & LONG_MASK;
    length += 1;
    if (code >= FIRST_DIGIT) digitAt = index;
    if (length >= SHORT) take((key & SHORT_MASK) | IS_SHORT, index - digitAt < SHORT);
    if (length >= LONG) take(key, index - digitAt < LONG);
  }
}

function placeOf(key: number, salt: number): number {
  let mixed = key ^ salt;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return (mixed ^ (mixed >>> 15)) & (BITS_MAX - 1);
}

/** Each place's low bits stay what they are. */
function halved(bits: Uint32Array): Uint32Array {
  const half = bits.length >> 1;
  return bits.subarray(0, half).map((each, index) => each | (bits[half + index] ?? 0));
}

function countOf(bits: Uint32Array): number {
  let count = 0;
  for (let each of bits) {
    each -= (each >>> 1) & 0x55555555;
    each = (each & 0x33333333) + ((each >>> 2) & 0x33333333);
    count += Math.imul((each + (each >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}
