// Ten terminals side by side in one page: how smooth it stays while all of them print, or nine
// flood, and how soon a key in the one with the focus shows. Beside one terminal alone in the
// same page, and ten bare xterm.js terminals fed the same bytes. Without a graphics card.

import { constants, openSync, closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../tests/support/browser.ts';
import type { TestServer } from '../tests/support/server.ts';
import { median, percentile, print, printMachine, withServer } from './figures.ts';
import { observe, type Seen, STAMP, startBarePage } from './workbench-page.ts';

const TERMINALS = 10;
const VIEWPORT = { width: 1600, height: 1000 };
const OBSERVED_MS = 8_000;
/** Each terminal gets something so often, one after the other. */
const TURN_MS = 50;
const FLOOD_BYTES_PER_SECOND = 1_000_000;
const COLOURS = [31, 32, 33, 34, 35, 36];
const WORDS = 'compiled linked checked tests/pages src/views public/terminal in of with 12 ms ok warning'.split(' ');

/** Writes to one terminal. */
type Feed = (index: number, bytes: Uint8Array) => void;
/** What one terminal prints at its turn. */
type Scene = (index: number) => Uint8Array | undefined;

const encoder = new TextEncoder();
let printed = 0;
const line = (): string => {
  printed += 1;
  const word = (at: number): string => WORDS[(printed * 7 + at * 5) % WORDS.length] ?? '';
  const colour = COLOURS[printed % COLOURS.length];
  return `\x1b[2m${STAMP}${Date.now().toString(36)}\x1b[0m \x1b[${colour}m${word(1)}\x1b[0m ${word(2)} \x1b[1m${word(3)}\x1b[0m ${word(4)} ${printed}\n`;
};
const FLOOD_LINES = Math.round((FLOOD_BYTES_PER_SECOND * TURN_MS) / 1000 / line().length);

const SCENES: Record<string, Scene> = {
  'each prints 20 lines/s': () => encoder.encode(line()),
  'nine flood at 1 MB/s, one is typed into': (index) => (index === 0 ? undefined : encoder.encode(Array.from({ length: FLOOD_LINES }, line).join(''))),
};

printMachine();
const browser = await openBrowser();
await withServer(async (server) => {
  const many = await terminals(server, TERMINALS);
  const one = await terminals(server, 1);
  const grid = await gridOf(server, browser, many.path);
  const bare = startBarePage(TERMINALS, { ...grid, scrollback: 5000 });
  for (const [name, scene] of Object.entries(SCENES)) {
    const ours = await watched(await opened(server, browser, many.path, TERMINALS), many.feed, scene);
    tell(`ten terminals, ${name}`, ours);
    const page = await browser.newPage({ viewport: VIEWPORT });
    await page.goto(bare.url);
    await page.waitForFunction(() => document.activeElement?.closest('.xterm') !== null);
    tell('  beside ten bare xterm.js', await watched(page, (index, bytes) => bare.feed(index, crlf(bytes)), scene), ours);
    const alone: Feed = (index, bytes) => index === 0 && one.feed(0, bytes);
    tell('  beside one alone in the same page', await watched(await opened(server, browser, one.path, 1), alone, scene), ours);
  }
  await bare.stop();
  one.end();
  many.end();
});
await browser.close();
process.exit(0);

/** Terminals of a workspace of their own, laid five in a row; each shows what it is fed and echoes what is typed. */
async function terminals(server: TestServer, count: number): Promise<{ path: string; feed: Feed; end: () => void }> {
  const workspace = await server.workspace();
  const pipes: number[] = [];
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const pipe = join(workspace.path, `pipe-${index}`);
    Bun.spawnSync(['mkfifo', pipe]);
    pipes.push(openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK));
    ids.push((await server.terminal(workspace.id, { command: ['cat', pipe] })).id);
  }
  const parts = (nodes: object[]): object[] => nodes.map((node) => ({ share: 1 / nodes.length, node }));
  const rows = [ids.slice(0, 5), ids.slice(5)].filter(({ length }) => length > 0);
  const tree = { split: 'column', parts: parts(rows.map((row) => ({ split: 'row', parts: parts(row.map((id) => ({ tabs: [id], shown: id }))) }))) };
  await server.api(`/api/workspaces/${workspace.id}/layout?client=the-bench`, { method: 'PUT', body: { layout: { tree, name: 'bench' } } });
  return {
    path: `/workspaces/${workspace.id}/workbench`,
    feed: (index, bytes) => {
      try {
        writeSync(pipes[index] ?? -1, bytes);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error; // It is full: this turn is left out.
      }
    },
    end: () => pipes.forEach(closeSync),
  };
}

