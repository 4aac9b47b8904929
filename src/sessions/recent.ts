// The latest events of one log, for readers that are a moment behind: in a flood that is every
// one, and none of them should cost a read of the disk. Without new events they are let go.

import { limits } from '../limits.ts';
import type { LogEvent } from './event.ts';

/** An event that is no output has about so many bytes of data. */
const OTHER_BYTES = 200;

export class Recent {
  /** In sequence order, the last one is the log's. */
  #events: LogEvent[] = [];
  #bytes = 0;
  /** Bytes of output of the latest events, of more than are kept themselves. */
  #sizes: number[] = [];
  /** Of the last event that was added. */
  #last = 0;
  #addedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** What follows on those that were added before. */
  add(events: readonly LogEvent[]): void {
    for (const event of events) {
      this.#events.push(event);
      this.#bytes += sizeOf(event);
      this.#sizes.push(outputOf(event));
      this.#last = event.sequence;
    }
    let over = 0;
    for (const event of this.#events) {
      if (this.#bytes <= limits.logRecentBytes) break;
      this.#bytes -= sizeOf(event);
      over += 1;
    }
    if (over > 0) this.#events.splice(0, over);
    if (this.#sizes.length > 2 * limits.attachTailEventsMax) this.#sizes.splice(0, this.#sizes.length - limits.attachTailEventsMax);
    this.#addedAt = performance.now();
    this.#timer ??= this.#restCheck(limits.logRecentMs);
  }

  /** As the store would read them; undefined where some of them are not here. */
  read(after: number, limit: number, bytesMax: number): LogEvent[] | undefined {
    const at = this.#events.length - (this.#last - after);
    if (at < 0 || after >= this.#last) return undefined;
    let bytes = 0;
    let end = at;
    while (end < this.#events.length && end - at < limit && bytes < bytesMax) {
      const event = this.#events[end];
      if (event !== undefined) bytes += sizeOf(event);
      end += 1;
    }
    return this.#events.slice(at, end);
  }

  /** Of all events after `after`; undefined where some were added too long ago. */
  outputBytesAfter(after: number): number | undefined {
    const count = this.#last - after;
    if (count < 0 || count > this.#sizes.length) return undefined;
    let bytes = 0;
    for (let at = this.#sizes.length - count; at < this.#sizes.length; at += 1) bytes += this.#sizes[at] ?? 0;
    return bytes;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#events = [];
    this.#bytes = 0;
  }

  #restCheck(ms: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      const left = this.#addedAt + limits.logRecentMs - performance.now();
      if (left <= 0) this.dispose();
      else this.#timer = this.#restCheck(left);
    }, ms);
    timer.unref();
    return timer;
  }
}

const outputOf = ({ data }: LogEvent): number => (data instanceof Uint8Array ? data.byteLength : 0);
const sizeOf = ({ data }: LogEvent): number => (data instanceof Uint8Array ? data.byteLength : OTHER_BYTES);
