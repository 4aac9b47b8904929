// The page around the terminal: menu, dialogs, renaming, the title. Every action here is a
// form or a link that works without this script too, where the terminal itself is not needed.

import { deviceName, nameDevice, remember, remembered } from './device.js';

const TOUCH = 'dispatch-touch-row';
const TITLE_MAX = 120;

export class Page {
  search;
  #main;
  #options;
  #titles = { name: '', title: '' };
  #rang = false;

  /**
   * @param {HTMLElement} main
   * @param {{ id: string, facts: import('./facts.js').Facts, notices: import('./notices.js').Notices,
   *   clipboard: import('./clipboard.js').Clipboard, search: import('./search.js').Search,
   *   text: () => string, lead: () => void, resizeText: (by: number) => number, fontSize: () => number,
   *   focus: () => void, renamed: () => void }} options
   */
  constructor(main, options) {
    this.#main = main;
    this.#options = options;
    this.search = options.search;
    this.#menu();
    this.#dialogs();
    this.#rename();
    this.#forms();
    this.#touchRow();
    this.#device();
    main.addEventListener('click', ({ target }) => {
      if (target.closest('[data-lead]')) this.#closePopovers(options.lead);
      if (target.closest('[data-paste]')) void options.clipboard.paste();
    });
    main.querySelector('.session-bar').addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented && this.#main.querySelector(':popover-open') === null) options.focus();
    });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return;
      this.#rang = false;
      this.#writeTitle();
    });
  }

  focusHeader() {
    const name = this.#main.querySelector('[data-rename]');
    (name.checkVisibility() ? name : this.#main.querySelector('.session-menu-button')).focus();
  }

  /** A title is a program's text: shown as text, without what could turn it around. */
  showTitle(name, title) {
    const clean = [...title.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim()].slice(0, TITLE_MAX).join('');
    this.#titles = { name, title: clean };
    const element = this.#main.querySelector('[data-title]');
    element.textContent = clean === name ? '' : clean;
    element.title = clean;
    this.#writeTitle();
  }

  /** Also seen from another window: the title carries it until someone looks. */
  rang() {
    this.#rang = document.visibilityState !== 'visible';
    this.#writeTitle();
  }

  #writeTitle() {
    if ('tile' in this.#main.dataset) return; // The page is not about this one alone.
    const { name, title } = this.#titles;
    document.title = `${this.#rang ? '● ' : ''}${title !== '' && title !== name ? `${title} · ` : ''}${name} · Dispatch`;
  }

  #menu() {
    const { clipboard, resizeText, fontSize, text } = this.#options;
    const menu = this.#main.querySelector('[data-menu]');
    const size = menu.querySelector('[data-font-size]');
    size.textContent = String(fontSize());
    const actions = {
      search: () => this.#closePopovers(() => this.search.open()),
      copy: () => this.#closePopovers(() => clipboard.copySelection()),
      paste: () => this.#closePopovers(() => void clipboard.paste()),
      text: () => this.#closePopovers(() => this.#showText(text())),
      lead: () => this.#closePopovers(this.#options.lead),
      rename: () => this.#closePopovers(() => this.#startRename()),
      keys: () => this.#closePopovers(() => this.#toggleTouch()),
      smaller: () => (size.textContent = String(resizeText(-1))),
      larger: () => (size.textContent = String(resizeText(1))),
    };
    menu.addEventListener('click', ({ target }) => actions[target.closest('[data-act]')?.dataset.act]?.());
  }

  #closePopovers(then) {
    for (const popover of this.#main.querySelectorAll('[popover]')) popover.hidePopover();
    then();
  }

  #dialogs() {
    this.#main.addEventListener('click', ({ target }) => {
      const opener = target.closest('[data-open]');
      if (opener) this.#closePopovers(() => document.getElementById(opener.dataset.open).showModal());
      if (target.closest('[data-dismiss]')) target.closest('dialog').close();
      // The backdrop is the dialog itself, as far as clicks go.
      if (target instanceof HTMLDialogElement) target.close();
    });
    for (const dialog of this.#main.querySelectorAll('dialog')) dialog.addEventListener('close', () => this.#options.focus());
    this.#main.querySelector('[data-copy-text]').addEventListener('click', () => void this.#options.clipboard.copy(this.#options.text()));
  }

  #showText(text) {
    const pre = this.#main.querySelector('[data-plain-text]');
    pre.textContent = text;
    pre.closest('dialog').showModal();
    pre.scrollTop = pre.scrollHeight;
  }

  #rename() {
    const form = this.#main.querySelector('[data-rename-form]');
    const input = form.querySelector('input');
    this.#main.querySelector('[data-rename]').addEventListener('click', () => this.#startRename());
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (await this.#send('PATCH', '', { name: input.value })) this.#endRename();
      else input.focus();
    });
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      this.#endRename();
    });
    input.addEventListener('blur', () => this.#hideRename());
  }

  #startRename() {
    const form = this.#main.querySelector('[data-rename-form]');
    const input = form.querySelector('input');
    form.hidden = false;
    this.#main.querySelector('.session-name').hidden = true;
    input.value = this.#titles.name || input.value;
    input.select();
    input.focus();
  }

  #hideRename() {
    this.#main.querySelector('[data-rename-form]').hidden = true;
    this.#main.querySelector('.session-name').hidden = false;
  }

  #endRename() {
    this.#hideRename();
    this.#options.focus();
  }

  #forms() {
    this.#main.querySelector('[data-stop]').addEventListener('submit', async (event) => {
      event.preventDefault();
      this.#main.querySelector('[data-stop]').closest('dialog').close();
      this.#options.notices.show('action', { text: 'Stopping…' });
      if (await this.#send('POST', '/stop')) this.#options.notices.hide('action');
    });
    this.#main.querySelector('[data-resume]').addEventListener('submit', async (event) => {
      event.preventDefault();
      if (await this.#send('POST', '/resume')) this.#options.focus();
    });
  }

  /** @returns {Promise<boolean>} whether it was done; else what failed is said */
  async #send(method, action, body) {
    const { id, facts, notices } = this.#options;
    try {
      const answer = await fetch(`/api/sessions/${id}${action}`, {
        method,
        headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.ok) {
        notices.hide('action');
        facts.refresh();
        return true;
      }
      const { message } = await answer.json();
      notices.show('action', { text: message, tone: 'bad', forMs: 10_000 });
    } catch {
      notices.show('action', { text: 'The server could not be reached: nothing was changed.', tone: 'bad', forMs: 10_000 });
    }
    return false;
  }

  #touchRow() {
    const known = remembered(TOUCH);
    const shown = known === null ? matchMedia('(pointer: coarse)').matches : known === 'yes';
    this.#main.querySelector('[data-touch]').hidden = !shown;
  }

  #toggleTouch() {
    const row = this.#main.querySelector('[data-touch]');
    row.hidden = !row.hidden;
    remember(TOUCH, row.hidden ? 'no' : 'yes');
    this.#options.focus();
  }

  #device() {
    const input = this.#main.querySelector('[data-device-name]');
    input.value = deviceName();
    input.addEventListener('change', () => {
      nameDevice(input.value);
      input.value = deviceName();
      this.#options.renamed();
    });
  }
}
