// What is started from the workbench stays on it: its menu's forms and what the palette does in
// this workspace open a tile where they would have led to another page.

const SESSION = /^\/sessions\/([0-9a-f-]{36})$/;
const DEED = /^\/sessions\/([0-9a-f-]{36})\/(stop|rename|resume)$/;

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

  /** With a session, here or elsewhere: news shows what became of it. @returns whether it was done */
  async #do(address, fields) {
    const answer = await fetch(address, { method: 'POST', body: new URLSearchParams(fields), headers: { accept: 'application/json', 'hx-request': 'true' } }).catch(() => undefined);
    const { message = 'The server did not answer: nothing was changed.' } = answer?.ok === true ? { message: '' } : ((await answer?.json().catch(() => undefined)) ?? {});
    this.#page.querySelector('[data-said]').textContent = message;
    return message === '';
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
    const { href, post, fields, workspace } = event.detail;
    const [, session, deed] = DEED.exec(post ?? '') ?? [];
    const here = SESSION.exec(href ?? '')?.[1];
    if (here !== undefined && this.#options.has(here)) {
      event.preventDefault();
      this.#options.open(here, '');
    } else if (session !== undefined && (deed !== 'resume' || workspace === this.#page.dataset.workspace)) {
      event.preventDefault();
      void this.#do(post, fields).then((isDone) => isDone && deed === 'resume' && this.#options.open(session, ''));
    } else if (post === `${this.#workspace}/sessions` || post === `${this.#workspace}/editor`) {
      event.preventDefault();
      void this.#send(post, new URLSearchParams(fields)).then((problem) => {
        this.#page.querySelector('[data-said]').textContent = problem ?? '';
      });
    }
  }
}
