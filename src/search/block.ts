// The form in which lines are kept: one piece of text, compressed, with the moment of every line
// beside it, as runs of lines that have it in common.

import { CHANNELS } from '../sessions/event.ts';
import { fold } from './fold.ts';
import type { Line } from './text-reader.ts';

/** A twentieth larger than at 9 for two thirds of the time: a sixth less than the fastest. */
const LEVEL = 6;
const QUICK_LEVEL = 1;

export interface BlockFacts {
  /** Lowest and highest sequence and timestamp. */
  first: number;
  last: number;
  oldest: number;
  newest: number;
  /** A bit for each channel that occurs. */
  channels: number;
  /** Of the text, in UTF-8. */
  bytes: number;
}

/** A block that is open again. What is not asked for is not made: most are opened in vain. */
export interface Block {
  /** The lines, a break after each but the last. */
  readonly text: string;
  /** The text as it is compared, in UTF-8, and where its lines begin. */
  readonly folded: Buffer;
  readonly starts: readonly number[];
  readonly moments: Moments;
  /** Of the text, about. */
  readonly bytes: number;
  /** One of thousands, from 0. */
  line(index: number): string;
}

interface Head {
  kinds: [channel: number, type: string][];
  /** count, sequence and timestamp less the ones before, kind; of run after run. */
  runs: number[];
}

export class Moments {
  readonly count: number;
  readonly #starts: number[] = [];
  readonly #sequences: number[] = [];
  readonly #timestamps: number[] = [];
  readonly #kinds: number[] = [];
  readonly #names: Head['kinds'];

  constructor({ kinds, runs }: Head) {
    this.#names = kinds;
    let line = 0;
    let sequence = 0;
    let timestamp = 0;
    for (let at = 0; at < runs.length; at += 4) {
      this.#starts.push(line);
      line += runs[at] ?? 0;
      this.#sequences.push((sequence += runs[at + 1] ?? 0));
      this.#timestamps.push((timestamp += runs[at + 2] ?? 0));
      this.#kinds.push(runs[at + 3] ?? 0);
    }
    this.count = line;
  }

  /** Of the line, from 0. */
  of(line: number): Omit<Line, 'text'> {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= line) low = middle;
      else high = middle - 1;
    }
    const [channel = 0, type = ''] = this.#names[this.#kinds[low] ?? 0] ?? [];
    return { sequence: this.#sequences[low] ?? 0, timestamp: this.#timestamps[low] ?? 0, channel: CHANNELS[channel] ?? 'system', type };
  }
}

export interface EncodedBlock {
  packed: Uint8Array;
  facts: BlockFacts;
  /** The text as it is compared, and its bytes. */
  folded: string;
  foldedBytes: Buffer;
}

/** In two pieces: the text as it is looked through, and what is needed of a block that has what is looked for. */
export function encodeBlock(lines: readonly Line[], quick = false): EncodedBlock {
  const kinds = new Map<string, number>();
  const names: Head['kinds'] = [];
  const runs: number[] = [];
  const facts = factsOf(lines);
  let before: Line | undefined;
  for (const line of lines) {
    const { sequence, timestamp, channel, type } = line;
    if (before?.sequence === sequence && before.timestamp === timestamp && before.channel === channel && before.type === type) {
      runs[runs.length - 4] = (runs.at(-4) ?? 0) + 1;
      continue;
    }
    const name = `${channel} ${type}`;
    let kind = kinds.get(name);
    if (kind === undefined) {
      kind = names.push([CHANNELS.indexOf(channel), type]) - 1;
      kinds.set(name, kind);
    }
    runs.push(1, sequence - (before?.sequence ?? 0), timestamp - (before?.timestamp ?? 0), kind);
    before = line;
  }
  const text = lines.map((line) => line.text).join('\n');
  const head = Buffer.from(JSON.stringify({ kinds: names, runs } satisfies Head));
  const { kept, capitals, folded, isFolded } = keptText(text);
  const level = quick ? QUICK_LEVEL : LEVEL;
  const packedText = Bun.zstdCompressSync(kept, { level });
  const packedRest = Bun.zstdCompressSync(Buffer.concat([sizeOf(head), head, capitals]), { level });
  const sizes = Buffer.alloc(SIZES_BYTES);
  sizes.writeUInt32LE(packedText.byteLength, 0);
  sizes.writeUInt32LE(packedRest.byteLength, 4);
  sizes.writeUInt8(isFolded ? 1 : 0, 8);
  return {
    packed: Buffer.concat([sizes, packedText, packedRest]),
    facts: { ...facts, bytes: kept.byteLength },
    folded,
    foldedBytes: isFolded ? kept : Buffer.from(folded),
  };
}

/** What the index has is not what was put in: only another index helps. */
export class DamagedBlock extends Error {}

/** @throws DamagedBlock; where only what is needed of a find is damaged, when that is asked for */
export function decodeBlock(packed: Uint8Array): Block {
  if (packed.byteLength < SIZES_BYTES) throw new DamagedBlock('A block is too short');
  // Not through its ArrayBuffer, which would be a copy of all of it.
  const all = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const end = SIZES_BYTES + all.readUInt32LE(0);
  if (end + all.readUInt32LE(4) !== all.byteLength) throw new DamagedBlock('A block does not hold what it says');
  return new KeptBlock(unpacked(all.subarray(SIZES_BYTES, end)), all.subarray(end), all.readUInt8(8) === 1);
}

