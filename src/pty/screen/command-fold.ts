// Marks of commands, thinned so that what is told stays true: whole commands are left out, never
// an end without its start, and the next one that is told says how many were, and how many failed.

import { limits } from '../../limits.ts';
import type { DerivedEvent } from './protocol.ts';

const SECOND_MS = 1000;

export class CommandFold {
  /** When the last ones went out. */
  readonly #sent: number[] = [];
  #waiting: DerivedEvent[] = [];

  push(event: DerivedEvent): void {
    this.#waiting.push(event);
    while (this.#waiting.length > limits.derivedPerSecondMax && this.#fold());
  }

  /** Those that may go out now, in their order. */
  take(now: number): DerivedEvent[] {
    while ((this.#sent[0] ?? now) <= now - SECOND_MS) this.#sent.shift();
    const told = this.#waiting.splice(0, limits.derivedPerSecondMax - this.#sent.length);
    for (const _ of told) this.#sent.push(now);
    return told;
  }

  /** Sequence of the first that waits; Infinity where none does. */
  get first(): number {
    return this.#waiting[0]?.sequence ?? Infinity;
  }

  /** Leaves out the oldest command that another one follows, else a mark that comes again. @returns whether there was one */
  #fold(): boolean {
    const phases = this.#waiting.map(({ data }) => data.phase);
    const start = phases.indexOf('output');
    const next = start === -1 ? -1 : phases.indexOf('output', start + 1);
    if (next === -1) {
      const again = phases.findIndex((phase, index) => phase !== 'output' && phases.includes(phase, index + 1));
      if (again !== -1) this.#waiting.splice(again, 1);
      return again !== -1;
    }
    const gone = this.#waiting.splice(start, next - start);
    const later = this.#waiting[start];
    if (later === undefined) return false;
    const failed = gone.filter(({ data }) => typeof data.exit === 'number' && data.exit !== 0).length;
    const before = gone[0]?.data;
    later.data.folded = count(later.data.folded) + count(before?.folded) + 1;
    const allFailed = count(later.data.foldedFailed) + count(before?.foldedFailed) + failed;
    if (allFailed > 0) later.data.foldedFailed = allFailed;
    return true;
  }
}

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
