// Gathers what the PTY gives into output events. What answers a key, and a lone read, goes out
// at once, so that an echo is never late; else reads are joined, so that a commit carries many
// of them. No byte is lost or reordered, and no event is larger than its bound.

import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';

export class OutputGather {
  readonly #emit: (events: NewEvent[]) => void;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** performance.now() up to which a read waits for others. */
  #joinUntil = 0;
  #answerUntil = 0;

  constructor(emit: (events: NewEvent[]) => void) {
    this.#emit = emit;
  }

  /** Input was given: what comes now is what somebody waits for. */
  answerDue(): void {
    this.#answerUntil = performance.now() + limits.outputAnswerMs;
  }

  /** `bytes` are copied: the caller may reuse them. */
  push(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#parts.push(bytes.slice());
    this.#bytes += bytes.byteLength;
    if (this.#bytes >= limits.outputEventBytesMax) return this.flush();
    const now = performance.now();
    if (now > this.#joinUntil || (now < this.#answerUntil && this.#bytes <= limits.outputAnswerBytesMax)) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), limits.outputGatherMs);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#joinUntil = performance.now() + limits.outputGatherMs;
    if (this.#bytes === 0) return;
    const all = this.#parts.length === 1 ? (this.#parts[0] ?? new Uint8Array()) : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    const events: NewEvent[] = [];
    for (let at = 0; at < all.byteLength; at += limits.outputEventBytesMax) {
      events.push({ channel: 'stdout', type: 'output', data: all.subarray(at, at + limits.outputEventBytesMax) });
    }
    this.#emit(events);
  }
}
