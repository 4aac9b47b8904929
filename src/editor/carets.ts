// Where devices stand in a document, for the others to see: of the moment only, never an event.

import { limits } from '../limits.ts';

export interface Caret {
  /** Of the page, as in its updates. */
  clientID: string;
  /** Device id. */
  client: string;
  name: string;
  /** Of the document, which the ranges are for. */
  version: number;
  /** `[anchor, head]`, the main one first. */
  ranges: [number, number][];
}

export class Carets {
  readonly #carets = new Map<string, Caret & { at: number }>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @returns whether anyone sees a difference */
  tell(caret: Caret): boolean {
    const before = this.#carets.get(caret.clientID);
    if (before === undefined && this.all().length >= limits.caretsPerDocumentMax) return false;
    this.#carets.set(caret.clientID, { ...caret, at: this.#now() });
    return before === undefined || before.version !== caret.version || String(before.ranges) !== String(caret.ranges);
  }

  leave(clientID: string): boolean {
    return this.#carets.delete(clientID);
  }

  all(): Caret[] {
    const oldest = this.#now() - limits.caretMs;
    for (const [id, { at }] of this.#carets) if (at < oldest) this.#carets.delete(id);
    return [...this.#carets.values()].map(({ at: _, ...caret }) => caret);
  }
}
