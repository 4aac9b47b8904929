// One stream of news per browser, however many pages are open; it comes back by itself.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const live = (page: Page): Promise<unknown> =>
  page.locator('#connection[data-state=live]').waitFor({ state: 'attached' });
const row = (page: Page, name: string): Promise<unknown> => page.locator('.row-link', { hasText: name }).waitFor();

/** Streams that are open now: each watches the folders. */
function countStreams(): { open: () => number } {
  let open = 0;
  const { changes } = server.parts;
  const listen = changes.listen.bind(changes);
  changes.listen = (listener) => {
    open += 1;
    const end = listen(listener);
    return () => {
      open -= 1;
      end();
    };
  };
  return { open: () => open };
}

for (const [how, script] of [
  ['a shared worker', ''],
  ['a lock and a channel, where there is no shared worker', 'delete window.SharedWorker'],
] as const) {
  test(`ten pages share one stream through ${how}`, async () => {
    const streams = countStreams();
    const before = streams.open();
    const first = await signedIn(browser, server);
    const context = first.context();
    if (script !== '') await context.addInitScript(script);
    const pages = await Promise.all(Array.from({ length: 10 }, () => context.newPage()));
    await first.close();
    await Promise.all(pages.map((page) => page.goto(`${server.url}/workspaces`)));
    await Promise.all(pages.map(live));
    await until('one stream', () => streams.open() - before === 1);
    const name = `seen-by-all-${how.length}`;
    await server.workspace(name);
    await Promise.all(pages.map((page) => row(page, name)));
    expect(streams.open() - before).toBe(1);

    // The page that holds the stream, if one does, is among the first to go: another takes over.
    await Promise.all(pages.slice(0, 8).map((page) => page.close()));
    await server.workspace(`${name}-later`);
    await Promise.all(pages.slice(8).map((page) => row(page, `${name}-later`)));
    await context.close();
    await until('no stream', () => streams.open() === before);
  });
}

test('what happened while the server was away is there when it is back', async () => {
  const first = await startTestServer();
  const page = await signedIn(browser, first);
  await page.goto(`${first.url}/workspaces`);
  await live(page);
  await first.stop(true);
  await page.locator('#connection[data-state=reconnecting]').waitFor({ state: 'attached' });
  const folders = { root: first.root, dataFolder: first.dataFolder };
  const second = await startTestServer({ folders, environment: { PORT: new URL(first.url).port } });
  await second.workspace('missed');
  await row(page, 'missed');
  await live(page);
  await page.context().close();
  await second.stop();
  rmSync(dirname(first.root), { recursive: true });
});
