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
  /** What was sent and not answered: sent again it is the same prompt. */
  let unanswered;

  const grow = () => {
    const height = box.style.height;
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight + 2}px`;
    if (box.style.height !== height) document.dispatchEvent(new Event('conversation:grown'));
  };
  const keep = () => {
    const pictures = [...attached.querySelectorAll('[data-picture]')].map(({ dataset }) => ({ id: dataset.picture, name: dataset.name }));
    const more = { mentioned: [...mentioned].filter((path) => box.value.includes(`@${path}`)), pictures };
    store(key, box.value);
    store(`${key}-more`, more.mentioned.length + pictures.length === 0 ? '' : JSON.stringify(more));
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

  const completion = startCompletion(id, box, (path) => {
    mentioned.add(path);
    keep();
  });
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
    const named = pictures.map(({ dataset }) => dataset.picture).join(' ');
    if (unanswered?.text !== text || unanswered.named !== named) unanswered = { text, named, prompt: newId() };
    const body = new URLSearchParams({ text, prompt: unanswered.prompt });
    for (const { dataset } of pictures) body.append('images', dataset.picture);
    for (const path of mentioned) if (text.includes(`@${path}`)) body.append('resources', path);
    // What was typed goes at once, and comes back if it was refused.
    box.value = '';
    grow();
    const response = await fetch(form.action, { method: 'POST', body, headers: { 'hx-request': 'true' } }).catch(() => null);
    sending = false;
    if (response !== null) unanswered = undefined;
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

  const show = startPictures(id, form, box, attached, keep);
  const { mentioned: paths = [], pictures = [] } = JSON.parse(localStorage.getItem(`${key}-more`) ?? '{}');
  for (const path of paths) mentioned.add(path);
  for (const picture of pictures) show(picture);
  if (!coarse && document.activeElement === document.body) box.focus({ preventScroll: true });
}

function store(key, text) {
  if (text === '') localStorage.removeItem(key);
  else localStorage.setItem(key, text);
}

/** As `crypto.randomUUID`, which plain http does not have. */
function newId() {
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
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

/** @returns shows a picture that was uploaded before */
function startPictures(id, form, box, attached, changed) {
  const chipFor = (address, words) => {
    const chip = document.createElement('li');
    chip.className = 'chip';
    const picture = document.createElement('img');
    picture.src = address;
    picture.alt = '';
    const name = document.createElement('span');
    name.textContent = words;
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.textContent = '✕';
    remove.setAttribute('aria-label', 'Remove this picture');
    remove.addEventListener('click', () => {
      chip.remove();
      attached.hidden = attached.childElementCount === 0;
      changed();
    });
    chip.append(picture, name, remove);
    attached.append(chip);
    attached.hidden = false;
    return { chip, name, picture, remove };
  };
  const upload = async (file) => {
    const called = file.name || 'picture';
    const { chip, name } = chipFor(URL.createObjectURL(file), `${called} …`);
    chip.dataset.loading = '';
    const response = await fetch(`/api/sessions/${id}/attachments`, { method: 'POST', headers: { 'content-type': file.type || 'application/octet-stream' }, body: file }).catch(() => null);
    delete chip.dataset.loading;
    const answer = await response?.json().catch(() => null);
    if (response?.ok === true) {
      chip.dataset.picture = answer.id;
      chip.dataset.name = called;
      name.textContent = called;
      changed();
    } else {
      chip.classList.add('chip-bad');
      name.textContent = answer?.message ?? 'It could not be uploaded: the server did not answer.';
    }
  };
  const take = (files) => {
    // Where the agent takes none there is no button either.
    const pictures = document.getElementById('attach')?.hidden === true ? [] : [...files].filter(({ type }) => type.startsWith('image/'));
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
  return ({ id: picture, name }) => {
    const { chip, picture: shown, remove } = chipFor(`/api/sessions/${id}/attachments/${picture}`, name);
    Object.assign(chip.dataset, { picture, name });
    shown.addEventListener('error', () => remove.click()); // It is not there any more.
  };
}
