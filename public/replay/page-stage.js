// The stage of what is no terminal: the server shows the moment as a part of a page, and the log
// tells when something happened.

import { problemOf } from './feed.js';

const PAGE = 500;
/** While it plays, the part is asked for at most so often. */
const EVERY_MS = 250;

export class PageStage {
  #id;
  #element;
  #shownAt = 0;
  #late;
  #busy = false;
  #wanted;

  constructor(element, { id }) {
    this.#id = id;
    this.#element = element;
  }

  async seek({ sequence, t }, signal) {
    const moment = await this.#load(sequence === undefined ? { t } : { sequence }, signal);
    const { steps, head } = await this.more(moment.sequence, signal);
    return { moment, steps, head };
  }

  async more(after, signal) {
    const answer = await fetch(`/api/sessions/${this.#id}/history?after=${after}&limit=${PAGE}`, { headers: { accept: 'application/json' }, signal });
    if (!answer.ok) throw await problemOf(answer);
    const { events, hasMore, nextSequence } = await answer.json();
    const steps = events.map(({ sequence, timestamp }) => ({ sequence, time: Date.parse(timestamp) }));
    return { steps, head: hasMore ? Infinity : nextSequence };
  }

  show({ sequence }) {
    this.#wanted = sequence;
    clearTimeout(this.#late);
    const wait = Math.max(0, this.#shownAt + EVERY_MS - performance.now());
    this.#late = setTimeout(() => void this.#catchUp(), wait);
  }

  ready() {
    return true;
  }

  text() {
    return this.#element.innerText;
  }

  screenText() {
    return this.text();
  }

  focus() {
    this.#element.focus();
  }

  dispose() {
    clearTimeout(this.#late);
  }

  async #catchUp() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#wanted !== undefined) {
        const sequence = this.#wanted;
        this.#wanted = undefined;
        await this.#load({ sequence });
      }
    } catch {
      // The next event, or the next moment that is gone to, shows it.
    } finally {
      this.#busy = false;
    }
  }

  async #load(where, signal) {
    this.#shownAt = performance.now();
    const answer = await fetch(`/sessions/${this.#id}/replay?${new URLSearchParams(where)}`, { headers: { 'hx-request': 'true' }, signal });
    if (!answer.ok) throw new Error((await textOf(answer)) || `The server answered ${answer.status}.`);
    const shown = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('moment');
    this.#element.querySelector('#moment')?.replaceWith(shown);
    const scrolls = shown.firstElementChild;
    if (scrolls !== null) scrolls.scrollTop = scrolls.scrollHeight;
    return { sequence: Number(shown.dataset.sequence), time: Number(shown.dataset.time) };
  }
}

async function textOf(answer) {
  return new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('p')?.textContent ?? '';
}
