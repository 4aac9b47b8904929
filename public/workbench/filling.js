// What is in a tile: a session's own fragment, brought to life and ended with it. What in it
// leads to another session leads to its tile, and its forms leave the page where it is.

const SESSION = /^\/sessions\/([0-9a-f-]{36})$/;
const ABSENT = 'The server did not answer. Close this and open it again.';

let api;
window.htmx?.registerExtension('dispatch-bench', {
  init: (given) => {
    api = given;
  },
});

export class Filling {
  #options;
  #opens;

  /**
   * @param {{ open: (id: string, search: string) => void, close: (id: string) => void,
   *   filled: (id: string) => void }} options
   */
  constructor(bench, options) {
    this.#options = options;
    this.#opens = `/workspaces/${bench.closest('[data-workspace]').dataset.workspace}/open`;
    const on = (type, act) => bench.addEventListener(type, (event) => {
      const tile = event.target instanceof Element ? event.target.closest('[data-tile-of]') : null;
      if (tile !== null) act(event, tile);
    });
    on('submit', (event, tile) => void this.#submitted(event, tile));
    on('click', (event, tile) => this.#clicked(event, tile));
    on('htmx:before:response', ({ detail }, tile) => {
      if (this.#lead(tile, detail.ctx.hx?.redirect)) delete detail.ctx.hx.redirect;
    });
    on('dispatch:afresh', (_event, tile) => void this.fill(tile));
    on('dispatch:filled', (_event, tile) => this.#options.filled(tile.dataset.tileOf)); // What took longer.
    on('dispatch:gone', (_event, tile) => {
      this.empty(tile);
      tile.textContent = 'This session was deleted.';
    });
  }

  /** @param search of its address: which document of a file session */
  async fill(tile, search = tile.dataset.search ?? '') {
    const id = tile.dataset.tileOf;
    tile.dataset.filled = '';
    tile.dataset.search = search;
    const answer = await fetch(`/sessions/${id}/tile${search}`, { headers: { 'hx-request': 'true' } }).catch(() => undefined);
    const html = await answer?.text().catch(() => undefined);
    if (!tile.isConnected) return;
    this.empty(tile);
    if (answer?.ok !== true || html === undefined) {
      tile.textContent = answer?.status === 404 ? 'This session was deleted.' : ABSENT;
      return;
    }
    tile.innerHTML = html;
    window.htmx?.process(tile);
    if (tile.querySelector('dispatch-conversation') !== null) await import('../conversation.js');
    if (tile.querySelector('dispatch-editor') !== null) await import('../editor.js');
    this.#options.filled(id);
  }

  /** A file session that ended, or goes on, is another page. */
  follow(tile, isLive) {
    const was = tile.querySelector('[data-afresh]')?.dataset.afresh;
    if (was !== undefined && (was === 'live') !== isLive) void this.fill(tile);
  }

  /** What htmx listens to for it elsewhere in the page ends too. */
  empty(tile) {
    for (const child of [...tile.children]) void api?.insertContent({ target: child, swapSpec: { style: 'delete' }, fragment: document.createDocumentFragment() });
    tile.replaceChildren();
  }

  /** @returns whether the address is one of the bench */
  #lead(tile, address) {
    if (address === undefined || address === null || !URL.canParse(address, location.href)) return false;
    const { origin, pathname, search } = new URL(address, location.href);
    const id = SESSION.exec(pathname)?.[1];
    if (origin !== location.origin || id === undefined) return false;
    if (id !== tile.dataset.tileOf) this.#options.open(id, search);
    else if (search !== '' || tile.querySelector('[data-afresh]') !== null) void this.fill(tile, search);
    return true;
  }

  #clicked(event, tile) {
    const link = event.target.closest('a[href]');
    if (link === null || event.defaultPrevented || link.target !== '' || link.hasAttribute('download')) return;
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.pathname === this.#opens && !link.hasAttribute('hx-post')) {
      event.preventDefault();
      return void this.#openFile(tile, link);
    }
    const id = SESSION.exec(link.pathname)?.[1];
    // Of another workspace, or ended: that has its own page.
    const isOurs = id === tile.dataset.tileOf || document.getElementById(`bench-session-${id}`) !== null;
    if (isOurs && !/[?&]mode=/.test(link.search) && this.#lead(tile, link.href)) event.preventDefault();
  }

  /** In the workspace's file session, which is started where there is none. */
  async #openFile(tile, link) {
    const answer = await fetch(this.#opens.replace(/open$/, 'editor'), { method: 'POST', body: new URLSearchParams(link.search), headers: { 'hx-request': 'true' } }).catch(() => undefined);
    if (!this.#lead(tile, answer?.headers.get('hx-redirect'))) location.assign(link.href);
  }

  /** A form that nothing else sends. */
  async #submitted(event, tile) {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || form.method !== 'post') return;
    event.preventDefault();
    const address = submitter?.getAttribute('formaction') ?? form.getAttribute('action');
    const body = new URLSearchParams(new FormData(form, submitter));
    const answer = await fetch(address, { method: 'POST', body, headers: { 'hx-request': 'true' } }).catch(() => undefined);
    const notice = tile.querySelector('.notice') ?? document.getElementById('notice');
    if (answer?.ok !== true) {
      notice.innerHTML = '<div class="alert alert-error" role="alert">The server did not answer: nothing was changed.</div>';
      if (answer !== undefined) notice.innerHTML = await answer.text();
      return;
    }
    notice.replaceChildren();
    for (const open of tile.querySelectorAll(':popover-open')) open.hidePopover();
    for (const open of tile.querySelectorAll('dialog[open]')) open.close();
    if (address.endsWith(`/${tile.dataset.tileOf}/delete`)) this.#options.close(tile.dataset.tileOf);
    else if (!this.#lead(tile, answer.headers.get('hx-redirect')) && tile.querySelector('[data-afresh]') !== null) void this.fill(tile);
  }
}
