// What keeps the page of changes true and quick: it looks whether something changed while it is
// looked at, opens the form of a comment in its place, and moves from line to line by keys.

const LOOK_MS = 3_000;
const main = document.querySelector('[data-changes]');
const id = main?.dataset.changes;
const address = `/workspaces/${id}/changes`;
const list = () => document.getElementById('changes-list');
const box = () => document.getElementById('comment');

// True while looked at.
let refreshing = false;
async function refresh() {
  if (list() === null || refreshing) return;
  refreshing = true;
  try {
    await window.htmx.ajax('GET', `${address}?part=regions`, { source: main, target: main, swap: 'none' });
  } finally {
    refreshing = false;
  }
}
let looking = false;
async function look() {
  if (looking || document.visibilityState !== 'visible' || list() === null) return;
  looking = true;
  try {
    const response = await fetch(`${address}/version`);
    if (response.ok && (await response.text()) !== list()?.dataset.version) await refresh();
  } catch {
    // The connection's state says it, and the next look comes by itself.
  } finally {
    looking = false;
  }
}
setInterval(look, LOOK_MS);
document.addEventListener('visibilitychange', look);
document.addEventListener('dispatch:git', ({ detail }) => {
  if (detail.id === undefined || detail.id === id || detail.ids?.includes(id)) refresh();
});
document.addEventListener('dispatch:sessions', () => look());

// Comments.
let cameFrom = null;
const written = () => {
  const text = box()?.querySelector('textarea');
  return text !== null && text !== undefined && text.value.trim() !== '' && text.value !== text.defaultValue;
};
async function openComment(link) {
  if (written()) return box().querySelector('textarea').focus();
  cameFrom = link.getAttribute('href');
  const url = new URL(link.href);
  url.searchParams.set('part', 'comment');
  const from = new URL(location.href);
  // The page of one file has what the address names, too.
  const base = from.pathname.endsWith('/file') ? address : from.pathname;
  await window.htmx.ajax('GET', `${base}${url.search}`, { source: main, target: '#comment', swap: 'outerHTML', event: new Event('click') });
  box()?.querySelector('textarea')?.focus();
}
function closeComment() {
  const open = box();
  if (open === null) return;
  open.replaceChildren();
  open.className = 'comment';
  if (cameFrom !== null) document.querySelector(`.diffs a[href="${CSS.escape(cameFrom)}"]`)?.focus();
}
document.addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target instanceof Element ? event.target.closest('a.no, a[data-comment], a[data-close-comment]') : null;
  if (link === null || main === null || !main.contains(link)) return;
  event.preventDefault();
  if (link.matches('[data-close-comment]')) closeComment();
  else openComment(link);
});
document.addEventListener('keydown', (event) => {
  const { target, key } = event;
  if (!(target instanceof Element) || event.isComposing) return;
  if (target.matches('#comment textarea, #commit textarea') && key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    target.form.requestSubmit();
  } else if (target.closest('#comment') !== null && key === 'Escape' && !written()) {
    event.preventDefault();
    closeComment();
  } else if (target.matches('a.no') && ['ArrowDown', 'ArrowUp'].includes(key)) {
    event.preventDefault();
    step(target, key === 'ArrowDown' ? 1 : -1);
  }
});

// One line of each file is a stop of Tab; arrows go on from there.
const linesOf = (file) => [...file.querySelectorAll('a.no')];
function step(from, by) {
  const all = linesOf(main);
  const next = all[all.indexOf(from) + by];
  if (next === undefined) return;
  next.tabIndex = 0;
  next.focus();
}
function stops() {
  for (const file of document.querySelectorAll('.file-diff')) {
    for (const [index, line] of linesOf(file).entries()) if (line !== document.activeElement) line.tabIndex = index === 0 ? 0 : -1;
  }
}
stops();
document.addEventListener('htmx:after:swap', stops);
