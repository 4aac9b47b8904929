// Whether a person can see a terminal: its page is in front, and its tile not behind another.
// The server calls them of what happens while nobody can.

import { encodeLooks } from './wire.js';

const tileOf = (element) => element.closest('[data-tile-of]');

export function isLooked(element) {
  return document.visibilityState === 'visible' && tileOf(element)?.hasAttribute('data-behind') !== true;
}

/** Says so when it changes; the address of each connection says it at first. @returns the function that stops it */
export function followLooking(element, stream) {
  const tile = tileOf(element);
  const tell = () => stream.send(encodeLooks(isLooked(element)));
  document.addEventListener('visibilitychange', tell);
  tile?.addEventListener('dispatch:shown', tell);
  // It may have changed while a connection was being made.
  const observer = new MutationObserver(() => element.dataset.state === 'live' && tell());
  observer.observe(element, { attributeFilter: ['data-state'] });
  return () => {
    observer.disconnect();
    document.removeEventListener('visibilitychange', tell);
    tile?.removeEventListener('dispatch:shown', tell);
  };
}
