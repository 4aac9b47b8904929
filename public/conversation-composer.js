// The box to say something: it grows, keeps its draft on this device, sends on Enter, takes
// pictures by paste, drop or choice, and completes slash commands and names of files.

import { startCompletion } from './conversation-complete.js';

const coarse = matchMedia('(pointer: coarse)').matches;

export class Composer {
  #parts;
  #form;
  #box;
  #attached;
  #key;
  #completion;
  #enterSends;
  /** Files that the text names, until it goes. */
  #mentioned = new Set();
  /** What was sent and not answered: sent again it is the same prompt. */
  #unanswered;
  #sending = false;

  /**
   * @param parts { root, id of the session, suffix of its ids, own(name) the element with that
   *   id, isTile, grown() after the box has another height, said() after something was sent,
   *   signal of its end }
   */
  constructor(parts) {
    const { root, id, own, isTile, signal } = parts;
    this.#parts = parts;
    this.#form = own('composer');
    this.#box = own('say');
    this.#attached = root.querySelector('[data-attached]');
    this.#key = `dispatch-draft-${id}`;
    if (this.#box.value === '') this.#box.value = localStorage.getItem(this.#key) ?? '';
    this.#grow();
    this.#completion = startCompletion(parts, this.#box, (path) => {
      this.#mentioned.add(path);
      this.#keep();
    });
    this.#enterSends = enterSetting(root, own);
    this.#listen(signal);
    const show = startPictures(parts, this.#form, this.#box, this.#attached, () => this.#keep());
    const { mentioned = [], pictures = [] } = JSON.parse(localStorage.getItem(`${this.#key}-more`) ?? '{}');
    for (const path of mentioned) this.#mentioned.add(path);
    for (const picture of pictures) show(picture);
    if (!isTile && !coarse && document.activeElement === document.body) this.#box.focus({ preventScroll: true });
  }

  #listen(signal) {
    this.#box.addEventListener('input', () => {
      this.#keep();
      this.#grow();
    });
    // The same draft in another window of this device.
    const elsewhere = ({ key, newValue }) => {
      if (key !== this.#key || document.activeElement === this.#box) return;
      this.#box.value = newValue ?? '';
      this.#grow();
    };
    addEventListener('storage', elsewhere, { signal });
    this.#box.addEventListener('keydown', (event) => {
      if (this.#completion.takes(event) || event.key !== 'Enter' || event.isComposing) return;
      const sends = event.ctrlKey || event.metaKey || (this.#enterSends() && !event.shiftKey && !event.altKey);
      if (!sends) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send();
    });
  }

  #grow() {
    const { style } = this.#box;
    const { height } = style;
    style.height = 'auto';
    style.height = `${this.#box.scrollHeight + 2}px`;
    if (style.height !== height) this.#parts.grown();
  }

  get #pictures() {
    return [...this.#attached.querySelectorAll('[data-picture]')].map(({ dataset }) => ({ id: dataset.picture, name: dataset.name }));
  }

  #keep() {
    const mentioned = [...this.#mentioned].filter((path) => this.#box.value.includes(`@${path}`));
    const pictures = this.#pictures;
    store(this.#key, this.#box.value);
    store(`${this.#key}-more`, mentioned.length + pictures.length === 0 ? '' : JSON.stringify({ mentioned, pictures }));
  }

  async #send() {
    const box = this.#box;
    const text = box.value;
    const pictures = this.#pictures;
    if (this.#sending || (text.trim() === '' && pictures.length === 0) || this.#attached.querySelector('[data-loading]') !== null) return;
    this.#sending = true;
    const named = pictures.map(({ id }) => id).join(' ');
    if (this.#unanswered?.text !== text || this.#unanswered.named !== named) this.#unanswered = { text, named, prompt: newId() };
    const body = new URLSearchParams({ text, prompt: this.#unanswered.prompt });
    for (const { id } of pictures) body.append('images', id);
    for (const path of this.#mentioned) if (text.includes(`@${path}`)) body.append('resources', path);
    // What was typed goes at once, and comes back if it was refused.
    box.value = '';
    this.#grow();
    const response = await fetch(this.#form.action, { method: 'POST', body, headers: { 'hx-request': 'true' } }).catch(() => null);
    this.#sending = false;
    if (response !== null) this.#unanswered = undefined;
    if (response?.ok === true) {
      this.#mentioned.clear();
      this.#attached.replaceChildren();
      this.#attached.hidden = true;
      this.#parts.own('notice').replaceChildren();
      this.#keep();
    } else {
      box.value = box.value === '' ? text : `${text}\n${box.value}`;
      this.#keep();
      await say(this.#parts.own('notice'), response);
    }
    this.#grow();
    this.#parts.said();
  }
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

async function say(notice, response) {
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
function enterSetting(root, own) {
  const check = root.querySelector('[data-enter-sends]');
  const value = () => localStorage.getItem('dispatch-enter-sends') ?? String(!coarse);
  if (check !== null) {
    const show = () => (check.checked = value() === 'true');
    show();
    own('talk-menu').addEventListener('toggle', show); // It may have been chosen in another tile.
    check.addEventListener('change', () => localStorage.setItem('dispatch-enter-sends', String(check.checked)));
  }
  return () => value() === 'true';
}

/** @returns shows a picture that was uploaded before */
function startPictures({ id, own }, form, box, attached, changed) {
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
    const pictures = own('attach')?.hidden === true ? [] : [...files].filter(({ type }) => type.startsWith('image/'));
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
