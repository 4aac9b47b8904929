// Keeps xterm 6.0 from doing in vain what costs the most where several terminals share a page:
// a layout of the whole page at each drawing, all rows drawn twice at each scroll, rows drawn
// anew that only moved, a scrollbar set at each line. What is shown is the same. Reaches into
// xterm's own parts, so the version is pinned.

const IS_COMBINED = 0x200000;
const CODE_POINT = 0x1fffff;
/** What comes later may be higher than a row. */
const LATIN_LAST = 0x17f;
const HAS_EXTENDED = 0x10000000;
const CELL = 3;

/** Characters that are measured together, at the first that is: each alone costs a layout of the page. */
const COMMON = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at));
const REPEATED = 32;

const thrifty = new WeakSet();
/** Widths of characters, by letters and kind: for all terminals of the page. */
const widths = new Map();
document.fonts?.addEventListener('loadingdone', () => widths.clear());

/** Call it once the terminal is open in the page. */
export function thrift(term) {
  const core = term._core;
  oneScrollbarPerFrame(core);
  selectionWhereThereIsOne(core._selectionService);
  quietRuler(core);
  const renderer = core._renderService._renderer.value;
  sharedWidths(Object.getPrototypeOf(renderer._widthCache));
  keptRows(Object.getPrototypeOf(renderer));
}

/** xterm sets it at each line that scrolls, thousands of times between two frames. */
function oneScrollbarPerFrame(core) {
  const viewport = core._viewport;
  const { _sync: sync } = viewport;
  let moved = false;
  const settle = () => {
    if (!moved) return;
    moved = false;
    sync.call(viewport);
  };
  viewport._sync = (...queued) => {
    if (queued.length === 0) {
      moved = true;
      viewport.queueSync();
      return;
    }
    settle();
    sync.apply(viewport, queued);
  };
  // These count from where the scrollbar is.
  for (const name of ['scrollLines', 'scrollToLine']) {
    const act = viewport[name];
    viewport[name] = (...given) => {
      settle();
      act.apply(viewport, given);
    };
  }
}

/** xterm draws all rows once more at each scroll, for a selection that there mostly is not. */
function selectionWhereThereIsOne(selection) {
  const { refresh } = selection;
  let shown = false;
  selection.refresh = (byMouse) => {
    const { finalSelectionStart, finalSelectionEnd } = selection._model;
    const is = finalSelectionStart !== undefined && finalSelectionEnd !== undefined;
    if (is || shown) refresh.call(selection, byMouse);
    shown = is;
  };
}

/** The marks beside the scrollbar: asked how high the page made the screen, the page has to lay itself out, for each terminal. */
function quietRuler(core) {
  const ruler = core._overviewRulerRenderer;
  if (ruler === undefined) return;
  const { _queueRefresh: queue, _decorationService: marks, _themeService: theme } = ruler;
  let drawn;
  ruler._screenElement = {
    get clientHeight() {
      return core._renderService.dimensions.css.canvas.height;
    },
  };
  ruler._queueRefresh = (...changed) => {
    const now = marks.decorations.next().done === true ? theme.colors.overviewRulerBorder.css : undefined;
    if (now === undefined || now !== drawn || changed.length > 0) queue.apply(ruler, changed);
    drawn = now;
  };
}

/** xterm measures each character by itself, for each terminal. */
function sharedWidths(cache) {
  if (thrifty.has(cache)) return;
  thrifty.add(cache);
  const { _measure: measure } = cache;
  cache._measure = function (characters, kind) {
    const letters = [this._font, this._fontSize, this._weight, this._weightBold, kind, devicePixelRatio].join();
    if (!widths.has(letters)) widths.set(letters, commonWidths(this._container, this._measureElements[kind]));
    const known = widths.get(letters);
    const width = known.get(characters) ?? measure.call(this, characters, kind);
    // Nothing has a width where nothing is shown.
    if (width > 0) known.set(characters, width);
    else if (known.size === 0) widths.delete(letters);
    return width;
  };
}

function commonWidths(container, like) {
  const all = COMMON.map((character) => {
    const element = like.cloneNode();
    element.style.position = 'absolute';
    element.textContent = character.repeat(REPEATED);
    return element;
  });
  container.append(...all);
  const found = all.map(({ offsetWidth }, at) => [COMMON[at], offsetWidth / REPEATED]);
  for (const element of all) element.remove();
  return new Map(found.filter(([, width]) => width > 0));
}

