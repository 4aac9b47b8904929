// The state of the connection in words: always there, always true, counting down where it waits.
// Read aloud is each change of it, not each second.

import { RESTARTING } from './stream.js';

export class ConnectionWords {
  #element;
  #words;
  #retry;
  #state = { name: 'connecting' };
  #percent = 0;
  #timer;

  /** @param {HTMLElement} element with `[data-words]` and `[data-retry]` */
  constructor(element, retry) {
    this.#element = element;
    this.#words = element.querySelector('[data-words]');
    this.#retry = element.querySelector('[data-retry]');
    this.#retry.addEventListener('click', retry);
  }

  show(state) {
    this.#state = state;
    if (state.name !== 'replaying') this.#percent = 0;
    clearInterval(this.#timer);
    if (state.name === 'waiting') this.#timer = setInterval(() => this.#write(), 500);
    this.#element.dataset.state = state.name;
    this.#retry.hidden = state.name !== 'waiting';
    this.#write();
    this.#element.querySelector('[data-announce]').textContent = state.name === 'waiting' && state.why !== RESTARTING ? `Reconnecting: ${state.why}` : this.#words.textContent;
  }

  /** @param {number} part 0 to 1 of the replay */
  progress(part) {
    const percent = Math.max(0, Math.min(99, Math.floor(part * 100)));
    if (this.#state.name !== 'replaying' || percent === this.#percent) return;
    this.#percent = percent;
    this.#element.style.setProperty('--progress', `${percent}%`);
    this.#write();
  }

  dispose() {
    clearInterval(this.#timer);
  }

  #write() {
    const { name, why, until } = this.#state;
    const words = {
      connecting: 'Connecting',
      replaying: this.#percent > 0 ? `Replaying ${this.#percent}%` : 'Replaying',
      live: 'Live',
      catching_up: 'Catching up',
      lagging: 'Lagging: catching up',
      waiting: why === RESTARTING ? 'Server restarting…' : `Reconnecting ${until === undefined ? '' : inSeconds(until)}`.trim(),
      ended: 'Ended',
      deleted: 'Deleted',
      signed_out: 'Signed out',
      refused: 'Refused',
    }[name];
    if (this.#words.textContent !== words) this.#words.textContent = words;
    this.#element.title = why ? `${words}: ${why}` : words;
  }
}

function inSeconds(until) {
  const seconds = Math.ceil((until - Date.now()) / 1000);
  return seconds > 0 ? `in ${seconds} s` : 'now';
}
