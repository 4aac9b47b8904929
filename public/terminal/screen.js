// The emulator: xterm with what we add to it. It takes its size from `resize` alone, which
// the stream calls in its own order; nothing here fits it to the page.

import { UnicodeGraphemesAddon } from '../vendor/addon-unicode-graphemes.mjs';
import { SearchAddon } from '../vendor/addon-search.mjs';
import { WebLinksAddon } from '../vendor/addon-web-links.mjs';
import { Terminal } from '../vendor/xterm.mjs';
import { Drawing } from './drawing.js';
import { SCROLLBAR_PX } from './letterbox.js';
import { Pace } from './pace.js';
import { jumpBetweenPrompts } from './prompts.js';
import { EMULATOR_OPTIONS, SCROLLBACK_MIN, steady } from './steady.js';
import { contrastOf, themeOf, watchTheme } from './themes.js';
import { thrift } from './thrift.js';

const LINK = /^(?:https?:|mailto:)/i;
/** Cancels any open escape, then a full reset: also ends what a cut output left half done. */
const RESET = new Uint8Array([0x18, 0x1b, 0x63]);
const FALLBACK_FONTS = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';

export class Screen {
  term;
  search;
  /** Font size of the settings, in CSS pixels; the shown one is smaller where a grid must shrink. */
  fontSize;
  #settings;
  #stopTheme;
  #drawing;
  #pace;

  /**
   * @param {HTMLElement} parent
   * @param {Record<string, any>} settings effective settings of category terminal
   * @param {string} label for people who do not see the screen
   */
  constructor(parent, settings, label) {
    this.#settings = settings;
    this.fontSize = settings.fontSize;
    const theme = themeOf(settings);
    const link = { activate: (_event, uri) => openLink(uri), allowNonHttpProtocols: true };
    this.term = new Terminal({
      ...EMULATOR_OPTIONS,
      cols: 80,
      rows: 24,
      cursorBlink: settings.cursorBlink && !movesLess(),
      cursorStyle: settings.cursorStyle,
      fontFamily: settings.fontFamily ? `${settings.fontFamily}, ${FALLBACK_FONTS}` : FALLBACK_FONTS,
      fontSize: settings.fontSize,
      lineHeight: settings.lineHeight,
      linkHandler: link,
      logLevel: 'off',
      macOptionClickForcesSelection: true,
      macOptionIsMeta: settings.optionIsMeta,
      minimumContrastRatio: contrastOf(theme.name),
      overviewRuler: { width: SCROLLBAR_PX },
      rescaleOverlappingGlyphs: true,
      screenReaderMode: settings.screenReader === true,
      scrollback: Math.max(SCROLLBACK_MIN, settings.scrollback),
      theme: theme.colours,
    });
    this.term.loadAddon(new UnicodeGraphemesAddon());
    steady(this.term);
    this.search = new SearchAddon();
    this.term.loadAddon(this.search);
    this.term.loadAddon(new WebLinksAddon((_event, uri) => openLink(uri)));
    this.term.open(parent);
    thrift(this.term);
    this.#pace = new Pace(this.term);
    jumpBetweenPrompts(this.term);
    this.term.textarea?.setAttribute('aria-label', label);
    this.#drawing = new Drawing(this.term);
    this.#stopTheme = watchTheme(() => this.applyTheme());
    this.applyTheme();
  }

  /** Size of one cell as it is shown now, in CSS pixels. */
  get cell() {
    const box = this.term.element?.querySelector('.xterm-screen')?.getBoundingClientRect();
    return box === undefined ? { width: 0, height: 0 } : { width: box.width / this.term.cols, height: box.height / this.term.rows };
  }

  set shownFontSize(size) {
    if (this.term.options.fontSize !== size) this.term.options.fontSize = size;
  }

  get shownFontSize() {
    return this.term.options.fontSize;
  }

  applyTheme() {
    const { name, colours } = themeOf(this.#settings);
    this.term.options.theme = colours;
    this.term.options.minimumContrastRatio = contrastOf(name);
    const root = this.term.element?.closest('dispatch-terminal, dispatch-replay');
    root?.setAttribute('data-shown-theme', name);
    root?.style.setProperty('--terminal-background', colours.background);
    root?.style.setProperty('--terminal-foreground', colours.foreground);
  }

  /** @param {() => void} [done] once all of it is parsed, and before what follows is */
  write(bytes, done) {
    this.#pace.write(bytes, done);
  }

  /** Runs `action` when everything written so far is parsed, and before what follows. */
  afterWrites(action) {
    this.#pace.write('', action);
  }

  reset(done) {
    this.#pace.write(RESET, done);
  }

  /** Only ever called by the stream, in its order. */
  resize({ cols, rows }) {
    if (cols !== this.term.cols || rows !== this.term.rows) this.term.resize(cols, rows);
  }

  /** What is on the screen now, as text, one line per row. */
  text() {
    const { active } = this.term.buffer;
    return linesOf(active, active.baseY, active.baseY + this.term.rows).join('\n');
  }

  /** The same with everything above it. */
  textWithScrollback() {
    const { active } = this.term.buffer;
    return linesOf(active, 0, active.length).join('\n').trimEnd();
  }

  dispose() {
    this.#stopTheme();
    this.#pace.dispose();
    this.#drawing.dispose();
    this.term.dispose();
  }
}

const movesLess = () => document.documentElement.dataset.motion === 'less' || matchMedia('(prefers-reduced-motion: reduce)').matches;

function linesOf(buffer, from, to) {
  const lines = [];
  for (let y = from; y < to; y += 1) lines.push(buffer.getLine(y)?.translateToString(true) ?? '');
  return lines;
}

/** What a program printed decides where the link goes, never what the new page may do to ours. */
function openLink(uri) {
  if (LINK.test(uri)) window.open(uri, '_blank', 'noopener,noreferrer');
}
