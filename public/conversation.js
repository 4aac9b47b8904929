// Keeps the page of a conversation true while it goes on: asks for what is new when there is
// news, puts it in place without moving what somebody reads, and loads what was said before.

import { startComposer } from './conversation-composer.js';

const main = document.querySelector('main[data-conversation]');
const id = main.dataset.conversation;
const items = document.getElementById('items');
const jump = document.querySelector('[data-jump]');
const AT_END_PX = 60;
/** After so much at once a fresh page is quicker, and lighter. */
const ITEMS_MAX = 400;

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

const scroller = document.scrollingElement;
const atEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_END_PX;
let following = true;
const toEnd = () => scroller.scrollTo({ top: scroller.scrollHeight, behavior: 'instant' });

function fragmentOf(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

function put(article) {
  const here = document.getElementById(article.id);
  if (here !== null) {
    if (Number(article.dataset.changed) < Number(here.dataset.changed)) return;
    const fragment = document.createDocumentFragment();
    fragment.append(article);
    morph(here, fragment);
    return;
  }
  // What stands above everything loaded was changed: it comes as it is now when it is loaded.
  const sequence = Number(article.id.slice(1));
  const first = items.firstElementChild;
  if (first !== null && sequence < Number(first.id.slice(1))) return;
  items.append(article);
}

function replacePart(part) {
  const here = document.getElementById(part.id);
  if (here === null || here.outerHTML === part.outerHTML) return;
  // A choice that somebody is making, or a prompt being changed, is not taken away.
  if (here.contains(document.activeElement) && document.activeElement?.matches('select, textarea, input')) return;
  const fragment = document.createDocumentFragment();
  fragment.append(part);
  morph(here, fragment);
}

let asking = false;
let again = false;
async function refresh() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  try {
    const response = await fetch(`/sessions/${id}/transcript?after=${main.dataset.head}`, { headers: { 'hx-request': 'true' } });
    if (response.status === 404) return void location.assign('/workspaces');
    if (response.ok) take(fragmentOf(await response.text()).querySelector('#news'));
  } catch {
    // The connection's state says it; it comes again with the next news.
  } finally {
    asking = false;
    if (again) {
      again = false;
      void refresh();
    }
  }
}

function take(news) {
  const articles = [...news.querySelector('[data-items]').children];
  if (articles.length > ITEMS_MAX) return void location.reload();
  const stay = following && atEnd();
  for (const article of articles) put(article);
  for (const part of [...news.querySelector('[data-parts]').children]) replacePart(part);
  main.dataset.head = news.dataset.head;
  renamed();
  announce(news.dataset.state);
  if (articles.length > 0) document.getElementById('beginning')?.remove();
  window.htmx?.process(main);
  document.dispatchEvent(new CustomEvent('conversation:changed', { detail: { state: news.dataset.state } }));
  if (stay) toEnd();
  else if (articles.length > 0 && jump !== null) jump.hidden = atEnd();
  if (news.dataset.unseen === 'true') unseen = true;
  tellSeen();
}

/** Agents name their conversations: the box to rename one says what it is called now. */
function renamed() {
  const box = document.getElementById('new-name');
  const name = document.getElementById('talk-name').textContent;
  if (box === null || box === document.activeElement || box.defaultValue === name) return;
  document.title = document.title.replace(box.defaultValue, name);
  box.defaultValue = name;
  box.value = name;
}

/** What matters of what goes on, for who does not see it. */
const TOLD = { needs_you: 'The agent needs you.', idle: 'The agent is done.', error: 'The agent failed.', stopped: 'The agent has ended.' };
let state = main.dataset.state;
function announce(now) {
  if (now === state) return;
  state = now;
  document.getElementById('told').textContent = TOLD[now] ?? '';
}

const concerns = ({ detail }) => detail.ids === undefined || detail.ids.length === 0 || detail.ids.includes(id);
for (const name of ['transcript', 'sessions']) document.addEventListener(`dispatch:${name}`, (event) => concerns(event) && refresh());
document.addEventListener('conversation:refresh', refresh);
// What happened between the making of this page and its first news.
document.addEventListener('dispatch:connection', ({ detail }) => detail.state === 'live' && refresh());
void refresh();