function unpacked(packed: Uint8Array): Buffer {
  try {
    return Bun.zstdDecompressSync(packed);
  } catch (error) {
    throw new DamagedBlock(`A block cannot be unpacked: ${String(error)}`);
  }
}

function sizeOf(bytes: Uint8Array): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.byteLength);
  return size;
}

const SIZES_BYTES = 9;

/** The text without capitals of ASCII, and where they were: where nothing else is to be folded a search needs no more than the first. */
function keptText(text: string): { kept: Buffer; capitals: Uint8Array; folded: string; isFolded: boolean } {
  const kept = Buffer.from(text, 'utf8');
  // A count has as many bytes as what it counts, at most.
  const capitals = new Uint8Array(kept.byteLength);
  let length = 0;
  let before = 0;
  for (let at = 0; at < kept.byteLength; at += 1) {
    const byte = kept[at] ?? 0;
    if (byte < A || byte > Z) continue;
    kept[at] = byte | CASE;
    // Seven bits to a byte.
    let gap = at - before;
    for (; gap >= 0x80; gap >>>= 7) capitals[length++] = (gap & 0x7f) | 0x80;
    capitals[length++] = gap;
    before = at + 1;
  }
  const lower = kept.toString('utf8');
  const folded = kept.byteLength === text.length ? lower : fold(lower);
  return { kept, capitals: capitals.subarray(0, length), folded, isFolded: folded === lower };
}

const A = 0x41;
const Z = 0x5a;
const CASE = 0x20;
const LINE_BREAK = 0x0a;

class KeptBlock implements Block {
  readonly bytes: number;
  readonly #lower: Buffer;
  readonly #packedRest: Buffer;
  readonly #isFolded: boolean;
  #rest: { head: Head; capitals: Buffer } | undefined;
  #original: Buffer | undefined;
  #originalStarts: readonly number[] | undefined;
  #folded: Buffer | undefined;
  #starts: readonly number[] | undefined;
  #moments: Moments | undefined;

  constructor(lower: Buffer, packedRest: Buffer, isFolded: boolean) {
    this.bytes = lower.byteLength;
    this.#lower = lower;
    this.#packedRest = packedRest;
    this.#isFolded = isFolded;
  }

  get moments(): Moments {
    return (this.#moments ??= new Moments(this.#restOf().head));
  }

  get folded(): Buffer {
    return (this.#folded ??= this.#isFolded ? this.#lower : Buffer.from(fold(this.#lower.toString('utf8'))));
  }

  get starts(): readonly number[] {
    return (this.#starts ??= startsOf(this.folded));
  }

  get text(): string {
    return this.#bytes().toString('utf8');
  }

  line(index: number): string {
    const bytes = this.#bytes();
    // A capital is as long as its small letter.
    const starts = (this.#originalStarts ??= this.#isFolded ? this.starts : startsOf(bytes));
    return bytes.toString('utf8', starts[index] ?? bytes.byteLength, (starts[index + 1] ?? bytes.byteLength + 1) - 1);
  }

  /** With its capitals. */
  #bytes(): Buffer {
    if (this.#original !== undefined) return this.#original;
    const bytes = Buffer.from(this.#lower);
    let at = 0;
    let gap = 0;
    let shift = 0;
    for (const byte of this.#restOf().capitals) {
      gap |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte >= 0x80) continue;
      at += gap;
      bytes[at] = (bytes[at] ?? 0) & ~CASE;
      at += 1;
      gap = 0;
      shift = 0;
    }
    return (this.#original = bytes);
  }

  #restOf(): { head: Head; capitals: Buffer } {
    if (this.#rest !== undefined) return this.#rest;
    const raw = unpacked(this.#packedRest);
    const end = 4 + (raw.byteLength < 4 ? 0 : raw.readUInt32LE(0));
    if (end > raw.byteLength) throw new DamagedBlock('A block does not hold what it says');
    return (this.#rest = { head: headIn(raw.subarray(4, end)), capitals: raw.subarray(end) });
  }
}

function startsOf(bytes: Buffer): number[] {
  const starts = [0];
  for (let at = bytes.indexOf(LINE_BREAK); at !== -1; at = bytes.indexOf(LINE_BREAK, at + 1)) starts.push(at + 1);
  return starts;
}

function headIn(bytes: Buffer): Head {
  try {
    return JSON.parse(bytes.toString('utf8')) as Head;
  } catch (error) {
    throw new DamagedBlock(`The moments of a block cannot be read: ${String(error)}`);
  }
}

export function linesOf({ text, moments }: Block): Line[] {
  if (moments.count === 0) return [];
  return text.split('\n').map((line, index) => ({ text: line, ...moments.of(index) }));
}

function factsOf(lines: readonly Line[]): Omit<BlockFacts, 'bytes'> {
  const facts = { first: Infinity, last: 0, oldest: Infinity, newest: 0, channels: 0 };
  for (const { sequence, timestamp, channel } of lines) {
    facts.first = Math.min(facts.first, sequence);
    facts.last = Math.max(facts.last, sequence);
    facts.oldest = Math.min(facts.oldest, timestamp);
    facts.newest = Math.max(facts.newest, timestamp);
    facts.channels |= 1 << CHANNELS.indexOf(channel);
  }
  return facts;
}
