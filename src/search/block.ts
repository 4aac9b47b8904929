// The form in which lines are kept: one piece of text, compressed, with the moment of every line
// beside it, as runs of lines that have it in common.

import { assert } from '../errors.ts';
import { CHANNELS } from '../sessions/event.ts';
import { fold } from './fold.ts';
import type { Line } from './text-reader.ts';

/** Half the size of the fastest, and still faster than the lines are found. */
const LEVEL = 9;
const QUICK_LEVEL = 1;
const LINE_BREAK = 0x0a;

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

/** Lines of a block that is open again. */
export interface Block {
  /** The lines, a break after each but the last. */
  text: string;
  /** The text as it is compared. */
  folded: string;
  moments: Moments;
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

export function encodeBlock(lines: readonly Line[], quick = false): { packed: Uint8Array; facts: BlockFacts; text: string } {
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
  const head: Head = { kinds: names, runs };
  const raw = Buffer.from(`${JSON.stringify(head)}\n${text}`, 'utf8');
  return { packed: Bun.zstdCompressSync(raw, { level: quick ? QUICK_LEVEL : LEVEL }), facts: { ...facts, bytes: Buffer.byteLength(text) }, text };
}

export function decodeBlock(packed: Uint8Array): Block {
  const raw = Bun.zstdDecompressSync(packed);
  const end = raw.indexOf(LINE_BREAK);
  assert(end > 0, 'a block begins with its moments');
  const text = raw.toString('utf8', end + 1);
  // As many letters as bytes: all of it is ASCII, which needs no closer look.
  const folded = text.length === raw.byteLength - end - 1 ? text.toLowerCase() : fold(text);
  let moments: Moments | undefined;
  return {
    text,
    folded,
    // Most blocks are opened in vain: only a hit asks for its moment.
    get moments() {
      return (moments ??= new Moments(JSON.parse(raw.toString('utf8', 0, end)) as Head));
    },
  };
}

export function linesOf({ text, moments }: Omit<Block, 'folded'>): Line[] {
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
