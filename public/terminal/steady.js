// Makes xterm 6.0 steady: the screen follows from what a program printed, and from nothing
// else, so that an emulator in the server and one in any browser, whatever each has kept of the
// past, come to the same. Used by both. Reaches into xterm's own parts, so the version is pinned.

const WIDE = 2;
const IS_COMBINED = 0x200000;
const HAS_EXTENDED = 0x10000000;
const COLOR = 0x3ffffff;
/** Of what xterm keeps about the character before: whether it joined, and its width. */
const JOINS = 1;
const WIDTH_OF_STATE = 6;
const WIDTH_SHIFT = 22;
const CELL = 3;
/**
 * Characters of one OSC from its number to its end; longer ones are passed over, as what a snapshot
 * can hold of one that is open is bounded too. A clipboard may be longer: it changes no screen.
 */
export const OSC_LENGTH_MAX = 4096;
const OSC_CLIPBOARD = 52;
const OSC_PAYLOAD = 2;
const OSC_ABORT = 3;
/** UTF-16 units of a title; ten of each kind may be kept, and are in every snapshot. */
const TITLE_LENGTH_MAX = 1000;
/** UTF-16 units of one cell: real clusters have up to some thirty, hostile ones have no end. */
const CLUSTER_LENGTH_MAX = 64;
/** Links that are known before those that no cell shows any more are forgotten. */
const LINKS_BEFORE_SWEEP = 4096;

/** What every emulator of a session is made with, beside its size, scrollback and looks. */
export const EMULATOR_OPTIONS = {
  allowProposedApi: true,
  windowOptions: { pushTitle: true, popTitle: true },
};

/** A line that scrolls away while a cluster moves from it to the next must still be there. */
export const SCROLLBACK_MIN = 1;

const steadied = new WeakSet();

/** Call it on a new terminal, before anything is written to it. */
export function steady(term) {
  const core = term._core;
  const { buffers } = core._bufferService;
  steadyLines(Object.getPrototypeOf(buffers.normal.lines.get(0)));
  steadyList(Object.getPrototypeOf(buffers.normal.lines));
  steadySavedCursor(core._inputHandler);
  steadyErase(core._inputHandler);
  steadyPrint(core._inputHandler, core.coreService, core.unicodeService);
  steadyCounts(core._inputHandler);
  steadyOsc(core._inputHandler);
  steadyInsertion(core._inputHandler);
  steadyLinks(core._oscLinkService, core._inputHandler, buffers);
  steadyResize(core._inputHandler, buffers);
}

/** What is done so many times is done once per row or cell at most: xterm would loop two thousand million times. */
function steadyCounts(handler) {
  const { _bufferService: size } = handler;
  const bounds = {
    insertLines: () => size.rows,
    deleteLines: () => size.rows,
    scrollUp: () => size.rows,
    scrollDown: () => size.rows,
    cursorForwardTab: () => size.cols,
    cursorBackwardTab: () => size.cols,
    repeatPrecedingCharacter: () => size.cols * size.rows,
  };
  for (const [name, most] of Object.entries(bounds)) {
    const act = handler[name];
    handler[name] = (params) => {
      params.params[0] = Math.min(params.params[0], most());
      return act.call(handler, params);
    };
  }
}

/** xterm keeps up to ten million characters of each. */
function steadyOsc(handler) {
  const osc = handler._parser._oscParser;
  const { put, start } = osc;
  let length = 0;
  osc.start = () => {
    length = 0;
    start.call(osc);
  };
  osc.put = (data, from, to) => {
    length += to - from;
    put.call(osc, data, from, to);
    const isBounded = osc._state !== OSC_PAYLOAD || osc._id !== OSC_CLIPBOARD;
    if (length > OSC_LENGTH_MAX && isBounded) osc._state = OSC_ABORT;
  };
  for (const name of ['setTitle', 'setIconName']) {
    const set = handler[name];
    handler[name] = (text) => set.call(handler, text.slice(0, TITLE_LENGTH_MAX).toWellFormed());
  }
}

