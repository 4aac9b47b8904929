// Gathers what the PTY gives, and what was typed in between, into events. What answers a key,
// and a lone read, goes out at once, so that an echo is never late; else reads are joined, so
// that a commit carries many of them. No byte is lost or reordered, and no event is too large.

import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';

export class OutputGather {
  readonly #emit: (events: NewEvent[]) => void;
  /** In order; `#parts` come after them. */
  #events: NewEvent[] = [];
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** performance.now() up to which a read waits for others. */
  #joinUntil = 0;
  #answerUntil = 0;

  constructor(emit: (events: NewEvent[]) => void) {
    this.#emit = emit;
  }

  /** Output. `bytes` are copied: the caller may reuse them. */
  push(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#parts.push(new Uint8Array(bytes)); // `slice` of a Buffer would be no copy.
    this.#bytes += bytes.byteLength;
    if (this.#bytes >= limits.outputEventBytesMax) return this.flush();
    const now = performance.now();
    if (now > this.#joinUntil || (now < this.#answerUntil && this.#bytes <= limits.outputAnswerBytesMax)) this.flush();
    else this.#later();
  }

  /** An input that the program was given: it waits a moment for its answer, to be one commit with it. */
  add(input: NewEvent): void {
    this.#join();
    this.#events.push({ timestamp: Date.now(), ...input });
    this.#answerUntil = performance.now() + limits.outputAnswerMs;
    this.#later();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#joinUntil = performance.now() + limits.outputGatherMs;
    this.#join();
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#emit(events);
  }

  #later(): void {
    this.#timer ??= setTimeout(() => this.flush(), limits.outputGatherMs);
  }

  #join(): void {
    if (this.#bytes === 0) return;
    const [only = new Uint8Array()] = this.#parts;
    const all = this.#parts.length === 1 ? only : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    const timestamp = Date.now();
    for (let at = 0; at < all.byteLength; at += limits.outputEventBytesMax) {
      const data = all.subarray(at, at + limits.outputEventBytesMax);
      this.#events.push({ channel: 'stdout', type: 'output', data, timestamp });
    }
  }
}
