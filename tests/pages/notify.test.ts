// Notifications of the system: of what waits and is not in front of anybody, in none of the
// windows, and of nothing else.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { type ConversationServer, startConversationServer } from '../support/conversation.ts';
import { until } from '../support/until.ts';

let server: ConversationServer;
let browser: Browser;
let page: Page;
const ids: Record<string, string> = {};

beforeAll(async () => {
  [server, browser] = await Promise.all([startConversationServer(), openBrowser()]);
  for (const name of ['shown', 'behind', 'elsewhere']) {
    ids[name] = await server.conversation();
    server.parts.sessions.rename(ids[name], name);
  }
  page = await signedIn(browser, server);
  // The system's own, which no test can look at: what it is given is kept instead.
  await page.context().addInitScript(() => {
    const told: string[] = [];
    const shown: EventTarget[] = [];
    class Told extends EventTarget {
      static permission = 'granted';
      constructor(title: string) {
        super();
        told.push(title);
        shown.push(this);
      }
      close(): void {}
    }
    Object.assign(window, { Notification: Told, told, shown });
    localStorage.setItem('dispatch-notify', 'true');
  });
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const told = (on: Page): Promise<string[]> => on.evaluate(() => (window as unknown as { told: string[] }).told);
const asks = async (name: string): Promise<void> => {
  await server.say(ids[name] ?? '', `permit ${name}.txt`);
  await server.permission(ids[name] ?? '');
};

test('of what is asked in a tile that is shown there is none, of one behind another there is', async () => {
  const { id: beside } = await server.terminal(server.workspaceId, { command: ['cat'] });
  const leaf = (...tabs: string[]) => ({ share: 0.5, node: { tabs, shown: tabs[0] ?? '' } });
  const tree = { split: 'row', parts: [leaf(ids.shown ?? '', ids.behind ?? ''), leaf(beside)] };
  server.parts.layouts.put(server.workspaceId, 'another device', { tree });
  await page.goto(`${server.url}/workspaces/${server.workspaceId}/workbench`);
  await page.locator('#connection[data-state=live]').waitFor({ state: 'attached' });
  await page.locator(`#say-${ids.shown}`).waitFor();
  await page.locator(`[data-tile-of="${ids.behind}"][data-behind]`).waitFor({ state: 'attached' });
  await asks('shown');
  await page.locator(`[data-tile-of="${ids.shown}"] .decide`).first().waitFor();
  await asks('behind');
  await until('a notification', async () => (await told(page)).length > 0);
  expect(await told(page)).toEqual(['behind asks whether it may']);
  await page.evaluate(() => (window as unknown as { shown: EventTarget[] }).shown[0]?.dispatchEvent(new Event('click')));
  await page.locator(`[data-tile-of="${ids.behind}"]:not([data-behind]) .decide`).first().waitFor();
  expect(new URL(page.url()).pathname).toEndWith('/workbench');
  await page.locator(`.bench-tab[data-tab="${ids.shown}"] [data-show]`).click();
});

test('a terminal behind another is seen by nobody, until it is in front again', async () => {
  const { id } = await server.terminal(server.workspaceId, { command: ['cat'] });
  const waits = async (): Promise<boolean> => (await server.api('/api/inbox')).body.items.some(({ sessionId }: { sessionId: string }) => sessionId === id);
  await page.locator(`.bench-session[data-session="${id}"]`).click();
  await page.locator(`[data-tile-of="${id}"] dispatch-terminal[data-state=live]`).waitFor();
  const bell = (): void => server.parts.sessions.log(id).append([{ channel: 'system', type: 'bell', data: {} }]);
  bell();
  expect(await waits()).toBe(false);
  await page.locator(`.bench-tab[data-tab="${ids.shown}"] [data-show]`).click();
  await until('nobody to look', () => server.parts.sessions.get(id).clients[0]?.away === true);
  bell();
  expect(await waits()).toBe(true);
  await page.locator(`.bench-tab[data-tab="${id}"] [data-show]`).click();
  await until('it to be seen', async () => !(await waits()));
});

test('a window that shows it is asked by the others', async () => {
  const other = await page.context().newPage();
  await other.goto(`${server.url}/sessions/${ids.elsewhere}`);
  await other.locator('#connection[data-state=live]').waitFor({ state: 'attached' });
  await asks('elsewhere');
  const later = await server.conversation();
  server.parts.sessions.rename(later, 'later');
  await server.say(later, 'permit later.txt');
  await until('the next notification', async () => (await told(other)).length > 0);
  expect((await told(other)).concat(await told(page))).not.toContain('elsewhere asks whether it may');
});
