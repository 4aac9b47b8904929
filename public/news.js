// Brings the news of the server to this page as events on the document: `dispatch:workspaces`
// and so on with detail { id, ids }, `dispatch:connection` with { state }. One stream per
// browser, not per page: browsers open only six connections to a server over HTTP/1.1.

import { openNews } from './news-worker.js';

const WORDS = { connecting: 'connecting', live: 'live', reconnecting: 'reconnecting' };

function receive(message) {
  if (message.type === 'signed-out') {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
    return;
  }
  if (message.type === 'state') show(message.state);
  const detail = message.type === 'state' ? { state: message.state } : { id: message.id, ids: message.ids };
  const name = message.type === 'state' ? 'connection' : message.name;
  document.dispatchEvent(new CustomEvent(`dispatch:${name}`, { detail }));
}

function show(state) {
  const element = document.getElementById('connection');
  if (element === null) return;
  element.dataset.state = state;
  const word = element.querySelector('[data-word]');
  if (word !== null) word.textContent = WORDS[state];
}

/** @returns what tells the stream's owner to hurry, and that this page leaves */
function subscribe() {
  if (typeof SharedWorker !== 'undefined') {
    const { port } = new SharedWorker(new URL('./news-worker.js', import.meta.url), {
      type: 'module',
      name: 'dispatch-news',
    });
    port.onmessage = ({ data }) => receive(data);
    return { hurry: () => port.postMessage('hurry'), leave: () => port.postMessage('bye') };
  }
  return shareAmongTabs();
}

/** Without SharedWorker: the tab that has the lock holds the stream and tells the others. */
function shareAmongTabs() {
  const channel = new BroadcastChannel('dispatch-news');
  let news;
  let release = () => {};
  channel.onmessage = ({ data }) => {
    if (data === 'hurry') news?.hurry();
    else if (data === 'state?') {
      if (news !== undefined) channel.postMessage({ type: 'state', state: news.state });
    } else receive(data);
  };
  const hold = () =>
    new Promise((resolve) => {
      release = resolve;
      news = openNews((message) => {
        channel.postMessage(message);
        receive(message);
      });
    });
  if (navigator.locks === undefined)
    void hold(); // Plain http beyond localhost: each tab for itself.
  else void navigator.locks.request('dispatch-news', hold);
  channel.postMessage('state?');
  return {
    hurry: () => (news === undefined ? channel.postMessage('hurry') : news.hurry()),
    leave() {
      news?.close();
      news = undefined;
      release();
    },
  };
}

let link = subscribe();
addEventListener('online', () => link.hurry());
// A terminal has reached the server: so will the news.
document.addEventListener('dispatch:reached', () => link.hurry());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') link.hurry();
});
addEventListener('pagehide', () => link.leave());
// Back from the back-forward cache: what happened meanwhile was missed.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) link = subscribe();
});
