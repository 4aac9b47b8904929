// What keeps a page true and quick between answers: open drawers stay open through a refresh,
// times go on, failures are said, the look follows the settings, links are copied.

document.documentElement.dataset.script = '';

// A refresh of a list comes at any time: it must not close what a person opened, nor give
// back a button whose request is still under way.
function keepsAttribute(element, attribute, value) {
  if (element instanceof HTMLDetailsElement && attribute === 'open' && value === null) return true;
  if (element.closest('.htmx-request') === null) return false;
  return (attribute === 'class' && element.classList.contains('htmx-request')) || attribute === 'disabled';
}
window.htmx?.registerExtension('dispatch-live', {
  htmx_before_morph_attr: (element, { attrName, newValue }) => !keepsAttribute(element, attrName, newValue),
});

// Failures that have no form of their own to be said in.
const notice = () => document.getElementById('notice');
function say(text) {
  const box = document.createElement('div');
  box.className = 'alert alert-error';
  box.setAttribute('role', 'alert');
  box.textContent = text;
  notice()?.replaceChildren(box);
}
document.addEventListener('htmx:error', ({ detail }) => {
  // A refresh by itself, or by a script, may fail quietly: the connection's state says it, and it comes again.
  const event = detail.ctx?.sourceEvent?.type ?? '';
  if (detail.ctx === undefined || event.startsWith('dispatch:') || (event === '' && detail.ctx.request?.method === 'GET')) return;
  say('The server did not answer, so nothing is known to have changed. Check that it runs and try again.');
  unanswered = notice()?.firstElementChild;
});
// It answers again: what was said of it is no longer true.
let unanswered;
document.addEventListener('dispatch:connection', ({ detail }) => {
  if (detail.state === 'live') unanswered?.remove();
});
document.addEventListener('htmx:before:request', ({ detail }) => {
  if (detail.ctx.request.method !== 'GET') notice()?.replaceChildren();
});

// Times: the words go on, the title is local.
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
function relative(then, now) {
  const past = Math.max(0, now - then);
  if (past < MINUTE) return 'just now';
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`;
  if (past < DAY) return `${Math.floor(past / HOUR)} h ago`;
  if (past < 30 * DAY) return `${Math.floor(past / DAY)} d ago`;
  return new Date(then).toISOString().slice(0, 10);
}
function tick() {
  const now = Date.now();
  for (const element of document.querySelectorAll('time[data-ago]')) {
    const then = Date.parse(element.dateTime);
    element.title = exact.format(then);
    const words = relative(then, now);
    if (element.textContent !== words) element.textContent = words;
  }
}
tick();
setInterval(tick, 20_000);
document.addEventListener('htmx:after:swap', tick);

// The look, changed here or on another device.
document.addEventListener('dispatch:settings', async ({ detail }) => {
  if (detail.id !== 'appearance' && !detail.ids?.includes('appearance')) return;
  const response = await fetch('/api/settings/appearance', { headers: { accept: 'application/json' } }).catch(
    () => null,
  );
  if (response?.ok !== true) return;
  const { theme, density, textSize, contrast, motion } = await response.json();
  Object.assign(document.documentElement.dataset, { theme, density, textSize, contrast, motion });
});

// A link to a folded part opens it.
function unfold() {
  const target = location.hash === '' ? null : document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target?.closest('details') ?? target?.querySelector('details');
  if (folded instanceof HTMLDetailsElement) folded.open = true;
}
unfold();
addEventListener('hashchange', unfold);

document.addEventListener('click', async ({ target }) => {
  const button = target instanceof Element ? target.closest('[data-copy]') : null;
  const field = button === null ? null : document.querySelector(button.dataset.copy);
  if (!(field instanceof HTMLInputElement)) return;
  field.select();
  const copied = await (navigator.clipboard?.writeText(field.value) ?? Promise.reject()).then(
    () => true,
    () => document.execCommand('copy'),
  );
  button.textContent = copied ? 'Copied' : 'Press Ctrl+C';
});

// The page for when the server does not answer; where the browser allows it (loopback, https).
navigator.serviceWorker?.register('/service-worker.js').catch((error) => console.info('No page for when the server is away:', error));
