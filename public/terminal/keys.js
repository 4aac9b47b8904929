// Keys that a touch screen lacks. Ctrl and Alt stick to the next key, wherever it comes from:
// this row, the soft keyboard or the compose box. Pressing here never moves the focus, so the
// soft keyboard stays as it was.

const REPEAT_AFTER_MS = 420;
const REPEAT_MS = 70;

/** Final byte of the cursor keys. */
const CURSOR = { up: 'A', down: 'B', right: 'C', left: 'D' };

export class Keys {
  #row;
  #term;
  #sticky = { ctrl: false, alt: false };
  #timer;

  /**
   * @param {HTMLElement} row with `button[data-key]`
   * @param {import('../vendor/xterm.mjs').Terminal} term
   */
  constructor(row, term) {
    this.#row = row;
    this.#term = term;
    row.addEventListener('pointerdown', (event) => this.#down(event));
    for (const type of ['pointerup', 'pointercancel', 'pointerleave']) row.addEventListener(type, () => this.#up());
    // Keyboard and assistive technology press without a pointer.
    row.addEventListener('click', (event) => {
      if (event.detail === 0) this.#press(keyOf(event));
    });
    row.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  /** Whether the next key is changed by one that sticks. */
  get armed() {
    return this.#sticky.ctrl || this.#sticky.alt;
  }

  /** Applies what sticks to one typed character; a paste is not for it. */
  apply(data) {
    if (!this.armed || [...data].length !== 1) return data;
    const { ctrl, alt } = this.#sticky;
    this.#stick({ ctrl: false, alt: false });
    return `${alt ? '\x1b' : ''}${ctrl ? controlOf(data) : data}`;
  }

  #down(event) {
    const key = keyOf(event);
    if (key === undefined) return;
    event.preventDefault();
    this.#up();
    this.#press(key);
    if (key in CURSOR) this.#timer = setTimeout(() => this.#repeat(key), REPEAT_AFTER_MS);
  }

  #repeat(key) {
    this.#press(key);
    this.#timer = setTimeout(() => this.#repeat(key), REPEAT_MS);
  }

  #up() {
    clearTimeout(this.#timer);
  }

  #press(key) {
    if (key === undefined) return;
    if (key === 'ctrl' || key === 'alt') return this.#stick({ ...this.#sticky, [key]: !this.#sticky[key] });
    if (key in CURSOR) return this.#input(this.#cursor(CURSOR[key]));
    if (key === 'esc') return this.#input('\x1b');
    if (key === 'tab') return this.#input('\t');
    // Through `apply`, as typed: Ctrl with `/` or `-` means something too.
    this.#term.input(key, true);
  }

  /** As the program asked for: application mode has its own, a modifier a third form. */
  #cursor(final) {
    const { ctrl, alt } = this.#sticky;
    this.#stick({ ctrl: false, alt: false });
    if (ctrl || alt) return `\x1b[1;${1 + (alt ? 2 : 0) + (ctrl ? 4 : 0)}${final}`;
    return `\x1b${this.#term.modes.applicationCursorKeysMode ? 'O' : '['}${final}`;
  }

  #input(data) {
    this.#stick({ ctrl: false, alt: false });
    this.#term.input(data, true);
  }

  #stick(sticky) {
    this.#sticky = sticky;
    for (const name of ['ctrl', 'alt']) {
      this.#row.querySelector(`[data-key="${name}"]`)?.setAttribute('aria-pressed', String(sticky[name]));
    }
  }
}

function keyOf(event) {
  return event.target.closest('button[data-key]')?.dataset.key;
}

/** @param {string} character one character */
export function controlOf(character) {
  const code = character.toUpperCase().charCodeAt(0);
  if (character === ' ') return '\0';
  if (character === '?') return '\x7f';
  if (character === '/' || character === '-') return '\x1f';
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : character;
}
