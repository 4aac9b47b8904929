// How the document stands, in words and colours, and what can be done: the parts of the page
// around the text.

export class Standing {
  #url;
  #own;
  #isTile;
  #shown = '';
  #saving = false;
  #last;

  /** @param given { url of the part that says how the file stands, own(name) the element with that id, isTile } */
  constructor({ url, own, isTile }) {
    this.#url = url;
    this.#own = own;
    this.#isTile = isTile;
  }

  /** @param now { sync, unsent, document } */
  show(now) {
    this.#last = now;
    const { sync, unsent, document: standing } = now;
    const [state, words] = wordsOf(sync, unsent, standing, this.#saving);
    const chip = this.#own('document-chip');
    if (chip !== null) {
      chip.dataset.state = state;
      const text = chip.querySelector('[data-words]');
      if (text.textContent !== words) text.textContent = words;
    }
    if (!this.#isTile) document.title = document.title.replace(/^(• )?/, state === 'saved' ? '' : '• ');
    const { dirty, conflict } = standing;
    const shown = JSON.stringify([dirty, conflict?.reason, conflict?.hash, conflict?.detail]);
    if (shown === this.#shown) return;
    const first = this.#shown === '';
    this.#shown = shown;
    // The server draws what is more than words.
    if (!first) void window.htmx?.ajax('GET', this.#url, { target: this.#own('document-standing'), swap: 'outerMorph' });
    if (!first) document.dispatchEvent(new CustomEvent('editor:standing'));
  }

  saving(now) {
    this.#saving = now;
    if (this.#last !== undefined) this.show(this.#last);
  }

  /** Above the page; empty takes it away. */
  say(text) {
    const notice = this.#own('notice');
    if (text === '') return void notice.replaceChildren();
    const box = document.createElement('div');
    box.className = 'alert alert-error';
    box.setAttribute('role', 'alert');
    box.textContent = text;
    notice.replaceChildren(box);
  }

  /** There is nothing to edit here any more: what is shown is read. */
  lost(text) {
    this.say(text);
    const chip = this.#own('document-chip');
    if (chip === null) return;
    chip.dataset.state = 'offline';
    chip.querySelector('[data-words]').textContent = 'Read only';
  }
}

function wordsOf(sync, unsent, { dirty, conflict }, saving) {
  if (sync.state === 'offline') return ['offline', unsent > 0 ? 'Offline: edits are kept here' : 'Offline'];
  if (sync.state === 'refused') return ['offline', sync.message];
  if (sync.state === 'ended') return ['offline', 'Session ended'];
  if (conflict?.reason === 'gone') return ['conflict', 'Gone from the disk'];
  if (conflict?.reason === 'unreadable') return ['conflict', 'No longer a text on disk'];
  if (conflict !== null) return ['conflict', 'Changed on disk'];
  if (saving) return ['saving', 'Saving…'];
  return dirty || unsent > 0 ? ['dirty', 'Not saved'] : ['saved', 'Saved'];
}
