// Copy, paste, and a program's wish to write the clipboard. Programs never read it, and write
// it only after the person at this device said so, once or for this session.

import { copyText } from '../copy.js';
import { remember, remembered } from './device.js';
import { takePictures } from './paste-picture.js';

const PREVIEW_CHARACTERS = 80;

export class Clipboard {
  #term;
  #notices;
  #key;

  /**
   * @param {import('../vendor/xterm.mjs').Terminal} term
   * @param {import('./notices.js').Notices} notices
   * @param {string} sessionId
   */
  constructor(term, notices, sessionId) {
    this.#term = term;
    this.#notices = notices;
    this.#key = `dispatch-clipboard-${sessionId}`;
    takePictures(term, notices, sessionId);
  }

  copySelection() {
    if (!this.#term.hasSelection()) return false;
    void copyText(this.#term.getSelection()).then((done) => {
      if (done) this.#notices.show('copied', { text: 'Copied.', forMs: 1500 });
    });
    return true;
  }

  async copy(text) {
    const done = await copyText(text);
    this.#notices.show('copied', done ? { text: 'Copied.', forMs: 1500 } : { text: 'This browser does not let the page copy.', tone: 'warn', forMs: 6000 });
  }

  /** From a button; keys and the menu of the browser paste by themselves. */
  async paste() {
    try {
      const text = await navigator.clipboard.readText();
      if (text !== '') this.#term.paste(text);
    } catch {
      this.#notices.show('paste', {
        text: 'This browser does not let a button paste here: press and hold in the compose box and choose Paste.',
        tone: 'warn',
        forMs: 8000,
      });
    }
    this.#term.focus();
  }

  /** A program asks (OSC 52): it leads, and the page has the focus. */
  wanted(text) {
    const consent = remembered(this.#key, 'sessionStorage');
    if (consent === 'never') return;
    if (consent === 'always') return void this.#take(text);
    this.#ask(text);
  }

  #ask(text) {
    const decide = (consent) => () => {
      this.#notices.hide('clipboard');
      if (consent !== 'once') remember(this.#key, consent, 'sessionStorage');
      if (consent !== 'never') void this.#take(text);
      this.#term.focus();
    };
    this.#notices.show('clipboard', {
      text: 'This program wants to write to your clipboard:',
      detail: preview(text),
      tone: 'warn',
      actions: [
        { label: 'Allow once', act: decide('once'), primary: true },
        { label: 'Always in this session', act: decide('always') },
        { label: 'Never', act: decide('never') },
      ],
    });
  }

  async #take(text) {
    if (await copyText(text)) {
      this.#notices.show('copied', { text: 'The program wrote to your clipboard.', forMs: 2500 });
      return;
    }
    // Without a gesture some browsers refuse: then it is one tap away.
    this.#notices.show('clipboard', {
      text: 'The program has something for your clipboard:',
      detail: preview(text),
      actions: [{ label: 'Copy', primary: true, act: () => { this.#notices.hide('clipboard'); void this.copy(text); } }],
    });
  }
}

/** One line, with what cannot be seen made visible. */
function preview(text) {
  const shown = [...text].slice(0, PREVIEW_CHARACTERS).join('');
  const visible = shown.replace(/\r?\n/g, '⏎').replace(/[\p{Cc}\p{Cf}]/gu, '·');
  return text.length > shown.length ? `${visible}… (${text.length} characters)` : visible;
}
