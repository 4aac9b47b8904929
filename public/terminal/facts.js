// What the header says of the session, kept true: asked again whenever the stream or the
// pages' news say that something changed, never more than four times a second.

import { deviceName } from './device.js';

const INTERVAL_MS = 250;
/** What a program does is not announced: it is asked for this long after output. */
const OUTPUT_MS = 1500;

/** Pages of the log that one question may look at. */
const HISTORY_PAGES_MAX = 5;

const ACTIVITY_WORDS = {
  starting: 'starting',
  working: 'working',
  needs_you: 'needs you',
  idle: 'idle',
  stopped: 'ended',
  error: 'failed',
};

export class Facts {
  /** The session as last heard of; null before. */
  session = null;
  #root;
  #options;
  #timer;
  #soon;
  #asking;
  #again = false;

  /**
   * @param {ParentNode} root
   * @param {{ id: string, device: string, mine: () => { leads: boolean, mode: string },
   *   heard: (session: any) => void, gone: (why: 'deleted' | 'signed_out') => void }} options
   */
  constructor(root, options) {
    this.#root = root;
    this.#options = options;
    document.addEventListener('dispatch:sessions', this.#onNews);
    document.addEventListener('visibilitychange', this.#onLook);
  }

  /** Asks again soon. */
  refresh() {
    if (this.#timer !== undefined) {
      this.#again = true;
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#again) this.refresh();
      this.#again = false;
    }, INTERVAL_MS);
    void this.ask();
  }

  /** The program printed something: what it does may have changed. */
  refreshSoon() {
    if (document.visibilityState !== 'visible') return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.refresh();
    }, OUTPUT_MS);
  }

  /** @returns {Promise<'live' | 'ended' | 'deleted' | 'signed_out' | 'unreachable'>} */
  ask() {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Since when the history is kept, in words; null where all of it is. */
  async keptSince() {
    const { firstSequence = 1, lastActive } = this.session ?? {};
    if (firstSequence === 1) return null;
    const [first] = (await this.#history({ limit: 1 }))?.events ?? [];
    // It may be all that was pruned.
    return new Date(first?.timestamp ?? lastActive).toLocaleString();
  }

  /** Data of the input events after `after`, up to `upTo`; null where they cannot be had. */
  async inputs(after, upTo) {
    const found = [];
    for (let at = after, pages = 0; at < upTo; pages += 1) {
      const page = pages < HISTORY_PAGES_MAX ? await this.#history({ after: at, type: 'input', limit: 1000 }) : null;
      if (page === null) return null;
      found.push(...page.events.filter(({ sequence }) => sequence <= upTo).map(({ data }) => data));
      if (!page.hasMore) break;
      at = page.nextSequence;
    }
    return found;
  }

  dispose() {
    clearTimeout(this.#timer);
    clearTimeout(this.#soon);
    document.removeEventListener('dispatch:sessions', this.#onNews);
    document.removeEventListener('visibilitychange', this.#onLook);
  }

  show() {
    const { session } = this;
    if (session === null) return;
    this.#text('[data-session-name]', session.name);
    const { state, detail } = session.activity;
    this.#text('[data-activity-words]', state === 'working' && detail ? detail : (ACTIVITY_WORDS[state] ?? state));
    const activity = this.#root.querySelector('[data-activity]');
    activity?.setAttribute('class', `state state-${state}`);
    activity?.setAttribute('title', activityTitle(session.activity));
    activity?.querySelector('.lamp')?.setAttribute('class', `lamp lamp-${state}`);
    this.#people(session.clients);
    for (const element of this.#root.querySelectorAll('[data-when]')) element.hidden = (element.dataset.when === 'live') !== isLive(session);
    this.#text('[data-ending]', ending(session));
    const failed = session.status === 'error';
    this.#root.querySelector('.ended-bar .lamp')?.setAttribute('class', `lamp lamp-${failed ? 'error' : 'stopped'}`);
    this.#text('[data-resume] button', failed ? 'Try again' : 'Resume');
  }

  async #ask() {
    try {
      const answer = await fetch(`/api/sessions/${this.#options.id}`, { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(8000) });
      if (answer.status === 401 || answer.status === 404) {
        const why = answer.status === 401 ? 'signed_out' : 'deleted';
        this.#options.gone(why);
        return why;
      }
      if (!answer.ok) return 'unreachable';
      this.session = await answer.json();
      this.show();
      this.#options.heard(this.session);
      return isLive(this.session) ? 'live' : 'ended';
    } catch {
      return 'unreachable'; // The connection says so itself.
    }
  }

  async #history(query) {
    try {
      const address = `/api/sessions/${this.#options.id}/history?${new URLSearchParams(query)}`;
      const answer = await fetch(address, { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(8000) });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // The connection says so itself.
    }
  }

  #people(clients) {
    const list = this.#root.querySelector('[data-people]');
    const button = this.#root.querySelector('[data-people-count]');
    if (list === null || button === null) return;
    const me = this.#me(clients);
    list.replaceChildren(...clients.map((client) => person(client, client === me)));
    if (clients.length === 0) list.replaceChildren(item('Nobody is attached now.'));
    button.textContent = String(clients.length);
    const leader = clients.find(({ leads }) => leads);
    const who = leader === undefined ? 'nobody leads' : leader === me ? 'you lead' : `${leader.name} leads`;
    const label = `${clients.length} attached, ${who}`;
    button.closest('button')?.setAttribute('aria-label', label);
    button.closest('button')?.setAttribute('title', label);
  }

  /** Two windows of one device look the same; who leads tells which one this is. */
  #me(clients) {
    const { leads, mode } = this.#options.mine();
    const own = clients.filter(({ client }) => client === this.#options.device);
    return own.find((client) => client.leads === leads && client.mode === mode) ?? own[0];
  }

  #text(selector, text) {
    for (const element of this.#root.querySelectorAll(selector)) {
      if (element.textContent !== text) element.textContent = text;
    }
  }

  #onLook = () => {
    if (document.visibilityState === 'visible') this.refresh();
  };

  #onNews = ({ detail }) => {
    const ids = detail?.ids ?? [detail?.id];
    if (ids.includes(this.#options.id)) this.refresh();
  };
}

export const isLive = ({ status }) => status === 'starting' || status === 'active';

/** How a session ended, in words. */
export function ending({ status, statusReason, exitCode, exitSignal }) {
  if (status === 'error') return `Failed: ${statusReason ?? 'no reason was given'}`;
  if (status !== 'stopped') return '';
  const how = exitSignal ? `by ${exitSignal}` : exitCode === null ? '' : `with exit code ${exitCode}`;
  return [`Ended ${how}`.trim(), statusReason].filter(Boolean).join(' · ');
}

function activityTitle({ state, since, detail }) {
  const words = state === 'working' && detail ? `running ${detail}` : (ACTIVITY_WORDS[state] ?? state);
  return `${words} since ${new Date(since).toLocaleTimeString()}`;
}

function person({ name, mode, leads, away }, isMe) {
  const marks = [isMe ? 'this window' : '', leads ? 'leads the size' : '', mode === 'ro' ? 'reads only' : '', away === true ? 'in the background' : ''].filter(Boolean);
  const element = item(isMe ? deviceName() : name);
  element.classList.toggle('leads', leads);
  if (marks.length > 0) {
    const small = document.createElement('small');
    small.textContent = marks.join(' · ');
    element.append(small);
  }
  return element;
}

function item(text) {
  const element = document.createElement('li');
  const name = document.createElement('span');
  name.textContent = text;
  element.append(name);
  return element;
}
