// Gathers what the PTY gives into output events. A lone read goes out at once, so that an
// echo is never late; under a flood reads are joined, so that a commit carries many of them.
// No byte is lost or reordered, and no event is larger than its bound.

import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';

export class OutputGather {
  readonly #emit: (events: NewEvent[]) => void;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flushedAt = 0;

  constructor(emit: (events: NewEvent[]) => void) {
    this.#emit = emit;
  }

  /** `bytes` are copied: the caller may reuse them. */
  push(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#parts.push(bytes.slice());
    this.#bytes += bytes.byteLength;
    if (this.#bytes >= limits.outputEventBytesMax) {
      this.flush();
    } else if (this.#timer === undefined) {
      if (performance.now() - this.#flushedAt > limits.outputGatherMs) this.flush();
      else this.#timer = setTimeout(() => this.flush(), limits.outputGatherMs);
    }
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushedAt = performance.now();
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
