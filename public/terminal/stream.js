// The connection to one session: opens, resumes exactly after what was received, and comes
// back by itself. Invariant: every sequenced frame that is passed on is the one before it
// plus one, or a SNAPSHOT; anything else ends the connection and is asked for again.

import { Acknowledgements } from './acknowledgements.js';
import { decode, EVENT, NOTICE, OUTPUT, SNAPSHOT, SYNCED } from './wire.js';

/** Why it waits, where the server said that it will be back. */
export const RESTARTING = 'The server is restarting';
/** A server that is not back by then is not restarting any more. */
const RESTART_MS = 60_000;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 10_000;
/** A connection that takes longer to open is on a network that swallows packets. */
const OPEN_TIMEOUT_MS = 10_000;
/** Input is answered by its own event at once; this long without any frame means nobody hears us. */
const ANSWER_TIMEOUT_MS = 15_000;
const CLOCK_MS = 5_000;
/** A clock that stood still this long was asleep, and the server (45 s without a pong) let go. */
const SLEPT_MS = 45_000;
/** A connection that lived this long was good: the next delay starts small again. */
const SETTLED_MS = 5_000;

/**
 * @typedef {{ name: 'connecting' | 'replaying' | 'live' } | { name: 'catching_up' | 'lagging', why: string } | { name: 'waiting', until: number, why: string }
 *   | { name: 'ended' | 'deleted' | 'signed_out' | 'refused', why: string }} StreamState
 */

export class Stream {
  /** @type {StreamState} */
  state = { name: 'connecting' };
  /** Sequence of the last frame that was received; what `after` says. */
  received = 0;
  /** Counts connections: what belongs to an earlier one must not act on the present one. */
  connection = 0;
  #options;
  #acks;
  #epoch;
  #socket;
  #openedAt = 0;
  #failures = 0;
  #restartingUntil = 0;
  #retry;
  #openTimeout;
  #clock;
  #clockAt = Date.now();
  /** When an answer became due; 0 while none is. */
  #waitsSince = 0;
  #wasOffline = false;
  /** What the server says of this connection while it is behind. */
  #behind = '';
  #disposed = false;

