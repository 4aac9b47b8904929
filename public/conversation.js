// Keeps a conversation true while it goes on: asks for what is new when there is news, and puts
// it in place without moving what somebody reads. `<dispatch-conversation>` brings the element
// with `data-conversation-root` around it to life and ends with it: one on a page of its own, or
// several in tiles, whose ids end in the session's. None holds a connection of its own.

import { Composer } from './conversation-composer.js';
import { Reading } from './conversation-reading.js';

/** After so much at once a fresh page is quicker, and lighter. */
const ITEMS_MAX = 400;
/** Of all conversations of a page: a browser opens six connections to a server over HTTP/1.1. */
const ASKING_MAX = 2;
/** What matters of what goes on, for who does not see it. */
const TOLD = { needs_you: 'The agent needs you.', idle: 'The agent is done.', error: 'The agent failed.', stopped: 'The agent has ended.' };

// Morphing is htmx's; what a person folded or unfolded stays as it is.
let morph = (element, fragment) => element.replaceWith(fragment);
const byHand = new WeakSet();
window.htmx?.registerExtension('dispatch-conversation', {
  init: (api) => {
    morph = (element, fragment) => api.morph(element, fragment, false);
  },
  htmx_before_morph_attr: (element, { attrName }) => !(attrName === 'open' && byHand.has(element)),
});
document.addEventListener('click', ({ target }) => {
  const summary = target instanceof Element ? target.closest('summary') : null;
  if (summary?.parentElement instanceof HTMLDetailsElement) byHand.add(summary.parentElement);
});

let asking = 0;
const waiting = [];
async function inTurn(act) {
  if (asking < ASKING_MAX) asking += 1;
  else await new Promise((resolve) => waiting.push(resolve));
  try {
    return await act();
  } finally {
    const next = waiting.shift();
    if (next === undefined) asking -= 1;
    else next();
  }
}

