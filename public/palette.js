// The command palette: places and deeds from the server, what the page itself offers
// (`data-action`), and files of the workspace that one is in; chosen by a few letters.

import { fuzzy } from './fuzzy.js';

const SHOWN_MAX = 50;
const FILES_AFTER_MS = 120;
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
  const from = document.activeElement;
  pending = undefined;
  files = [];
  input.value = '';
  hint.textContent = '';
  dialog.showModal();
  dialog.addEventListener('close', () => from?.focus?.(), { once: true });
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
    }
  } catch {
    hint.textContent = 'The server did not answer: only what this page offers is here.';
  }
}

/** Buttons and links of this page that say what they do. */
function pageActions() {
  return [...document.querySelectorAll('[data-action]')]
    .filter((element) => !element.disabled && element.checkVisibility())
    .map((element) => ({ title: element.dataset.action, detail: '', group: 'page', element }));
}

/** Of the workspace that the page is about. */
export function workspaceOfPage() {
  const named = document.querySelector('[data-workspace]')?.dataset.workspace;
  return named ?? /^\/workspaces\/([0-9a-f-]{36})/.exec(location.pathname)?.[1];
}

function findFiles(query) {
  clearTimeout(filesTimer);
  const workspace = workspaceOfPage();
  if (workspace === undefined || query.length < 2) {
    files = [];
    return;
  }
  filesTimer = setTimeout(async () => {
    const turn = ++asked;
    const response = await fetch(`/api/workspaces/${workspace}/find?limit=12&q=${encodeURIComponent(query)}`).catch(() => undefined);
    if (response?.ok !== true || turn !== asked) return;
    const { files: found } = await response.json();
    files = found.map(({ path }) => ({ title: path, detail: '', group: 'file', post: `/workspaces/${workspace}/editor`, fields: { path } }));
    show();
  }, FILES_AFTER_MS);
}

function show() {
  const query = input.value.trim();
  const fitting = items
    .map((item, index) => ({ item, index, score: fuzzy(query, `${item.title} ${item.detail}`, item.title.length) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => (query === '' ? 0 : other.score - one.score) || one.index - other.index)
    .map(({ item }) => item);
  shown = [...fitting.slice(0, SHOWN_MAX), ...files];
  current = 0;
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
    item.element.click();
    item.element.focus?.();
  } else if (item.href !== undefined) {
    dialog.close();
    if (!isTaken(item, {})) location.assign(item.href);
  } else send(item, item.fields ?? {});
}

/** Whether the page does it itself, where it would be left for it. */
function isTaken({ href, post }, fields) {
  return !document.dispatchEvent(new CustomEvent('dispatch:chosen', { cancelable: true, detail: { href, post, fields } }));
}

/** As a form of the page would be: what comes back is a page. */
function send({ post }, fields) {
  if (isTaken({ post }, fields)) return dialog.close();
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
    choose();
  } else if (Object.hasOwn(STEPS, event.key)) {
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
