// The first page in a browser: it leads who is new from a folder to a terminal, shows what runs
// as it is, and what waits.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  server = await startTestServer();
  mkdirSync(join(server.root, 'projects', 'a <b>folder'), { recursive: true });
  mkdirSync(join(server.root, '.hidden'), { recursive: true });
  browser = await openBrowser();
  page = await signedIn(browser, server);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

test('who is new is led from a folder of the machine to a terminal, with two clicks from then on', async () => {
  await page.goto(server.url);
  await page.getByRole('link', { name: 'Choose a folder' }).click();
  await page.locator('li:last-child > .folders-row').getByText('.hidden').waitFor(); // The only root is where one begins.
  await page.locator('.folders-row', { hasText: 'projects' }).click();
  await page.locator('.folders-row', { hasText: 'a <b>folder' }).click();
  await page.getByText('No folders in here.').waitFor();
  await page.getByRole('button', { name: 'Make it a workspace' }).click();
  await page.waitForURL(/\/workspaces\/[0-9a-f-]+$/);
  await page.getByRole('link', { name: 'Dispatch, home' }).click();
  await page.getByRole('button', { name: 'Terminal' }).click();
  await page.waitForURL(/\/sessions\/[0-9a-f-]+$/);
});

test('what runs is seen small, as it is now', async () => {
  const [workspace] = server.parts.workspaces.list({ limit: 1, offset: 0 }).workspaces;
  const session = await server.parts.sessions.create({ workspaceId: workspace?.id ?? '', kind: 'terminal', name: 'watched <i>' });
  await page.goto(server.url);
  const card = page.locator(`#card-${session.id}`);
  await card.getByText('watched <i>').waitFor();
  const input = await server.api(`/api/sessions/${session.id}/input`, { method: 'POST', body: { text: 'echo seen-$((40+2)) "<b>"\n' } });
  expect(input.status).toBe(204);
  await card.locator('pre', { hasText: 'seen-42 <b>' }).waitFor();
  await server.parts.sessions.stop(session.id);
  await page.locator('#home-ended').getByRole('button', { name: 'Resume watched <i>' }).waitFor();
});

test('a link for the phone comes as a code that a camera reads', async () => {
  await page.goto(`${server.url}/settings`);
  await page.locator('#device-link button').click();
  const url = await page.locator('#link-url').inputValue();
  expect(url).toStartWith(`${server.url}/login/link?token=`);
  const code = await page.getByRole('img', { name: 'The link as a QR code' }).locator('svg').boundingBox();
  expect(code?.width).toBeGreaterThan(150);
  await page.locator('#device-link').getByText('a phone does not reach it').waitFor(); // This server listens on loopback.
});

test('folders that are workspaces lead to them, and a new one is made where one stands', async () => {
  await page.goto(`${server.url}/folders?path=${encodeURIComponent(join(server.root, 'projects'))}`);
  await page.getByRole('link', { name: 'a <b>folder is a workspace: open it' }).waitFor();
  await page.click('.folders-new > summary');
  await page.fill('#new-folder', '../outside');
  await page.click('.folders-new button');
  await page.locator('#create-path-error').waitFor();
  await page.goto(`${server.url}/folders?path=${encodeURIComponent(join(server.root, 'projects'))}`);
  await page.click('.folders-new > summary');
  await page.fill('#new-folder', 'made here');
  await page.click('.folders-new button');
  await page.locator('h1', { hasText: 'made here' }).waitFor();
  await page.goto(`${server.url}/folders?path=${encodeURIComponent(join(server.root, 'projects', 'made here'))}`);
  await page.getByRole('link', { name: 'Open this workspace' }).click();
  await page.waitForURL(/\/workspaces\/[0-9a-f-]+$/);
});

test('what only wants to be known is marked as seen all at once', async () => {
  const [workspace] = server.parts.workspaces.list({ limit: 1, offset: 0 }).workspaces;
  for (const exit of [3, 4]) {
    await server.parts.sessions.create({ workspaceId: workspace?.id ?? '', kind: 'terminal', name: `ends with ${exit}`, meta: { command: ['sh', '-c', `exit ${exit}`] } });
  }
  await page.goto(server.url);
  for (const exit of [3, 4]) await page.locator('.inbox-told .inbox-item', { hasText: `ends with ${exit}` }).locator('.lamp-error').waitFor();
  await page.getByRole('button', { name: /Mark all \d+ as seen/ }).click();
  await page.locator('#home-needs .inbox-item').first().waitFor({ state: 'detached' });
  expect((await server.api('/api/inbox')).body.items).toEqual([]);
});

test('folders are told to programs, inside the roots and nowhere else', async () => {
  expect((await server.api('/api/folders')).body).toMatchObject({ path: null, folders: [{ path: server.root, git: false }] });
  const inside = await server.api(`/api/folders?path=${encodeURIComponent(server.root)}`);
  expect(inside.body).toMatchObject({ path: server.root, parent: null, more: 0 });
  for (const path of ['/etc', `${server.root}/..`, 'relative', `${server.root}/none`]) {
    const refused = await server.api(`/api/folders?path=${encodeURIComponent(path)}`);
    expect([path, refused.status, Object.keys((refused.body as { fields?: object }).fields ?? {})]).toEqual([path, 422, ['path']]);
  }
});