/** xterm puts a marker on every line of every link, and each of them is visited at each scroll. */
function steadyLinks(service, handler, buffers) {
  const links = new Map();
  const ids = new Map();
  let next = 1;
  let sweepAt = LINKS_BEFORE_SWEEP;
  const sweep = () => {
    const shown = new Set([handler._curAttrData.extended.urlId]);
    for (const { lines } of [buffers.normal, buffers.alt]) {
      for (let y = 0; y < lines.length; y += 1) {
        for (const attributes of Object.values(lines.get(y)._extendedAttrs)) shown.add(attributes?.urlId);
      }
    }
    for (const id of links.keys()) if (!shown.has(id)) links.delete(id);
    for (const [key, id] of ids) if (!links.has(id)) ids.delete(key);
    sweepAt = Math.max(LINKS_BEFORE_SWEEP, links.size * 2);
  };
  service.registerLink = (data) => {
    const key = data.id === undefined ? undefined : `${data.id};;${data.uri}`;
    const known = key === undefined ? undefined : ids.get(key);
    if (known !== undefined) return known;
    if (links.size >= sweepAt) sweep();
    links.set(next, data);
    if (key !== undefined) ids.set(key, next);
    next += 1;
    return next - 1;
  };
  service.addLineToLink = () => {};
  service.getLinkData = (id) => links.get(id);
}

/**
 * xterm keeps the saved row as an index into the scrollback, so that where a cursor comes back
 * to depends on how full the scrollback is. It is a row of the screen. Of an underline it keeps
 * the flag, but not the style and colour.
 */
function steadySavedCursor(handler) {
  const kept = new WeakMap();
  const { saveCursor, restoreCursor, softReset } = handler;
  handler.saved = (buffer) => kept.get(buffer) ?? { row: 0, underline: 0 };
  handler.saveCursor = (params) => {
    const buffer = handler._activeBuffer;
    kept.set(buffer, { row: buffer.y, underline: handler._curAttrData.extended._ext });
    saveCursor.call(handler, params);
    buffer.savedX = Math.min(buffer.savedX, handler._bufferService.cols - 1);
    return true;
  };
  handler.restoreCursor = (params) => {
    const buffer = handler._activeBuffer;
    const { row, underline } = handler.saved(buffer);
    buffer.savedY = buffer.ybase + Math.min(row, handler._bufferService.rows - 1);
    restoreCursor.call(handler, params);
    const attributes = handler._curAttrData;
    attributes.extended = attributes.extended.clone();
    attributes.extended._ext = underline;
    attributes.updateExtended();
    // The character set comes back designated, not beside the ones that are.
    handler._charsetService.setgCharset(handler._charsetService.glevel, handler._charsetService.charset);
    return true;
  };
  handler.softReset = (params) => {
    kept.delete(handler._activeBuffer);
    return softReset.call(handler, params);
  };
}

/**
 * Erasing up to the last column unwraps a line of the scrollback in place of the next one, and
 * throws where there is none: then a browser's terminal never shows anything again.
 */
function steadyErase(handler) {
  const { eraseInDisplay } = handler;
  handler.eraseInDisplay = (params, respectProtect) => {
    const { cols, rows } = handler._bufferService;
    if (params.params[0] !== 1) return eraseInDisplay.call(handler, params, respectProtect);
    handler._restrictCursor(cols);
    const buffer = handler._activeBuffer;
    const { x, y } = buffer;
    if (x < cols - 1) return eraseInDisplay.call(handler, params, respectProtect);
    buffer.x = cols - 2;
    eraseInDisplay.call(handler, params, respectProtect);
    handler._eraseInBufferLine(y, cols - 1, cols, true, respectProtect);
    buffer.x = x;
    if (y + 1 < rows) buffer.lines.get(buffer.ybase + y + 1).isWrapped = false;
    return true;
  };
}

/**
 * Without wrapping, a character printed over the right half of a wide one leaves the left half
 * standing, and what joins with a character at the edge joins with the one before it.
 */
