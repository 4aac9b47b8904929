// The workbench on a tablet: by fingers a session is carried to another place, a border is moved, a
// tab is closed; and tapping one tile leaves the others where they were read.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let browser: Browser;
let page: Page;
let fingers: CDPSession;
const ids: Record<string, string> = {};

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  const workspaceId = (await server.workspace()).id;
  for (const name of ['one', 'two']) {
    ids[name] = (await server.parts.sessions.create({ workspaceId, kind: 'terminal', name, meta: { command: ['sh', '-c', 'seq 500; exec cat'] } })).id;
  }
  const place = (name: string) => ({ share: 0.5, node: { tabs: [ids[name] ?? ''], shown: ids[name] ?? '' } });
  server.parts.layouts.put(workspaceId, 'another device', { tree: { split: 'row', parts: [place('one'), place('two')] } });
  page = await signedIn(browser, server, { viewport: { width: 1024, height: 768 }, hasTouch: true });
  fingers = await page.context().newCDPSession(page);
  await page.goto(`${server.url}/workspaces/${workspaceId}/workbench`);
  for (const name of ['one', 'two']) await tile(name).locator('dispatch-terminal[data-state=live]').waitFor({ state: 'attached' });
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const tile = (name: string) => page.locator(`[data-tile-of="${ids[name]}"]`);
const tab = (name: string) => page.locator(`.bench-tab[data-tab="${ids[name]}"]`);
async function boxOf(what: ReturnType<typeof tile>) {
  const box = await what.boundingBox();
  if (box === null) throw new Error('It has no place');
  return box;
}
/** One finger, from the middle of something to a point, where it rests: a flick would swallow the tap after it. */
async function drag(what: ReturnType<typeof tile>, to: { x: number; y: number }): Promise<void> {
  const { x, y, width, height } = await boxOf(what);
  const from = { x: x + width / 2, y: y + height / 2 };
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [from] });
  for (const share of [0.1, 0.4, 0.7, 1, 1, 1, 1, 1, 1]) {
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    await fingers.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }] });
  }
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}
const focusedTile = () => page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-tile-of]')?.dataset.tileOf);

test('a border is moved by a finger', async () => {
  const before = await boxOf(tile('one'));
  const border = page.locator('.bench-border').first();
  const { x, y, height } = await boxOf(border);
  await drag(border, { x: x - 150, y: y + height / 2 });
  await until('the new width', async () => Math.abs((await boxOf(tile('one'))).width - before.width + 150) < 20);
});

test('a tab is carried below another place, and closed by a tap', async () => {
  const target = await boxOf(tile('two'));
  await drag(tab('one'), { x: target.x + target.width / 2, y: target.y + target.height - 15 });
  await until('the new place', async () => (await boxOf(tile('one'))).y > (await boxOf(tile('two'))).y + 100);
  const border = page.locator('.bench-border');
  expect(await border.getAttribute('aria-orientation')).toBe('horizontal');
  await tab('two').locator('[data-close]').tap();
  await tile('two').waitFor({ state: 'detached' });
  expect(server.parts.sessions.get(ids.two ?? '').status).toBe('active');
  await page.locator('.bench-session', { hasText: 'two' }).tap();
  await tile('two').locator('dispatch-terminal[data-state=live]').waitFor({ state: 'attached' });
});

test('what is read in one stays where it is while another is clicked and typed into', async () => {
  const { width } = await boxOf(page.locator('.bench'));
  await drag(tab('two'), { x: width - 10, y: 400 });
  await until('two places', async () => (await page.locator('.bench-strip').count()) === 2);
  const scrolled = (name: string) => tile(name).locator('dispatch-terminal').evaluate((element) => (element.querySelector('.xterm-rows')?.textContent ?? '').slice(0, 40));
  await tile('one').hover();
  await page.mouse.wheel(0, -2000);
  const atEnd = await scrolled('two');
  await until('older lines', async () => !(await scrolled('one')).includes('500') && (await scrolled('one')) !== atEnd);
  const read = await scrolled('one');
  await tile('two').locator('.xterm-screen').click({ position: { x: 20, y: 20 } });
  expect(await focusedTile()).toBe(ids.two ?? '');
  await page.keyboard.type('typed in two\n');
  await until('the echo', async () => String((await server.api(`/api/sessions/${ids.two}/screen`)).body).includes('typed in two'));
  expect(await scrolled('one')).toBe(read);
  expect(await focusedTile()).toBe(ids.two ?? '');
});
