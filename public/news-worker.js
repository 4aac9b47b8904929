// Holds the one stream of news of this browser and tells every page what came. Names and ids
// only: a page that missed some asks again, so after each (re)connect all names are told.
// As a SharedWorker it serves ports; without one, a single page runs `openNews` itself.

export const NAMES = ['workspaces', 'sessions', 'transcript', 'documents', 'inbox', 'settings', 'git'];
const FIRST_DELAY_MS = 500;
const DELAY_MAX_MS = 30_000;
/** The server sends a comment every 15 s: after so long without one, a stream may be dead, and later it is. */
const COMMENT_EVERY_MS = 17_000;
const SILENCE_MAX_MS = 45_000;

/**
 * Keeps a stream open until `close`. `tell` gets { type: 'news', name, id, ids }, { type:
 * 'state', state: 'connecting' | 'live' | 'reconnecting' } and { type: 'signed-out' }.
 */
export function openNews(tell) {
  let state = 'connecting';
  let delay = FIRST_DELAY_MS;
  let timer;
  let silence;
  let stream;
  let closed = false;
  let lastHeard = 0;

  const say = (next) => {
    state = next;
    tell({ type: 'state', state });
  };
  const heard = () => {
    lastHeard = Date.now();
    clearTimeout(silence);
    silence = setTimeout(() => stream?.abort(), SILENCE_MAX_MS);
  };
  const connect = async () => {
    clearTimeout(timer);
    stream?.abort();
    const mine = new AbortController();
    stream = mine;
    try {
      heard();
      const response = await fetch('/api/events', {
        headers: { accept: 'text/event-stream' },
        signal: mine.signal,
        cache: 'no-store',
      });
      if (response.status === 401) {
        closed = true;
        tell({ type: 'signed-out' });
        return;
      }
      if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
      delay = FIRST_DELAY_MS;
      say('live');
      for (const name of NAMES) tell({ type: 'news', name, id: '', ids: [] });
      await readEvents(response.body, heard, (name, data) => tell({ type: 'news', name, ...data }));
    } catch {
      // Any end is the same: the stream is gone, and comes back below.
    }
    if (closed || stream !== mine) return;
    clearTimeout(silence);
    say('reconnecting');
    timer = setTimeout(connect, delay * (0.75 + Math.random() / 2));
    delay = Math.min(DELAY_MAX_MS, delay * 2);
  };

  void connect();
  return {
    get state() {
      return state;
    },
    /** The device woke or the network is back: no waiting. */
    hurry() {
      if (closed || (state === 'live' && Date.now() - lastHeard < COMMENT_EVERY_MS)) return;
      delay = FIRST_DELAY_MS;
      void connect();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(silence);
      stream?.abort();
    },
  };
}

async function readEvents(body, heard, onEvent) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    const messages = (text + value).split('\n\n');
    text = messages.pop();
    for (const message of messages) {
      const name = /^event: (.*)$/m.exec(message)?.[1];
      const data = /^data: (.*)$/m.exec(message)?.[1];
      if (NAMES.includes(name) && data !== undefined) onEvent(name, JSON.parse(data));
    }
  }
}

if (typeof SharedWorkerGlobalScope !== 'undefined' && self instanceof SharedWorkerGlobalScope) {
  const ports = new Set();
  let news;
  const tellAll = (message) => {
    if (message.type === 'signed-out') news = undefined;
    for (const port of ports) port.postMessage(message);
  };
  self.onconnect = ({ ports: [port] }) => {
    ports.add(port);
    port.onmessage = ({ data }) => {
      if (data === 'hurry') news?.hurry();
      if (data === 'bye') {
        ports.delete(port);
        if (ports.size === 0) {
          news?.close();
          news = undefined;
        }
      }
    };
    // A page that was kept in the browser's back-forward cache comes with a new port.
    if (news === undefined) news = openNews(tellAll);
    else port.postMessage({ type: 'state', state: news.state });
  };
}
