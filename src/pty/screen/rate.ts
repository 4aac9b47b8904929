// Derived events, thinned: of each type at most so many a second, the last one always. A
// program that rings without end, or renames its window at every frame, must not fill the log.

import { limits } from '../../limits.ts';
import type { Derived } from './derived.ts';
import type { DerivedEvent } from './protocol.ts';

const INTERVAL_MS = 1000 / limits.derivedPerSecondMax;

export class DerivedRate {
  /** Of each type, when the last one went out, and what waits since. */
  readonly #types = new Map<string, { sentAt: number; waiting: DerivedEvent | undefined }>();
  #ready: DerivedEvent[] = [];

  push({ type, data }: Derived, sequence: number, now: number): void {
    const key = type === 'command' ? `command ${String(data.phase)}` : type;
    const state = this.#types.get(key) ?? { sentAt: -INTERVAL_MS, waiting: undefined };
    this.#types.set(key, state);
    const event: DerivedEvent = { type, data, sequence };
    if (state.waiting !== undefined || now - state.sentAt < INTERVAL_MS) {
      state.waiting = event;
      return;
    }
    state.sentAt = now;
    this.#ready.push(event);
  }

  /** What may go out, in the order of its output. */
  take(now: number): DerivedEvent[] {
    for (const state of this.#types.values()) {
      if (state.waiting === undefined || now - state.sentAt < INTERVAL_MS) continue;
      this.#ready.push(state.waiting);
      state.waiting = undefined;
      state.sentAt = now;
    }
    if (this.#ready.length === 0) return [];
    // One that waits holds back those that came after it: what is told once is told of up to there.
    const first = Math.min(...[...this.#types.values()].map(({ waiting }) => waiting?.sequence ?? Infinity));
    const told = this.#ready.filter(({ sequence }) => sequence <= first).sort((a, b) => a.sequence - b.sequence);
    this.#ready = this.#ready.filter(({ sequence }) => sequence > first);
    return told;
  }

  get waits(): boolean {
    return this.#ready.length > 0 || [...this.#types.values()].some(({ waiting }) => waiting !== undefined);
  }
}
