// What is measured inside a page that shows terminals, ours or bare ones, and the bare page:
// ten xterm.js terminals as their makers ship them, fed the same bytes. Part of ./workbench.ts.

import type { Page } from 'playwright-core';
import xtermCss from '@xterm/xterm/css/xterm.css' with { type: 'file' };
import xterm from '@xterm/xterm/lib/xterm.mjs' with { type: 'file' };

const KEYS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** Between two keys: a quick typist. */
const KEY_MS = 100;
/** Each line that is printed begins with this and the moment, in milliseconds to base 36. */
export const STAMP = '@';

export interface Seen {
  /** Between two frames, ms. */
  gaps: number[];
  /** Part of the time that tasks of more than 50 ms held the page. */
  longShare: number;
  /** What the page's thread took of a core. */
  threadShare: number;
  /** From a key to its letter in the document, and to the frame with it being done, ms. */
  keys: { document: number[]; frame: number[] };
  keysMissed: number;
  /** Of each that has not the focus: how often a second it was drawn. */
  draws: number[];
  /** How old the newest line of those was, ms. */
  ages: number[];
}

/** Types into whatever has the focus for so long, and looks on. */
export async function observe(page: Page, ms: number): Promise<Seen> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const threadSeconds = async (): Promise<[number, number]> => {
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
    return [of('ThreadTime'), of('Timestamp')];
  };
  const before = await threadSeconds();
  const looking = page.evaluate(lookOn, { ms, stamp: STAMP, letters: KEYS, keyMs: KEY_MS });
  const seen = await looking;
  const after = await threadSeconds();
  await session.detach();
  return { ...seen, threadShare: (after[0] - before[0]) / (after[1] - before[1]) };
}

/** In the page. */
async function lookOn({ ms, stamp, letters, keyMs }: { ms: number; stamp: string; letters: string; keyMs: number }): Promise<Seen> {
  const all = [...document.querySelectorAll('.xterm-rows')].filter((rows) => rows.closest('[data-behind]') === null);
  const mine = document.activeElement?.closest('.xterm')?.querySelector('.xterm-rows');
  if (mine === null || mine === undefined) throw new Error('No terminal has the focus');
  const seen: Seen = { gaps: [], longShare: 0, threadShare: 0, keys: { document: [], frame: [] }, keysMissed: 0, draws: [], ages: [] };
  const waiting: { letter: string; count: number; at: number }[] = [];
  const countOf = (letter: string): number => (mine.textContent ?? '').split(letter).length;
  const typed = document.activeElement;
  /** By the page itself, at the moment that it was due: the process that drives the browser is the server, too. */
  const press = (letter: string, at: number): void => {
    waiting.push({ letter, count: countOf(letter), at });
    typed?.dispatchEvent(new InputEvent('input', { data: letter, inputType: 'insertText', bubbles: true }));
  };
  const observers = [
    new MutationObserver(() => {
      const now = performance.now();
      for (const key of [...waiting]) {
        if (countOf(key.letter) <= key.count) continue;
        waiting.splice(waiting.indexOf(key), 1);
        seen.keys.document.push(now - key.at);
        const { port1, port2 } = new MessageChannel();
        // A message is a task of its own: it comes when the frame that was begun is done.
        requestAnimationFrame(() => port2.postMessage(''));
        port1.onmessage = () => seen.keys.frame.push(performance.now() - key.at);
      }
    }),
  ];
  observers[0]?.observe(mine, { childList: true, subtree: true, characterData: true });
  const others = all.filter((rows) => rows !== mine);
  const frames = others.map(() => new Set<number>());
  let frame = 0;
  for (const [index, rows] of others.entries()) {
    const observer = new MutationObserver(() => frames[index]?.add(frame));
    observer.observe(rows, { childList: true, subtree: true, characterData: true });
    observers.push(observer);
  }
  const pattern = new RegExp(`${stamp}([0-9a-z]{8})`, 'g');
  const ages = setInterval(() => {
    for (const rows of others) {
      const newest = [...(rows.textContent ?? '').matchAll(pattern)].reduce((last, [, at = '']) => Math.max(last, parseInt(at, 36)), 0);
      if (newest > 0) seen.ages.push(Date.now() - newest);
    }
  }, 490);
  let longMs = 0;
  const long = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longMs += duration;
  });
  long.observe({ entryTypes: ['longtask'] });
  const begun = performance.now();
  let pressed = 0;
  const keys = setInterval(() => {
    const due = begun + (pressed + 1) * keyMs;
    if (due > performance.now() || due > begun + ms - 500) return;
    press(letters.charAt(pressed % letters.length), due);
    pressed += 1;
  }, 5);
  for (let last = begun; last - begun < ms; ) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const now = performance.now();
    seen.gaps.push(now - last);
    last = now;
    frame += 1;
  }
  const took = performance.now() - begun;
  clearInterval(ages);
  long.disconnect();
  clearInterval(keys);
  for (const observer of observers) observer.disconnect();
  seen.longShare = longMs / took;
  seen.keysMissed = waiting.length;
  seen.draws = frames.map(({ size }) => (size * 1000) / took);
  return seen;
}

export interface BarePage {
  url: string;
  /** To one of its terminals. */
  feed(index: number, bytes: Uint8Array): void;
  stop(): Promise<void>;
}

/** Terminals side by side, five in a row; each has a WebSocket, which gives back what is typed. */
export function startBarePage(count: number, options: object): BarePage {
  const sockets = new Map<number, Bun.ServerWebSocket<number>>();
  const server = Bun.serve<number>({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request, serving) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === '/feed' && serving.upgrade(request, { data: Number(searchParams.get('index')) })) return undefined;
      if (pathname === '/xterm.css') return new Response(Bun.file(xtermCss));
      if (pathname === '/xterm.mjs') return new Response(Bun.file(xterm));
      return new Response(bareHtml(count, options), { headers: { 'content-type': 'text/html' } });
    },
    websocket: {
      open: (socket) => void sockets.set(socket.data, socket),
      message: (socket, message) => void socket.send(Buffer.from(message)),
    },
  });
  return {
    url: server.url.href,
    feed: (index, bytes) => void sockets.get(index)?.send(bytes),
    stop: () => server.stop(true),
  };
}

function bareHtml(count: number, options: object): string {
  return `<!doctype html><meta charset="utf-8"><title>bare</title><link rel="stylesheet" href="/xterm.css">
<style>body { margin: 0; display: grid; grid-template: repeat(2, 50vh) / repeat(5, 20vw); } div { overflow: hidden; }</style>
<script type="module">
import { Terminal } from '/xterm.mjs';
for (let index = 0; index < ${count}; index += 1) {
  const place = document.body.appendChild(document.createElement('div'));
  const term = new Terminal(${JSON.stringify(options)});
  term.open(place);
  const socket = new WebSocket('/feed?index=' + index);
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => term.write(new Uint8Array(data));
  term.onData((data) => socket.send(data));
  if (index === 0) term.focus();
}
</script>`;
}
