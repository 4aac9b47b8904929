// The list of commands: beside the terminal, where it is opened as a panel, and on a page of its
// own. Copies what a command printed, types one again, and stays true while it is open.

import { copyText } from './copy.js';

document.documentElement.dataset.script = '';

const ask = (address, init = {}) => fetch(address, { ...init, headers: { 'hx-request': 'true' } });
const listOf = (element) => element.closest('#commands');

function tell(list, text, bad = false) {
  const told = list?.querySelector('[data-told]');
  if (!told) return;
  told.textContent = text;
  told.classList.toggle('field-error', bad);
}

async function copyOutput(link) {
  const list = listOf(link);
  const answer = await fetch(link.href).catch(() => null);
  if (!answer?.ok) return tell(list, 'The server did not give its output.', true);
  const text = await answer.text();
  if (text === '') return tell(list, 'It printed nothing.');
  const lines = text.split('\n').length;
  const part = answer.headers.get('dispatch-truncated') === null ? '' : ' (its end: it is long)';
  tell(list, (await copyText(text)) ? `${lines === 1 ? '1 line' : `${lines} lines`} copied${part}.` : 'This browser does not let the page copy.');
}

async function runAgain(form) {
  const list = listOf(form);
  const answer = await ask(form.action, { method: 'POST' }).catch(() => null);
  if (answer?.ok) {
    form.closest('details').open = false;
    tell(list, 'Typed.');
    return;
  }
  const said = answer === null ? '' : new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('p')?.textContent;
  tell(list, said || 'The server did not answer.', true);
}

/** The list at an address, in the place of the one that is shown. */
async function load(list, address) {
  const answer = await ask(address).catch(() => null);
  if (!answer?.ok) return tell(list, 'The server did not answer.', true);
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('commands');
  if (fresh === null) return;
  for (const open of list.querySelectorAll('details[open]')) {
    const { sequence } = open.closest('[data-sequence]').dataset;
    const again = fresh.querySelector(`[data-sequence="${sequence}"] details`);
    if (again !== null) again.open = true;
  }
  const { scrollTop } = list;
  fresh.dataset.address = address;
  fresh.querySelector('[data-told]').textContent = list.querySelector('[data-told]')?.textContent ?? '';
  list.replaceWith(fresh);
  fresh.scrollTop = scrollTop;
}

const addressOf = (list) => list.dataset.address ?? `/sessions/${list.dataset.session}/commands${location.pathname.endsWith('/commands') ? location.search : ''}`;

document.addEventListener('click', (event) => {
  const { target } = event;
  if (!(target instanceof Element)) return;
  const output = target.closest('[data-copy-output]');
  const page = target.closest('#commands [data-page]');
  if (output === null && page === null) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (output !== null) void copyOutput(output);
  else void load(listOf(page), page.getAttribute('href'));
});
document.addEventListener('submit', (event) => {
  const { target } = event;
  if (!(target instanceof HTMLFormElement) || !target.matches('#commands [data-again]')) return;
  event.preventDefault();
  void runAgain(target);
});
document.addEventListener('change', ({ target }) => {
  const form = target instanceof Element ? target.closest('#commands [data-filter]') : null;
  if (form !== null) void load(listOf(form), `${form.getAttribute('action')}?${new URLSearchParams(new FormData(form))}`);
});

// What ended or began: the newest are shown again; who reads older ones is left in peace.
document.addEventListener('dispatch:sessions', ({ detail }) => {
  const list = document.getElementById('commands');
  if (list === null || list.closest('[hidden]') !== null) return;
  const ids = detail?.ids ?? [detail?.id];
  const address = addressOf(list);
  if (ids.includes(list.dataset.session) && !address.includes('before=')) void load(list, address);
});

// The panel beside a terminal.
const opener = document.querySelector('[data-commands-open]');
const panel = document.querySelector('[data-commands-panel]');
if (opener !== null && panel !== null) {
  const close = () => {
    panel.hidden = true;
    document.querySelector('dispatch-terminal')?.focus();
  };
  opener.addEventListener('click', async (event) => {
    event.preventDefault();
    opener.closest('[popover]')?.hidePopover();
    if (!panel.hidden) return close();
    panel.hidden = false;
    await load(panel.querySelector('#commands'), opener.getAttribute('href'));
    panel.querySelector('[data-commands-close]').focus();
  });
  panel.querySelector('[data-commands-close]').addEventListener('click', close);
  panel.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') close();
  });
}
