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
  /** A new event that is not delivered now, because this one or one before it was refused. */
  missed?(event: LogEvent): void;
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
  /** Bytes of data after the cursor, of what was appended since this follows. */
  #behind = 0;
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

  /** At least so many bytes of data are still to be delivered; what was there before this began to follow is not counted. */
  get behindBytes(): number {
    return this.caughtUp ? 0 : this.#behind;
  }

  /** Goes on after `sequence`, `behindBytes` before the head; nothing is delivered before the next `pump`. */
  seek(sequence: number, behindBytes: number): void {
    this.#cursor = sequence;
    this.#behind = behindBytes;
    this.#refused = true;
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
        bytes += sizeOf(event);
        if (!this.#deliver(event)) break;
        this.#behind = this.caughtUp ? 0 : Math.max(0, this.#behind - sizeOf(event));
      }
    }
  }

  #live(event: LogEvent): void {
    if (event.sequence <= this.#cursor) return;
    if (this.#refused || this.#busy || event.sequence !== this.#cursor + 1) return this.#miss(event);
    this.#busy = true;
    try {
      if (!this.#deliver(event)) this.#miss(event);
    } finally {
      this.#busy = false;
    }
  }

  #miss(event: LogEvent): void {
    this.#behind += sizeOf(event);
    this.#reader.missed?.(event);
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

const sizeOf = ({ data }: LogEvent): number => (data instanceof Uint8Array ? data.byteLength : 1);
