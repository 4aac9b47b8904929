// Delivers a session's events to one reader, in order and each once, from any point of the
// past into the present. A reader that refuses an event is behind: it costs no memory, for
// what it missed is read from the log again when it asks.

import { limits } from '../limits.ts';
import type { LogEvent } from './event.ts';
import type { SessionLog } from './log.ts';

export interface Reader {
  /** Takes the event, or refuses it by false and gets it again at the next pump. */
  deliver(event: LogEvent): boolean;
  unavailable?(now: boolean): void;
}

const PAGE_EVENTS = 256;

export class Follower {
  readonly #log: SessionLog;
  readonly #reader: Reader;
  readonly #stop: () => void;
  #cursor: number;
  #refused = false;
  #pumping = false;

  /** Nothing is delivered before the first `pump`. */
  constructor(log: SessionLog, after: number, reader: Reader) {
    this.#log = log;
    this.#reader = reader;
    this.#cursor = after;
    this.#refused = true;
    // Listening starts before anything is read: no event can fall between the two.
    this.#stop = log.listen({
      event: (event) => this.#live(event),
      unavailable: (now) => reader.unavailable?.(now),
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
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      this.#refused = false;
      while (!this.#refused && !this.caughtUp) {
        const page = this.#log.read(this.#cursor, PAGE_EVENTS, limits.clientUnackedBytesMax);
        for (const event of page) {
          if (!this.#deliver(event)) break;
        }
        if (page.length === 0) break;
      }
    } finally {
      this.#pumping = false;
    }
  }

  dispose(): void {
    this.#stop();
  }

  #live(event: LogEvent): void {
    if (this.#refused || this.#pumping || event.sequence !== this.#cursor + 1) return;
    this.#deliver(event);
  }

  #deliver(event: LogEvent): boolean {
    if (!this.#reader.deliver(event)) {
      this.#refused = true;
      return false;
    }
    this.#cursor = event.sequence;
    return true;
  }
}
