// A line written in a real text field and sent at once: soft keyboards rewrite and double
// words in a raw terminal, here they are at home. Enter sends, Shift+Enter makes a new line.

import { remember, remembered } from './device.js';

const SHOWN = 'dispatch-compose';
const HEIGHT_MAX_PX = 140;

export class Compose {
  #form;
  #area;
  #toggle;
  #term;
  #keys;

  /**
   * @param {HTMLFormElement} form with a textarea
   * @param {HTMLButtonElement} toggle
   * @param {import('../vendor/xterm.mjs').Terminal} term
   * @param {import('./keys.js').Keys} keys
   */
  constructor(form, toggle, term, keys) {
    this.#form = form;
    this.#area = form.querySelector('textarea');
    this.#toggle = toggle;
    this.#term = term;
    this.#keys = keys;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#area.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    this.#area.addEventListener('input', () => this.#grow());
    toggle.addEventListener('click', () => this.show(form.hidden, true));
    const coarse = matchMedia('(pointer: coarse)').matches;
    this.show((remembered(SHOWN) ?? (coarse ? 'yes' : 'no')) === 'yes', false);
  }

  show(shown, byHand) {
    this.#form.hidden = !shown;
    this.#toggle.setAttribute('aria-expanded', String(shown));
    if (!byHand) return;
    remember(SHOWN, shown ? 'yes' : 'no');
    if (shown) this.#area.focus();
    else this.#term.focus();
  }

  /** An empty box sends a bare Enter: the way to say yes to a prompt. */
  #send() {
    const text = this.#area.value;
    const armed = this.#keys.armed && [...text].length === 1; // Ctrl, then c: that is the key, not a line.
    if (text.includes('\n')) this.#term.paste(text);
    else if (text !== '') this.#term.input(text, true);
    if (!armed) this.#term.input('\r', true);
    this.#area.value = '';
    this.#grow();
    this.#area.focus();
  }

  #grow() {
    this.#area.style.height = 'auto';
    this.#area.style.height = `${Math.min(this.#area.scrollHeight + 2, HEIGHT_MAX_PX)}px`;
  }
}