function steadyPrint(handler, modes, unicode) {
  const { print } = handler;
  handler.print = (data, start, end) => {
    if (modes.decPrivateModes.wraparound) return print.call(handler, data, start, end);
    let dropped = false;
    for (let at = start; at < end; at += 1) dropped = printUnwrapped(data, at, dropped);
    if (dropped) handler._parser.precedingJoinState = 0;
  };
  /** Prints one character. @returns whether it found no room, as what joins with it will not either */
  const printUnwrapped = (data, at, dropped) => {
    const { _activeBuffer: buffer, _parser: parser } = handler;
    const { cols } = handler._bufferService;
    const line = buffer.lines.get(buffer.ybase + buffer.y);
    const { x } = buffer;
    const before = parser.precedingJoinState;
    const now = unicode.charProperties(data[at], before);
    if ((now & JOINS) !== 0 && (x >= cols || dropped)) {
      const fits = !dropped && (now & WIDTH_OF_STATE) === (before & WIDTH_OF_STATE);
      if (fits) line.addCodepointToCell(line.getWidth(cols - 1) === 0 ? cols - 2 : cols - 1, data[at], 0);
      if (fits || dropped) parser.precedingJoinState = now;
      return dropped;
    }
    print.call(handler, data, at, at + 1);
    const isWhole = line.getWidth(cols - 1) === 0 && !line.hasContent(cols - 1);
    if (line.getWidth(cols - 2) === WIDE && !isWhole) line.setCellFromCodepoint(cols - 2, 0, 1, handler._curAttrData);
    return x >= cols - 1 && buffer.x === cols - 1;
  };
}

/**
 * After a resize the alternate screen keeps lines of their old length, whose ends come back
 * later, or the room of its old size, which makes a scrollback of it. A buffer without
 * scrollback may end up with fewer lines than the screen has rows, at which xterm throws. And
 * what lies beyond the edge, tab stops and a saved cursor, counts again when there is room.
 */
function steadyResize(handler, buffers) {
  const { resize } = buffers;
  for (const buffer of [buffers.normal, buffers.alt]) steadyReflow(Object.getPrototypeOf(buffer));
  buffers.resize = (cols, rows) => {
    const { normal, alt } = buffers;
    const forgetTabs = (buffer, beyond) => {
      for (const column of Object.keys(buffer.tabs)) if (Number(column) >= beyond) delete buffer.tabs[column];
    };
    for (const buffer of [normal, alt]) {
      forgetTabs(buffer, buffer._cols);
      // Nor does the first line kept go on from one that scrolled away.
      if (buffer.lines.length > 0) buffer.lines.get(0).isWrapped = false;
    }
    resize.call(buffers, cols, rows);
    for (const buffer of [normal, alt]) {
      forgetTabs(buffer, cols);
      const saved = handler.saved(buffer);
      saved.row = Math.min(saved.row, rows - 1);
      buffer.savedX = Math.min(buffer.savedX, cols - 1);
    }
    const blank = alt.getNullCell();
    for (let y = 0; y < alt.lines.length; y += 1) alt.lines.get(y).resize(cols, blank);
    if (alt.lines.length === 0) alt.lines.maxLength = rows;
    for (const buffer of [normal, alt]) {
      const missing = buffer.ybase + rows - buffer.lines.length;
      if (buffer.lines.length === 0 || missing <= 0) continue;
      buffer.ybase = Math.max(0, buffer.ybase - missing);
      buffer.ydisp = Math.min(buffer.ydisp, buffer.ybase);
      while (buffer.lines.length < rows) buffer.lines.push(buffer.getBlankLine(blank));
    }
    // What was printed last may be elsewhere now: nothing joins with it.
    handler._parser.precedingJoinState = 0;
  };
}

/**
 * What the cursor is in is left to its program to lay out. But while lines become more, xterm looks
 * for the cursor ever further down, until the scrollback is full: then it cuts off another line's end.
 */
function steadyReflow(proto) {
  if (steadied.has(proto)) return;
  steadied.add(proto);
  const { _reflowSmaller: reflow } = proto;
  proto._reflowSmaller = function (cols, rows) {
    const { lines } = this;
    const { rawOptions } = this._optionsService;
    const blank = this.getNullCell();
    const left = new Map();
    let start = this.ybase + this.y;
    while (start > 0 && lines.get(start).isWrapped) start -= 1;
    for (let y = start; y < lines.length && (y === start || lines.get(y).isWrapped); y += 1) {
      const stand = this.getBlankLine(blank);
      left.set(stand, lines.get(y));
      lines.set(y, stand);
    }
    const usual = rawOptions.reflowCursorLine;
    rawOptions.reflowCursorLine = true;
    reflow.call(this, cols, rows);
    rawOptions.reflowCursorLine = usual;
    for (let y = 0; y < lines.length; y += 1) lines.set(y, left.get(lines.get(y)) ?? lines.get(y));
  };
}

