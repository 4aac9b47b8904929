// Cuts what a program prints into pieces that end where no escape sequence and no character
// is open, so that a screen can be saved between any two of them. No byte is lost, added or
// reordered; only what is unfinished waits, and never more of it than the bound.

import { limits } from '../limits.ts';
import { characterBoundary, scan, type SequenceState } from './sequence.ts';

const NOTHING = new Uint8Array();

export class OutputSplitter {
  /** Held back: begins where something is open. */
  #held: Uint8Array = NOTHING;
  /** State before `#held`; other than ground where a bound forced a cut inside a sequence. */
  #state: SequenceState = 'ground';

  /** Bytes that wait for the rest of their sequence. */
  get heldBytes(): number {
    return this.#held.byteLength;
  }

  /** Takes `bytes`, which must not change any more: the pieces are views of them. */
  push(bytes: Uint8Array): Uint8Array[] {
    if (bytes.byteLength === 0) return [];
    let rest = this.#held.byteLength === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = NOTHING;
    const pieces: Uint8Array[] = [];
    while (rest.byteLength > 0) {
      const window = rest.subarray(0, limits.outputEventBytesMax);
      const length = this.#pieceLength(window, window.byteLength === rest.byteLength);
      if (length === 0) {
        this.#held = rest;
        break;
      }
      pieces.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    return pieces;
  }

  /**
   * After a silence: lets an unfinished sequence go, for its rest may never come. An unfinished
   * character stays, since nothing of it can be shown and xterm loses some that come in two.
   */
  settle(): Uint8Array[] {
    return this.#release(characterBoundary(this.#held));
  }

  /** At the end of output: everything. */
  flush(): Uint8Array[] {
    return this.#release(this.#held.byteLength);
  }

  #release(length: number): Uint8Array[] {
    if (length === 0) return [];
    const piece = this.#held.subarray(0, length);
    this.#state = scan(piece, this.#state).state;
    this.#held = this.#held.subarray(length);
    return [piece];
  }

  /** Bytes of `window` that make the next piece, and the state after it; 0 to wait for more. */
  #pieceLength(window: Uint8Array, isLast: boolean): number {
    const whole = scan(window, this.#state);
    if (whole.openFrom > 0) {
      const waiting = window.byteLength - whole.openFrom;
      if (!isLast || waiting <= limits.outputHeldBytesMax) {
        this.#state = 'ground';
        return whole.openFrom;
      }
    } else if (whole.openFrom === 0 && isLast && window.byteLength <= limits.outputHeldBytesMax) {
      return 0;
    }
    // Too long to wait for, or let through in part before: cut between two characters at least.
    this.#state = whole.state;
    const boundary = characterBoundary(window);
    return boundary === 0 && window.byteLength > limits.outputHeldBytesMax ? window.byteLength : boundary;
  }
}