function fragmentOf(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

/** Puts `part` in the place of `here`, keeping what is the same. */
function become(here, part) {
  const fragment = document.createDocumentFragment();
  fragment.append(part);
  morph(here, fragment);
}

/** An id is a letter, the sequence, and in a tile the session. */
const sequenceOf = ({ id }) => Number.parseInt(id.slice(1), 10);

class Conversation {
  #root;
  #id;
  #isTile;
  #own;
  #items;
  #reading;
  #end = new AbortController();
  #asking = false;
  #again = false;
  #missed = false;
  #state;
  // What ended while nobody looked is seen once somebody does.
  #unseen = true;

  constructor(root) {
    this.#root = root;
    this.#id = root.dataset.conversation;
    this.#isTile = 'tile' in root.dataset;
    this.#state = root.dataset.state;
    const suffix = this.#isTile ? `-${this.#id}` : '';
    this.#own = (name) => document.getElementById(name + suffix);
    this.#items = this.#own('items');
    const { signal } = this.#end;
    const given = { root, id: this.#id, suffix, own: this.#own, signal };
    this.#reading = new Reading({ ...given, isTile: this.#isTile, jump: root.querySelector('[data-jump]'), earlier: (before) => this.#transcript(`before=${before}`) });
    this.#listen(signal);
    new Composer({ ...given, isTile: this.#isTile, grown: () => this.#reading.settle(), said: () => this.#refresh() });
    this.#tellSeen();
    void this.#refresh();
    this.#reading.begin();
  }

  dispose() {
    this.#end.abort();
  }

  /** Whether nobody can see it: then it asks once it is shown. */
  get #behind() {
    return this.#root.closest('[data-behind]') !== null;
  }

  #listen(signal) {
    const concerns = ({ detail }) => detail.ids === undefined || detail.ids.length === 0 || detail.ids.includes(this.#id);
    const on = (target, type, act) => target?.addEventListener(type, act, { signal });
    for (const name of ['transcript', 'sessions']) on(document, `dispatch:${name}`, (event) => concerns(event) && this.#refresh());
    // What happened between the making of this page and its first news.
    on(document, 'dispatch:connection', ({ detail }) => detail.state === 'live' && this.#refresh());
    on(this.#root.closest('[data-tile-of]'), 'dispatch:shown', () => {
      this.#tellSeen();
      if (this.#missed) void this.#refresh();
    });
    on(document, 'visibilitychange', () => {
      this.#tellSeen();
      if (document.visibilityState === 'visible') void this.#refresh();
    });
    on(this.#root, 'click', ({ target }) => target instanceof Element && this.#copied(target.closest('[data-copy-block], [data-copy-message]')));
    on(this.#root, 'change', ({ target }) => target instanceof HTMLElement && target.matches('[data-choice]') && this.#chosen(target));
    on(this.#root, 'htmx:after:request', (event) => this.#answered(event));
    if (this.#isTile) on(this.#root, 'htmx:before:request', ({ detail }) => detail.ctx.request.method !== 'GET' && this.#own('notice').replaceChildren());
  }

  async #transcript(what) {
    const tile = this.#isTile ? '&tile=true' : '';
    const response = await inTurn(() => fetch(`/sessions/${this.#id}/transcript?${what}${tile}`, { headers: { 'hx-request': 'true' }, signal: this.#end.signal }));
    if (response.status === 404) this.#gone();
    return response.ok ? fragmentOf(await response.text()) : undefined;
  }

  async #refresh() {
    this.#missed = this.#behind;
    this.#again = this.#asking;
    if (this.#missed || this.#asking) return;
    this.#asking = true;
    try {
      const answer = await this.#transcript(`after=${this.#root.dataset.head}`);
      if (answer !== undefined) this.#take(answer.querySelector('#news'));
    } catch {
      // The connection's state says it; it comes again with the next news.
    } finally {
      this.#asking = false;
      if (this.#again && !this.#end.signal.aborted) void this.#refresh();
    }
  }

  #take(news) {
    const articles = [...news.querySelector('[data-items]').children];
    if (articles.length > ITEMS_MAX) return this.#afresh();
    const settle = this.#reading.settled();
    for (const article of articles) this.#put(article);
    for (const part of [...news.querySelector('[data-parts]').children]) this.#replace(part);
    this.#root.dataset.head = news.dataset.head;
    this.#renamed();
    this.#announce(news.dataset.state);
    if (articles.length > 0) this.#own('beginning')?.remove();
    window.htmx?.process(this.#root);
    settle(articles.length > 0);
    if (news.dataset.unseen === 'true') this.#unseen = true;
    this.#tellSeen();
  }

  #put(article) {
    const here = document.getElementById(article.id);
    if (here !== null) {
      if (Number(article.dataset.changed) >= Number(here.dataset.changed)) become(here, article);
      return;
    }
    // What stands above everything loaded was changed: it comes as it is now when it is loaded.
    const first = this.#items.firstElementChild;
    if (first === null || sequenceOf(article) >= sequenceOf(first)) this.#items.append(article);
  }

  #replace(part) {
    const here = document.getElementById(part.id);
    if (here === null || here.outerHTML === part.outerHTML) return;
    // A choice that somebody is making, or a prompt being changed, is not taken away.
    if (here.contains(document.activeElement) && document.activeElement?.matches('select, textarea, input')) return;
    become(here, part);
  }

  /** Agents name their conversations: the box to rename one says what it is called now. */
  #renamed() {
    const box = this.#own('new-name');
    const name = this.#own('talk-name').textContent;
    if (box === null || box === document.activeElement || box.defaultValue === name) return;
    if (!this.#isTile) document.title = document.title.replace(box.defaultValue, name);
    box.defaultValue = name;
    box.value = name;
  }

  #announce(now) {
    if (now === this.#state) return;
    this.#state = now;
    this.#own('told').textContent = TOLD[now] ?? '';
  }

  #tellSeen() {
    if (!this.#unseen || this.#behind || document.visibilityState !== 'visible') return;
    this.#unseen = false;
    void fetch(`/api/sessions/${this.#id}/seen`, { method: 'POST' }).catch(() => {
      this.#unseen = true;
    });
  }

  async #copied(button) {
    if (button === null) return;
    const source = button.matches('[data-copy-block]') ? button.closest('.code').querySelector('pre') : button.closest('.item').querySelector('.prose');
    const copied = await (navigator.clipboard?.writeText(source.innerText) ?? Promise.reject()).then(
      () => true,
      () => false,
    );
    button.textContent = copied ? 'Copied' : 'Not copied';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 1500);
  }

  /** Mode, model: the answer comes as news. */
  async #chosen(choice) {
    const body = new URLSearchParams({ [choice.name]: choice.type === 'checkbox' ? String(choice.checked) : choice.value });
    choice.blur();
    const response = await fetch(`/sessions/${this.#id}/config`, { method: 'POST', body, headers: { 'hx-request': 'true' } }).catch(() => null);
    if (response?.ok !== true) this.#own('notice').innerHTML = (await response?.text()) ?? '';
    void this.#refresh();
  }

  /** A prompt that was changed too late: what was written is not lost. */
  #answered({ target, detail }) {
    const box = target instanceof Element && target.matches('.waiting form') ? target.querySelector('textarea') : null;
    if (box === null || detail?.ctx?.response?.status !== 409 || box.value === box.defaultValue) return;
    const say = this.#own('say');
    say.value = say.value === '' ? box.value : `${say.value}\n${box.value}`;
    say.dispatchEvent(new Event('input', { bubbles: true }));
  }

  #afresh() {
    if (this.#isTile) this.#root.dispatchEvent(new CustomEvent('dispatch:afresh', { bubbles: true }));
    else location.reload();
  }

  #gone() {
    if (this.#isTile) this.#root.dispatchEvent(new CustomEvent('dispatch:gone', { bubbles: true }));
    else location.assign('/workspaces');
  }
}

class DispatchConversation extends HTMLElement {
  #conversation;

  connectedCallback() {
    this.#conversation ??= new Conversation(this.closest('[data-conversation-root]'));
  }

  disconnectedCallback() {
    this.#conversation?.dispose();
    this.#conversation = undefined;
  }
}

customElements.define('dispatch-conversation', DispatchConversation);
