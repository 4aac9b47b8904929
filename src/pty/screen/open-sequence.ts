// The begin of an escape sequence or a character whose end has not come yet. It is the last
// thing in a snapshot: what comes next completes it. Bounded, whatever a program prints.

import { characterBoundary, charactersIn, lastIntroducer, scan, type SequenceState } from '../sequence.ts';
import { OSC_LENGTH_MAX } from './shared.ts';

const NOTHING = new Uint8Array();
const ESC = 0x1b;
const BRACKET = 0x5d;
const BYTES_MAX = 4096;
/** What may still count at the end of a longer one: the intermediates before its final. */
const LAST_BYTES = 64;
/** Only the clipboard's owner may write to it, and only when the program asks. */
const CLIPBOARD = /^0*52;/;

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
    if (state === 'osc') this.#bytes = openOsc(open);
    else if (isRunning(state)) this.#bytes = shortened(withoutControls(open));
    else this.#bytes = harmless(open, state);
  }

  reset(): void {
    this.#bytes = NOTHING;
  }
}

/** In these a control character in between is obeyed at once, and must not be obeyed again. */
const isRunning = (state: SequenceState): boolean => state.startsWith('csi') || state.startsWith('escape');

const withoutControls = (open: Uint8Array): Uint8Array =>
  open.filter((byte, index) => index === 0 || (byte >= 0x20 && byte !== 0x7f));

/** So many numbers do nothing more than the first of them, and have no end but their last. */
function shortened(open: Uint8Array): Uint8Array {
  if (open.byteLength <= BYTES_MAX) return open.slice();
  return Buffer.concat([open.subarray(0, BYTES_MAX - LAST_BYTES), open.subarray(-LAST_BYTES)]);
}

/** Only what counts of it, so that its length here is the length that is bounded. */
function openOsc(open: Uint8Array): Uint8Array {
  // Between ESC and ] there may be controls, which are no part of it.
  const payload = open[0] === ESC ? open.subarray(open.indexOf(BRACKET) + 1) : open.subarray(2);
  const { text, rest } = charactersIn(payload);
  const isTooLong = text.length > OSC_LENGTH_MAX && [...text].length > OSC_LENGTH_MAX;
  return Buffer.concat([Buffer.from(`\x1b]${isTooLong || CLIPBOARD.test(text) ? '9999;' : text}`), rest]);
}

/** Something that ends where it ends, and does as little. */
function harmless(open: Uint8Array, state: SequenceState): Uint8Array {
  if (open.byteLength <= BYTES_MAX) return open.slice();
  return Buffer.concat([Buffer.from(state === 'sos' ? '\x1bX' : '\x1bPq'), open.subarray(characterBoundary(open))]);
}
