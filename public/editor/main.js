// `<dispatch-editor>`, a document on its page or in a tile: begins with the text that the server
// has (and what this browser still had to send), keeps both the same, shows how it stands, saves.

import { diff } from '@codemirror/merge';
import { collab, getSyncedVersion } from '@codemirror/collab';
import { ChangeSet, EditorSelection, EditorState, Transaction } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { Vim } from '@replit/codemirror-vim';
import { otherCarets, OwnCaret, showCarets } from './carets.js';
import { mergeIn } from './merging.js';
import { followTheme, setup } from './setup.js';
import { Standing } from './standing.js';
import { Sync } from './sync.js';
import { keepUnsent, takeUnsent } from './unsent.js';

/** What `:w` saves, by its view: vim knows commands for all of them only. */
const savedBy = new WeakMap();
Vim.defineEx('write', 'w', ({ cm6 }) => void savedBy.get(cm6)?.());

async function begin(place, signal) {
  const root = place.closest('[data-editor-root]');
  const isTile = 'tile' in root.dataset;
  const own = (name) => document.getElementById(isTile ? `${name}-${session}` : name);
  const afresh = () => (isTile ? place.dispatchEvent(new CustomEvent('dispatch:afresh', { bubbles: true })) : location.reload());
  const isBehind = () => place.closest('[data-behind]') !== null;
  const { session, path, line = '' } = place.dataset;
  const options = { path, vimKeys: place.dataset.vim === 'true', lineWrap: place.dataset.wrap === 'true', tabSize: Number(place.dataset.tab) };
  const ask = async (action, body) => {
    const response = await fetch(`/api/sessions/${session}/${action}`, {
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  };
  const standing = new Standing({ url: place.dataset.url, own, isTile });
  root.querySelector('.documents [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const start = await beginning(session, path, ask, standing);
  if (start === undefined || signal.aborted) return;
  const { text, version, clientID, unsent } = start;

  let sync;
  let carets;
  const tell = () => {
    if (signal.aborted) return;
    if (sync.state === 'ended') return afresh(); // To the page of an ended session; what is unsent is kept.
    standing.show({ sync, unsent: sync.unsent, document: sync.document });
  };
  const view = new EditorView({
    doc: text,
    extensions: [
      // First, for vim's keys come before all others.
      setup({ ...options, text }),
      keymap.of([{ key: 'Mod-s', preventDefault: true, run: () => (void save(), true) }]),
      collab({ startVersion: version, clientID }),
      otherCarets,
      EditorView.contentAttributes.of({ 'aria-label': `Text of ${path}`, tabindex: '0' }),
      EditorState.transactionFilter.of(bounded),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && sync?.unsent > 0) sync.edited();
        if (update.docChanged || update.selectionSet) carets?.moved();
        if (update.docChanged && sync !== undefined) tell();
      }),
    ],
  });
  place.querySelector('pre')?.remove();
  place.append(view.dom);
  if (!isTile) document.documentElement.dataset.editor = 'ready';
  sync = new Sync({
    session,
    path,
    view,
    ask,
    signal,
    told(answer) {
      sync.document = answer.document;
      showCarets(view, answer.carets);
      tell();
    },
    changed: tell,
    lost: (status) => reopen(status),
  });
  sync.document = start.document;
  // What was typed and not sent, before this page was loaded.
  for (const changes of unsent) view.dispatch({ changes: ChangeSet.fromJSON(changes) });
  const tellCaret = (caret, leaving = false) =>
    fetch(`/api/sessions/${session}/carets`, {
      method: 'POST',
      keepalive: leaving,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ path, ...caret }),
    }).catch(() => null);
  carets = new OwnCaret(view, tellCaret, signal);
  const stopTheme = followTheme(view);
  // What was typed last still goes.
  signal.addEventListener('abort', async () => {
    carets.dispose();
    stopTheme();
    await sync.flushed().catch(() => null);
    sync.dispose();
    view.destroy();
  });
  savedBy.set(view, save);
  goTo(view, Number(line));
  if (isTile) place.dispatchEvent(new CustomEvent('dispatch:filled', { bubbles: true }));
  else {
    addEventListener('hashchange', () => goTo(view, Number(location.hash.slice(2))));
    view.focus();
  }
  tell();
  sync.hurry();

  const concerns = ({ detail }) => detail.ids === undefined || detail.ids.includes(session);
  document.addEventListener('dispatch:documents', (event) => concerns(event) && !isBehind() && sync.hurry(), { signal });
  document.addEventListener('dispatch:connection', ({ detail }) => detail.state === 'live' && sync.hurry(), { signal });
  place.closest('[data-tile-of]')?.addEventListener('dispatch:shown', ({ detail }) => detail && sync.hurry(), { signal });

  async function save() {
    standing.saving(true);
    try {
      await sync.flushed();
      const { status, body } = await ask('save', { path });
      if (status === 200) sync.document = body;
      else if (body?.conflict?.document !== undefined) sync.document = body.conflict.document;
      standing.say(status === 200 ? '' : body.message);
    } catch (error) {
      standing.say(sync.state === 'offline' ? 'Not saved: the server cannot be reached. Your text is kept here, and sent when it is back.' : error.message);
    } finally {
      standing.saving(false);
      tell();
    }
  }

  async function resolve(take) {
    try {
      await sync.flushed();
      const theirs = await ask(`documents/theirs?path=${encodeURIComponent(path)}`);
      if (theirs.status !== 200) return standing.say(theirs.body.message);
      const { hash, text: their, detail } = theirs.body;
      let more = {};
      if (take === 'merge') {
        if (their === null) return standing.say(detail);
        const mine = view.state.sliceDoc();
        const at = getSyncedVersion(view.state);
        const merged = await mergeIn({ dialog: own('merge'), options, mine, theirs: their });
        if (merged === undefined) return;
        more = { version: at, text: merged };
      }
      const { status, body } = await ask('resolve', { path, take, hash, ...more });
      sync.document = status === 200 ? body : (body?.conflict?.document ?? sync.document);
      standing.say(status === 200 ? '' : body.message);
      sync.hurry();
    } catch (error) {
      standing.say(error.message);
    } finally {
      tell();
      view.focus();
    }
  }

  /** The server has another past: what is here and not there goes on as an edit of what is there. */
  async function reopen(status) {
    const mine = sync.unsent > 0 ? view.state.sliceDoc() : undefined;
    const { status: answered, body } = await ask('open', { path });
    if (answered !== 200) return standing.lost(status === 404 ? 'This document was closed on another device.' : body.message);
    if (mine !== undefined && mine !== body.text) sessionStorage.setItem(`dispatch-text:${session}:${path}`, mine);
    afresh();
  }

  const left = sessionStorage.getItem(`dispatch-text:${session}:${path}`);
  if (left !== null) {
    sessionStorage.removeItem(`dispatch-text:${session}:${path}`);
    const changes = diff(view.state.sliceDoc(), left).map(({ fromA, toA, fromB, toB }) => ({ from: fromA, to: toA, insert: left.slice(fromB, toB) }));
    view.dispatch({ changes });
    standing.say('The server had another text: yours goes on as an edit of it. Undo takes theirs.');
  }

  root.addEventListener('submit', (event) => {
    const form = event.target instanceof HTMLFormElement ? event.target.closest('[data-document-act]') : null;
    if (form === null) return;
    event.preventDefault();
    const act = form.dataset.documentAct;
    void (act === 'save' ? save() : resolve(act));
  }, { signal });
  root.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('[data-merge-open]') !== null) void resolve('merge');
  }, { signal });
}

