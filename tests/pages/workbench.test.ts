// Sessions side by side in a browser: opened, split, resized, carried and closed by mouse and
// keyboard, none of them disturbed by another; kept per device, and taken over by another.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let browser: Browser;
let page: Page;
let address = '';
let workspaceId = '';
const ids: Record<string, string> = {};

beforeAll(async () => {
  server = await startTestServer();
  workspaceId = server.parts.workspaces.create({ path: server.root }).id;
  address = `${server.url}/workspaces/${workspaceId}/workbench`;
  for (const name of ['one', 'two', 'three']) {
    ids[name] = (await server.parts.sessions.create({ workspaceId, kind: 'terminal', name, meta: { command: ['sh', '-c', `echo I am ${name}; exec cat`] } })).id;
  }
  browser = await openBrowser();
  page = await signedIn(browser, server);
  await page.setViewportSize({ width: 1280, height: 800 });
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const tile = (name: string, on = page) => on.locator(`[data-tile-of="${ids[name]}"]`);
const live = (name: string, on = page) => tile(name, on).locator('dispatch-terminal[data-state=live]').waitFor({ state: 'attached' });
const chip = (name: string, on = page) => on.locator('.bench-session', { hasText: name });
const boxOf = async (name: string) => {
  const box = await tile(name).boundingBox();
  if (box === null) throw new Error(`${name} has no place`);
  return box;
};
const clientsOf = (name: string): number => server.parts.sessions.get(ids[name] ?? '').clients.length;

test('the first time what runs lies side by side', async () => {
  await page.goto(address);
  for (const name of ['one', 'two', 'three']) await live(name);
  expect(await page.locator('.bench-tile:not([data-behind])').count()).toBe(3);
  const [one, two, three] = [await boxOf('one'), await boxOf('two'), await boxOf('three')];
  expect(three.x + three.width).toBeLessThanOrEqual(two.x);
  expect(three.y + three.height).toBeLessThanOrEqual(one.y);
});

test('sessions are opened beside each other, and typing goes to the one that has the focus', async () => {
  for (const name of ['one', 'two']) {
    await page.locator('.bench-tab', { hasText: name }).getByRole('button', { name: 'Close' }).click();
    await tile(name).waitFor({ state: 'detached' });
  }
  await page.click('[data-deed=split-right]');
  await page.locator('.bench-strip').nth(1).waitFor();
  await chip('one').click();
  await live('one');
  const shown = await page.locator('.bench-tile:not([data-behind])').count();
  expect(shown).toBe(2);
  await page.keyboard.type('typed into one');
  await until('the echo', async () => (await server.api(`/api/sessions/${ids.one}/screen`)).body?.toString().includes('typed into one'));
  expect((await server.api(`/api/sessions/${ids.three}/screen`)).body?.toString()).not.toContain('typed');
});

test('a border is moved by mouse and by keys, and the programs hear of their size', async () => {
  const before = await boxOf('three');
  const border = page.locator('.bench-border').first();
  const box = await border.boundingBox();
  if (box === null) throw new Error('There is no border');
  await page.mouse.move(box.x + 4, box.y + 300);
  await page.mouse.down();
  await page.mouse.move(box.x - 196, box.y + 300, { steps: 4 });
  await page.mouse.up();
  expect((await boxOf('three')).width).toBeCloseTo(before.width - 200, -1);
  await until('the size', () => (server.parts.terminals.terminal(ids.three ?? '')?.winsize.cols ?? 99) < 60);
  await border.focus();
  await page.keyboard.press('ArrowRight');
  expect((await boxOf('three')).width).toBeGreaterThan(before.width - 190);
});

test('a tab is carried to the edge of another place; no terminal is connected anew by it', async () => {
  const connections = await page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/tile')).length);
  await page.evaluate(() => {
    for (const element of document.querySelectorAll('dispatch-terminal')) element.setAttribute('data-marked', '');
  });
  const tab = page.locator('.bench-tab', { hasText: 'one' });
  const target = await boxOf('three');
  await tab.hover();
  await page.mouse.down();
  await page.mouse.move(target.x + target.width / 2, target.y + target.height - 20, { steps: 6 });
  await page.mouse.up();
  await until('the new place', async () => (await boxOf('one')).y > (await boxOf('three')).y + 100);
  expect(await page.locator('dispatch-terminal:not([data-marked])').count()).toBe(0);
  expect(await page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/tile')).length)).toBe(connections);
});

test('the keys go from one to the next, and closing one ends nothing', async () => {
  await tile('three').locator('.xterm-helper-textarea').focus();
  await page.keyboard.press('Control+Shift+Period');
  await until('another focus', () => page.evaluate((id) => document.activeElement?.closest('[data-tile-of]')?.getAttribute('data-tile-of') !== id, ids.three));
  await page.locator('.bench-tab', { hasText: 'one' }).getByRole('button', { name: 'Close' }).click();
  await tile('one').waitFor({ state: 'detached' });
  await until('its detach', () => clientsOf('one') === 0);
  expect(server.parts.sessions.get(ids.one ?? '').status).toBe('active');
});

test('it comes back as it was on this device, and another device takes it over', async () => {
  const widths = async (on: Page): Promise<number[]> => {
    const boxes = await Promise.all((await on.locator('.bench-strip').all()).map((strip) => strip.boundingBox()));
    return boxes.map((box) => Math.round(box?.width ?? 0)).sort();
  };
  await chip('two').click();
  await live('two');
  const before = await widths(page);
  await until('the stored layout', () => !JSON.stringify(server.parts.layouts.list(workspaceId)).includes(ids.one ?? ''));
  await page.reload();
  await live('two');
  expect(await widths(page)).toEqual(before);

  const other = await signedIn(browser, server, { viewport: { width: 1280, height: 800 } });
  await other.goto(address);
  await live('two', other);
  expect(await widths(other)).toEqual(before); // The first time it begins as the latest is.
  await other.locator('.bench-tab-close').first().click();
  await until('its own layout', () => server.parts.layouts.list(workspaceId).length === 2);
  await other.click('[data-others]');
  await other.locator('[data-others-list] button').click();
  await until('the same again', async () => JSON.stringify(await widths(other)) === JSON.stringify(before));
  await other.context().close();
});

test('a phone shows one session at a time, with all of them at hand', async () => {
  const phone = await signedIn(browser, server, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await phone.goto(address);
  await chip('one', phone).tap();
  await live('one', phone);
  expect(await phone.locator('.bench-tile:not([data-behind])').count()).toBe(1);
  await chip('two', phone).tap();
  await live('two', phone);
  await until('only the other', () => phone.locator('.bench-tile:not([data-behind])').evaluateAll((tiles, id) => tiles.length === 1 && tiles[0]?.getAttribute('data-tile-of') === id, ids.two));
  await phone.context().close();
});

test('the session that is shown is in sight among the others of a phone', async () => {
  const made = [];
  for (let count = 0; count < 4; count += 1) made.push((await server.parts.sessions.create({ workspaceId, kind: 'terminal', name: `a rather long name ${count}`, meta: { command: ['cat'] } })).id);
  const phone = await signedIn(browser, server, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  for (const id of [ids.one, made.at(-1)]) {
    await phone.goto(`${address}?session=${id}`);
    await phone.locator(`.bench-session[data-session="${id}"][aria-current]`).waitFor();
    const isInSight = (link: Element): boolean => {
      const [own, list] = [link.getBoundingClientRect(), link.parentElement?.getBoundingClientRect()];
      return list !== undefined && own.left >= list.left - 1 && own.right <= list.right + 1;
    };
    await until(`${id} in sight`, () => phone.locator('.bench-session[aria-current]').evaluate(isInSight));
  }
  await phone.context().close();
});
