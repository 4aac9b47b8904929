// Says what waits while a page is open: by the title, and where this device allows it, by a
// notification of the system; never of what is being looked at, in this window or another.

const KEY = 'dispatch-notify';
/** What is seen at once, here or on another device, needs no notification. */
const SETTLE_MS = 1500;
const ANSWER_MS = 200;
const WORDS = {
  permission: 'asks whether it may',
  question: 'has a question',
  finished: 'is done',
  interrupted: 'was interrupted',
  failed: 'failed',
  bell: 'rang',
  ended: 'ended',
};

const windows = new BroadcastChannel('dispatch-looking');
/** Keys of items that are known: by the first look, those that waited before this page was there. */
let known;
let looking;
let again = false;

/** The sessions that somebody looks at here; `*` for all that the inbox shows. */
function looksAt() {
  if (document.visibilityState !== 'visible' || !document.hasFocus()) return [];
  if (location.pathname === '/inbox') return ['*'];
  const tiles = [...document.querySelectorAll('[data-tile-of]:not([data-behind])')].map(({ dataset }) => dataset.tileOf);
  const page = /^\/sessions\/([0-9a-f-]{36})$/.exec(location.pathname)?.[1];
  return page === undefined ? tiles : [page];
}

windows.onmessage = ({ data }) => {
  if (data === 'who looks?') windows.postMessage({ looksAt: looksAt() });
  else for (const each of [data.looksAt].flat()) looking?.add(each); // An older page says one.
};

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const isAllowed = () => typeof Notification !== 'undefined' && Notification.permission === 'granted';
const isWanted = () => localStorage.getItem(KEY) === 'true' && isAllowed();
const keyOf = ({ sessionId, why, since }) => `${sessionId} ${why} ${since}`;

async function inbox() {
  const response = await fetch('/api/inbox').catch(() => null);
  return response?.ok === true ? (await response.json()).items : undefined;
}

let busy = false;
async function look() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  do {
    again = false;
    const items = await inbox();
    if (items !== undefined) await tell(items);
  } while (again);
  busy = false;
}

async function tell(items) {
  // A terminal's page has its title from its program, and no fragments.
  if (window.htmx === undefined) count(items.length);
  else document.title = `${items.length === 0 ? '' : `(${items.length}) `}${document.title.replace(/^\(\d+\) /, '')}`;
  const fresh = known === undefined ? [] : items.filter((item) => !known.has(keyOf(item)));
  known = new Set(items.map(keyOf));
  if (fresh.length > 0 && isWanted()) void notify(fresh);
}

async function notify(fresh) {
  await wait(SETTLE_MS);
  looking = new Set(looksAt());
  windows.postMessage('who looks?');
  const [still] = await Promise.all([inbox(), wait(ANSWER_MS)]);
  const news = new Set(fresh.map(keyOf));
  for (const item of still ?? []) {
    if (news.has(keyOf(item)) && !looking.has('*') && !looking.has(item.sessionId)) show(item);
  }
}

function show(item) {
  let shown;
  try {
    // One tag: several open pages show one notification.
    shown = new Notification(`${item.name} ${WORDS[item.why] ?? 'waits'}`, { body: item.detail ?? '', tag: keyOf(item) });
  } catch {
    // Some browsers let only workers show them: then the title has to do.
    return;
  }
  shown.addEventListener('click', () => {
    focus();
    const href = `/sessions/${item.sessionId}`;
    // A workbench that has it shows it where it is.
    const isFree = document.dispatchEvent(new CustomEvent('dispatch:chosen', { cancelable: true, detail: { href, fields: {} } }));
    if (isFree) location.assign(item.permission === undefined ? href : `${href}#r${item.permission.id}`);
    shown.close();
  });
}

function count(waiting) {
  const element = document.getElementById('inbox-count');
  if (element?.firstElementChild == null) return;
  element.hidden = waiting === 0;
  element.firstElementChild.textContent = String(waiting);
}

async function choose(check) {
  const hint = check.closest('label').parentElement.querySelector('[data-notify-hint]');
  const says = (words) => {
    if (hint !== null) hint.textContent = words;
  };
  says('');
  if (!check.checked) return void localStorage.setItem(KEY, 'false');
  if (typeof Notification === 'undefined') says('This browser shows notifications only over https or on localhost.');
  else if ((await Notification.requestPermission()) !== 'granted') says('The browser blocks notifications of this page: allow them in its settings of this site.');
  localStorage.setItem(KEY, String(isAllowed()));
  check.checked = isAllowed();
}

for (const check of document.querySelectorAll('[data-notify]')) {
  check.checked = isWanted();
  check.addEventListener('change', () => choose(check));
}
document.addEventListener('dispatch:inbox', look);
// What came while the connection was away.
document.addEventListener('dispatch:connection', ({ detail }) => detail.state === 'live' && look());
void look();
