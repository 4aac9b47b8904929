// Lines that scrolled away before this page kept any: asked of the server when somebody scrolls
// up at the top, and shown in a layer over the terminal that begins exactly where it ends. The
// layer is only read; typing, or scrolling down, leads back to the terminal.

import { THEMES } from './themes.js';

const PAGE_LINES = 200;
/** So many lines of the terminal's own top are asked for too: by them the two are put together. */
const OVERLAP_LINES = 60;
const NEAR_TOP_PX = 600;

export class Older {
  #frame;
  #screen;
  #hooks;
  #layer;
  /** Of the lines shown: the number of the first, and for which generation it is good. */
  #first = 0;
  #generation;
  #loading = false;
  #done = false;

  /**
   * @param {HTMLElement} frame
   * @param {import('./screen.js').Screen} screen
   * @param {{ id: string, keptSince: () => Promise<string | null> }} hooks `keptSince` is null where all of it is
   */
  constructor(frame, screen, hooks) {
    this.#frame = frame;
    this.#screen = screen;
    this.#hooks = hooks;
    frame.addEventListener('wheel', (event) => this.#wheel(event), { capture: true, passive: false });
  }

  get isOpen() {
    return this.#layer !== undefined;
  }

  /** Shows what is older where the terminal is at its top. @returns {boolean} whether it is */
  reach() {
    const { term } = this.#screen;
    const { active } = term.buffer;
    if (this.isOpen || this.#loading || active.type !== 'normal' || active.viewportY > 0 || term.modes.mouseTrackingMode !== 'none') return false;
    void this.#guarded(() => this.#open());
    return true;
  }

  close() {
    this.#layer?.remove();
    this.#layer = undefined;
    this.#done = false;
  }

  dispose() {
    this.close();
  }

  #wheel(event) {
    if (!this.isOpen) {
      if (event.deltaY < 0 && !event.ctrlKey) this.reach();
      return;
    }
    // A finger's scrolling comes as wheel steps on the terminal below.
    if (!this.#layer.contains(event.target)) {
      this.#layer.scrollTop += event.deltaY;
      event.stopPropagation();
    }
    if (event.deltaY > 0 && this.#atBottom()) this.close();
  }

  #atBottom() {
    const { scrollTop, clientHeight, scrollHeight } = this.#layer;
    return scrollTop + clientHeight >= scrollHeight - 1;
  }

  async #open() {
    const { term } = this.#screen;
    const newest = await this.#ask({ limit: 1 });
    const top = (newest.lines.at(-1)?.n ?? newest.firstLine - 1) + 1;
    const anchor = top - term.buffer.active.baseY;
    const overlap = Math.max(OVERLAP_LINES, term.rows);
    const page = await this.#ask({ before: anchor + overlap, limit: PAGE_LINES + overlap, generation: newest.generation });
    const { active } = term.buffer;
    if (active.type !== 'normal' || active.viewportY > 0) return;
    const lines = page.lines.map(({ n, html }) => ({ n, element: this.#line(html) }));
    const at = meeting(lines, anchor, (y) => (y < active.length ? (active.getLine(y)?.translateToString(true) ?? '') : ''));
    if (at <= 0) return;
    this.#generation = page.generation;
    this.#first = lines[0].n;
    this.#show(lines.slice(0, at + Math.min(term.rows, active.baseY)));
    this.#done = this.#first <= page.firstLine;
    if (this.#done) await this.#tellEnd(page.firstLine);
  }

  #show(lines) {
    const layer = document.createElement('div');
    layer.className = 'older';
    layer.tabIndex = 0;
    layer.setAttribute('role', 'region');
    layer.setAttribute('aria-label', 'Older lines');
    const { cell, term } = this.#screen;
    const { fontFamily, fontSize } = term.options;
    Object.assign(layer.style, { fontFamily, fontSize: `${fontSize}px`, lineHeight: `${cell.height}px` });
    layer.append(...lines.map(({ element }) => element));
    this.#frame.append(layer);
    layer.style.letterSpacing = `${cell.width - widthOf(layer)}px`;
    layer.addEventListener('scroll', () => {
      if (layer.scrollTop < NEAR_TOP_PX) void this.#guarded(() => this.#more());
    });
    layer.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' || (event.key === 'End' && !event.shiftKey)) {
        this.close();
        term.focus();
      }
    });
    this.#layer = layer;
    layer.scrollTop = layer.scrollHeight;
  }

  async #more() {
    if (this.#layer === undefined || this.#done) return;
    const page = await this.#ask({ before: this.#first, limit: PAGE_LINES, generation: this.#generation });
    const layer = this.#layer;
    if (layer === undefined) return;
    const { scrollHeight, scrollTop } = layer;
    layer.prepend(...page.lines.map(({ html }) => this.#line(html)));
    layer.scrollTop = scrollTop + layer.scrollHeight - scrollHeight;
    this.#first = page.lines[0]?.n ?? this.#first;
    this.#done = page.lines.length === 0 || this.#first <= page.firstLine;
    if (this.#done) await this.#tellEnd(page.firstLine);
  }

  async #tellEnd(firstLine) {
    const pruned = await this.#hooks.keptSince();
    const layer = this.#layer;
    if (layer === undefined) return;
    const words = document.createElement('p');
    words.className = 'older-end';
    const more = firstLine > 0 ? 'Older lines are in the recording.' : '';
    words.textContent = pruned === null ? more || 'This is where it began.' : `${more} History before ${pruned} was pruned.`.trim();
    const { scrollHeight, scrollTop } = layer;
    layer.prepend(words);
    layer.scrollTop = scrollTop + layer.scrollHeight - scrollHeight;
  }

  async #ask(query) {
    const answer = await fetch(`/api/sessions/${this.#hooks.id}/scrollback?${new URLSearchParams(query)}`, { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(8000) });
    // The lines were laid out anew: what is shown here is of another terminal, so to say.
    if (answer.status === 409) this.close();
    if (!answer.ok) throw new Error(`Older lines: ${answer.status}`);
    return answer.json();
  }

  /** A line as the server made it, escaped text in spans, in the colours of this page instead of the dark theme's. */
  #line(html) {
    const { theme } = this.#screen.term.options;
    const here = new Map(Object.entries(THEMES.dark).map(([name, color]) => [color, theme[name] ?? color]));
    const element = document.createElement('div');
    element.innerHTML = html.replace(/style="[^"]*"/g, (style) => style.replace(/#[0-9a-f]{6}/g, (color) => here.get(color) ?? color));
    return element;
  }

  async #guarded(action) {
    if (this.#loading) return;
    this.#loading = true;
    try {
      await action();
    } catch {
      // The terminal itself is there; the next attempt to scroll asks again.
    } finally {
      this.#loading = false;
    }
  }
}

/**
 * Index of the line that is the terminal's first: at the number that it should have, or near it
 * where more was printed meanwhile. @param {(y: number) => string} ownLine
 */
function meeting(lines, anchor, ownLine) {
  const expected = lines.findIndex(({ n }) => n === anchor);
  const own = Array.from({ length: 12 }, (_, y) => ownLine(y));
  const fits = (at) => at >= 0 && own.every((text, y) => lines[at + y] === undefined || lines[at + y].element.textContent.trimEnd() === text);
  for (let off = 0; off < lines.length; off += 1) {
    for (const at of [expected + off, expected - off]) if (at < lines.length && fits(at)) return at;
  }
  return expected;
}

function widthOf(layer) {
  const probe = document.createElement('span');
  probe.textContent = 'W'.repeat(32);
  layer.append(probe);
  const { width } = probe.getBoundingClientRect();
  probe.remove();
  return width / 32;
}
