// Output of one session that memory has no room for: frames in files that are unlinked as soon
// as they are open, so whatever ends the holder leaves none. First in, first out; the oldest
// file can be given up, which frees its space on the disk.

import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { TO_SERVER } from './frames.ts';

/** Files per session at its bound: giving one up costs this part of what is kept. */
const SEGMENTS = 16;
const READ_BYTES = 128 * 1024;
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;

/** What all sessions of a holder have in files. */
export interface SpoolBudget {
  bytes: number;
  readonly bytesMax: number;
}

/** A piece of output, as it goes over the socket. */
export interface Piece {
  offset: number;
  /** Offset after it. */
  end: number;
  frame: Buffer;
}

interface Segment {
  descriptor: number;
  /** Offsets of the first byte and after the last one. */
  first: number;
  end: number;
  bytes: number;
  /** Bytes of it that were taken out again. */
  taken: number;
}

let files = 0;

export class Spool {
  readonly #folder: string;
  readonly #bytesMax: number;
  readonly #budget: SpoolBudget;
  #segments: Segment[] = [];
  #bytes = 0;

  constructor(folder: string, bytesMax: number, budget: SpoolBudget) {
    this.#folder = folder;
    this.#bytesMax = bytesMax;
    this.#budget = budget;
  }

  get empty(): boolean {
    return this.#segments.length === 0;
  }

  /** Offset of the first byte in it. */
  get first(): number | undefined {
    return this.#segments[0]?.first;
  }

  /** In files now; what was taken out counts until its file is gone. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns false when there is no room, here or on the disk: `giveUpOldest` may make some */
  push({ offset, end, frame }: Piece): boolean {
    const size = frame.byteLength;
    if (this.#bytes + size > this.#bytesMax || this.#budget.bytes + size > this.#budget.bytesMax) return false;
    try {
      const segment = this.#segmentFor(offset, size);
      for (let at = 0; at < size; ) at += writeSync(segment.descriptor, frame, at, size - at, segment.bytes + at);
      segment.bytes += size;
      segment.end = end;
      this.#count(size);
      return true;
    } catch {
      // The disk is full or failing; what was half written lies past the segment's end.
      this.#dropEmptyTail();
      return false;
    }
  }

  /** The oldest pieces, some at a time; none when it is empty. */
  take(idLength: number): Piece[] {
    const segment = this.#segments[0];
    if (segment === undefined) return [];
    let slab = this.#read(segment, READ_BYTES);
    const first = 4 + slab.readUInt32BE(0);
    if (first > slab.byteLength) slab = this.#read(segment, first);
    const pieces: Piece[] = [];
    let at = 0;
    while (at + 4 <= slab.byteLength) {
      const next = at + 4 + slab.readUInt32BE(at);
      if (next > slab.byteLength) break;
      pieces.push(pieceOf(slab.subarray(at, next), idLength));
      at = next;
    }
    segment.taken += at;
    segment.first = pieces.at(-1)?.end ?? segment.first;
    if (segment.taken >= segment.bytes) this.#drop(segment);
    return pieces;
  }

  /** @returns what was lost with the oldest file: its offset and bytes */
  giveUpOldest(): { offset: number; lost: number } | undefined {
    const segment = this.#segments[0];
    if (segment === undefined) return undefined;
    this.#drop(segment);
    return { offset: segment.first, lost: segment.end - segment.first };
  }

  dispose(): void {
    for (const segment of [...this.#segments]) this.#drop(segment);
  }

  #segmentFor(offset: number, size: number): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes + size <= this.#bytesMax / SEGMENTS) return last;
    files += 1;
    const path = join(this.#folder, `spool-${process.pid}-${files}`);
    const segment = { descriptor: openSync(path, FLAGS, 0o600), first: offset, end: offset, bytes: 0, taken: 0 };
    unlinkSync(path);
    this.#segments.push(segment);
    return segment;
  }

  #read(segment: Segment, bytes: number): Buffer {
    const slab = Buffer.allocUnsafe(Math.min(bytes, segment.bytes - segment.taken));
    let read = 0;
    while (read < slab.byteLength) {
      const got = readSync(segment.descriptor, slab, read, slab.byteLength - read, segment.taken + read);
      if (got === 0) throw new Error('A spool file is shorter than what was written to it');
      read += got;
    }
    return slab;
  }

  #dropEmptyTail(): void {
    const last = this.#segments.at(-1);
    if (last?.bytes === 0) this.#drop(last);
  }

  #drop(segment: Segment): void {
    this.#segments = this.#segments.filter((other) => other !== segment);
    this.#count(-segment.bytes);
    closeSync(segment.descriptor);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.bytes += bytes;
  }
}

/** Reads back what `outputFrame` wrote: length, tag, id, stream, offset, bytes. */
function pieceOf(frame: Buffer, idLength: number): Piece {
  if (frame[4] !== TO_SERVER.output) throw new Error('A spool file has something else than output');
  const at = 5 + idLength + 1;
  const offset = Number(frame.readBigUInt64BE(at));
  return { offset, end: offset + frame.byteLength - at - 8, frame };
}