/** A line that lines are put above does not go on from one above it any more. */
function steadyInsertion(handler) {
  const unwrap = (row) => {
    const { _activeBuffer: buffer, _bufferService: size } = handler;
    if (row < size.rows) buffer.lines.get(buffer.ybase + row).isWrapped = false;
  };
  const { insertLines, reverseIndex, scrollDown } = handler;
  handler.insertLines = (params) => {
    insertLines.call(handler, params);
    unwrap(handler._activeBuffer.y + (params.params[0] || 1));
    return true;
  };
  handler.scrollDown = (params) => {
    scrollDown.call(handler, params);
    unwrap(handler._activeBuffer.scrollTop + (params.params[0] || 1));
    return true;
  };
  handler.reverseIndex = () => {
    const scrolls = handler._activeBuffer.y <= handler._activeBuffer.scrollTop;
    reverseIndex.call(handler);
    if (scrolls) unwrap(handler._activeBuffer.scrollTop + 1);
    return true;
  };
}

/**
 * When narrower lines are more than the scrollback holds, xterm puts the oldest ones before the
 * first: in a list that runs in a circle that is the end of the screen.
 */
function steadyList(list) {
  if (steadied.has(list)) return;
  steadied.add(list);
  const { set } = list;
  list.set = function (index, line) {
    if (index >= 0) set.call(this, index, line);
  };
}

/** Halves of wide characters that are left over, and characters that move to other cells in a reflow. */
function steadyLines(line) {
  if (steadied.has(line)) return;
  steadied.add(line);
  const { addCodepointToCell, insertCells, resize } = line;
  // What is left empty beside a wide character has a colour, as if erased, and no flags: else an
  // empty cell could be underlined, or inverse, and nothing but such an accident would make it so.
  line.setCellFromCodepoint = function (at, codePoint, width, attributes) {
    const index = at * CELL;
    const data = this._data;
    if (codePoint === 0 && width === 1) {
      data[index] = 1 << WIDTH_SHIFT;
      data[index + 1] = 0;
      data[index + 2] = attributes.bg & COLOR;
      return;
    }
    if (attributes.bg & HAS_EXTENDED) this._extendedAttrs[at] = attributes.extended;
    data[index] = codePoint | (width << WIDTH_SHIFT);
    data[index + 1] = attributes.fg;
    data[index + 2] = attributes.bg;
  };
  line.addCodepointToCell = function (at, codePoint, width) {
    const full = this.isCombined(at) && (this._combined[at]?.length ?? 0) >= CLUSTER_LENGTH_MAX;
    if (!full) addCodepointToCell.call(this, at, codePoint, width);
  };
  line.insertCells = function (at, count, blank) {
    insertCells.call(this, at, count, blank);
    const next = (at % this.length) + count;
    if (next < this.length && this.getWidth(next) === 0 && !this.hasContent(next)) this.setCellFromCodepoint(next, 0, 1, blank);
  };
  line.resize = function (cols, blank) {
    const shrinks = cols < this.length;
    const wasteful = resize.call(this, cols, blank);
    if (shrinks && this.getWidth(cols - 1) === WIDE) this.setCell(cols - 1, blank);
    return wasteful;
  };
  line.copyCellsFrom = function (from, fromCol, toCol, length, backwards) {
    const cells = from._data.slice(fromCol * CELL, (fromCol + length) * CELL);
    this._data.set(cells, toCol * CELL);
    for (let step = 0; step < length; step += 1) {
      const index = backwards ? length - 1 - step : step;
      if (cells[index * CELL] & IS_COMBINED) this._combined[toCol + index] = from._combined[fromCol + index];
      if (cells[index * CELL + 2] & HAS_EXTENDED) this._extendedAttrs[toCol + index] = from._extendedAttrs[fromCol + index];
    }
  };
}
