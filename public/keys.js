// The keyboard: the keys of the page's list (see the `?` dialog), as their person has them.
// Plain ones work while nobody types; those with Ctrl or Meta also in our own fields, and the
// palette's second one everywhere, also inside terminals and editors.

import { openPalette, workspaceOfPage } from './palette.js';

const LEADER_MS = 1200;
let leader = '';
let leaderAt = 0;

const INSIDE = 'dispatch-terminal, .xterm, .cm-editor';
const typing = (target) =>
  target instanceof Element &&
  target.closest(`input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], ${INSIDE}`) !== null;

function openNew() {
  const button = document.querySelector('[data-new], #new-terminal button, [data-deed=new-terminal]');
  if (button === null) return;
  const details = button.closest('details');
  if (details === null) {
    button.click();
    return;
  }
  details.open = true;
  details.querySelector('[data-first]')?.focus();
}

function moveRow(step) {
  const links = [...document.querySelectorAll('.row-link')].filter((link) => link.checkVisibility());
  if (links.length === 0) return;
  const here = links.findIndex((link) => link.closest('li')?.contains(document.activeElement));
  links[here === -1 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, here + step))].focus();
}

const showKeys = () => document.getElementById('keys')?.showModal();
const onBench = (what) => () => document.dispatchEvent(new CustomEvent('dispatch:bench', { detail: what }));
const nextTile = (step) => () => document.dispatchEvent(new CustomEvent('dispatch:tile', { detail: step }));
const go = (path) => () => location.assign(path);
function goToBench() {
  const workspace = workspaceOfPage();
  if (workspace !== undefined) location.assign(`/workspaces/${workspace}/workbench`);
}

const DEEDS = {
  palette: openPalette,
  'palette-inside': openPalette,
  filter: () => document.querySelector('[data-search]')?.focus(),
  new: openNew,
  home: go('/'),
  workspaces: go('/workspaces'),
  bench: goToBench,
  inbox: go('/inbox'),
  search: go('/search'),
  settings: go('/settings'),
  next: () => moveRow(1),
  previous: () => moveRow(-1),
  keys: showKeys,
  'tile-next': nextTile(1),
  'tile-previous': nextTile(-1),
  'tile-left': onBench('left'),
  'tile-right': onBench('right'),
  'tile-up': onBench('up'),
  'tile-down': onBench('down'),
  'tile-split-right': onBench('split-right'),
  'tile-split-down': onBench('split-down'),
  'tile-close': onBench('close'),
};

/** Keys to what they do, by where they work. */
const bound = JSON.parse(document.body.dataset.shortcuts ?? '[]').map(([id, keys, scope]) => ({ deed: DEEDS[id], keys, scope }));

/** `Ctrl+Shift+K`; Command counts as Ctrl where nothing is bound to Meta. */
function chordOf({ key, ctrlKey, metaKey, altKey, shiftKey }, ctrl) {
  const held = [(ctrlKey || (metaKey && ctrl)) && 'Ctrl', metaKey && !ctrl && 'Meta', altKey && 'Alt', shiftKey && 'Shift'];
  return [...held.filter(Boolean), key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key].join('+');
}

function find(event) {
  const inside = event.target instanceof Element && event.target.closest(INSIDE) !== null;
  const scopes = inside ? ['everywhere'] : typing(event.target) ? ['everywhere', 'fields'] : ['everywhere', 'fields', 'page'];
  const fits = (keys) => bound.find((one) => one.keys === keys && one.deed !== undefined && scopes.includes(one.scope));
  if (event.ctrlKey || event.altKey || event.metaKey) return fits(chordOf(event, false)) ?? fits(chordOf(event, true));
  if (!scopes.includes('page')) return undefined;
  const second = Date.now() - leaderAt < LEADER_MS ? fits(`${leader} ${event.key}`) : undefined;
  leader = event.key;
  leaderAt = Date.now();
  return second ?? fits(event.key);
}

// Before a terminal or an editor has it: theirs is every key but the few that work everywhere.
document.addEventListener(
  'keydown',
  (event) => {
    if (event.isComposing || document.querySelector('dialog[open]') !== null) return;
    // What a page is mostly for, where nothing else has the focus.
    const first = event.key === 'Enter' && event.target === document.body ? document.querySelector('[data-enter]') : null;
    if (first !== null) return first.click();
    const found = find(event);
    if (found === undefined) return;
    leaderAt = 0;
    event.preventDefault();
    event.stopImmediatePropagation();
    found.deed();
  },
  true,
);

document.addEventListener('click', ({ target }) => {
  if (!(target instanceof Element)) return;
  if (target.closest('button[data-keys]') !== null) showKeys();
  if (target.closest('[data-palette]') !== null) openPalette();
});
document.addEventListener(
  'toggle',
  ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.open) target.querySelector('[data-first]')?.focus();
  },
  true,
);

/** An address may name a control: then it is the one to go on with. */
function focusNamed() {
  const named = document.getElementById(location.hash.slice(1));
  if (named?.matches('input, select, textarea') === true) named.focus();
  if (named instanceof HTMLDetailsElement) named.open = true;
}
addEventListener('hashchange', focusNamed);
if (location.hash !== '') focusNamed();
