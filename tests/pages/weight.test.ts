// A page is light: less than 100 KB of our own JavaScript, the terminal's and the editor's
// islands apart.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { type Furnished, startFurnished } from '../support/furnished.ts';
import { scriptsOf } from '../support/page-weight.ts';

const OURS_MAX = 100_000;
/** The others load what one of these loads. */
const PAGES = ['home', 'workspace', 'workbench', 'files', 'changes', 'terminal', 'replay', 'conversation', 'editor', 'search', 'settings', 'reference'];

let server: Furnished;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startFurnished(), openBrowser()]);
}, 30_000);
afterAll(async () => {
  await browser.close();
  await server.stop();
});

test('no page has more than 100 KB of our JavaScript', async () => {
  const heavy: string[] = [];
  const page = await signedIn(browser, server);
  await page.route('**/assets/**', (route) => route.continue()); // With it the browser asks anew each time.
  for (const { name, path, ready } of server.places.filter((place) => PAGES.includes(place.name))) {
    const scripts = scriptsOf(page);
    await page.goto(server.url + path);
    await page.locator(ready).first().waitFor({ state: 'attached' });
    const { ours } = await scripts.weight();
    if (ours > OURS_MAX || ours === 0) heavy.push(`${name}: ${ours} bytes`);
    page.removeAllListeners('response');
  }
  expect(heavy).toEqual([]);
}, 60_000);
