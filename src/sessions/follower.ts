// Delivers a session's events to one reader, in order and each once, from any point of the
// past into the present. A reader that refuses an event is behind: it costs no memory, for
// what it missed is read from the log again when it asks.

import { limits } from '../limits.ts';
import type { LogEvent } from './event.ts';
import type { ClosedWhy, SessionLog } from './log.ts';

export interface Reader {
  /** Takes the event, or refuses it by false and gets it again at the next pump. */
  deliver(event: LogEvent): boolean;
  /** Events up to `firstSequence` were dropped before they could be read: the next is that one. */
  pruned(firstSequence: number): void;
  unavailable?(now: boolean): void;
  /** No event comes any more. */
  closed(why: ClosedWhy): void;
  /** The reader threw, or the log could not be read: nothing more is delivered to it. */
  failed(error: unknown): void;
}

const PAGE_EVENTS = 256;

export class Follower {
  readonly #log: SessionLog;
  readonly #reader: Reader;
  readonly #stop: () => void;
  #cursor: number;
  /** Nothing goes out until the next pump. */
  #refused = true;
  /** A reader that is being given an event may ask for more at once: it gets it, but not the same again. */
  #busy = false;
  #disposed = false;
  #later: ReturnType<typeof setImmediate> | undefined;

  /** Nothing is delivered before the first `pump`. */
  constructor(log: SessionLog, after: number, reader: Reader) {
    this.#log = log;
    this.#reader = reader;
    this.#cursor = after;
    // Listening starts before anything is read: no event can fall between the two.
    this.#stop = log.listen({
      event: (event) => this.#guarded(() => this.#live(event)),
      unavailable: (now) => this.#guarded(() => reader.unavailable?.(now)),
      closed: (why) => this.#guarded(() => reader.closed(why)),
    });
  }

  /** Sequence of the last event delivered. */
  get cursor(): number {
    return this.#cursor;
  }

  get caughtUp(): boolean {
    return this.#cursor >= this.#log.head;
  }

  /** Delivers from the log until the present, or until the reader refuses. */
  pump(): void {
    if (this.#busy || this.#disposed) return;
    this.#busy = true;
    try {
      this.#guarded(() => this.#read());
    } finally {
      this.#busy = false;
    }
  }

  dispose(): void {
    this.#disposed = true;
    clearImmediate(this.#later);
    this.#stop();
  }

  #read(): void {
    this.#refused = false;
    let bytes = 0;
    while (!this.#refused && !this.#disposed && !this.caughtUp) {
      if (bytes > limits.followBytesMax) {
        clearImmediate(this.#later);
        this.#later = setImmediate(() => this.pump());
        return;
      }
      const page = this.#log.read(this.#cursor, PAGE_EVENTS, limits.clientUnackedBytesMax);
      const next = page[0]?.sequence ?? this.#log.head + 1;
      if (next > this.#cursor + 1) {
        this.#cursor = next - 1;
        this.#reader.pruned(next);
      }
      for (const event of page) {
        bytes += event.data instanceof Uint8Array ? event.data.byteLength : 1;
        if (!this.#deliver(event)) break;
      }
    }
  }

  #live(event: LogEvent): void {
    if (this.#refused || this.#busy || event.sequence !== this.#cursor + 1) return;
    this.#busy = true;
    try {
      this.#deliver(event);
    } finally {
      this.#busy = false;
    }
  }

  #deliver(event: LogEvent): boolean {
    if (this.#disposed || !this.#reader.deliver(event)) {
      this.#refused = true;
      return false;
    }
    this.#cursor = event.sequence;
    return true;
  }

  /** What one reader does wrong must hurt neither the log nor another reader. */
  #guarded(act: () => void): void {
    if (this.#disposed) return;
    try {
      act();
    } catch (error) {
      this.dispose();
      this.#reader.failed(error);
    }
  }
}
