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
const ROUNDS = 3;
const WARM_MS = 400;
const OBSERVED_MS = 2_800;
/** Until all that was fed is shown. */
const DRAINED_MS = 4_000;
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
/** Made once: this process is the server, too. Only its last line says when it was printed. */
const FLOOD = encoder.encode(Array.from({ length: Math.round((FLOOD_BYTES_PER_SECOND * TURN_MS) / 1000 / line().length) }, line).join('').replaceAll(STAMP, '='));

const SCENES: Record<string, Scene> = {
  'each prints 20 lines/s': () => encoder.encode(line()),
  'nine flood at 1 MB/s, one is typed into': (index) => (index === 0 ? undefined : Buffer.concat([FLOOD, encoder.encode(line())])),
};

/** One of the pages that are measured in turns, for they share the machine with whatever else it does. */
interface Subject {
  name: string;
  page: Page;
  feed: Feed;
  count: number;
}

printMachine();
const browser = await openBrowser();
await withServer(async (server) => {
  const many = await terminals(server, TERMINALS);
  const one = await terminals(server, 1);
  const ours = await opened(server, browser, many.path, TERMINALS);
  const bare = startBarePage(TERMINALS, { ...(await gridOf(server, ours, many.path)), scrollback: 5000 });
  const plain = await browser.newPage({ viewport: VIEWPORT });
  await plain.goto(bare.url);
  await plain.waitForFunction(() => document.activeElement?.closest('.xterm') !== null);
  const subjects: Subject[] = [
    { name: 'ten terminals', page: ours, feed: many.feed, count: TERMINALS },
    { name: '  beside ten bare xterm.js', page: plain, feed: (index, bytes) => bare.feed(index, crlf(bytes)), count: TERMINALS },
    { name: '  beside one alone in the same page', page: await opened(server, browser, one.path, 1), feed: one.feed, count: 1 },
  ];
  for (const [name, scene] of Object.entries(SCENES)) {
    const seen = new Map<Subject, Seen[]>(subjects.map((subject) => [subject, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const subject of subjects) seen.get(subject)?.push(await watched(subject, scene));
    }
    print(name, '');
    const first = together(seen.get(subjects[0] as Subject) ?? []);
    for (const [index, subject] of subjects.entries()) tell(subject.name, together(seen.get(subject) ?? []), index === 0 ? undefined : first);
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
async function gridOf(server: TestServer, page: Page, path: string): Promise<object> {
  const letters = await page.locator('.xterm-rows').first().evaluate((rows) => {
    const { fontFamily, fontSize } = getComputedStyle(rows);
    return { fontFamily, fontSize: parseFloat(fontSize) };
  });
  const { sessions } = (await server.api('/api/sessions?limit=1000')).body;
  const { id } = sessions.find(({ workspaceId }: { workspaceId: string }) => path.includes(workspaceId));
  const { events } = (await server.api(`/api/sessions/${id}/history?type=resize&limit=1000`)).body;
  const { cols, rows } = events.at(-1).data;
  return { ...letters, cols, rows };
}

/** Feeds all of them in turn, looks on once that goes, and waits until all of it is shown. */
async function watched({ page, feed, count }: Subject, scene: Scene): Promise<Seen> {
  const begun = performance.now();
  let turns = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - begun) / TURN_MS) * TERMINALS;
    // What was missed is left out: to make up for it would hold up the server the more.
    for (turns = Math.max(turns, Math.floor(due) - TERMINALS); turns < due; turns += 1) {
      const index = turns % TERMINALS;
      const bytes = index < count ? scene(index) : undefined;
      if (bytes !== undefined) feed(index, bytes);
    }
  }, TURN_MS / TERMINALS);
  await Bun.sleep(WARM_MS);
  const seen = await observe(page, OBSERVED_MS);
  clearInterval(timer);
  const end = `the end of ${(printed += 1)}`;
  for (let index = 1; index < count; index += 1) feed(index, encoder.encode(`${end}\n`));
  await page.waitForFunction(shownByAll, { end, count: count - 1 }, { timeout: DRAINED_MS, polling: 100 }).catch(() => print('  (not all of it was shown 4 s later)', ''));
  return seen;
}

/** In the page. */
function shownByAll({ end, count }: { end: string; count: number }): boolean {
  return [...document.querySelectorAll('.xterm-rows')].filter(({ textContent }) => textContent?.includes(end)).length === count;
}

function together(parts: readonly Seen[]): Seen {
  const all = (of: (seen: Seen) => number[]): number[] => parts.flatMap(of);
  const sum = (of: (seen: Seen) => number): number => parts.reduce((total, part) => total + of(part), 0);
  return {
    gaps: all(({ gaps }) => gaps),
    longShare: sum(({ longShare }) => longShare) / parts.length,
    threadShare: sum(({ threadShare }) => threadShare) / parts.length,
    keys: { document: all(({ keys }) => keys.document), frame: all(({ keys }) => keys.frame) },
    keysMissed: sum(({ keysMissed }) => keysMissed),
    draws: all(({ draws }) => draws),
    ages: all(({ ages }) => ages),
  };
}

function tell(name: string, seen: Seen, than?: Seen): void {
  const { gaps, keys, ages, draws, longShare, threadShare, keysMissed } = seen;
  const rate = (one: Seen): number => (one.gaps.length * 1000) / one.gaps.reduce((sum, gap) => sum + gap, 0);
  const ratio = than === undefined ? '' : `, ours ${(rate(than) / rate(seen)).toFixed(2)} of it`;
  const ms = (values: readonly number[], part: number): string => percentile(values, part).toFixed(0);
  print(name, `${rate(seen).toFixed(1)} frames/s${ratio}; gap p95 ${ms(gaps, 0.95)}, longest ${Math.max(...gaps).toFixed(0)} ms; long tasks ${(longShare * 100).toFixed(0)} %, thread ${(threadShare * 100).toFixed(0)} % of a core`);
  const own = than === undefined ? '' : `; ours ${(median(than.keys.document) / median(keys.document)).toFixed(2)} of it`;
  const missed = keysMissed === 0 ? '' : `, ${keysMissed} never seen`;
  print('    key to glyph p50 / p95, to its frame', `${ms(keys.document, 0.5)} / ${ms(keys.document, 0.95)} ms, ${ms(keys.frame, 0.5)} / ${ms(keys.frame, 0.95)} ms${missed}${own}`);
  if (ages.length > 0) print('    the others are drawn, newest line is old', `${median(draws).toFixed(1)} times/s; ${ms(ages, 0.5)} / ${ms(ages, 0.95)} ms`);
}

function crlf(bytes: Uint8Array): Uint8Array {
  return encoder.encode(Buffer.from(bytes).toString().replaceAll('\n', '\r\n'));
}
