// The keyboard: `/` search, `n` new, `g w`, `g i` and `g s` places, `j` `k` rows, `?` the list of
// keys. Nothing here works while somebody types, or with Ctrl, Alt or Meta.

const LEADER_MS = 1200;
let leader = 0;

const typing = (target) =>
  target instanceof Element &&
  target.closest(
    'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dispatch-terminal, .xterm',
  ) !== null;

function openNew() {
  const button = document.querySelector('[data-new], #new-terminal button');
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

const KEYS = {
  '/': () => document.querySelector('[data-search]')?.focus(),
  n: openNew,
  j: () => moveRow(1),
  k: () => moveRow(-1),
  '?': showKeys,
};
const PLACES = { w: '/workspaces', i: '/inbox', s: '/settings', r: '/reference' };

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (typing(event.target) || document.querySelector('dialog[open]') !== null) return;
  const second = Date.now() - leader < LEADER_MS;
  leader = 0;
  if (second && Object.hasOwn(PLACES, event.key)) {
    event.preventDefault();
    location.assign(PLACES[event.key]);
    return;
  }
  if (event.key === 'g') leader = Date.now();
  else if (Object.hasOwn(KEYS, event.key)) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

document.addEventListener('click', ({ target }) => {
  if (target instanceof Element && target.closest('[data-keys]') !== null) showKeys();
});
document.addEventListener(
  'toggle',
  ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.open) target.querySelector('[data-first]')?.focus();
  },
  true,
);
