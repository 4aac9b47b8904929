// Each device's arrangement of a workspace, kept by the server; that of another can be taken.

import { deviceName } from '../terminal/device.js';

const STORE_MS = 400;

export class Layouts {
  #page;
  #address;
  #device;
  #take;
  #timer;
  #pending;

  /** @param {(tree: object) => void} take shows the layout of another device */
  constructor(page, workspace, device, take) {
    this.#page = page;
    this.#address = `/api/workspaces/${workspace}`;
    this.#device = device;
    this.#take = take;
    addEventListener('pagehide', () => this.#send());
    page.querySelector('[data-others-list]')?.addEventListener('beforetoggle', ({ newState }) => newState === 'open' && void this.#showOthers());
  }

  /** @returns this device's; else the latest of another that has several places, as a phone's has not; else nothing */
  async own() {
    const all = await this.#all();
    const own = all.find(({ client }) => client === this.#device);
    return (own ?? all.find(({ layout }) => layout.tree?.parts !== undefined))?.layout.tree;
  }

  store(tree) {
    this.#pending = tree;
    this.#timer ??= setTimeout(() => this.#send(), STORE_MS);
  }

  /** What changed last, also when the page is left before it is due. */
  #send() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending === undefined) return;
    const body = JSON.stringify({ layout: { tree: this.#pending, name: deviceName() } });
    this.#pending = undefined;
    const address = `${this.#address}/layout?client=${encodeURIComponent(this.#device)}`;
    fetch(address, { method: 'PUT', headers: { 'content-type': 'application/json' }, body, keepalive: true }).catch(() => {
      this.#page.querySelector('[data-said]').textContent = 'The server did not answer: this arrangement is not kept yet.';
    });
  }

  async #all() {
    const answer = await fetch(`${this.#address}/layouts`).catch(() => undefined);
    return answer?.ok === true ? (await answer.json()).layouts : [];
  }

  async #showOthers() {
    const list = this.#page.querySelector('[data-others-list]');
    const others = (await this.#all()).filter(({ client }) => client !== this.#device);
    list.replaceChildren();
    if (others.length === 0) list.textContent = 'No other device has arranged this workspace yet.';
    for (const { layout, updated } of others) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'button button-quiet';
      button.textContent = `${layout.name || 'A device'}, ${new Date(updated).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}`;
      button.addEventListener('click', () => {
        list.hidePopover();
        this.#take(layout.tree);
        this.store(layout.tree);
      });
      list.append(button);
    }
  }
}
