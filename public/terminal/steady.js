// Makes xterm 6.0 steady: the screen follows from what a program printed, and from nothing
// else, so that an emulator in the server and one in any browser, whatever each has kept of the
// past, come to the same. Used by both. Reaches into xterm's own parts, so the version is pinned.

const WIDE = 2;
const IS_COMBINED = 0x200000;
const HAS_EXTENDED = 0x10000000;
const CELL = 3;
/** Longer addresses are no links but an attack on memory. */
const LINK_LENGTH_MAX = 8192;
/** UTF-16 units of one cell: real clusters have up to some thirty, hostile ones have no end. */
const CLUSTER_LENGTH_MAX = 64;
/** Links that are known before those that no cell shows any more are forgotten. */
const LINKS_BEFORE_SWEEP = 4096;

/** What every emulator of a session is made with, beside its size, scrollback and looks. */
export const EMULATOR_OPTIONS = {
  allowProposedApi: true,
  windowOptions: { pushTitle: true, popTitle: true },
};

const steadied = new WeakSet();

/** Call it on a new terminal, before anything is written to it. */
export function steady(term) {
  const core = term._core;
  const { buffers } = core._bufferService;
  steadyLines(Object.getPrototypeOf(buffers.normal.lines.get(0)));
  steadySavedCursor(core._inputHandler);
  steadyErase(core._inputHandler);
  steadyCounts(core._inputHandler);
  steadyLinks(core._oscLinkService, core._inputHandler, buffers);
  steadyResize(buffers);
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
    if (data.uri.length > LINK_LENGTH_MAX) return 0;
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
 * to depends on how full the scrollback is. It is a row of the screen.
 */
function steadySavedCursor(handler) {
  const rows = new WeakMap();
  const { saveCursor, restoreCursor, softReset } = handler;
  handler.saveCursor = (params) => {
    rows.set(handler._activeBuffer, handler._activeBuffer.y);
    return saveCursor.call(handler, params);
  };
  handler.restoreCursor = (params) => {
    const buffer = handler._activeBuffer;
    buffer.savedY = buffer.ybase + Math.min(rows.get(buffer) ?? 0, handler._bufferService.rows - 1);
    return restoreCursor.call(handler, params);
  };
  handler.softReset = (params) => {
    rows.delete(handler._activeBuffer);
    return softReset.call(handler, params);
  };
  handler.savedRow = (buffer) => rows.get(buffer) ?? 0;
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
 * After a resize the alternate screen keeps lines of their old length, whose ends come back
 * later, or the room of its old size, which makes a scrollback of it; and a buffer without
 * scrollback may end up with fewer lines than the screen has rows, at which xterm throws.
 */
function steadyResize(buffers) {
  const { resize } = buffers;
  buffers.resize = (cols, rows) => {
    resize.call(buffers, cols, rows);
    const { normal, alt } = buffers;
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
  };
}

/** Halves of wide characters that are left over, and characters that move to other cells in a reflow. */
function steadyLines(line) {
  if (steadied.has(line)) return;
  steadied.add(line);
  const { addCodepointToCell, insertCells, resize } = line;
  line.addCodepointToCell = function (at, codePoint, width) {
    const full = this.isCombined(at) && (this._combined[at]?.length ?? 0) >= CLUSTER_LENGTH_MAX;
    if (!full) addCodepointToCell.call(this, at, codePoint, width);
  };
  line.insertCells = function (at, count, blank) {
    insertCells.call(this, at, count, blank);
    const next = (at % this.length) + count;
    if (next < this.length && this.getWidth(next) === 0 && !this.hasContent(next)) this.setCell(next, blank);
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
