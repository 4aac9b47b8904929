// The box to say something: it grows, keeps its draft on this device, sends on Enter, takes
// pictures by paste, drop or choice, and completes slash commands and names of files.

import { startCompletion } from './conversation-complete.js';

const coarse = matchMedia('(pointer: coarse)').matches;

export function startComposer(id) {
  const form = document.getElementById('composer');
  const box = document.getElementById('say');
  const attached = document.querySelector('[data-attached]');
  const key = `dispatch-draft-${id}`;
  /** Files that the text names, until it goes. */
  const mentioned = new Set();

  const grow = () => {
    const height = box.style.height;
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight + 2}px`;
    if (box.style.height !== height) document.dispatchEvent(new Event('conversation:grown'));
  };
  const keep = () => {
    if (box.value === '') localStorage.removeItem(key);
    else localStorage.setItem(key, box.value);
  };
  if (box.value === '') box.value = localStorage.getItem(key) ?? '';
  grow();
  box.addEventListener('input', () => {
    keep();
    grow();
  });
  // The same draft in another window of this device.
  addEventListener('storage', (event) => {
    if (event.key !== key || document.activeElement === box) return;
    box.value = event.newValue ?? '';
    grow();
  });

  const completion = startCompletion(id, box, (path) => mentioned.add(path));
  const enterSends = enterSetting();
  box.addEventListener('keydown', (event) => {
    if (completion.takes(event) || event.key !== 'Enter' || event.isComposing) return;
    const sends = event.ctrlKey || event.metaKey || (enterSends() && !event.shiftKey && !event.altKey);
    if (!sends) return;
    event.preventDefault();
    form.requestSubmit();
  });

  let sending = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = box.value;
    const pictures = [...attached.querySelectorAll('[data-picture]')];
    if (sending || (text.trim() === '' && pictures.length === 0) || attached.querySelector('[data-loading]') !== null) return;
    sending = true;
    const body = new URLSearchParams({ text });
    for (const { dataset } of pictures) body.append('images', dataset.picture);
    for (const path of mentioned) if (text.includes(`@${path}`)) body.append('resources', path);
    // What was typed goes at once, and comes back if it was refused.
    box.value = '';
    grow();
    const response = await fetch(form.action, { method: 'POST', body, headers: { 'hx-request': 'true' } }).catch(() => null);
    sending = false;
    if (response?.ok === true) {
      mentioned.clear();
      attached.replaceChildren();
      attached.hidden = true;
      document.getElementById('notice').replaceChildren();
      keep();
    } else {
      box.value = box.value === '' ? text : `${text}\n${box.value}`;
      keep();
      await say(response);
    }
    grow();
    document.dispatchEvent(new Event('conversation:refresh'));
  });

  startPictures(id, form, box, attached);
  if (!coarse && document.activeElement === document.body) box.focus({ preventScroll: true });
}

async function say(response) {
  const notice = document.getElementById('notice');
  if (response !== null) {
    notice.innerHTML = await response.text();
    return;
  }
  const alert = document.createElement('div');
  alert.className = 'alert alert-error';
  alert.setAttribute('role', 'alert');
  alert.textContent = 'The server did not answer: the text is still here. Send it again when the connection is back.';
  notice.replaceChildren(alert);
}

/** Whether Enter sends is this device's own choice; on a touch screen it breaks the line at first. */
function enterSetting() {
  const check = document.querySelector('[data-enter-sends]');
  const value = () => localStorage.getItem('dispatch-enter-sends') ?? String(!coarse);
  if (check !== null) {
    check.checked = value() === 'true';
    check.addEventListener('change', () => localStorage.setItem('dispatch-enter-sends', String(check.checked)));
  }
  return () => value() === 'true';
}

function startPictures(id, form, box, attached) {
  const upload = async (file) => {
    const chip = document.createElement('li');
    chip.className = 'chip';
    chip.dataset.loading = '';
    const picture = document.createElement('img');
    picture.src = URL.createObjectURL(file);
    picture.alt = '';
    const name = document.createElement('span');
    name.textContent = `${file.name || 'picture'} …`;
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.textContent = '✕';
    remove.setAttribute('aria-label', 'Remove this picture');
    remove.addEventListener('click', () => {
      chip.remove();
      attached.hidden = attached.childElementCount === 0;
    });
    chip.append(picture, name, remove);
    attached.append(chip);
    attached.hidden = false;
    const response = await fetch(`/api/sessions/${id}/attachments`, { method: 'POST', headers: { 'content-type': file.type || 'application/octet-stream' }, body: file }).catch(() => null);
    delete chip.dataset.loading;
    const answer = await response?.json().catch(() => null);
    if (response?.ok === true) {
      chip.dataset.picture = answer.id;
      name.textContent = file.name || 'picture';
    } else {
      chip.classList.add('chip-bad');
      name.textContent = answer?.message ?? 'It could not be uploaded: the server did not answer.';
    }
  };
  const take = (files) => {
    const pictures = [...files].filter(({ type }) => type.startsWith('image/'));
    for (const file of pictures) void upload(file);
    return pictures.length > 0;
  };
  box.addEventListener('paste', (event) => {
    if (take(event.clipboardData?.files ?? [])) event.preventDefault();
  });
  form.querySelector('[data-file]').addEventListener('change', ({ target }) => {
    take(target.files);
    target.value = '';
  });
  for (const name of ['dragover', 'dragleave', 'drop']) {
    form.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      form.classList.toggle('dropping', name === 'dragover');
      if (name === 'drop') take(event.dataTransfer.files);
    });
  }
}
