// The page of a workspace leads to its workbench while something runs, and from there all of the
// workspace is at hand: what is begun by its menu or by the palette opens as a tile.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { type ConversationServer, startConversationServer } from '../support/conversation.ts';
import { until } from '../support/until.ts';

let server: ConversationServer;
let browser: Browser;
let page: Page;
let workspace = '';
const ids: Record<string, string> = {};

beforeAll(async () => {
  server = await startConversationServer();
  const { parts, workspaceId } = server;
  workspace = `/workspaces/${workspaceId}`;
  writeFileSync(join(parts.workspaces.get(workspaceId).path, 'notes.txt'), 'first line\n');
  await server.conversation(); // So that the agent is known.
  for (const name of ['one', 'two <b>']) {
    ids[name] = (await parts.sessions.create({ workspaceId, kind: 'terminal', name, meta: { command: ['cat'] } })).id;
  }
  browser = await openBrowser();
  page = await signedIn(browser, server);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const tab = (name: string) => page.locator('.bench-tab', { hasText: name });
const open = async (path: string): Promise<void> => {
  await page.goto(server.url + path);
  await page.locator('#connection[data-state=live]').waitFor({ state: 'attached' });
};
const isBench = (url: URL): boolean => url.pathname === `${workspace}/workbench`;

test('the page of a workspace leads to its workbench by Enter, by a key and by each session, while something runs', async () => {
  const quiet = await server.workspace('quiet');
  await open(`/workspaces/${quiet.id}`);
  expect(await page.locator('[data-enter]').count()).toBe(0);
  await server.terminal(quiet.id, { command: ['cat'] });
  await page.locator('.bench-lead', { hasText: 'One live session' }).waitFor();
  await open(workspace);
  expect(await page.locator('.bench-lead').textContent()).toContain('3 live sessions');
  await page.keyboard.press('Enter');
  await page.waitForURL(isBench);
  await open(workspace);
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  await page.waitForURL(isBench);
  await open(workspace);
  await page.locator('.bench-lead-names a', { hasText: 'two <b>' }).click();
  await page.waitForURL(isBench);
  await page.locator(`.bench-tile[data-active][data-tile-of="${ids['two <b>']}"]`).waitFor();
});

test('its menu starts a named terminal with a command, a conversation and a file, each in a tile of its own', async () => {
  await open(`${workspace}/workbench`);
  const menu = page.locator('#bench-begin');
  const begin = async (fields: Record<string, string>, button: string) => {
    await page.getByRole('button', { name: 'More to start' }).click();
    for (const [name, text] of Object.entries(fields)) await menu.locator(`[name=${name}]`).fill(text);
    await menu.getByRole('button', { name: button }).click();
  };
  await begin({ command: 'echo begun; exec cat', name: 'x'.repeat(300) }, 'New terminal');
  await menu.locator('[data-begin-error]', { hasText: 'characters' }).waitFor();
  await menu.locator('[name=name]').first().fill('a named one');
  await menu.getByRole('button', { name: 'New terminal' }).click();
  await tab('a named one').waitFor();
  expect(await menu.isVisible()).toBe(false);
  await begin({ text: 'say from the bench' }, 'New conversation');
  await page.locator('.bench-tile[data-active] .item-message', { hasText: 'from the bench' }).waitFor();
  await begin({ path: 'notes.txt' }, 'Open in the editor');
  await page.locator('.bench-tile[data-active] .cm-content', { hasText: 'first line' }).waitFor();
  expect(isBench(new URL(page.url()))).toBe(true);
});

test('the palette opens sessions of this workspace and starts new ones without leaving the bench', async () => {
  await open(`${workspace}/workbench`);
  await tab('one').first().waitFor();
  await page.evaluate(() => document.body.setAttribute('data-stays', ''));
  const choose = async (letters: string, text: string) => {
    await page.keyboard.press('Control+Shift+K');
    await page.fill('#palette-input', letters);
    await page.locator('#palette-list > li[aria-selected=true]', { hasText: text }).waitFor();
    await page.keyboard.press('Enter');
  };
  await tab('two <b>').getByRole('button', { name: 'Close' }).click();
  await choose('two <b>', 'two <b>');
  await tab('two <b>').waitFor();
  const before = server.parts.sessions.liveIn(server.workspaceId).length;
  await choose('New terminal in talk', 'New terminal in talk');
  await until('one more', () => server.parts.sessions.liveIn(server.workspaceId).length === before + 1);
  await page.locator('.bench-tile[data-active] dispatch-terminal[data-state=live]').waitFor();
  await choose('rename two <b>', 'Rename two <b>');
  await page.fill('#palette-input', 'second');
  await page.keyboard.press('Enter');
  await tab('second').waitFor();
  await choose('stop second', 'Stop second');
  await page.keyboard.press('Enter');
  await until('its end', () => server.parts.sessions.get(ids['two <b>'] ?? '').status === 'stopped');
  await page.locator('#bench-sessions').filter({ hasNotText: 'second' }).waitFor();
  expect(await page.locator('body[data-stays]').count()).toBe(1);
});

test('nothing open says what to do, and begins it', async () => {
  const { id } = await server.workspace('bare');
  await open(`/workspaces/${id}/workbench`);
  await page.locator('.bench-empty').getByRole('button', { name: 'New terminal' }).click();
  await page.locator('.bench-tile[data-active] dispatch-terminal[data-state=live]').waitFor();
  await page.locator('.bench-empty').waitFor({ state: 'hidden' });
});
