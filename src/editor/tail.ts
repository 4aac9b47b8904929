// The latest edits of a document, for those who missed a few: bounded, the oldest go first.

import { limits } from '../limits.ts';
import type { Update } from './updates.ts';

export class Tail {
  #from: number;
  #updates: Update[] = [];
  #bytes = 0;

  /** @param from version before the first of `updates` */
  constructor(from: number, updates: readonly Update[]) {
    this.#from = from;
    this.add(updates);
  }

  add(updates: readonly Update[]): void {
    for (const update of updates) {
      this.#updates.push(update);
      this.#bytes += sizeOf(update);
    }
    if (this.#updates.length <= limits.changesKept && this.#bytes <= limits.changesKeptBytes) return;
    // Half at once: taking the first out of a long list each time would cost more than it keeps.
    let drop = 0;
    for (const half = this.#updates.length / 2; drop < half || this.#bytes > limits.changesKeptBytes; drop += 1) {
      const dropped = this.#updates[drop];
      if (dropped === undefined) break;
      this.#bytes -= sizeOf(dropped);
    }
    this.#updates = this.#updates.slice(drop);
    this.#from += drop;
  }

  /** Undefined where the tail does not go back so far. */
  since(version: number): Update[] | undefined {
    return version < this.#from ? undefined : this.#updates.slice(version - this.#from);
  }
}

/** About what it takes. */
function sizeOf({ changes }: Update): number {
  let bytes = 64;
  changes.iterChanges((_from, _to, _at, _end, inserted) => (bytes += 32 + inserted.length));
  return bytes;
}
