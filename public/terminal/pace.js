// Shares the one thread of a page among its terminals. The one that is attended to takes and
// draws at once what comes. What the others are given is gathered, and taken in turns: all of it,
// in its order, and soon enough that the server's window (512 KiB) never closes on them for it.
// They are drawn as often as leaves the page smooth, those behind another not at all.

/** Of one turn: beside it a frame has room for what is attended to, for layout and paint. */
const TURN_MS = 5;
/** Taken as one: what a turn may be late by. */
const PIECE_BYTES = 16 * 1024;
/** So much that was given is taken without waiting for the next frame. */
const URGENT_BYTES = 128 * 1024;
/** All that are not attended to are drawn a hundred times a second together, two in one frame at most. */
const DRAWING_MS = 10;
const DRAWN_AT_ONCE = 2;
/** Between two turns of one that nobody sees. */
const BEHIND_MS = 250;
/** Scrolled or pointed at so long ago, a terminal is still attended to. */
const TOUCHED_MS = 1000;
/** Frames that do not come (a page in the background of another) hold nothing up for longer. */
const FRAME_MAX_MS = 250;

const all = new Set();

export class Pace {
  #term;
  #core;
  /** Undefined where the terminal is no tile: it has the page for itself. */
  #tile;
  #given = [];
  #bytes = 0;
  #isAwaited = false;
  #takenAt = -Infinity;
  #drawnAt = -Infinity;
  #touchedAt = -Infinity;
  /** Rows to draw, and what else waits for the next drawing. */
  #rows;
  #withDrawing = [];
  #draw;
  #onFocus = () => this.attend();
  #onTouch = () => {
    this.#touchedAt = performance.now();
    this.attend();
  };
  #onShown = ({ detail }) => detail && this.attend();

  /** @param term opened in the page already */
  constructor(term) {
    this.#term = term;
    this.#core = term._core;
    this.#tile = term.element?.closest('[data-tile-of]') ?? undefined;
    this.#holdDrawing(this.#core._renderService._renderDebouncer);
    for (const [type, act] of this.#listeners()) this.#tile?.addEventListener(type, act, { passive: true });
    all.add(this);
  }

  /** @param {Uint8Array | string} bytes  @param {() => void} [done] once they are parsed, and before what follows is */
  write(bytes, done) {
    const pieces = piecesOf(bytes);
    for (const [at, piece] of pieces.entries()) this.#given.push({ piece, done: at === pieces.length - 1 ? done : undefined });
    this.#bytes += bytes.length;
    this.#isAwaited ||= bytes.length === 0;
    if (this.isAttended) this.#pass();
    else plan();
  }

  /** Takes all that it was given, and draws. */
  attend() {
    this.#pass();
    this.draw();
  }

  dispose() {
    all.delete(this);
    for (const [type, act] of this.#listeners()) this.#tile?.removeEventListener(type, act);
  }

  get isBehind() {
    return this.#tile?.hasAttribute('data-behind') === true;
  }

  get isAttended() {
    if (document.hidden) return false;
    if (this.#tile === undefined || this.#tile.contains(document.activeElement)) return true;
    return performance.now() - this.#touchedAt < TOUCHED_MS || (!this.isBehind && tilesShown() === 1);
  }

  get isUrgent() {
    return this.#bytes > URGENT_BYTES || (document.hidden && this.#given.length > 0);
  }

  get takenAt() {
    return this.#takenAt;
  }

  get drawnAt() {
    return this.#drawnAt;
  }

  /** @returns {number} when it is to take something, as performance.now() says it */
  takeAt(between) {
    if (this.#given.length === 0) return Infinity;
    if (this.#isAwaited || this.#bytes >= PIECE_BYTES) return 0;
    return this.#takenAt + (this.isBehind ? BEHIND_MS : between);
  }

  /** @returns {number} the same of drawing */
  drawAt(between) {
    return this.#rows === undefined && this.#withDrawing.length === 0 ? Infinity : this.#drawnAt + between;
  }

  /** Until all is taken, or it is later than `until`; a piece that was begun is ended. */
  take(until) {
    do {
      // Without a word of this xterm would parse in a task of its own.
      this.#core._writeBuffer.handleUserInput();
      this.#passOne();
    } while (this.#given.length > 0 && performance.now() < until);
    this.#takenAt = performance.now();
  }

  /** With the next frame. */
  draw() {
    if (this.#rows === undefined && this.#withDrawing.length === 0) return;
    this.#draw();
    this.#drawnAt = performance.now();
  }

  /** To xterm, which parses at once after a key, else in a task, and sees to its own time. */
  #pass() {
    while (this.#given.length > 0) this.#passOne();
  }

  #passOne() {
    const { piece, done } = this.#given.shift();
    this.#bytes -= piece.length;
    this.#isAwaited &&= this.#given.length > 0;
    this.#term.write(piece, done);
  }

  #holdDrawing(frames) {
    const { addRefreshCallback, refresh } = frames;
    frames.refresh = (start, end, count) => {
      if (this.isAttended) return refresh.call(frames, start, end, count);
      this.#rows = { start: Math.min(start, this.#rows?.start ?? start), end: Math.max(end, this.#rows?.end ?? end) };
      return plan();
    };
    frames.addRefreshCallback = (act) => {
      if (this.isAttended) return addRefreshCallback.call(frames, act);
      this.#withDrawing.push(act);
      plan();
      return -1;
    };
    this.#draw = () => {
      if (this.#rows !== undefined) refresh.call(frames, this.#rows.start, this.#rows.end, this.#term.rows);
      for (const act of this.#withDrawing) addRefreshCallback.call(frames, act);
      this.#rows = undefined;
      this.#withDrawing = [];
    };
  }

  #listeners() {
    return [['focusin', this.#onFocus], ['wheel', this.#onTouch], ['pointerdown', this.#onTouch], ['dispatch:shown', this.#onShown]];
  }
}

function piecesOf(bytes) {
  if (bytes.length <= PIECE_BYTES) return [bytes];
  return Array.from({ length: Math.ceil(bytes.length / PIECE_BYTES) }, (_, at) => bytes.subarray(at * PIECE_BYTES, (at + 1) * PIECE_BYTES));
}

function tilesShown() {
  let count = 0;
  for (const pace of all) if (!pace.isBehind) count += 1;
  return count;
}

const { port1: turns, port2: next } = new MessageChannel();
turns.onmessage = () => turn();
document.addEventListener('visibilitychange', () => plan());
let isTurn = false;
let isPosted = false;
let frame = 0;
let timer;
let timerAt = Infinity;

/** A task of its own: what a person does comes between any two. */
function turn() {
  isTurn = true;
  isPosted = false;
  forget();
  const now = performance.now();
  const between = tilesShown() * DRAWING_MS;
  const waiting = [...all].filter((pace) => pace.isUrgent || pace.takeAt(between) <= now).sort((one, other) => one.takenAt - other.takenAt);
  for (const pace of waiting) {
    if (performance.now() - now >= TURN_MS) break;
    pace.take(now + TURN_MS);
  }
  const undrawn = [...all].filter((pace) => pace.drawAt(between) <= now).sort((one, other) => one.drawnAt - other.drawnAt);
  for (const pace of undrawn.slice(0, DRAWN_AT_ONCE)) pace.draw();
  isTurn = false;
  plan();
}

/** When the next turn is. */
function plan() {
  if (isTurn || isPosted) return;
  const between = tilesShown() * DRAWING_MS;
  let at = Infinity;
  for (const pace of all) {
    if (pace.isUrgent) return post();
    at = Math.min(at, pace.takeAt(between), pace.drawAt(between));
  }
  if (at === Infinity || frame !== 0) return;
  const now = performance.now();
  if (at <= now) frame = requestAnimationFrame(() => post());
  const later = at <= now ? now + FRAME_MAX_MS : at;
  if (later >= timerAt) return;
  clearTimeout(timer);
  timerAt = later;
  timer = setTimeout(() => post(), later - now);
}

/** After the frame that is under way. */
function post() {
  forget();
  if (isPosted) return;
  isPosted = true;
  next.postMessage('');
}

function forget() {
  cancelAnimationFrame(frame);
  clearTimeout(timer);
  frame = 0;
  timerAt = Infinity;
}
