// The list of workspaces as a person uses it, in a real browser on a real server.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  page = await signedIn(browser, server);
  page.setDefaultTimeout(10_000);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
beforeEach(async () => {
  for (const { id } of (await server.api('/api/workspaces?limit=1000')).body.workspaces) {
    await server.api(`/api/workspaces/${id}?force=true`, { method: 'DELETE' });
  }
});

const open = (path = '/workspaces'): Promise<unknown> => page.goto(server.url + path);
const names = (): Promise<string[]> => page.locator('.row-link').allTextContents();

describe('the list of workspaces', () => {
  test('says the next step where there is none, with the form open', async () => {
    await open();
    await page.getByText('No workspace yet').waitFor();
    expect(await page.locator('#create-path').isVisible()).toBe(true);
  });

  test('keeps what was typed when a folder is refused, then makes the workspace', async () => {
    await open();
    await page.fill('#create-path', join(server.root, 'new-one'));
    await page.fill('#create-name', 'My "new" & <one>');
    await page.click('#create-workspace button');
    await page.locator('#create-path-error').waitFor();
    expect(await page.inputValue('#create-path')).toBe(join(server.root, 'new-one'));
    expect(await page.inputValue('#create-name')).toBe('My "new" & <one>');
    expect(await page.getAttribute('#create-path', 'aria-invalid')).toBe('true');
    expect(existsSync(join(server.root, 'new-one'))).toBe(false);

    await page.check('#create-create');
    await page.click('#create-workspace button');
    await page.waitForURL(/\/workspaces\/[0-9a-f-]{36}$/);
    expect(await page.locator('h1').textContent()).toBe('My "new" & <one>');
    expect(existsSync(join(server.root, 'new-one'))).toBe(true);
  });

  test('says beside the field that a folder is a workspace already', async () => {
    const { path } = await server.workspace('twice');
    await open();
    await page.click('#new-workspace > summary');
    await page.fill('#create-path', path);
    await page.click('#create-workspace button');
    expect(await page.locator('#create-path-error').textContent()).toContain('twice');
    rmSync(path, { recursive: true });
  });

  test('filters as one types, in the address too, and says when nothing matches', async () => {
    for (const name of ['apple', 'apricot', 'banana']) await server.workspace(name);
    await open();
    await page.fill('#q', 'ap');
    await page.locator('.row-link', { hasText: 'banana' }).waitFor({ state: 'detached' });
    expect((await names()).sort()).toEqual(['apple', 'apricot']);
    await page.waitForURL(/\?q=ap$/);
    await page.reload();
    expect(await page.inputValue('#q')).toBe('ap');
    expect((await names()).sort()).toEqual(['apple', 'apricot']);
    await page.fill('#q', 'zz');
    await page.getByText('Nothing matches').waitFor();
  });

  test('pages through more than fit', async () => {
    for (let index = 0; index < 53; index += 1) await server.workspace(`many-${index}`);
    await open();
    expect(await page.locator('.row-link').count()).toBe(50);
    expect(await page.locator('.pager').textContent()).toContain('1–50 of 53');
    await page.click('a[rel=next]');
    await page.waitForURL(/offset=50/);
    expect(await page.locator('.row-link').count()).toBe(3);
    await page.click('a[rel=prev]');
    await page.waitForURL(/\/workspaces$/);
  });

  test('archives in place, and restores from the archive', async () => {
    await server.workspace('put-away');
    await open();
    await page.getByRole('button', { name: 'Archive put-away' }).click();
    await page.locator('.row-link', { hasText: 'put-away' }).waitFor({ state: 'detached' });
    await page.click('.tabs a:text("Archived")');
    await page.getByRole('button', { name: 'Restore put-away' }).click();
    await page.getByText('Nothing is archived').waitFor();
    await open();
    expect(await names()).toEqual(['put-away']);
  });

  test('names the live sessions that archiving would stop, and asks', async () => {
    const { id } = await server.workspace('busy');
    const session = await server.terminal(id, { command: ['sleep', '1000'] });
    await server.api(`/api/sessions/${session.id}`, { method: 'PATCH', body: { name: 'the long one' } });
    await open();
    await page.getByRole('button', { name: 'Archive busy' }).click();
    await page.locator('#notice').getByText('the long one').waitFor();
    expect((await server.api(`/api/sessions/${session.id}`)).body.status).toBe('active');
    await page.getByRole('button', { name: 'Stop them and archive' }).click();
    await page.getByText('No workspace yet').waitFor();
    expect((await server.api(`/api/sessions/${session.id}`)).body.status).toBe('stopped');
  });

  test('shows by itself what another made, what works there, and that a folder is gone', async () => {
    await open();
    await page.locator('#connection[data-state=live]').waitFor({ state: 'attached' });
    const { id, path } = await server.workspace('from-elsewhere');
    await page.locator('.row-link', { hasText: 'from-elsewhere' }).waitFor();
    await server.terminal(id, { command: ['sleep', '1000'] });
    await page.locator('.row-live', { hasText: '1 working' }).waitFor();
    rmSync(path, { recursive: true });
    await page.getByText('folder unavailable').waitFor();
    mkdirSync(path);
    await page.getByText('folder unavailable').waitFor({ state: 'detached' });
  });

  test('obeys the keys: / to search, n for a new one, j and k among rows, ? for the list of keys', async () => {
    await server.workspace('first');
    await server.workspace('second');
    await open();
    await page.locator('html[data-script]').waitFor({ state: 'attached' });
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('q');
    await page.keyboard.type('n'); // In the search box it is a letter.
    expect(await page.inputValue('#q')).toBe('n');
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await open();
    await page.locator('html[data-script]').waitFor({ state: 'attached' });
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const second = (await names())[1];
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(second);
    await page.keyboard.press('k');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe((await names())[0]);
    await page.keyboard.press('n');
    await page.waitForFunction(() => document.activeElement?.id === 'create-path');
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press('?');
    await page.locator('#keys').waitFor({ state: 'visible' });
    await page.keyboard.press('Escape');
    await page.locator('#keys').waitFor({ state: 'hidden' });
  });
});
