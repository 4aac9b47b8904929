// What one session printed and no server has logged yet, in order: memory first, then files.
// When there is no room, the oldest that was not sent yet goes, for the end of a build matters
// more than its middle, and a gap stands in its place: every offset is either kept or told lost.

import { type OutputStream, frame, idBytes, outputFrame, TO_SERVER, uint } from './frames.ts';
import { type Piece, Spool, type SpoolBudget } from './spool.ts';

export interface BacklogBounds {
  /** Past it output goes to files. */
  memoryBytesMax: number;
  /** Files per session. */
  spoolBytesMax: number;
  /** Memory that is used where files cannot be. */
  withoutDiskBytesMax: number;
}

interface Kept extends Piece {
  /** Nothing is left of these bytes: the frame says so. */
  gap: boolean;
}

const PIECE_BYTES_MAX = 256 * 1024;
/** What a small piece costs beside its bytes. */
const PIECE_OVERHEAD_BYTES = 256;
/** For a server that falls behind: the more lies in files, the longer; others are not read meanwhile. */
const WAIT_MS = { memory: 20, files: 50, filesHalfFull: 200 } as const;

export class Backlog {
  readonly #id: Buffer;
  readonly #bounds: BacklogBounds;
  readonly #spool: Spool;
  #memory: Kept[] = [];
  #memoryBytes = 0;
  /** In #memory: the first that was not sent to the present server. */
  #unsent = 0;
  #offset = 0;
  #acknowledged = 0;
  #spoolMark: number;

  constructor(id: string, folder: string, bounds: BacklogBounds, budget: SpoolBudget) {
    this.#id = idBytes(id);
    this.#bounds = bounds;
    this.#spool = new Spool(folder, bounds.spoolBytesMax, budget);
    this.#spoolMark = bounds.memoryBytesMax;
  }

  /** Bytes produced so far. */
  get offset(): number {
    return this.#offset;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get allSent(): boolean {
    return this.#unsent === this.#memory.length && this.#spool.empty;
  }

  /**
   * More than 0 while the program outruns the server that reads, so that memory fills, or files
   * grow past what was there when that server came: ms worth waiting for it after each read. One
   * that prints slower than the server logs never waits.
   */
  get crowdedMs(): number {
    const { memoryBytesMax, spoolBytesMax } = this.#bounds;
    // Below the bound by more than a read, so that what is on its way needs no file.
    if (this.#spool.empty) return this.#memoryBytes < memoryBytesMax / 2 ? 0 : WAIT_MS.memory;
    if (this.#spool.bytes < this.#spoolMark) return 0;
    return this.#spool.bytes < spoolBytesMax / 2 ? WAIT_MS.files : WAIT_MS.filesHalfFull;
  }

  /** Copies the bytes. */
  push(stream: OutputStream, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES_MAX) {
      const part = bytes.subarray(at, at + PIECE_BYTES_MAX);
      const end = this.#offset + part.byteLength;
      const sent = outputFrame(this.#id, stream, this.#offset, part);
      this.#keep({ offset: this.#offset, end, frame: sent, gap: false });
      this.#offset = end;
    }
  }

  /** The next frame for the server, or undefined when it has all. */
  next(): Uint8Array | undefined {
    // Memory is refilled only as it is acknowledged, which bounds what is on its way too.
    if (this.#unsent === this.#memory.length && this.#memoryBytes < this.#bounds.memoryBytesMax) {
      for (const piece of this.#spool.take(this.#id.byteLength)) this.#remember({ ...piece, gap: false });
      if (this.#spool.empty) this.#spoolMark = this.#bounds.memoryBytesMax;
    }
    const kept = this.#memory[this.#unsent];
    if (kept === undefined) return undefined;
    this.#unsent += 1;
    return kept.frame;
  }

  /** @returns whether it told something new */
  acknowledge(offset: number): boolean {
    if (offset <= this.#acknowledged) return false;
    this.#acknowledged = Math.min(offset, this.#offset);
    let done = 0;
    for (const { end } of this.#memory) {
      if (end > this.#acknowledged || done === this.#unsent) break;
      done += 1;
    }
    for (const kept of this.#memory.splice(0, done)) this.#memoryBytes -= costOf(kept);
    this.#unsent -= done;
    return true;
  }

  /** A server that has logged up to `from` begins to read. */
  rewind(from: number): void {
    this.#spoolMark = this.#spool.bytes + this.#bounds.memoryBytesMax;
    this.#unsent = this.#memory.length;
    this.acknowledge(from);
    this.#unsent = 0;
    const first = this.#memory[0];
    const start = first?.offset ?? this.#spool.first ?? this.#offset;
    if (first !== undefined && start < from) {
      const cut = first.gap ? this.#gap(from, first.end - from) : this.#tailOf(first, from);
      this.#memoryBytes += costOf(cut) - costOf(first);
      this.#memory[0] = cut;
    } else if (from < start) {
      // Its log is older than what it once acknowledged: restored from a backup.
      const gap = this.#gap(from, start - from);
      this.#memory.unshift(gap);
      this.#memoryBytes += costOf(gap);
    }
  }

  dispose(): void {
    this.#spool.dispose();
    this.#memory = [];
  }

  #keep(piece: Kept): void {
    const fits = this.#memoryBytes + costOf(piece) <= this.#bounds.memoryBytesMax;
    if (this.#spool.empty && fits) return this.#remember(piece);
    while (!this.#spool.push(piece)) {
      const lost = this.#spool.giveUpOldest();
      if (lost === undefined) {
        this.#remember(piece);
        while (this.#memoryBytes > this.#bounds.withoutDiskBytesMax && this.#giveUpInMemory());
        return;
      }
      this.#lose(lost.offset, lost.lost);
    }
  }

  #remember(kept: Kept): void {
    this.#memory.push(kept);
    this.#memoryBytes += costOf(kept);
  }

  /** At the end of memory, which is where files begin. */
  #lose(offset: number, bytes: number): void {
    const last = this.#memory.at(-1);
    if (last?.gap === true && last.end === offset && this.#unsent < this.#memory.length) {
      this.#memory[this.#memory.length - 1] = this.#gap(last.offset, last.end - last.offset + bytes);
    } else {
      this.#remember(this.#gap(offset, bytes));
    }
  }

  /** What was sent stays until it is acknowledged: its server may have died with it. */
  #giveUpInMemory(): boolean {
    const gap = this.#memory[this.#unsent];
    const victim = gap?.gap === true ? this.#memory[this.#unsent + 1] : gap;
    if (gap === undefined || victim === undefined) return false;
    const joined = this.#gap(gap.offset, victim.end - gap.offset);
    const gone = this.#memory.splice(this.#unsent, gap === victim ? 1 : 2, joined);
    this.#memoryBytes += costOf(joined) - gone.reduce((sum, kept) => sum + costOf(kept), 0);
    return true;
  }

  #gap(offset: number, bytes: number): Kept {
    const sent = frame(TO_SERVER.gap, this.#id, uint(offset, 8), uint(bytes, 8));
    return { offset, end: offset + bytes, frame: sent, gap: true };
  }

  #tailOf(kept: Kept, from: number): Kept {
    const payload = kept.frame.subarray(kept.frame.byteLength - (kept.end - kept.offset));
    const stream = kept.frame[5 + this.#id.byteLength] === 2 ? 2 : 1;
    return { ...kept, offset: from, frame: outputFrame(this.#id, stream, from, payload.subarray(from - kept.offset)) };
  }
}

const costOf = ({ frame: { byteLength } }: Kept): number => byteLength + PIECE_OVERHEAD_BYTES;
