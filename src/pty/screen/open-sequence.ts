// The begin of an escape sequence or a character whose end has not come yet. It is the last
// thing in a snapshot: what comes next completes it. Bounded, whatever a program prints.

import { characterBoundary, lastIntroducer, scan, type SequenceState } from '../sequence.ts';

const NOTHING = new Uint8Array();
/** Longer ones are shortened to something that ends where they end and does nothing. */
const BYTES_MAX = 4096;
/** Only the clipboard's owner may write to it, and only when the program asks. */
const CLIPBOARD = /^(?:\x1b\]|\u009d)52;/;

export class OpenSequence {
  #bytes: Uint8Array = NOTHING;

  /** Empty while nothing is open. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** `written` comes after all that was passed before. */
  follow(written: Uint8Array): void {
    const all = this.#bytes.byteLength === 0 ? written : Buffer.concat([this.#bytes, written]);
    const { state } = scan(all, 'ground');
    if (state === 'ground') {
      const whole = characterBoundary(all);
      this.#bytes = whole === all.byteLength ? NOTHING : all.slice(Math.max(whole, all.byteLength - BYTES_MAX));
      return;
    }
    const open = all.subarray(Math.max(0, lastIntroducer(all)));
    this.#bytes = isRunning(state) ? withoutControls(open.subarray(0, BYTES_MAX)) : shortened(open, state);
  }

  reset(): void {
    this.#bytes = NOTHING;
  }
}

/** In these a control character in between is obeyed at once, and must not be obeyed again. */
const isRunning = (state: SequenceState): boolean => state.startsWith('csi') || state.startsWith('escape');

const withoutControls = (open: Uint8Array): Uint8Array =>
  open.filter((byte, index) => index === 0 || (byte >= 0x20 && byte !== 0x7f));

function shortened(open: Uint8Array, state: SequenceState): Uint8Array {
  const start = Buffer.from(open.subarray(0, 8)).toString('utf8');
  if (open.byteLength <= BYTES_MAX && !CLIPBOARD.test(start)) return open.slice();
  const harmless = state === 'osc' ? '\x1b]9999;' : state === 'sos' ? '\x1bX' : '\x1bPq';
  return Buffer.concat([Buffer.from(harmless), open.subarray(characterBoundary(open))]);
}
