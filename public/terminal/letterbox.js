// Places the grid in the page. It says what would fit here, and shows whatever size the stream
// dictates: at its own size where there is room, else in smaller letters, so that all of it
// is visible. It never resizes the emulator.

/** What xterm keeps free for its scrollbar. */
export const SCROLLBAR_PX = 10;
const FONT_MIN_PX = 4;
/** Kept free around a grid of another size, so that its edge shows. */
const MARGIN_PX = 12;
const STEP_PX = 0.25;
const SETTLE_MS = 100;

export class Letterbox {
  /** What fits here with letters of the chosen size. */
  wanted = { cols: 80, rows: 24 };
  #stage;
  #frame;
  #screen;
  #hooks;
  #observer;
  #timer;
  /** Cell at the chosen font size; measured whenever that is shown. */
  #cell = { width: 0, height: 0 };
  #measuredFor = '';

  /**
   * @param {{ stage: HTMLElement, frame: HTMLElement, screen: import('./screen.js').Screen,
   *   wants: (winsize: { cols: number, rows: number }) => void, mayShrink: () => boolean }} parts
   */
  constructor({ stage, frame, screen, wants, mayShrink }) {
    this.#stage = stage;
    this.#frame = frame;
    this.#screen = screen;
    this.#hooks = { wants, mayShrink };
    this.measure();
    this.#observer = new ResizeObserver(() => this.#later());
    this.#observer.observe(stage);
    this.#observer.observe(stage.parentElement);
    document.fonts?.ready.then(() => this.refresh());
  }

  /** The page, the letters or the pixels of the device changed. */
  refresh() {
    this.#measuredFor = '';
    this.measure();
    this.place();
  }

  /** Finds out what fits, and says so where it is news. */
  measure() {
    this.#measureCell();
    const { width, height } = this.#room(this.#stage.parentElement);
    if (this.#cell.width === 0 || width === 0 || height === 0) return;
    const cols = Math.min(500, Math.max(2, Math.floor((width - SCROLLBAR_PX) / this.#cell.width)));
    const rows = Math.min(300, Math.max(1, Math.floor(height / this.#cell.height)));
    if (cols === this.wanted.cols && rows === this.wanted.rows) return;
    this.wanted = { cols, rows };
    this.#hooks.wants(this.wanted);
  }

  /** Shows the emulator's present grid as well as this page can. */
  place() {
    const { term } = this.#screen;
    const room = this.#room(this.#stage);
    this.#screen.shownFontSize = this.#fontFor(room);
    const cell = this.#screen.cell;
    const width = cell.width * term.cols + SCROLLBAR_PX;
    const height = cell.height * term.rows;
    this.#frame.style.width = `${Math.ceil(width)}px`;
    this.#frame.style.height = `${Math.ceil(height)}px`;
    const boxed = term.cols < this.wanted.cols - 1 || term.rows < this.wanted.rows - 1 || this.shrunk;
    this.#stage.toggleAttribute('data-boxed', boxed);
  }

  get shrunk() {
    return this.#screen.shownFontSize < this.#screen.fontSize;
  }

  dispose() {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.measure();
      this.place();
    }, SETTLE_MS);
  }

  /** What fits is measured on all of the terminal's place, for the stage may share it with a line of words. */
  #room(element) {
    const style = getComputedStyle(this.#stage);
    return {
      width: element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight),
      height: element.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom),
    };
  }

  #measureCell() {
    const key = `${this.#screen.fontSize} ${devicePixelRatio}`;
    if (this.#measuredFor === key) return;
    const shown = this.#screen.shownFontSize;
    this.#screen.shownFontSize = this.#screen.fontSize;
    const cell = this.#screen.cell;
    if (cell.width > 0) {
      this.#cell = cell;
      this.#measuredFor = key;
    }
    this.#screen.shownFontSize = shown;
  }

  /** Largest font size at which all of the grid is visible; the chosen one at most. */
  #fontFor(room) {
    const { fontSize, term } = this.#screen;
    if (!this.#hooks.mayShrink() || this.#cell.width === 0) return fontSize;
    if (this.#fits(room, this.#cell)) return fontSize;
    const inner = { width: room.width - MARGIN_PX, height: room.height - MARGIN_PX };
    const fits = Math.min((inner.width - SCROLLBAR_PX) / (this.#cell.width * term.cols), inner.height / (this.#cell.height * term.rows));
    let size = Math.max(FONT_MIN_PX, Math.floor((fontSize * fits) / STEP_PX) * STEP_PX);
    // Cells are rounded to device pixels, so what should fit can be a little too large.
    for (; size > FONT_MIN_PX; size -= STEP_PX) {
      this.#screen.shownFontSize = size;
      if (this.#fits(inner, this.#screen.cell)) break;
    }
    return size;
  }

  #fits(room, cell) {
    const { cols, rows } = this.#screen.term;
    return cell.width * cols + SCROLLBAR_PX <= room.width && cell.height * rows <= room.height;
  }
}
