// The files of a workspace on its page: uploads by choice, drop or paste, with progress and a
// word about names that are taken; files found by name with the keyboard; what git ignores
// shown or not; lists that look again when a person returns to them.

import { upload } from './files-upload.js';

const page = document.querySelector('[data-files]');
const list = document.getElementById('uploads');

const refresh = () => document.dispatchEvent(new CustomEvent('dispatch:files'));

// What other programs did meanwhile.
let left = 0;
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') left = Date.now();
  else if (Date.now() - left > 1000) refresh();
});

// A menu closes when its work is done, or elsewhere is clicked.
const menus = () => document.querySelectorAll('.files-menu[open]');
document.addEventListener('click', ({ target }) => {
  for (const menu of menus()) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape') return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});
document.addEventListener('toggle', ({ target }) => {
  if (target instanceof HTMLDetailsElement && target.open && target.matches('.files-menu')) target.querySelector('[data-first]')?.focus();
}, true);
document.addEventListener('htmx:after:request', ({ detail }) => {
  const form = detail.ctx?.sourceElement;
  if (!(form instanceof HTMLFormElement) || !detail.ctx.response?.raw?.ok) return;
  const menu = form.closest('.files-menu');
  if (menu === null) return;
  menu.open = false;
  form.reset();
});

// Ignored names, as this device has it.
const ignored = document.querySelector('[data-ignored]');
if (ignored instanceof HTMLInputElement) {
  const show = () => {
    document.body.dataset.ignored = ignored.checked ? 'show' : 'hide';
  };
  ignored.checked = localStorage.getItem('dispatch-ignored') !== 'hide';
  show();
  ignored.addEventListener('change', () => {
    localStorage.setItem('dispatch-ignored', ignored.checked ? 'show' : 'hide');
    show();
  });
}

// Found by name: the arrows go through what is there, Enter opens it.
const field = document.querySelector('[data-find]');
const found = document.getElementById('found');
if (field !== null && found !== null) {
  const options = () => [...found.querySelectorAll('[role=option]')];
  const choose = (option) => {
    for (const other of options()) other.setAttribute('aria-selected', String(other === option));
    option?.scrollIntoView({ block: 'nearest' });
  };
  new MutationObserver(() => {
    choose(options()[0]);
    field.setAttribute('aria-expanded', String(options().length > 0));
  }).observe(found, { childList: true });
  field.addEventListener('keydown', (event) => {
    const all = options();
    const here = all.findIndex((option) => option.getAttribute('aria-selected') === 'true');
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      choose(all[(here + (event.key === 'ArrowDown' ? 1 : all.length - 1)) % Math.max(1, all.length)]);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      all[Math.max(0, here)]?.click();
    } else if (event.key === 'Escape') {
      found.replaceChildren();
      field.setAttribute('aria-expanded', 'false');
    }
  });
  document.addEventListener('click', ({ target }) => {
    if (!field.closest('.files-find').contains(target)) found.replaceChildren();
  });
}

if (page !== null && list !== null) {
  const id = page.dataset.files;
  const take = (entries) => void upload({ id, list, entries, done: refresh });
  document.querySelector('[data-upload]').addEventListener('change', ({ target }) => {
    take([...target.files].map((file) => ({ file, folder: page.dataset.folder, name: file.name })));
    target.value = '';
  });
  document.addEventListener('paste', (event) => {
    if (event.target.closest?.('input, textarea') !== null) return;
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    take(files.map((file) => ({ file, folder: page.dataset.folder, name: file.name || `pasted-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-')}` })));
  });
  for (const name of ['dragover', 'dragleave', 'drop']) {
    page.addEventListener(name, async (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      page.classList.toggle('dropping', name === 'dragover');
      if (name !== 'drop') return;
      const folder = event.target.closest('[data-folder]')?.dataset.folder ?? page.dataset.folder;
      const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile()).filter((entry) => entry !== null);
      take((await Promise.all(entries.map((entry) => filesIn(entry, folder)))).flat());
    });
  }
}

/** Files of what was dropped, folders too: with the folder of the workspace that each goes to. */
async function filesIn(entry, folder) {
  if (entry instanceof File) return [{ file: entry, folder, name: entry.name }];
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, folder, name: entry.name }];
  }
  const reader = entry.createReader();
  const inner = folder === '' ? encodeURIComponent(entry.name) : `${folder}/${encodeURIComponent(entry.name)}`;
  const files = [];
  // A reader gives a hundred at a time.
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return files;
    for (const one of some) files.push(...(await filesIn(one, inner)));
  }
}
