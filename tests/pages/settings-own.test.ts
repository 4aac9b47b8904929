// Settings of one's own: a workspace's, with what it inherits, and a terminal's colours from a
// scheme; and how pages look for those who need them otherwise.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openTerminal, shows } from '../support/terminal-page.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let browser: Browser;
let page: Page;
let workspaceId: string;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  page = await signedIn(browser, server);
  page.setDefaultTimeout(10_000);
  workspaceId = (await server.workspace('barn', { color: '#2f8f7b' })).id;
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const metadata = () => server.parts.workspaces.get(workspaceId).metadata;
const open = async (path: string, on = page): Promise<void> => {
  await on.goto(server.url + path);
  await on.locator('#connection[data-state=live]').waitFor({ state: 'attached' });
};

test('a workspace says what it has of its own, what it inherits, and inherits again', async () => {
  await open(`/workspaces/${workspaceId}#overrides`);
  const form = page.locator('#overrides-terminal');
  await form.locator('#own-terminal-fontSize').waitFor();
  expect(await form.locator('#own-terminal-fontSize').getAttribute('placeholder')).toBe('14');
  expect(await form.locator('#own-terminal-theme option').first().textContent()).toBe('Inherited: As the page');
  await form.locator('#own-terminal-fontSize').fill('99');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.locator('#own-terminal-fontSize-error', { hasText: '6 to 40' }).waitFor();
  await form.locator('#own-terminal-fontSize').fill('18');
  await form.locator('#own-terminal-theme').selectOption('moss');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Saved', { exact: true }).waitFor();
  expect(metadata()).toEqual({ color: '#2f8f7b', settings: { terminal: { fontSize: 18, theme: 'moss' } } });
  await form.getByText('Its own; inherited: 14').waitFor();
  await page.locator('#own-retention-eventDays').fill('none');
  await page.locator('#overrides-retention').getByRole('button', { name: 'Save' }).click();
  await until('the change', () => JSON.stringify(metadata()).includes('"retention":{"eventDays":null}'));

  await open('/settings');
  const told = page.locator('#terminal .about', { hasText: 'Otherwise in' });
  expect(await told.textContent()).toContain('barn (colours, size)');
  await told.getByRole('link').click();
  await page.locator('#overrides-terminal').waitFor();

  const terminal = await server.terminal(workspaceId, { command: ['cat'] });
  await openTerminal(page, server, terminal.id);
  await page.locator('dispatch-terminal[data-shown-theme=moss]').waitFor();

  await open(`/workspaces/${workspaceId}#overrides`);
  await form.getByRole('button', { name: 'Inherit all again' }).click();
  await until('the change', () => JSON.stringify(metadata().settings) === '{"retention":{"eventDays":null}}');
});

test('a workspace records everything only for one who says so twice', async () => {
  await open(`/workspaces/${workspaceId}#overrides`);
  const form = page.locator('#overrides-terminal');
  await form.locator('#own-terminal-recordInput').selectOption('all');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.locator('#own-terminal-recordAllConfirmed-error').waitFor();
  await form.locator('#own-terminal-recordAllConfirmed').check();
  await form.getByRole('button', { name: 'Save' }).click();
  await until('the change', () => server.parts.settings.effective('terminal', metadata()).recordInput === 'all');
});

const SCHEME = ['*.foreground: #102030', '*.background: #fefdfc', ...Array.from({ length: 16 }, (_, index) => `*.color${index}: #${(index + 16).toString(16)}4060`)].join('\n');

test('a scheme is looked at from its file, used, and a bad one says what is wrong', async () => {
  await open('/settings');
  await page.locator('#scheme > summary').click();
  const form = page.locator('#scheme-form');
  await form.locator('textarea').fill('*.color3: beige');
  await form.getByRole('button', { name: 'Use it' }).click();
  await form.locator('#scheme-scheme-error', { hasText: 'Line 1: “beige” is no colour' }).waitFor();
  await form.locator('input[type=file]').setInputFiles({ name: 'day.Xresources', mimeType: 'text/plain', buffer: Buffer.from(SCHEME) });
  await form.getByText('So it looks.').waitFor();
  expect(server.parts.settings.get('terminal').scheme).toBeUndefined();
  await form.getByRole('button', { name: 'Use it' }).click();
  await page.waitForURL(/saved=terminal/);
  expect(server.parts.settings.get('terminal')).toMatchObject({ theme: 'own', scheme: { background: '#fefdfc', red: '#114060' } });
  expect(await page.locator('input[name=theme][value=own]').isChecked()).toBe(true);

  const { id } = await server.terminal(workspaceId, { command: ['bash', '-c', 'echo seen; exec cat'] });
  await openTerminal(page, server, id);
  await shows(page, 'seen');
  await page.locator('dispatch-terminal[data-shown-theme=own]').waitFor();
  expect(await page.locator('dispatch-terminal').evaluate((element) => element.style.getPropertyValue('--terminal-background'))).toBe('#fefdfc');
});

test('without script a scheme is pasted', async () => {
  const plain = await signedIn(browser, server, { javaScriptEnabled: false });
  await plain.goto(`${server.url}/settings`);
  await plain.locator('#scheme > summary').click();
  expect(await plain.locator('#scheme-form input[type=file]').isVisible()).toBe(false);
  await plain.locator('#scheme-form textarea').fill(SCHEME.replace('#fefdfc', '#000000'));
  await plain.getByRole('button', { name: 'Look at it' }).click();
  await plain.getByText('So it looks.').waitFor();
  await plain.getByRole('button', { name: 'Use it' }).click();
  await plain.waitForURL(/saved=terminal/);
  expect(server.parts.settings.get('terminal').scheme?.background).toBe('#000000');
  await plain.context().close();
});

test('text, contrast and motion are as one needs them, and a screen reader gets the screen', async () => {
  await server.api('/api/settings/terminal', { method: 'PATCH', body: { screenReader: true } });
  await open('/settings');
  const heading = page.locator('h1');
  const before = (await heading.boundingBox())?.height ?? 0;
  await page.selectOption('#appearance-textSize', 'larger');
  await page.selectOption('#appearance-contrast', 'more');
  await page.selectOption('#appearance-motion', 'less');
  await page.locator('#appearance-form button').click();
  await page.locator('html[data-text-size=larger][data-contrast=more][data-motion=less]').waitFor();
  await page.waitForFunction((least) => (document.querySelector('h1')?.getBoundingClientRect().height ?? 0) > least, before * 1.2);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ['/', '/workspaces', `/workspaces/${workspaceId}`, '/settings', '/inbox', '/search']) {
    await open(path);
    expect([path, await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)]).toEqual([path, 0]);
  }
  const { id } = await server.terminal(workspaceId, { command: ['bash', '-c', 'echo told aloud; exec cat'] });
  await openTerminal(page, server, id);
  await page.locator('.xterm-accessibility', { hasText: 'told aloud' }).waitFor({ state: 'attached' });
});
