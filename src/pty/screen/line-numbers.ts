// Numbers for the lines above the screen, so that a reader can page through them while more
// come. They hold until the lines are laid out anew, by another width or a reset.

import type { Buffer, Emulator } from './xterm.ts';

/** Where numbering stands: enough to go on with it in another emulator of the same screen. */
export interface Numbering {
  generation: number;
  /** Number that the line after the last would have. */
  end: number;
}

export class LineNumbers {
  readonly #emulator: Emulator;
  #generation: number;
  /** Lines that are no longer there. */
  #dropped = 0;
  #counted: Buffer | undefined;

  /** Generations of two emulators differ: each begins with the moment. */
  constructor(emulator: Emulator) {
    this.#emulator = emulator;
    this.#generation = Date.now();
    this.#count();
    emulator.terminal.onResize(() => {
      this.#generation += 1;
    });
  }

  get numbering(): Numbering {
    this.#count();
    return { generation: this.#generation, end: this.#dropped + this.#normal.lines.length };
  }

  /** Goes on from `numbering`, which was that of the same lines, or of more of them. */
  continue({ generation, end }: Numbering): void {
    this.#count();
    this.#generation = generation;
    this.#dropped = end - this.#normal.lines.length;
  }

  /** The lines that are there may not be the first: a full scrollback may have lost some before. */
  beginLater(): void {
    this.#count();
    this.#dropped += 1;
  }

  get isFull(): boolean {
    const { length, maxLength } = this.#normal.lines;
    return length >= maxLength;
  }

  get generation(): number {
    this.#count();
    return this.#generation;
  }

  /** Number of the oldest line kept. */
  get first(): number {
    this.#count();
    return this.#dropped;
  }

  get #normal(): Buffer {
    return this.#emulator.core._bufferService.buffers.normal;
  }

  /** After a reset there is another buffer, whose lines are new. */
  #count(): void {
    const normal = this.#normal;
    if (normal === this.#counted) return;
    if (this.#counted !== undefined) {
      this.#generation += 1;
      this.#dropped = 0;
    }
    this.#counted = normal;
    normal.lines.onTrim((count) => {
      if (this.#counted === normal) this.#dropped += count;
    });
  }
}
