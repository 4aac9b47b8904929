// A terminal's stage: the emulator of the live page, fed from the past. It answers nothing, rings
// nothing, copies nothing, and is as large as the terminal was at that moment.

import { SCROLLBAR_PX } from '../terminal/letterbox.js';
import { Replay } from '../terminal/replay.js';
import { Screen } from '../terminal/screen.js';
import { SNAPSHOT } from '../terminal/wire.js';
import { fetchPiece } from './feed.js';

/** Written and not parsed yet; past it the clock waits. */
const PENDING_BYTES_MAX = 512 * 1024;
const FONT_MIN = 4;
/** The frame's own padding, on both sides together. */
const FRAME_PX = 8;

export class TerminalStage {
  #id;
  #element;
  #frame;
  #screen;
  #replay;
  #pending = 0;
  #fontSize;
  #observer;

  /** @param {HTMLElement} element @param {{ id: string, name: string, settings: Record<string, any> }} options */
  constructor(element, { id, name, settings }) {
    this.#id = id;
    this.#element = element;
    this.#fontSize = settings.fontSize;
    this.#frame = document.createElement('div');
    this.#frame.className = 'frame';
    element.append(this.#frame);
    this.#screen = new Screen(this.#frame, { ...settings, cursorBlink: false, scrollback: 1000 }, `Terminal ${name}, as it was`);
    this.#screen.term.options.disableStdin = true;
    // The keys are the player's; what is marked can still be copied.
    this.#screen.term.attachCustomKeyEventHandler((event) => (event.ctrlKey || event.metaKey) && event.code === 'KeyC');
    this.#silence();
    this.#replay = new Replay(this.#screen, {
      parsed: (_sequence, bytes) => (this.#pending -= bytes),
      resized: () => this.fit(),
      synced: () => {},
      event: () => {},
      winsize: () => {},
      lagging: () => {},
    });
    this.#observer = new ResizeObserver(() => this.fit());
    this.#observer.observe(element);
  }

  async seek({ sequence, t }, signal) {
    const { steps, head } = await fetchPiece(this.#id, sequence === undefined ? { t } : { from: sequence }, signal);
    const [snapshot, ...rest] = steps;
    if (snapshot?.frame.tag !== SNAPSHOT) throw new Error('The server gave no screen for that moment.');
    this.#element.querySelector('#moment')?.remove();
    this.show(snapshot);
    return { moment: snapshot, steps: rest, head };
  }

  more(after, signal) {
    return fetchPiece(this.#id, { after }, signal);
  }

  show({ frame }) {
    this.#pending += frame.size;
    this.#replay.take(frame, 0);
  }

  ready() {
    return this.#pending < PENDING_BYTES_MAX;
  }

  text() {
    return this.#screen.textWithScrollback();
  }

  /** What the screen shows, for tests and for copying. */
  screenText() {
    return this.#screen.text();
  }

  get winsize() {
    const { cols, rows } = this.#screen.term;
    return { cols, rows };
  }

  /** The whole of the screen is seen: its text shrinks until it fits, and never grows past the setting. */
  fit() {
    const { width, height } = this.#screen.cell;
    if (width === 0 || height === 0) return;
    const { cols, rows } = this.winsize;
    const { paddingLeft, paddingRight, paddingTop, paddingBottom } = getComputedStyle(this.#element);
    const room = {
      width: this.#element.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - FRAME_PX - SCROLLBAR_PX,
      height: this.#element.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom) - FRAME_PX,
    };
    const now = this.#screen.shownFontSize;
    const factor = Math.min(room.width / (width * cols), room.height / (height * rows));
    const size = Math.max(FONT_MIN, Math.min(this.#fontSize, Math.floor(now * factor * 2) / 2));
    this.#screen.shownFontSize = size;
  }

  focus() {
    this.#screen.term.focus();
  }

  dispose() {
    this.#observer.disconnect();
    this.#screen.dispose();
  }

  /** A program's wishes of then: its clipboard, its window, its questions. */
  #silence() {
    const { parser } = this.#screen.term;
    for (const osc of [52, 9, 777]) parser.registerOscHandler(osc, () => true);
  }
}
