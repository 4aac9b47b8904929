// Everything but the terminal works in a browser that runs no script.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  page = await signedIn(browser, server, { javaScriptEnabled: false });
  page.setDefaultTimeout(10_000);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

test('a workspace is made, with the error first and the form kept', async () => {
  await page.goto(`${server.url}/workspaces`);
  await page.fill('#create-path', join(server.root, 'plain'));
  await page.fill('#create-name', 'A & "B"');
  await page.click('#create-workspace button');
  await page.locator('#create-path-error').waitFor();
  expect(await page.inputValue('#create-name')).toBe('A & "B"');
  await page.check('#create-create');
  await page.click('#create-workspace button');
  await page.waitForURL(/\/workspaces\/[0-9a-f-]{36}$/);
  expect(await page.locator('h1').textContent()).toBe('A & "B"');
});

test('it is searched for, archived and restored', async () => {
  await page.goto(`${server.url}/workspaces`);
  await page.fill('#q', 'nothing like it');
  await page.click('form[role=search] button');
  await page.getByText('Nothing matches').waitFor();
  await page.click('text=Show all');
  await page.getByRole('button', { name: 'Archive A & "B"' }).click();
  await page.getByText('No workspace yet').waitFor();
  await page.click('.tabs a:text("Archived")');
  await page.getByRole('button', { name: 'Restore A & "B"' }).click();
  await page.waitForURL(/\/workspaces\/[0-9a-f-]{36}$/);
});

test('a session is started, renamed, stopped, resumed and deleted', async () => {
  const { id } = (await server.api('/api/workspaces')).body.workspaces[0];
  await page.goto(`${server.url}/workspaces/${id}`);
  await page.click('#new-terminal-options > summary');
  await page.fill('#terminal-command', 'exec cat');
  await page.click('#new-terminal > button');
  await page.waitForURL(/\/sessions\//);
  await page.goto(`${server.url}/workspaces/${id}`);
  await page.click('.drawer > summary');
  await page.fill('.drawer-name', 'the cat');
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.locator('.row-link', { hasText: 'the cat' }).waitFor();
  expect(page.url()).toBe(`${server.url}/workspaces/${id}`);
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Stop' }).waitFor();
  await page.click('.drawer > summary');
  await page.click('.confirm > summary');
  await page.getByRole('button', { name: 'Delete with its history' }).click();
  await page.getByText('Nothing runs here').waitFor();
  expect((await server.api(`/api/sessions?workspaceId=${id}`)).body.sessions).toEqual([]);
});

test('a workspace is changed, and a wrong line comes back', async () => {
  const { id } = (await server.api('/api/workspaces')).body.workspaces[0];
  await page.goto(`${server.url}/workspaces/${id}`);
  await page.click('#edit-particulars > summary');
  await page.fill('#edit-env', 'nonsense');
  await page.locator('#particulars button').click();
  expect(await page.locator('#edit-env-error').textContent()).toContain('Line 1');
  expect(await page.inputValue('#edit-env')).toBe('nonsense');
  await page.fill('#edit-env', 'A=1');
  await page.locator('#particulars button').click();
  await page.getByText('Saved', { exact: true }).waitFor();
  expect((await server.api(`/api/workspaces/${id}`)).body.metadata.env).toEqual({ A: '1' });
});

test('settings are saved and refused, a link is made, the reference is read', async () => {
  await page.goto(`${server.url}/settings`);
  await page.fill('#terminal-fontSize', '99');
  await page.locator('#terminal-form button').click();
  await page.locator('#terminal-fontSize-error').waitFor();
  await page.fill('#terminal-fontSize', '18');
  await page.locator('#terminal-form button').click();
  await page.locator('#terminal-form').getByText('Saved', { exact: true }).waitFor();
  expect(server.parts.settings.get('terminal').fontSize).toBe(18);
  await page.locator('#device-link button').click();
  expect(await page.locator('#link-url').inputValue()).toStartWith(`${server.url}/login/link?token=`);
  await page.goto(`${server.url}/reference`);
  await page.fill('#q', 'recording');
  await page.click('form[role=search] button');
  await page.locator('.operation > summary').first().click();
  expect(await page.locator('.operation code').first().textContent()).toBe('/api/sessions/{id}/recording');
});

test('a page that is not there says so, and one signs out', async () => {
  await page.goto(`${server.url}/workspaces/none`);
  expect(await page.locator('h1').textContent()).toBe('Not found');
  await page.click('text=To the workspaces');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/\/login$/);
});