/** Where it begins: at the server's text, or at the one that this browser's unsent edits are for. */
async function beginning(session, path, ask, standing) {
  try {
    const opened = await ask('open', { path });
    if (opened.status !== 200) return void standing.lost(opened.body.message);
    const { document: now, text } = opened.body;
    const kept = takeUnsent(session, path);
    if (kept !== undefined) {
      const then = await ask(`documents/text?path=${encodeURIComponent(path)}&version=${kept.version}`).catch((error) => {
        keepUnsent({ session, path, ...kept });
        throw error;
      });
      if (then.status === 200) return { document: now, text: then.body.text, version: kept.version, clientID: kept.clientID, unsent: kept.updates };
    }
    return { document: now, text, version: now.version, clientID: crypto.randomUUID?.() ?? String(Math.random()).slice(2), unsent: [] };
  } catch {
    standing.lost('The server cannot be reached. The text below is as it was; reload the page to edit it.');
  }
}

const CHARACTERS_MAX = 10 * 1024 * 1024;

/** A text that the server would not take is not begun. */
function bounded(transaction) {
  const own = transaction.docChanged && transaction.annotation(Transaction.remote) !== true;
  return own && transaction.newDoc.length > CHARACTERS_MAX && transaction.newDoc.length > transaction.startState.doc.length ? [] : transaction;
}

function goTo(view, line) {
  if (!(line > 0)) return;
  const { from } = view.state.doc.line(Math.min(line, view.state.doc.lines));
  view.dispatch({ selection: EditorSelection.cursor(from), effects: EditorView.scrollIntoView(from, { y: 'center' }) });
}

class DispatchEditor extends HTMLElement {
  #end;

  connectedCallback() {
    this.#end ??= new AbortController();
    void begin(this, this.#end.signal);
  }

  disconnectedCallback() {
    this.#end?.abort();
    this.#end = undefined;
  }
}

customElements.define('dispatch-editor', DispatchEditor);
