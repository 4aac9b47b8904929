// What was typed or pasted, on its way to the program. Nothing is lost in silence: while the
// connection is away it waits, a frame that was refused waits, and a frame of which the log
// does not show that it arrived is sent once more. Order is kept always.

import { encodeInput, INPUT_BYTES_MAX } from './wire.js';

/** Above this a frame waits for the one before it: a paste must not overtake its own refusal. */
const SMALL_BYTES = 1024;
const WAITING_BYTES_MAX = 4 * 1024 * 1024;
/** An answer can stay away (a full disk holds the log back): a paste then goes on. */
const ANSWER_MS = 2_000;
/** After a refusal it is tried again by itself: most programs read again soon. */
const RETRY_MS = 1_000;
/** Typed into a dead connection longer ago than this, it may surprise: the person is asked. */
const STALE_MS = 10_000;

const encoder = new TextEncoder();

export class Outbox {
  /** Frames that were not sent, in order. */
  #waiting = [];
  /** Frames that were sent and not seen in the log, in order. Reports among them are never sent again. */
  #sent = [];
  #hooks;
  #open = false;
  #refused = '';
  #asks = false;
  #since = 0;
  #timer;
  /** Under way: the log is asked what of it arrived. */
  #asking;

  /**
   * @param {{ send: (frame: Uint8Array) => boolean, isOwn: (client: string) => boolean,
   *   inputs: (after: number, upTo: number) => Promise<{ client: string, bytes: number }[] | null>,
   *   changed: (state: { bytes: number, why: '' | 'refused' | 'asks' | 'away', message: string }) => void }} hooks
   */
  constructor(hooks) {
    this.#hooks = hooks;
  }

  /** Bytes that wait. */
  get bytes() {
    return this.#waiting.reduce((sum, frame) => sum + frame.byteLength, 0);
  }

  /** @returns {boolean} false where it is too much, and nothing of it was taken */
  put(text) {
    const bytes = typeof text === 'string' ? encoder.encode(text) : text;
    if (this.bytes + bytes.byteLength > WAITING_BYTES_MAX) return false;
    for (let at = 0; at < bytes.byteLength; at += INPUT_BYTES_MAX) this.#waiting.push(bytes.subarray(at, at + INPUT_BYTES_MAX));
    this.#flush();
    return true;
  }

  /** A report of the mouse or the focus, or an answer: for this moment only, it never waits. */
  pass(bytes, logged) {
    if (!this.#open || this.#waiting.length > 0) return;
    this.#hooks.send(encodeInput(bytes));
    if (logged) this.#sent.push(Object.assign(bytes, { report: true }));
  }

  /** A screen came in the place of the events between the two, which would have told what arrived. */
  replaced(after, upTo) {
    if (!this.#sent.some(({ report }) => !report)) return;
    this.#asking = this.#hooks.inputs(after, upTo).then((inputs) => {
      for (const data of inputs ?? []) this.logged(data);
      return inputs !== null;
    });
  }

  /** The stream is live. What was sent before and is not in the log by now never arrived. */
  opened() {
    if (this.#open) return;
    const asking = this.#asking;
    if (asking === undefined) return this.#opened(true);
    void asking.then((known) => {
      if (this.#asking === asking) this.#opened(known);
    });
  }

  closed() {
    this.#open = false;
    this.#asking = undefined;
    this.#since ||= Date.now();
    clearTimeout(this.#timer);
    this.#tell();
  }

  /** @param {boolean} known false where the log could not be looked at: then the person is asked */
  #opened(known) {
    const again = this.#sent.filter(({ report }) => !report);
    this.#waiting.unshift(...again);
    this.#sent = [];
    const isStale = this.#since !== 0 && Date.now() - this.#since > STALE_MS;
    this.#asks = this.#waiting.length > 0 && (isStale || (!known && again.length > 0));
    this.#since = 0;
    this.#asking = undefined;
    this.#open = true;
    this.#flush();
  }

  /** An input event of the log: this frame arrived, and so did all before it. */
  logged({ client, bytes }) {
    if (!this.#hooks.isOwn(client)) return;
    const at = this.#sent.findIndex((frame) => frame.byteLength === bytes);
    if (at === -1) return;
    this.#sent.splice(0, at + 1);
    this.#flush();
  }

  /** The server took nothing of a frame of this size. */
  refused({ bytes, message }) {
    const at = this.#sent.findIndex((frame) => frame.byteLength === bytes && !frame.report);
    if (at === -1) return;
    this.#waiting.unshift(...this.#sent.splice(at, 1));
    this.#refused = message;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.sendNow(), RETRY_MS);
    this.#tell();
  }

  sendNow() {
    this.#asks = false;
    this.#refused = '';
    this.#flush();
  }

  discard() {
    this.#waiting = [];
    this.#asks = false;
    this.#refused = '';
    this.#tell();
  }

  #flush() {
    while (this.#waiting.length > 0 && this.#maySend(this.#waiting[0])) {
      const frame = this.#waiting.shift();
      if (!this.#hooks.send(encodeInput(frame))) {
        this.#waiting.unshift(frame);
        break;
      }
      this.#sent.push(frame);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#unanswered(), ANSWER_MS);
    }
    this.#tell();
  }

  #maySend(frame) {
    if (!this.#open || this.#asks || this.#refused !== '') return false;
    return this.#sent.length === 0 || (frame.byteLength <= SMALL_BYTES && this.#sent.every((sent) => sent.byteLength <= SMALL_BYTES));
  }

  #unanswered() {
    if (this.#refused !== '' || this.#waiting.length === 0) return;
    this.#sent = [];
    this.#flush();
  }

  #tell() {
    const bytes = this.bytes;
    const why = bytes === 0 ? '' : this.#asks ? 'asks' : this.#refused !== '' ? 'refused' : this.#open ? '' : 'away';
    this.#hooks.changed({ bytes, why, message: this.#refused });
  }
}
