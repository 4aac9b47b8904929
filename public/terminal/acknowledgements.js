// Tells the server what the emulator has parsed: cumulative, and soon enough that its window
// (512 KiB) never closes on a browser that keeps up.

import { encodeAck } from './wire.js';

const BYTES_MAX = 64 * 1024;
const DELAY_MS = 50;

export class Acknowledgements {
  #send;
  #sequence = 0;
  #sent = 0;
  #bytes = 0;
  #timer;

  /** @param {(frame: ArrayBuffer) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** A new connection, which knows of everything up to `sequence`. */
  reset(sequence) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sequence = sequence;
    this.#sent = sequence;
    this.#bytes = 0;
  }

  /** A SNAPSHOT may set the sequence back: then it counts anew from there. */
  parsed(sequence, bytes) {
    if (sequence < this.#sequence) this.#sent = Math.min(this.#sent, sequence - 1);
    this.#sequence = sequence;
    this.#bytes += bytes;
    if (this.#bytes >= BYTES_MAX) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), DELAY_MS);
  }

  #flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#bytes = 0;
    if (this.#sequence === this.#sent) return;
    this.#sent = this.#sequence;
    this.#send(encodeAck(this.#sequence));
  }
}
