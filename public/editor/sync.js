// Keeps one document the same here and on the server: sends edits soon, takes those of others,
// and when the network is away holds everything until it is back. One request at a time, so
// that what is sent is always for a version that the server had.

import { getClientID, getSyncedVersion, receiveUpdates, sendableUpdates } from '@codemirror/collab';
import { ChangeSet } from '@codemirror/state';
import { BEAT_MS, keepUnsent } from './unsent.js';

/** Keys of one stroke of typing go together. */
const GATHER_MS = 120;
const UPDATES_MAX = 500;
const RETRY_MS = 500;
const RETRY_MS_MAX = 8_000;

export class Sync {
  /** `synced`, `sending`, `offline`, `refused` (with a message), `ended` */
  state = 'synced';
  message = '';
  #parts;
  #timer;
  #beat;
  #working = false;
  #wanted = false;
  #retryMs = RETRY_MS;
  #waiting = [];

  /**
   * @param parts { session, path, view, ask(path, body), told(answer), changed(), lost(reason), signal };
   *   `told` gets each answer of the server, `changed` says that `state` is another, `lost` that
   *   the server has another past than this page
   */
  constructor(parts) {
    this.#parts = parts;
    this.#beat = setInterval(() => this.unsent > 0 && this.#keep(), BEAT_MS);
    const { signal } = parts;
    addEventListener('pagehide', () => this.#keep(), { signal });
    addEventListener('online', () => this.hurry(), { signal });
    document.addEventListener('visibilitychange', () => (document.visibilityState === 'visible' ? this.hurry() : this.#keep()), { signal });
  }

  get unsent() {
    return sendableUpdates(this.#parts.view.state).length;
  }

  /** The text here is another: it is sent soon. */
  edited() {
    if (this.state === 'synced') this.#become('sending');
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#work();
    }, GATHER_MS);
  }

  /** There may be something new on the server. */
  hurry() {
    if (document.visibilityState !== 'visible' && this.unsent === 0) return;
    this.#wanted = true;
    this.#retryMs = RETRY_MS;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.#work();
  }

  /** Resolves once all that is typed up to now is on the server. @throws where it cannot be now */
  flushed() {
    if (this.unsent === 0 && !this.#working) return Promise.resolve();
    const flushed = new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.hurry();
    return flushed;
  }

  dispose() {
    if (this.unsent > 0) this.#keep();
    clearInterval(this.#beat);
    clearTimeout(this.#timer);
  }

  async #work() {
    if (this.#working) return;
    this.#working = true;
    try {
      while (this.unsent > 0 || this.#wanted) await (this.unsent > 0 ? this.#push() : this.#pull());
      this.#retryMs = RETRY_MS;
      this.#become('synced');
      for (const { resolve } of this.#waiting.splice(0)) resolve();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#working = false;
      if (this.unsent > 0) this.#keep();
    }
  }

  async #push() {
    const { view, path, ask } = this.#parts;
    const updates = sendableUpdates(view.state).slice(0, UPDATES_MAX);
    const sent = updates.map(({ clientID, changes }) => ({ clientID, changes: changes.toJSON() }));
    if (this.state !== 'offline') this.#become('sending');
    const answer = await ask('changes', { path, version: getSyncedVersion(view.state), updates: sent });
    if (answer.status === 200) {
      this.#receive(sent);
      this.#parts.told(answer.body);
      this.#keep();
      return;
    }
    const missed = answer.body?.conflict?.changes;
    if (answer.status !== 409 || missed === undefined) throw new Refused(answer);
    this.#receive(missed.updates);
    if (!missed.more) this.#parts.told(missed);
    this.#keep();
  }

  async #pull() {
    const { view, path, ask } = this.#parts;
    this.#wanted = false;
    const answer = await ask(`changes?path=${encodeURIComponent(path)}&version=${getSyncedVersion(view.state)}`);
    if (answer.status !== 200) throw new Refused(answer);
    this.#receive(answer.body.updates);
    if (answer.body.more) this.#wanted = true;
    else this.#parts.told(answer.body);
  }

  #receive(updates) {
    if (updates.length === 0) return;
    const { view } = this.#parts;
    const received = updates.map(({ clientID, changes }) => ({ clientID, changes: ChangeSet.fromJSON(changes) }));
    view.dispatch(receiveUpdates(view.state, received));
  }

  #failed(error) {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    this.#keep();
    if (error instanceof Refused) {
      const { status, body } = error.answer;
      // Another past, edits that are no longer kept, a document that was closed elsewhere.
      if (status === 410 || status === 404 || (status === 409 && body?.conflict?.document !== undefined)) return void this.#parts.lost(status);
      if (status === 409) return this.#become('ended', body?.message);
      this.#become('refused', body?.message ?? 'The server refused it.');
      if (status !== 507 && status !== 503 && status < 500) return;
    } else {
      this.#become('offline');
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#wanted = true;
      void this.#work();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
  }

  #become(state, message = '') {
    if (state === this.state && message === this.message) return;
    this.state = state;
    this.message = message;
    this.#parts.changed();
  }

  #keep() {
    const { session, path, view } = this.#parts;
    const updates = sendableUpdates(view.state).map(({ changes }) => changes.toJSON());
    keepUnsent({ session, path, clientID: getClientID(view.state), version: getSyncedVersion(view.state), updates });
  }
}

class Refused extends Error {
  constructor(answer) {
    super(answer.body?.message ?? `The server answered ${answer.status}.`);
    this.answer = answer;
  }
}