// What ended while nobody looked is seen once somebody does.
let unseen = true;
function tellSeen() {
  if (!unseen || document.visibilityState !== 'visible') return;
  unseen = false;
  void fetch(`/api/sessions/${id}/seen`, { method: 'POST' }).catch(() => {
    unseen = true;
  });
}
document.addEventListener('visibilitychange', () => {
  tellSeen();
  if (document.visibilityState === 'visible') void refresh();
});

// Following the end, until somebody scrolls away from it.
addEventListener(
  'scroll',
  () => {
    following = atEnd();
    if (following && jump !== null) jump.hidden = true;
  },
  { passive: true },
);
jump?.addEventListener('click', () => {
  following = true;
  jump.hidden = true;
  toEnd();
});
addEventListener('resize', () => following && toEnd());
document.addEventListener('conversation:grown', () => following && toEnd());

// What was said before comes as one scrolls up; what is read stays where it is.
let loading = false;
async function loadEarlier(link) {
  if (loading) return;
  loading = true;
  try {
    const response = await fetch(`/sessions/${id}/transcript?before=${link.dataset.before}`, { headers: { 'hx-request': 'true' } });
    if (!response.ok) return;
    const fragment = fragmentOf(await response.text());
    const anchor = items.firstElementChild;
    const before = anchor?.getBoundingClientRect().top ?? 0;
    const earlier = fragment.querySelector('#earlier');
    items.prepend(...fragment.querySelector('[data-items]').children);
    document.getElementById('earlier').replaceWith(earlier);
    window.htmx?.process(items);
    scroller.scrollTop += (anchor?.getBoundingClientRect().top ?? 0) - before;
    watchEarlier();
  } finally {
    loading = false;
  }
}
const observer = new IntersectionObserver(
  (entries) => {
    const link = document.querySelector('#earlier [data-before]');
    if (link !== null && entries.some(({ isIntersecting }) => isIntersecting)) void loadEarlier(link);
  },
  { rootMargin: '800px 0px 0px' },
);
function watchEarlier() {
  observer.disconnect();
  const element = document.getElementById('earlier');
  if (element !== null) observer.observe(element);
}
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('#earlier [data-before]') : null;
  if (link === null) return;
  event.preventDefault();
  void loadEarlier(link);
});

// Copying, and forms whose answer comes as news.
document.addEventListener('click', async ({ target }) => {
  const button = target instanceof Element ? target.closest('[data-copy-block], [data-copy-message]') : null;
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
});
document.addEventListener('change', async ({ target }) => {
  if (!(target instanceof HTMLElement) || !target.matches('[data-choice]')) return;
  const body = new URLSearchParams({ [target.name]: target.type === 'checkbox' ? String(target.checked) : target.value });
  target.blur();
  const response = await fetch(`/sessions/${id}/config`, { method: 'POST', body, headers: { 'hx-request': 'true' } }).catch(() => null);
  if (response?.ok !== true) document.getElementById('notice').innerHTML = (await response?.text()) ?? '';
  void refresh();
});

// A prompt that was changed too late: what was written is not lost.
document.addEventListener('htmx:after:request', ({ target, detail }) => {
  const box = target instanceof Element && target.matches('.waiting form') ? target.querySelector('textarea') : null;
  const status = detail?.ctx?.response?.status;
  if (box === null || status !== 409 || box.value === box.defaultValue) return;
  const say = document.getElementById('say');
  say.value = say.value === '' ? box.value : `${say.value}\n${box.value}`;
  say.dispatchEvent(new Event('input', { bubbles: true }));
});

startComposer(id);
watchEarlier();
tellSeen();
// An address may point at a request; else the end is what one comes for.
if (location.hash.length < 3 || document.getElementById(location.hash.slice(1)) === null) toEnd();
