// What one client was sent and has not acknowledged. A SNAPSHOT counts for nothing but itself:
// a client needs it to get out of being too slow.

import { limits } from '../limits.ts';

/** Where a client that was lagging counts as drained: with a quarter of the window free it gets a run. */
const DRAINED_PART = 0.75;
/** Less than this unsent is on its way. */
const EMPTY_BYTES = 16 * 1024;

export class Window {
  /** Sequence and payload bytes of each event, oldest first. */
  readonly #unacked: { sequence: number; bytes: number }[] = [];
  readonly #unsent: () => number;
  #bytes = 0;
  #acked: number;
  #sent: number;
  #snapshot: { sequence: number; bytes: number } | undefined;

  /** The client has everything up to `from`; `unsent` says what its socket has not taken yet. */
  constructor(from: number, unsent: () => number) {
    this.#acked = from;
    this.#sent = from;
    this.#unsent = unsent;
  }

  get isFull(): boolean {
    return this.#bytes > limits.clientUnackedBytesMax || this.#unsentEvents() > limits.clientUnsentBytesMax;
  }

  get isDrained(): boolean {
    const { clientUnackedBytesMax, clientUnsentBytesMax } = limits;
    return this.#bytes <= clientUnackedBytesMax * DRAINED_PART && this.#unsentEvents() <= clientUnsentBytesMax * DRAINED_PART;
  }

  /** All is acknowledged, a SNAPSHOT too. */
  get isEmpty(): boolean {
    return this.#bytes === 0 && this.#snapshot === undefined && this.#unsent() <= EMPTY_BYTES;
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
    this.#sent = sequence;
    this.#acked = Math.min(this.#acked, sequence - 1);
    this.#snapshot = { sequence, bytes };
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
      done += 1;
    }
    this.#unacked.splice(0, done);
    if (this.#snapshot !== undefined && sequence >= this.#snapshot.sequence) this.#snapshot = undefined;
    return true;
  }

  #unsentEvents(): number {
    return this.#unsent() - (this.#snapshot?.bytes ?? 0);
  }
}
