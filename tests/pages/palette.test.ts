// The command palette and the keys: anything by a few letters, without the mouse; keys that
// their person chose; and none taken from a terminal but the one that says so.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { PLACES } from '../../src/routes/palette-places.ts';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let browser: Browser;
let page: Page;
let workspaceId = '';

beforeAll(async () => {
  server = await startTestServer();
  mkdirSync(join(server.root, 'orchard'));
  writeFileSync(join(server.root, 'orchard', 'harvest-ledger.txt'), 'apples\n');
  workspaceId = server.parts.workspaces.create({ path: join(server.root, 'orchard') }).id;
  browser = await openBrowser();
  page = await signedIn(browser, server);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const first = (text: string) => page.locator('#palette-list > li[aria-selected=true]', { hasText: text });

async function choose(letters: string, text: string): Promise<void> {
  await page.fill('#palette-input', letters);
  await first(text).waitFor();
  await page.keyboard.press('Enter');
}

test('a few letters go to a workspace, start a terminal in it, rename it and stop it', async () => {
  await page.goto(`${server.url}/settings`);
  await page.keyboard.press('Control+k');
  await choose('ochd', 'orchard');
  await page.waitForURL(`**/workspaces/${workspaceId}`);
  await page.keyboard.press('Control+k');
  await choose('new term orch', 'New terminal in orchard');
  await page.waitForURL(/\/sessions\//);
  const id = page.url().split('/').at(-1) ?? '';
  await page.goto(`${server.url}/workspaces/${workspaceId}`);
  await page.keyboard.press('Control+k');
  await choose(`rename ${server.parts.sessions.get(id).name}`, 'Rename');
  await page.getByText('type the new name').waitFor();
  await page.fill('#palette-input', 'pruning <b>');
  await page.keyboard.press('Enter');
  await page.locator('.row-link', { hasText: 'pruning <b>' }).waitFor();
  await page.keyboard.press('Control+k');
  await choose('stop prun', 'Stop pruning <b>');
  await page.getByText('Press Enter again').waitFor();
  expect(server.parts.sessions.get(id).status).toBe('active');
  await page.keyboard.press('Enter');
  await page.locator('#ended-title').waitFor();
  expect(server.parts.sessions.get(id)).toMatchObject({ status: 'stopped', name: 'pruning <b>' });
});

test('files are found from every page, and what is held down confirms nothing', async () => {
  await page.goto(`${server.url}/settings`);
  await page.keyboard.press('Control+k');
  await page.fill('#palette-input', 'harvled');
  const found = page.locator('#palette-list > li', { hasText: 'harvest-ledger.txt' });
  await found.filter({ hasText: 'orchard' }).click();
  await page.locator('.cm-content', { hasText: 'apples' }).waitFor();
  const { id, name } = server.parts.sessions.list({ workspaceId, kind: 'fileEditor', status: 'active', limit: 1, offset: 0 }).sessions[0] ?? { id: '', name: '' };
  await page.goto(`${server.url}/workspaces`);
  await page.keyboard.press('Control+k');
  await page.fill('#palette-input', `stop ${name}`);
  await first(`Stop ${name}`).waitFor();
  await page.keyboard.down('Enter');
  await page.keyboard.down('Enter'); // The keyboard's own repeat.
  await page.keyboard.up('Enter');
  await page.getByText('Press Enter again').waitFor();
  expect(server.parts.sessions.get(id).status).toBe('active');
  await page.keyboard.press('Escape');
});

test('each setting is a few letters away, and has the caret', async () => {
  await page.goto(`${server.url}/workspaces`);
  await page.keyboard.press('Control+k');
  await choose('font size term', 'Terminal: Font size');
  await page.waitForURL('**/settings#terminal-fontSize');
  await until('the caret', () => page.evaluate(() => document.activeElement?.id === 'terminal-fontSize'));
  // As each of them says where it is.
  const ids = PLACES.flatMap(({ href }) => (href.startsWith('/settings#') ? [href.slice('/settings#'.length)] : []));
  expect(await page.evaluate((all) => all.filter((id) => document.getElementById(id) === null), ids)).toEqual([]);
});

test('inside a terminal Ctrl+K is the shell’s, and Ctrl+Shift+K opens the palette and gives the focus back', async () => {
  const { id } = await server.parts.sessions.create({ workspaceId, kind: 'terminal', meta: { command: ['cat', '-v'] } });
  await page.goto(`${server.url}/sessions/${id}`);
  await page.locator('.xterm-helper-textarea').focus();
  const printed = async (): Promise<string> => JSON.stringify((await server.api(`/api/sessions/${id}/history?limit=1000`)).body);
  await until('an attached page', async () => (await printed()).includes('"attach"'));
  await page.keyboard.press('Control+k');
  await until('the key in the program', async () => (await printed()).includes('^K'));
  expect(await page.locator('#palette').isVisible()).toBe(false);
  await page.keyboard.press('Control+Shift+K');
  await page.locator('#palette').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#palette').waitFor({ state: 'hidden' });
  expect(await page.evaluate(() => document.activeElement?.className)).toContain('xterm-helper-textarea');
  await page.keyboard.type('end\n');
  await until('the next line', async () => (await printed()).includes('end'));
  expect((await printed()).match(/"\^K"/g)).toHaveLength(1);
  await server.parts.sessions.stop(id);
  await page.goto(`${server.url}/sessions/${id}/replay`);
  await page.locator('dispatch-replay[data-ready]').waitFor();
  await page.keyboard.press('Control+Shift+K');
  await choose('archived workspaces', 'Archived workspaces');
  await page.waitForURL('**/workspaces?status=archived');
});

test('keys are changed to what one is used to, unless a terminal needs them or they are taken', async () => {
  await page.goto(`${server.url}/settings`);
  const form = page.locator('#shortcuts-form');
  await form.locator('#shortcuts-palette-inside').fill('Ctrl+R');
  await form.locator('#shortcuts-inbox').fill('g w');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('begin with Ctrl+Shift+ or Meta+').waitFor();
  await form.getByText('These are the keys of “Workspaces”').waitFor();
  await form.locator('#shortcuts-palette-inside').fill('Ctrl+Shift+C');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Terminals and editors need these').waitFor();
  await form.locator('#shortcuts-palette-inside').fill('Ctrl+Shift+P');
  await form.locator('#shortcuts-inbox').fill('i');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Saved;').waitFor();
  await page.goto(`${server.url}/workspaces`);
  await page.keyboard.press('i');
  await page.waitForURL('**/inbox');
  await page.keyboard.press('Control+Shift+P');
  await page.locator('#palette').waitFor();
});
