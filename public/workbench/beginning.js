// What is started from the workbench stays on it: its menu's forms and what the palette does in
// this workspace open a tile where they would have led to another page.

const SESSION = /^\/sessions\/([0-9a-f-]{36})$/;
const DEED = /^\/sessions\/([0-9a-f-]{36})\/(?:stop|resume|rename)$/;

export class Beginning {
  #page;
  #options;
  #workspace;

  /** @param {{ open: (id: string, search: string) => void, has: (id: string) => boolean }} options */
  constructor(page, options) {
    this.#page = page;
    this.#options = options;
    this.#workspace = `/workspaces/${page.dataset.workspace}`;
    page.addEventListener('submit', (event) => {
      if (!event.target.matches('form[data-begin]')) return;
      event.preventDefault();
      void this.#begin(event.target);
    });
    document.addEventListener('dispatch:chosen', (event) => this.#chosen(event));
  }

  async #begin(form) {
    const said = form.closest('.bench-menu').querySelector('[data-begin-error]');
    const buttons = form.querySelectorAll('button');
    said.hidden = true;
    for (const button of buttons) button.disabled = true;
    const problem = await this.#send(form.getAttribute('action'), new URLSearchParams(new FormData(form)));
    for (const button of buttons) button.disabled = false;
    if (problem !== undefined) {
      said.textContent = problem;
      said.hidden = false;
      return;
    }
    form.reset();
    form.closest('[popover]').hidePopover();
  }

  /** @returns what stands in the way, in words; nothing where it was begun */
  async #send(address, body) {
    const answer = await fetch(address, { method: 'POST', body, headers: { 'hx-request': 'true' } }).catch(() => undefined);
    if (answer === undefined) return 'The server did not answer: nothing was started.';
    const led = answer.headers.get('hx-redirect');
    if (answer.ok && led !== null) return void (this.#lead(led) || location.assign(led));
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    return page.querySelector('.field-error, .alert')?.textContent.trim() || 'It could not be started.';
  }

  #lead(address) {
    const { origin, pathname, search } = new URL(address, location.href);
    const id = SESSION.exec(pathname)?.[1];
    if (origin !== location.origin || id === undefined) return false;
    this.#options.open(id, search);
    return true;
  }

  /** What the palette would do by leaving the page. */
  #chosen(event) {
    const { href, post, fields } = event.detail;
    const here = SESSION.exec(href ?? '')?.[1];
    if (here !== undefined && this.#options.has(here)) {
      event.preventDefault();
      this.#options.open(here, '');
    } else if (post === `${this.#workspace}/sessions` || post === `${this.#workspace}/editor`) {
      event.preventDefault();
      void this.#send(post, new URLSearchParams(fields)).then((problem) => {
        this.#page.querySelector('[data-said]').textContent = problem ?? '';
      });
    } else if (DEED.test(post ?? '')) {
      event.preventDefault();
      void this.#deed(post, new URLSearchParams(fields));
    }
  }

  /** What is done with a session that lives: the news tell of it. */
  async #deed(address, body) {
    const said = this.#page.querySelector('[data-said]');
    said.textContent = '';
    const answer = await fetch(address, { method: 'POST', body, headers: { 'hx-request': 'true', accept: 'application/json' } }).catch(() => undefined);
    if (answer?.ok === true) return;
    said.textContent = (await answer?.json().catch(() => undefined))?.message ?? 'The server did not answer: nothing was changed.';
  }
}
