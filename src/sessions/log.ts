// One session's event log: every event is stored before anyone is told of it, and listeners
// hear events in sequence order, each once. While the disk is full, events wait in memory
// (bounded) and nobody is told; what did not fit is recorded as a gap, never silently lost.

import { limits } from '../limits.ts';
import type { LogEvent, NewEvent } from './event.ts';
import { Recent } from './recent.ts';
import type { AppendedWith, EventStore } from './store.ts';

export type ClosedWhy = 'restarting' | 'deleted';

/** A listener does not throw: it would be the append that fails. */
export interface LogListener {
  event(event: LogEvent): void;
  /** True when storing began to fail, false when all that was held is stored. */
  unavailable?(now: boolean): void;
  /** The log has ended; nothing is told after this. */
  closed?(why: ClosedWhy): void;
}

export interface Append extends AppendedWith {
  /** Once it is all committed, which on a full disk is later; one that never comes is covered by the next. */
  stored?: () => void;
}

/** What waits for the disk. */
interface Held {
  events: NewEvent[];
  also: Append;
  bytes: number;
  /** Of the last event, where that stands for what did not fit: it may grow. */
  gap: { bytes: number; reason: string } | undefined;
}

export class SessionLog {
  readonly runId: string;
  readonly #store: EventStore;
  readonly #listeners = new Set<LogListener>();
  readonly #recent = new Recent();
  #head: number;
  #held: Held[] = [];
  #heldBytes = 0;
  #retry: ReturnType<typeof setInterval> | undefined;
  #telling: LogEvent[] | undefined;

  constructor(runId: string, head: number, store: EventStore) {
    this.runId = runId;
    this.#head = head;
    this.#store = store;
  }

  /** Latest sequence stored. */
  get head(): number {
    return this.#head;
  }

  get unavailable(): boolean {
    return this.#retry !== undefined;
  }

  get idle(): boolean {
    return this.#listeners.size === 0 && this.#retry === undefined;
  }

  /** Stores, then tells. @throws what the store throws, but where the disk is the reason */
  append(events: NewEvent[], also: Append = {}): void {
    if (this.#retry !== undefined) {
      this.#hold(events, also);
      return;
    }
    let stored: LogEvent[];
    try {
      stored = this.#store.append(this.runId, events, also);
    } catch (error) {
      if (!this.#store.isFull(error)) throw error;
      this.#hold(events, also);
      this.#retry = setInterval(() => this.#flushHeld(), limits.heldRetryMs);
      for (const listener of [...this.#listeners]) listener.unavailable?.(true);
      return;
    }
    also.stored?.();
    this.#tell(stored);
  }

  /** Events after `after`, in order; ends early once it has `bytesMax` of data. */
  read(after: number, limit: number, bytesMax: number): LogEvent[] {
    const recent = this.#recent.read(after, limit, bytesMax);
    if (recent !== undefined) return recent;
    return this.#store.read(this.runId, { after, upTo: this.#head, limit, bytesMax }).events;
  }

  /** Bytes of output in all events after `after`; undefined where that is not known without reading them. */
  outputBytesAfter(after: number): number | undefined {
    return after >= this.#head ? 0 : this.#recent.outputBytesAfter(after);
  }

  /** The last event of a type. */
  latest(type: string): LogEvent | undefined {
    return this.#store.latest(this.runId, type);
  }

  /** @returns the function that stops listening */
  listen(listener: LogListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One last try for what is held, unless it has nowhere to go; then no timer is left. */
  dispose(why: ClosedWhy): void {
    if (why === 'restarting' && this.#retry !== undefined) this.#flushHeld();
    clearInterval(this.#retry);
    this.#retry = undefined;
    this.#recent.dispose();
    for (const listener of [...this.#listeners]) listener.closed?.(why);
    this.#listeners.clear();
  }

  /** A listener may append: what comes of it is told after the event that it is being told. */
  #tell(events: LogEvent[]): void {
    this.#head = events.at(-1)?.sequence ?? this.#head;
    this.#recent.add(events);
    if (this.#telling !== undefined) {
      this.#telling.push(...events);
      return;
    }
    this.#telling = events;
    try {
      for (let event = events.shift(); event !== undefined; event = events.shift()) {
        for (const listener of [...this.#listeners]) listener.event(event);
      }
    } finally {
      this.#telling = undefined;
    }
  }

  /** One append is held as one, for what it is committed with belongs to all of it. */
  #hold(events: NewEvent[], also: Append): void {
    const last = this.#held.at(-1);
    const held: Held = { events: [], also, bytes: 0, gap: undefined };
    for (const event of events) {
      const bytes = sizeOf(event);
      const most = limits.heldBytesMax + (event.channel === 'system' ? limits.heldSystemBytesMax : 0);
      const open = held.events.length === 0 ? last?.gap : held.gap;
      // A status must arrive even then: it is small, and there are few.
      if (this.#heldBytes + bytes <= most || also.change !== undefined) {
        this.#heldBytes += bytes;
        held.bytes += bytes;
        held.events.push({ timestamp: Date.now(), ...event });
        held.gap = undefined;
      } else if (open !== undefined) {
        open.bytes += bytes;
      } else {
        held.gap = { bytes, reason: 'the disk was full, and the memory set aside for it too' };
        held.events.push({ channel: 'system', type: 'gap', data: held.gap, timestamp: Date.now() });
      }
    }
    if (held.events.length > 0 || last === undefined) this.#held.push(held);
    else last.also = { ...last.also, ...also };
  }

  #flushHeld(): void {
    try {
      for (let held = this.#held[0]; held !== undefined; held = this.#held[0]) {
        const stored = this.#store.append(this.runId, held.events, held.also);
        this.#held.shift();
        this.#heldBytes -= held.bytes;
        held.also.stored?.();
        this.#tell(stored);
      }
    } catch (error) {
      if (this.#store.isFull(error)) return;
      throw error;
    }
    clearInterval(this.#retry);
    this.#retry = undefined;
    for (const listener of [...this.#listeners]) listener.unavailable?.(false);
  }
}

const sizeOf = (event: NewEvent): number =>
  event.data instanceof Uint8Array ? event.data.byteLength : JSON.stringify(event.data).length;