async function opened(server: TestServer, browser: Browser, path: string, count: number): Promise<Page> {
  const page = await signedIn(browser, server, { viewport: VIEWPORT });
  await page.goto(server.url + path);
  await page.waitForFunction((wanted) => document.querySelectorAll('dispatch-terminal[data-state=live]').length === wanted, count);
  await page.locator('dispatch-terminal .xterm-helper-textarea').first().focus();
  return page;
}

/** Size and letters of our tiles, for the bare ones to be as large. */
async function gridOf(server: TestServer, browser: Browser, path: string): Promise<object> {
  const page = await opened(server, browser, path, TERMINALS);
  await page.waitForFunction(() => document.querySelectorAll('.xterm-rows').length > 0);
  const grid = await page.evaluate(() => {
    const rows = document.querySelector<HTMLElement>('.xterm-rows');
    const { fontFamily = '', fontSize = '' } = rows === null ? {} : getComputedStyle(rows);
    const cell = rows?.querySelector('div')?.getBoundingClientRect();
    return { fontFamily, fontSize: parseFloat(fontSize), rows: rows?.childElementCount ?? 24, width: cell?.width ?? 0 };
  });
  const [session] = (await server.api('/api/sessions?limit=1000')).body.sessions.filter(({ workspaceId }: { workspaceId: string }) => path.includes(workspaceId));
  const { events } = (await server.api(`/api/sessions/${session.id}/history?type=resize&limit=1000`)).body;
  await page.context().close();
  return { fontFamily: grid.fontFamily, fontSize: grid.fontSize, cols: events.at(-1).data.cols, rows: events.at(-1).data.rows };
}

/** Feeds all of them in turn, and looks on once that goes. */
async function watched(page: Page, feed: Feed, scene: Scene): Promise<Seen> {
  const begun = performance.now();
  let turns = 0;
  const timer = setInterval(() => {
    for (; turns < ((performance.now() - begun) / TURN_MS) * TERMINALS; turns += 1) {
      const bytes = scene(turns % TERMINALS);
      if (bytes !== undefined) feed(turns % TERMINALS, bytes);
    }
  }, TURN_MS / TERMINALS);
  await Bun.sleep(1000);
  const seen = await observe(page, OBSERVED_MS);
  clearInterval(timer);
  await page.context().close();
  return seen;
}

function tell(name: string, seen: Seen, than?: Seen): void {
  const { gaps, keys, ages, draws, longShare, keysMissed } = seen;
  const rate = (one: Seen): number => (one.gaps.length * 1000) / one.gaps.reduce((sum, gap) => sum + gap, 0);
  const ratio = than === undefined ? '' : `, ours ${(rate(than) / rate(seen)).toFixed(2)} of it`;
  const ms = (values: readonly number[], part: number): string => percentile(values, part).toFixed(0);
  print(name, `${rate(seen).toFixed(1)} frames/s${ratio}; gap p95 ${ms(gaps, 0.95)}, longest ${Math.max(...gaps).toFixed(0)} ms; long tasks ${(longShare * 100).toFixed(0)} %`);
  const own = than === undefined ? '' : `; ours ${(median(than.keys.document) / median(keys.document)).toFixed(2)} of it`;
  const missed = keysMissed === 0 ? '' : `, ${keysMissed} never seen`;
  print('    key to glyph p50 / p95, to its frame', `${ms(keys.document, 0.5)} / ${ms(keys.document, 0.95)} ms, ${ms(keys.frame, 0.5)} / ${ms(keys.frame, 0.95)} ms${missed}${own}`);
  if (ages.length > 0) print('    the others are drawn, newest line is old', `${median(draws).toFixed(1)} times/s; ${ms(ages, 0.5)} / ${ms(ages, 0.95)} ms`);
}

function crlf(bytes: Uint8Array): Uint8Array {
  return encoder.encode(Buffer.from(bytes).toString().replaceAll('\n', '\r\n'));
}
