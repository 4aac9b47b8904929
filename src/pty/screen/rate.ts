// Derived events, thinned: of each type at most so many a second, the last one always. A
// program that rings without end, or renames its window at every frame, must not fill the log.

import { limits } from '../../limits.ts';
import { CommandFold } from './command-fold.ts';
import type { Derived } from './derived.ts';
import type { DerivedEvent } from './protocol.ts';

const INTERVAL_MS = 1000 / limits.derivedPerSecondMax;

export class DerivedRate {
  /** Of each type, when the last one went out, and what waits since. */
  readonly #types = new Map<string, { sentAt: number; waiting: DerivedEvent | undefined }>();
  readonly #commands = new CommandFold();
  #ready: DerivedEvent[] = [];

  push({ type, data }: Derived, sequence: number, now: number): void {
    const event: DerivedEvent = { type, data, sequence };
    if (type === 'command') return this.#commands.push(event);
    const state = this.#types.get(type) ?? { sentAt: -INTERVAL_MS, waiting: undefined };
    this.#types.set(type, state);
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
    this.#ready.push(...this.#commands.take(now));
    if (this.#ready.length === 0) return [];
    // One that waits holds back those that came after it: what is told once is told of up to there.
    const first = Math.min(this.#commands.first, ...[...this.#types.values()].map(({ waiting }) => waiting?.sequence ?? Infinity));
    const told = this.#ready.filter(({ sequence }) => sequence <= first).sort((a, b) => a.sequence - b.sequence);
    this.#ready = this.#ready.filter(({ sequence }) => sequence > first);
    return told;
  }

  get waits(): boolean {
    return this.#ready.length > 0 || this.#commands.first !== Infinity || [...this.#types.values()].some(({ waiting }) => waiting !== undefined);
  }
}
