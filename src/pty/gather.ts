// Gathers what the PTY gives, and what was typed in between, into events. What answers a key,
// and a lone read, goes out at once, so that an echo is never late; else reads are joined, so
// that a commit carries many of them. No byte is lost or reordered, and no event is too large
// or ends inside of a sequence; the rest of one is waited for, shortly.

import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';
import { OutputSplitter } from './splitter.ts';

export class OutputGather {
  readonly #emit: (events: NewEvent[], offset: number) => void;
  readonly #splitter = new OutputSplitter();
  /** In order; `#parts` come after them. */
  #events: NewEvent[] = [];
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Runs while something is held back. */
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** performance.now() up to which a read waits for others. */
  #joinUntil = 0;
  #answerUntil = 0;
  /** Of all that the program printed: how far what was taken into events goes. */
  #offset: number;

  /** `emit` gets the offset after the last byte of its events; the first pushed byte has `offset`. */
  constructor(emit: (events: NewEvent[], offset: number) => void, offset = 0) {
    this.#emit = emit;
    this.#offset = offset;
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

  /** The holder could not keep these bytes. */
  gap(bytes: number): void {
    this.#join();
    this.#take(this.#splitter.flush());
    const data = { bytes, reason: 'more was printed than could be kept while no server took it' };
    this.#events.push({ channel: 'system', type: 'gap', data, timestamp: Date.now() });
    this.#offset += bytes;
    this.#later();
  }

  flush(): void {
    this.#join();
    this.#commit();
  }

  /** At the end of output: what is held back too. */
  end(): void {
    this.#join();
    clearTimeout(this.#settling);
    this.#take(this.#splitter.flush());
    this.#commit();
  }

  /** Nothing comes any more from here: what is held back will come again, to another server. */
  leave(): void {
    this.flush();
    clearTimeout(this.#settling);
  }

  #commit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#joinUntil = performance.now() + limits.outputGatherMs;
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#emit(events, this.#offset);
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
    this.#take(this.#splitter.push(all));
    clearTimeout(this.#settling);
    if (this.#splitter.heldBytes > 0) this.#settling = setTimeout(() => this.#settle(), limits.outputSettleMs);
  }

  /** The rest of what is held back did not come. */
  #settle(): void {
    if (this.#bytes > 0) return this.flush();
    this.#take(this.#splitter.settle());
    this.#commit();
  }

  #take(pieces: Uint8Array[]): void {
    const timestamp = Date.now();
    for (const data of pieces) {
      this.#events.push({ channel: 'stdout', type: 'output', data, timestamp });
      this.#offset += data.byteLength;
    }
  }
}
