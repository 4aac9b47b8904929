// The command palette: places and deeds from the server, what the page itself offers
// (`data-action`), and files of the workspace that one is in; chosen by a few letters.

import { fuzzy } from './fuzzy.js';

const SHOWN_MAX = 50;
const FILES_AFTER_MS = 120;
/** More than a longer name costs, less than one better letter. */
const HERE_BONUS = 0.5;
const FILES_OF_MAX = 4;
const WORKSPACE = /^\/workspaces\/([0-9a-f-]{36})$/;
const GROUPS = { page: 'this page', session: 'session', workspace: 'workspace', place: 'go', setting: 'setting', do: 'do', file: 'file' };

const dialog = document.getElementById('palette');
const input = document.getElementById('palette-input');
const list = document.getElementById('palette-list');
const hint = document.getElementById('palette-hint');

let items = [];
let files = [];
let shown = [];
let current = 0;
/** What is asked for before it is sent, or must be confirmed. */
let pending;
/** How often it was opened, and how often files were asked for: what comes late is of an older time. */
let opened = 0;
let asked = 0;
let filesTimer;

export async function openPalette() {
  if (dialog === null || dialog.open) return;
  pending = undefined;
  files = [];
  input.value = '';
  hint.textContent = '';
  dialog.showModal(); // Its end gives the focus back, before what was chosen may take it elsewhere.
  items = pageActions();
  show();
  const turn = ++opened;
  asked += 1;
  try {
    const response = await fetch('/palette', { headers: { accept: 'application/json' } });
    if (!response.ok) throw new Error(String(response.status));
    const { items: found } = await response.json();
    if (turn === opened && dialog.open) {
      items = [...pageActions(), ...found];
      show();
      findFiles(input.value.trim());
    }
  } catch {
    hint.textContent = 'The server did not answer: only what this page offers is here.';
  }
}

/** Buttons and links of this page that say what they do, and what its islands can do besides. */
function pageActions() {
  const more = [];
  document.dispatchEvent(new CustomEvent('dispatch:actions', { detail: more }));
  return [...document.querySelectorAll('[data-action]')]
    .filter((element) => !element.disabled && element.checkVisibility())
    .map((element) => ({ title: element.dataset.action, element }))
    .concat(more)
    .map((item) => ({ detail: '', group: 'page', ...item }));
}

/** Of the workspace that the page is about. */
export function workspaceOfPage() {
  const named = document.querySelector('[data-workspace]')?.dataset.workspace;
  return named ?? /^\/workspaces\/([0-9a-f-]{36})/.exec(location.pathname)?.[1];
}

/** Of the page's workspace; on a page of none, of those that were used last. */
function workspacesOfFiles() {
  const own = workspaceOfPage();
  if (own !== undefined) return [{ id: own, title: '' }];
  return items.flatMap(({ group, href, title }) => {
    const id = group === 'workspace' ? WORKSPACE.exec(href)?.[1] : undefined;
    return id === undefined ? [] : [{ id, title }];
  }).slice(0, FILES_OF_MAX);
}

function findFiles(query) {
  clearTimeout(filesTimer);
  if (query.length < 2) {
    files = [];
    return;
  }
  filesTimer = setTimeout(async () => {
    const turn = ++asked;
    const found = await Promise.all(workspacesOfFiles().map((workspace) => filesOf(workspace, query)));
    if (turn !== asked || pending !== undefined) return;
    files = found.flat();
    show(current);
  }, FILES_AFTER_MS);
}

async function filesOf({ id, title: detail }, query) {
  const response = await fetch(`/api/workspaces/${id}/find?limit=12&q=${encodeURIComponent(query)}`).catch(() => undefined);
  if (response?.ok !== true) return [];
  const { paths } = await response.json();
  return paths.map((path) => ({ title: path, detail, group: 'file', post: `/workspaces/${id}/editor`, fields: { path } }));
}

