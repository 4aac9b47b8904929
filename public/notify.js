// Says what waits while a page is open: by the title, and where this device allows it, by a
// notification of the system; never of what is being looked at.

const KEY = 'dispatch-notify';
const WORDS = {
  permission: 'asks whether it may',
  question: 'has a question',
  finished: 'is done',
  interrupted: 'was interrupted',
  failed: 'failed',
  bell: 'rang',
  ended: 'ended',
};

/** @param here session that this page shows, if it shows one */
export function startNotices(here) {
  const title = document.title.replace(/^\(\d+\) /, '');
  let known;

  const wanted = () => localStorage.getItem(KEY) === 'true' && typeof Notification !== 'undefined' && Notification.permission === 'granted';
  const look = async () => {
    const response = await fetch('/api/inbox').catch(() => null);
    if (response?.ok !== true) return;
    const { items } = await response.json();
    // A terminal's page has its title from its program, and no fragments.
    if (window.htmx === undefined) count(items.length);
    else document.title = items.length === 0 ? title : `(${items.length}) ${title}`;
    const before = known;
    known = new Set(items.map(keyOf));
    if (before === undefined || !wanted()) return;
    for (const item of items) {
      const looking = item.sessionId === here && document.visibilityState === 'visible' && document.hasFocus();
      if (!before.has(keyOf(item)) && !looking) notify(item);
    }
  };
  document.addEventListener('dispatch:inbox', look);

  for (const check of document.querySelectorAll('[data-notify]')) {
    check.checked = wanted();
    check.addEventListener('change', async () => {
      const granted = check.checked && typeof Notification !== 'undefined' && (await Notification.requestPermission()) === 'granted';
      localStorage.setItem(KEY, String(granted));
      check.checked = granted;
    });
  }
}

function count(waiting) {
  const element = document.getElementById('inbox-count');
  if (element?.firstElementChild == null) return;
  element.hidden = waiting === 0;
  element.firstElementChild.textContent = String(waiting);
}

const keyOf = ({ sessionId, why, since }) => `${sessionId} ${why} ${since}`;

function notify(item) {
  // One tag: several open pages show one notification.
  const shown = new Notification(`${item.name} ${WORDS[item.why] ?? 'waits'}`, { body: item.detail ?? '', tag: keyOf(item) });
  shown.addEventListener('click', () => {
    focus();
    location.assign(`/sessions/${item.sessionId}`);
    shown.close();
  });
}

if (document.querySelector('[data-conversation]') === null) startNotices(null);