/**
 * xterm makes all rows anew when one line scrolls by. Here a row whose cells are what was drawn
 * stays, and moves along with its line. Not so the cursor's row, nor where a selection or a mark
 * is, nor cells that are more than their numbers (clusters, links, kinds of underline). Nor is a
 * row cut off at its edges where nothing sticks out: each cut makes a part of the picture of its own.
 */
function keptRows(renderer) {
  if (thrifty.has(renderer)) return;
  thrifty.add(renderer);
  /** Of each renderer by row: the line that is drawn there, and its cells. */
  const all = new WeakMap();
  const { renderRows } = renderer;
  for (const name of ['_setCellUnderline', '_handleOptionsChanged', '_injectCss', 'clear', 'handleCharSizeChanged', 'handleDevicePixelRatioChange', 'handleResize', 'handleSelectionChanged']) {
    const act = renderer[name];
    renderer[name] = function (...given) {
      all.delete(this);
      return act.apply(this, given);
    };
  }
  renderer.renderRows = function (start, end) {
    const { buffer } = this._bufferService;
    const { _rowFactory: factory } = this;
    const isMarked = factory._selectionStart !== undefined || factory._decorationService.decorations.next().done !== true;
    if (isMarked) {
      all.delete(this);
      for (const element of this._rowElements) cut(element, true);
      return renderRows.call(this, start, end);
    }
    const drawn = all.get(this) ?? [];
    all.set(this, drawn);
    if (start === 0 && end === this._rowElements.length - 1) moveRows(this, drawn);
    const cursor = buffer.ybase + buffer.y - buffer.ydisp;
    let from = start;
    for (let y = start; y <= end; y += 1) {
      const line = buffer.lines.get(y + buffer.ydisp);
      if (line === undefined) break;
      if (y !== cursor && isDrawn(drawn[y], line)) {
        if (from < y) renderRows.call(this, from, y - 1);
        from = y + 1;
        continue;
      }
      const { cells, isPlain } = cellsOf(line, drawn[y]?.cells);
      drawn[y] = y === cursor ? { line } : { line, cells };
      cut(this._rowElements[y], !isPlain);
    }
    if (from <= end) renderRows.call(this, from, end);
  };
}

/** Up or down with their lines. */
function moveRows(renderer, drawn) {
  const { buffer } = renderer._bufferService;
  const { _rowContainer: container, _rowElements: elements } = renderer;
  const lineAt = (y) => buffer.lines.get(y + buffer.ydisp);
  if (drawn.length !== elements.length || lineAt(0) === drawn[0]?.line) return;
  const up = drawn.findIndex((row) => row?.line === lineAt(0));
  if (up > 0) {
    const gone = elements.splice(0, up);
    elements.push(...gone);
    container.append(...gone);
    drawn.push(...drawn.splice(0, up).map(() => undefined));
    return;
  }
  const first = drawn[0]?.line;
  let down = 1;
  while (down < elements.length && lineAt(down) !== first) down += 1;
  if (first === undefined || down === elements.length) return;
  const gone = elements.splice(-down);
  elements.unshift(...gone);
  container.prepend(...gone);
  drawn.unshift(...drawn.splice(-down).map(() => undefined));
}

function isDrawn(row, line) {
  const cells = row?.cells;
  const { _data: now } = line;
  if (cells === undefined || cells.length !== now.length) return false;
  for (let at = 0; at < now.length; at += 1) if (cells[at] !== now[at]) return false;
  return true;
}

/** @returns the cells, or undefined where they do not tell all; and whether nothing sticks out of their row */
function cellsOf({ _data: now }, room) {
  let isWhole = true;
  let isPlain = true;
  for (let at = 0; at < now.length; at += CELL) {
    const content = now[at];
    if ((content & IS_COMBINED) !== 0 || (now[at + 2] & HAS_EXTENDED) !== 0) isWhole = false;
    if ((content & CODE_POINT) > LATIN_LAST) isPlain = false;
  }
  isPlain &&= isWhole;
  if (!isWhole) return { cells: undefined, isPlain };
  if (room?.length !== now.length) return { cells: now.slice(), isPlain };
  room.set(now);
  return { cells: room, isPlain };
}

function cut(row, is) {
  const overflow = is ? 'hidden' : 'visible';
  if (row !== undefined && row.style.overflow !== overflow) row.style.overflow = overflow;
}
