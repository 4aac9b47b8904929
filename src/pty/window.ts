// What one client was sent and has not acknowledged. A SNAPSHOT counts for nothing but itself:
// a client needs it to get out of being too slow.

import { limits } from '../limits.ts';

/** Where a client that was lagging counts as drained: with a quarter of the window free it gets a run. */
const DRAINED_PART = 0.75;
/** Less than this unsent is on its way. */
const EMPTY_BYTES = 16 * 1024;
/** Bytes per ms: who is quicker than that is given all that it may be behind. */
const PACE_MAX = limits.clientBehindBytesMax / limits.clientBehindMs;
/** What is believed of a client before it was ever full. */
const PACE_FIRST = PACE_MAX / 8;

export class Window {
  /** Sequence and payload bytes of each event, oldest first. */
  readonly #unacked: { sequence: number; bytes: number }[] = [];
  readonly #unsent: () => number;
  #bytes = 0;
  #acked: number;
  #sent: number;
  #snapshot: { sequence: number; bytes: number; at: number } | undefined;
  #ackedBytes = 0;
  /** When it was last found full, and what was acknowledged by then. */
  #full: { at: number; ackedBytes: number } | undefined;
  /** How quick the client was when it last had all that it could take. */
  #bytesPerMs = PACE_FIRST;

  /** The client has everything up to `from`; `unsent` says what its socket has not taken yet. */
  constructor(from: number, unsent: () => number) {
    this.#acked = from;
    this.#sent = from;
    this.#unsent = unsent;
  }

  /** To be asked before each event, and the client gets none where it is. */
  get isFull(): boolean {
    const isFull = this.#bytes > limits.clientUnackedBytesMax || this.#unsentEvents() > limits.clientUnsentBytesMax;
    if (isFull) this.#full ??= { at: performance.now(), ackedBytes: this.#ackedBytes };
    return isFull;
  }

  /** After it was full: whether the client may have more. */
  get isDrained(): boolean {
    const { clientUnackedBytesMax, clientUnsentBytesMax } = limits;
    const isDrained = this.#bytes <= clientUnackedBytesMax * DRAINED_PART && this.#unsentEvents() <= clientUnsentBytesMax * DRAINED_PART;
    if (isDrained && this.#full !== undefined) {
      const measured = (this.#ackedBytes - this.#full.ackedBytes) / Math.max(1, performance.now() - this.#full.at);
      // Once slow may have been any thread's pause, also ours: it is believed little by little.
      this.#bytesPerMs = Math.min(PACE_MAX, Math.max(measured, this.#bytesPerMs / 2));
      this.#full = undefined;
    }
    return isDrained;
  }

  /** What the client makes up for soon, as quick as it is: sent so much, it keeps all that scrolled by. */
  get tailBytesMax(): number {
    const { clientBehindBytesMax, clientBehindMs, clientUnackedBytesMax } = limits;
    return Math.min(clientBehindBytesMax, Math.max(clientUnackedBytesMax, this.#bytesPerMs * clientBehindMs));
  }

  /** All is acknowledged, a SNAPSHOT too. */
  get isEmpty(): boolean {
    return this.#bytes === 0 && this.#snapshot === undefined && this.#unsent() <= EMPTY_BYTES;
  }

  /** Sequence of the last event or SNAPSHOT that went out. */
  get sent(): number {
    return this.#sent;
  }

  event(sequence: number, bytes: number): void {
    this.#sent = sequence;
    this.#unacked.push({ sequence, bytes });
    this.#bytes += bytes;
  }

  /** What was sent before is of no account any more. */
  snapshot(sequence: number, bytes: number): void {
    this.#unacked.length = 0;
    this.#bytes = 0;
    this.#full = undefined;
    this.#sent = sequence;
    this.#acked = Math.min(this.#acked, sequence - 1);
    this.#snapshot = { sequence, bytes, at: performance.now() };
  }

  /** @returns whether it says something new; undefined where that was never sent */
  ack(sequence: number): boolean | undefined {
    if (sequence > this.#sent) return undefined;
    if (sequence <= this.#acked) return false;
    this.#acked = sequence;
    let done = 0;
    for (const entry of this.#unacked) {
      if (entry.sequence > sequence) break;
      this.#bytes -= entry.bytes;
      this.#ackedBytes += entry.bytes;
      done += 1;
    }
    this.#unacked.splice(0, done);
    if (this.#snapshot !== undefined && sequence >= this.#snapshot.sequence) {
      // It may have been slow for a moment only: little by little it is tried with more.
      if (performance.now() - this.#snapshot.at < limits.catchUpMs) this.#bytesPerMs *= 2;
      this.#snapshot = undefined;
    }
    return true;
  }

  #unsentEvents(): number {
    return this.#unsent() - (this.#snapshot?.bytes ?? 0);
  }
}