  /**
   * @param {{ query: () => Record<string, string>, address: string,
   *   probe: () => Promise<'live' | 'ended' | 'deleted' | 'signed_out' | 'unreachable'>,
   *   frame: (frame: any, connection: number) => void, state: (state: StreamState) => void,
   *   closed: () => void }} options
   */
  constructor(options) {
    this.#options = options;
    this.#acks = new Acknowledgements((bytes) => this.send(bytes));
    document.addEventListener('visibilitychange', this.#onWake);
    window.addEventListener('pageshow', this.#onWake);
    window.addEventListener('online', this.#onOnline);
    document.addEventListener('dispatch:connection', this.#onNews);
    window.addEventListener('offline', this.#onOffline);
    this.#clock = setInterval(() => this.#tick(), CLOCK_MS);
  }

  get open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    if (this.#disposed || this.#socket !== undefined) return;
    clearTimeout(this.#retry);
    this.connection += 1;
    const connection = this.connection;
    this.#acks.reset(this.received);
    this.#behind = '';
    this.#become({ name: 'connecting' });
    const query = new URLSearchParams({ ...this.#options.query(), after: String(this.received) });
    if (this.#epoch !== undefined) query.set('epoch', this.#epoch);
    const url = new URL(`${this.#options.address}?${query}`, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#openedAt = 0;
    this.#waitsSince = 0;
    this.#openTimeout = setTimeout(() => this.#drop('The server does not answer'), OPEN_TIMEOUT_MS);
    socket.onopen = () => {
      clearTimeout(this.#openTimeout);
      this.#openedAt = Date.now();
      if (this.#failures > 0) document.dispatchEvent(new CustomEvent('dispatch:reached'));
      this.#become({ name: 'replaying' });
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#receive(data, connection);
    };
    socket.onclose = ({ code, reason }) => {
      if (this.#socket === socket) void this.#closed(code, reason);
    };
  }

  /** @returns {boolean} whether it was handed to an open connection */
  send(bytes) {
    if (!this.open) return false;
    this.#socket.send(bytes);
    return true;
  }

  /** What was just sent is answered by a frame, or nobody is there. */
  expectAnswer() {
    if (this.#waitsSince === 0) this.#waitsSince = Date.now();
  }

  /** The emulator has parsed up to here. */
  parsed(sequence, bytes, connection) {
    if (connection === this.connection) this.#acks.parsed(sequence, bytes);
  }

  /** In stream order: the replay of this connection is on the screen. */
  synced(connection) {
    if (connection !== this.connection || !this.open || this.state.name !== 'replaying') return;
    this.#become(this.#behind === '' ? { name: 'live' } : { name: 'catching_up', why: this.#behind });
  }

  /** Tries now what would be tried later. */
  retryNow() {
    if (this.state.name !== 'waiting') return;
    this.#failures = 0;
    this.connect();
  }

  /** The session is live again, as far as anyone knows. */
  attachAgain() {
    if (this.state.name === 'ended') this.connect();
  }

  /** Ends this connection and opens another at once, from where it was. */
  reconnect(why) {
    if (this.#socket === undefined) return this.retryNow();
    this.#failures = 0;
    this.#drop(why);
  }

  dispose() {
    this.#disposed = true;
    document.removeEventListener('visibilitychange', this.#onWake);
    window.removeEventListener('pageshow', this.#onWake);
    window.removeEventListener('online', this.#onOnline);
    document.removeEventListener('dispatch:connection', this.#onNews);
    window.removeEventListener('offline', this.#onOffline);
    clearInterval(this.#clock);
    clearTimeout(this.#retry);
    clearTimeout(this.#openTimeout);
    this.#acks.reset(0);
    this.#detach()?.close(1000);
  }

  #receive(data, connection) {
    this.#waitsSince = 0;
    const frame = decode(data);
    if (frame === null) return;
    const before = this.received;
    if (frame.tag === SNAPSHOT) this.received = frame.sequence;
    else if (frame.tag === OUTPUT || frame.tag === EVENT) {
      if (frame.sequence <= this.received) return;
      if (frame.sequence !== this.received + 1) return this.#drop('Something was missing: asking for it again');
      this.received = frame.sequence;
    } else if (frame.tag === SYNCED) this.#epoch = frame.epoch;
    else if (frame.tag === NOTICE) this.#notice(frame.notice);
    this.#options.frame({ ...frame, before, size: data.byteLength }, connection);
  }

  #notice({ code, message }) {
    if (code === 'lagging') this.#behind = message;
    else if (code === 'live') this.#behind = '';
    else return;
    const { name } = this.state;
    if (name === 'live' && this.#behind !== '') this.#become({ name: 'lagging', why: message });
    if ((name === 'lagging' || name === 'catching_up') && this.#behind === '') this.#become({ name: 'live' });
  }

  /** Forgets the socket, so that nothing of it is heard any more. */
  #detach() {
    const socket = this.#socket;
    clearTimeout(this.#openTimeout);
    this.#socket = undefined;
    if (socket !== undefined) {
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      this.#options.closed();
    }
    return socket;
  }

  #drop(why) {
    const socket = this.#detach();
    socket?.close(1000);
    this.#later(why);
  }

  async #closed(code, reason) {
    const neverOpen = this.#openedAt === 0;
    if (!neverOpen && Date.now() - this.#openedAt > SETTLED_MS) this.#failures = 0;
    this.#detach();
    if (code === 4401) return this.#become({ name: 'signed_out', why: reason });
    if (code === 4404) return this.#become({ name: 'deleted', why: reason });
    if (code === 4410) return this.#become({ name: 'ended', why: reason });
    if (code === 4403) return this.#become({ name: 'refused', why: reason });
    // A refusal before the upgrade has no code here: ask over HTTP what is the matter.
    if (neverOpen) {
      const found = await this.#options.probe();
      if (this.#disposed || this.#socket !== undefined) return;
      if (found === 'signed_out' || found === 'deleted') return this.#become({ name: found, why: '' });
    }
    if (code === 1012) this.#restartingUntil = Date.now() + RESTART_MS;
    else if (!neverOpen) this.#restartingUntil = 0;
    const lost = navigator.onLine ? reason || 'The connection was lost' : 'This device is offline';
    this.#later(Date.now() < this.#restartingUntil ? RESTARTING : lost);
  }

  #later(why) {
    if (this.#disposed) return;
    const delay = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#failures = Math.min(this.#failures + 1, 16);
    this.#become({ name: 'waiting', until: Date.now() + delay, why });
    this.#retry = setTimeout(() => this.connect(), delay);
  }

  #become(state) {
    this.state = state;
    this.#options.state(state);
  }

  #tick() {
    const slept = Date.now() - this.#clockAt > SLEPT_MS;
    this.#clockAt = Date.now();
    // A hidden page's clock is slowed down, by a minute at most in today's browsers: no sleep.
    if (slept && document.visibilityState === 'visible') this.reconnect('This device was asleep');
    if (this.#waitsSince !== 0 && Date.now() - this.#waitsSince > ANSWER_TIMEOUT_MS) {
      this.reconnect('The server does not answer');
    }
  }

  #onWake = () => {
    if (document.visibilityState !== 'visible') return;
    if (Date.now() - this.#clockAt > 2 * SLEPT_MS) this.reconnect('This device was asleep');
    this.#clockAt = Date.now();
    this.retryNow();
  };

  /** The news are back, so the server is: nobody waits for its own turn. */
  #onNews = ({ detail }) => {
    if (detail.state === 'live') this.retryNow();
  };

  #onOffline = () => {
    this.#wasOffline = true;
  };

  #onOnline = () => {
    // Another network: what was connected over the old one is most likely dead, without a word.
    const local = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
    if (this.#wasOffline && !local) this.reconnect('The network changed');
    this.#wasOffline = false;
    this.retryNow();
  };
}
