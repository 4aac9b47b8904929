// Every page, wide and on a phone, light and dark, before an accessibility checker: nothing
// that it calls serious or critical may be left. And by keys alone: the first one leads past
// the header, and no page keeps the focus.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, PHONE, signedIn } from '../support/browser.ts';
import { type Furnished, type Place, startFurnished } from '../support/furnished.ts';

const AXE = readFileSync(resolve(import.meta.dir, '../../node_modules/axe-core/axe.min.js'), 'utf8');
const WIDE = { width: 1280, height: 800 };
const TABLET = { width: 768, height: 1024 };
const NARROW = { width: 390, height: 844 };
const TABS_MAX = 100;
/** One of each make; the others are made of the same parts. */
const ROUND = ['home', 'workspace', 'files', 'changes', 'conversation', 'search'];

interface Finding {
  id: string;
  impact: string;
  nodes: { target: string[]; failureSummary: string }[];
}
type CheckedWindow = typeof globalThis & { axe: { run(context: Document, options: object): Promise<{ violations: Finding[] }> } };

let server: Furnished;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startFurnished(), openBrowser()]);
}, 30_000);
afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function open(page: Page, { path, ready }: Place): Promise<void> {
  await page.goto(server.url + path);
  await page.locator(ready).first().waitFor({ state: 'attached' });
}

/** @returns what is serious, as lines that say where and why */
async function check(page: Page, what: string, options: object): Promise<string[]> {
  const found = await page.evaluate(async (some) => (await (globalThis as CheckedWindow).axe.run(document, { resultTypes: ['violations'], ...some })).violations, options);
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${what}: ${id}: ${target.join(' ')}: ${failureSummary.replaceAll('\n', ' ')}`));
}

/** Colours once wide in either look; all else once wide and once narrow. */
async function checkPlace(page: Page, place: Place): Promise<string[]> {
  await page.setViewportSize(WIDE);
  await page.emulateMedia({ colorScheme: 'light' });
  await open(page, place);
  await page.evaluate(AXE); // Not as a script of the page: that its own policy refuses.
  const found = await check(page, `${place.name}, wide`, {});
  await page.emulateMedia({ colorScheme: 'dark' });
  await open(page, place); // A page that is on its way from light to dark has colours of both.
  await page.evaluate(AXE);
  found.push(...(await check(page, `${place.name}, dark`, { runOnly: { type: 'rule', values: ['color-contrast'] } })));
  await page.setViewportSize(NARROW);
  found.push(...(await check(page, `${place.name}, narrow`, { rules: { 'color-contrast': { enabled: false } } })));
  for (const size of [NARROW, TABLET]) {
    await page.setViewportSize(size);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wider > 0) found.push(`${place.name} is ${wider} px wider than ${size.width} px`);
  }
  return found;
}

test('nothing serious is found on any page', async () => {
  const page = await signedIn(browser, server, { reducedMotion: 'reduce' });
  const other = await signedIn(browser, server, { reducedMotion: 'reduce' });
  const stranger = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
  const left = server.places.filter((place) => place.stranger === undefined);
  const found: string[] = [];
  const work = async (on: Page): Promise<void> => {
    for (let place = left.shift(); place !== undefined; place = left.shift()) found.push(...(await checkPlace(on, place)));
  };
  await Promise.all([work(page), work(other)]);
  for (const place of server.places.filter((one) => one.stranger)) found.push(...(await checkPlace(stranger, place)));
  expect(found).toEqual([]);
  await Promise.all([page, other, stranger].map((one) => one.context().close()));
}, 180_000); // Seconds on a machine of its own, minutes on one that is shared.

test('the first key leads past the header, and Tab comes round on every page', async () => {
  const page = await signedIn(browser, server, { reducedMotion: 'reduce' });
  const trapped: string[] = [];
  // The terminal and the editor need Tab themselves, and say which keys lead out of them.
  for (const place of server.places.filter(({ name }) => ROUND.includes(name))) {
    await open(page, place);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    if (!(await comesRound(page))) trapped.push(place.name);
  }
  expect(trapped).toEqual([]);
  await open(page, server.places.find(({ name }) => name === 'settings') as Place);
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.className)).toBe('skip');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'content');
  await page.context().close();
}, 60_000);

/** Whether Tab passes over the page and leaves it. */
async function comesRound(page: Page): Promise<boolean> {
  for (let step = 0; step < TABS_MAX; step += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement === document.body)) return true;
  }
  return false;
}

test('a terminal gives the keyboard back', async () => {
  const page = await signedIn(browser, server);
  await open(page, server.places.find(({ name }) => name === 'terminal') as Place);
  await page.focus('dispatch-terminal textarea');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.closest('dispatch-terminal') !== null)).toBe(true);
  await page.keyboard.press('Control+Shift+ArrowUp');
  await page.waitForFunction(() => document.activeElement?.closest('.session-bar') !== null);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.closest('dispatch-terminal') !== null);
  await page.context().close();
});

for (const javaScriptEnabled of [true, false]) {
  test(`on a phone every place is a touch away ${javaScriptEnabled ? 'with' : 'without'} script`, async () => {
    const page = await signedIn(browser, server, { ...PHONE, javaScriptEnabled });
    for (const [href, path] of [['/settings', '/settings'], ['/reference', '/reference']] as const) {
      await page.goto(`${server.url}/workspaces`);
      expect(await page.locator(`.nav a[href="${href}"]`).isVisible()).toBe(false);
      await page.locator('.more-button').tap();
      await page.locator(`#more a[href="${href}"]`).tap();
      await page.waitForURL((url) => url.pathname === path);
    }
    await page.locator('.more-button').tap();
    await page.locator('#more').getByRole('button', { name: 'Sign out' }).tap();
    await page.waitForURL(/\/login/);
    await page.context().close();
  });
}