/** @param at which one is chosen */
function show(at = 0) {
  const query = input.value.trim();
  // What fits as well and is of the workspace that one is in comes first.
  const here = workspaceOfPage();
  const nearer = (item) => (item.group === 'page' || (here !== undefined && item.workspace === here) ? HERE_BONUS : 0);
  const fitting = items
    .map((item, index) => ({ item, index, score: fuzzy(query, `${item.title} ${item.detail}`, item.title.length) }))
    .filter(({ score }) => score > 0)
    .map(({ item, index, score }) => ({ item, index, score: (query === '' ? 0 : score) + nearer(item) }))
    .sort((one, other) => other.score - one.score || one.index - other.index)
    .map(({ item }) => item);
  shown = [...fitting.slice(0, SHOWN_MAX), ...files];
  current = Math.min(at, Math.max(shown.length - 1, 0));
  list.replaceChildren(...shown.map(option));
  if (shown.length === 0) hint.textContent = 'Nothing fits. Leave letters out, or try another word.';
  else if (pending === undefined) hint.textContent = '';
  mark();
}

function option(item, index) {
  const element = document.createElement('li');
  element.id = `palette-${index}`;
  element.setAttribute('role', 'option');
  const title = document.createElement('bdi');
  title.textContent = item.title;
  const detail = document.createElement('bdi');
  detail.className = 'palette-detail';
  detail.textContent = item.detail;
  const group = document.createElement('span');
  group.className = 'palette-group';
  group.textContent = GROUPS[item.group] ?? '';
  element.append(title, detail, group);
  element.addEventListener('click', () => {
    current = index;
    choose();
  });
  return element;
}

function mark() {
  for (const [index, element] of [...list.children].entries()) element.setAttribute('aria-selected', String(index === current));
  const element = list.children[current];
  if (element === undefined) input.removeAttribute('aria-activedescendant');
  else input.setAttribute('aria-activedescendant', element.id);
  element?.scrollIntoView({ block: 'nearest' });
}

function choose() {
  if (pending?.ask !== undefined) {
    const value = input.value.trim();
    if (value !== '') send(pending, { [pending.ask.field]: value });
    return;
  }
  const item = shown[current];
  if (item === undefined) return;
  if (item.ask !== undefined) {
    pending = item;
    input.value = item.ask.value;
    input.select();
    list.replaceChildren();
    hint.textContent = `${item.title}: type the new name, then press Enter.`;
  } else if (item.confirm === true && pending !== item) {
    pending = item;
    hint.textContent = `${item.title}? Press Enter again.`;
  } else if (item.element !== undefined) {
    dialog.close();
    item.element.focus?.();
    item.element.click();
  } else if (item.act !== undefined) {
    dialog.close();
    item.act();
  } else if (item.href !== undefined) {
    dialog.close();
    if (!isTaken(item, {})) location.assign(item.href);
  } else send(item, item.fields ?? {});
}

/** Whether the page does it itself, where it would be left for it. */
function isTaken({ href, post, workspace }, fields) {
  return !document.dispatchEvent(new CustomEvent('dispatch:chosen', { cancelable: true, detail: { href, post, fields, workspace } }));
}

/** As a form of the page would be: what comes back is a page. */
function send({ post, workspace }, fields) {
  if (isTaken({ post, workspace }, fields)) return dialog.close();
  const form = document.createElement('form');
  form.method = 'post';
  form.action = post;
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

input?.addEventListener('input', () => {
  if (pending?.ask !== undefined) return;
  pending = undefined;
  findFiles(input.value.trim());
  show();
});
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
input?.addEventListener('keydown', (event) => {
  if (event.isComposing) return;
  if (event.key === 'Enter') {
    event.preventDefault();
    if (!event.repeat) choose(); // Held down it would confirm what it chose.
  } else if (Object.hasOwn(STEPS, event.key) && pending?.ask === undefined) {
    event.preventDefault();
    pending = undefined;
    current = Math.min(Math.max(current + STEPS[event.key], 0), Math.max(shown.length - 1, 0));
    hint.textContent = '';
    mark();
  }
});
dialog?.addEventListener('click', ({ target }) => {
  if (target === dialog) dialog.close();
});
