// The files of a workspace in a browser: unfold, make, rename, delete and take back, upload with a
// name that is taken, find by name, search and replace; and all but uploads without script.

import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let browser: Browser;
let page: Page;
let id: string;
let folder: string;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  page = await signedIn(browser, server);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
beforeEach(async () => {
  ({ id, path: folder } = await server.workspace());
  mkdirSync(join(folder, 'src/deep'), { recursive: true });
  writeFileSync(join(folder, 'src/app.ts'), 'const needle = 1;\n');
  writeFileSync(join(folder, 'notes.md'), 'notes\n');
});

const open = (path = ''): Promise<unknown> => page.goto(`${server.url}/workspaces/${id}/files/${path}`);
const row = (name: string): Locator => page.locator('.rows > li', { has: page.locator(`> .row .row-link:text-is(${JSON.stringify(name)})`) });
const more = async (name: string): Promise<Locator> => {
  await row(name).locator('> .drawer > summary').click();
  const actions = row(name).locator('.file-actions');
  await actions.waitFor();
  return actions;
};

test('folders unfold in place, and stay so while the list follows what is done', async () => {
  await open();
  await row('src').locator('> .fold > summary').click();
  await row('app.ts').waitFor();
  await page.click('#menu-file > summary');
  await page.fill('#new-file', 'src/deep/new.md');
  await page.keyboard.press('Enter');
  await page.getByText('Made src/deep/new.md.').waitFor();
  expect(existsSync(join(folder, 'src/deep/new.md'))).toBe(true);
  await row('app.ts').waitFor();
  const actions = await more('app.ts');
  await actions.locator('[name=to]').fill('src/main.ts');
  await page.keyboard.press('Enter');
  await row('main.ts').waitFor();
  await row('app.ts').waitFor({ state: 'detached' });
});

test('what is deleted comes back by Undo, and from the trash', async () => {
  await open();
  await (await more('notes.md')).getByRole('button', { name: 'Delete' }).click();
  await row('notes.md').waitFor({ state: 'detached' });
  expect(existsSync(join(folder, 'notes.md'))).toBe(false);
  await page.getByRole('button', { name: 'Undo' }).click();
  await row('notes.md').waitFor();
  await (await more('notes.md')).getByRole('button', { name: 'Delete' }).click();
  await row('notes.md').waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Trash' }).click();
  await page.getByRole('button', { name: 'Put back' }).click();
  await page.getByText('The trash is empty').waitFor();
  expect(readFileSync(join(folder, 'notes.md'), 'utf8')).toBe('notes\n');
});

test('a file is uploaded, and a name that is taken asks', async () => {
  await open('src');
  const choose = (name: string, text: string): Promise<void> => page.setInputFiles('[data-upload]', { name, mimeType: 'text/plain', buffer: Buffer.from(text) });
  await choose('up#1 ?.txt', 'one');
  await row('up#1 ?.txt').waitFor();
  await choose('app.ts', 'two');
  await page.getByRole('button', { name: 'Keep both' }).click();
  await until('both to be there', () => readdirSync(join(folder, 'src')).filter((name) => name.startsWith('app')).length === 2);
  await choose('app.ts', 'three');
  await page.getByRole('button', { name: 'Replace' }).click();
  await until('it to be replaced', () => readFileSync(join(folder, 'src/app.ts'), 'utf8') === 'three');
  // Dropped on a folder's list, it goes there.
  const dropped = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['dropped'], 'dropped.txt'));
    return transfer;
  });
  await page.dispatchEvent('.folder', 'drop', { dataTransfer: dropped });
  await row('dropped.txt').waitFor();
  expect(readFileSync(join(folder, 'src/dropped.txt'), 'utf8')).toBe('dropped');
});

test('a part of a name and Enter open the file in the editor', async () => {
  await open();
  await page.fill('#find', 'apts');
  await page.locator('#found [role=option][aria-selected=true]').waitFor();
  await page.press('#find', 'Enter');
  await page.waitForURL(/\/sessions\/.*path=src%2Fapp\.ts/);
});

test('lines are found, shown as they would be, and replaced in the chosen files', async () => {
  writeFileSync(join(folder, 'other.ts'), 'needle <b>\n');
  await page.goto(`${server.url}/workspaces/${id}/search-files`);
  await page.fill('[name=q]', 'needle');
  await page.check('[name=preview]');
  await page.fill('[name=replacement]', '<i>');
  await page.keyboard.press('Enter');
  await page.locator('.matches-head', { hasText: '2 lines in 2 files' }).waitFor();
  expect(await page.locator('.match-new').allTextContents()).toEqual(['<i> <b>', 'const <i> = 1;']);
  await page.uncheck('[name=file][value$="other.ts"]');
  await page.getByRole('button', { name: 'Replace in the chosen files' }).click();
  await page.getByText('Replaced in 1 place, in 1 file.').waitFor();
  expect([readFileSync(join(folder, 'src/app.ts'), 'utf8'), readFileSync(join(folder, 'other.ts'), 'utf8')]).toEqual(['const <i> = 1;\n', 'needle <b>\n']);
});

test('what is found comes piece by piece, each file whole, the count at last', async () => {
  const { id: large, path } = await server.workspace('large');
  for (let file = 0; file < 300; file += 1) writeFileSync(join(path, `file-${file}.txt`), 'a needle\nand another needle\n');
  const answer = await fetch(`${server.url}/workspaces/${large}/search-files?q=needle`, { headers: { authorization: `Bearer ${server.key}`, 'hx-request': 'true' } });
  const pieces: string[] = [];
  const decoder = new TextDecoder();
  const reader = answer.body?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) pieces.push(decoder.decode(read.value, { stream: true }));
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces[0]).not.toContain('matches-head');
  const files = pieces.join('').split('<!--/-->').slice(1, -2);
  expect(files.length).toBe(250);
  for (const file of files) expect(file.match(/<mark>needle<\/mark>/g)?.length).toBe(2);
  expect(pieces.join('')).toContain('the first 500 lines: say more of what you look for');
});

test('a search that cannot be says why, with script and without', async () => {
  const plain = await signedIn(browser, server, { javaScriptEnabled: false });
  for (const one of [page, plain]) {
    await one.goto(`${server.url}/workspaces/${id}/search-files?q=(&regex=true`);
    await one.locator('#file-matches', { hasText: 'This is no regular expression' }).waitFor();
  }
  await page.fill('[name=q]', 'a((');
  await page.keyboard.press('Enter');
  await page.locator('[data-matches-said]', { hasText: 'This is no regular expression' }).waitFor({ state: 'attached' });
  expect(await page.locator('.alert-error').count()).toBe(1);
  await plain.context().close();
});

test('all of it but uploads works without script', async () => {
  const plain = await signedIn(browser, server, { javaScriptEnabled: false });
  await plain.goto(`${server.url}/workspaces/${id}`);
  await plain.getByRole('link', { name: 'Files' }).first().click();
  await plain.getByRole('link', { name: 'src', exact: true }).click();
  await plain.locator('#menu-folder > summary').click();
  await plain.fill('#new-folder', 'made');
  await plain.locator('#menu-folder button').click();
  await plain.getByText('It was made.').waitFor();
  expect(existsSync(join(folder, 'src/made'))).toBe(true);
  await plain.goto(`${server.url}/workspaces/${id}/files/src/app.ts?part=actions`);
  await plain.getByRole('button', { name: 'Delete' }).click();
  await plain.getByRole('button', { name: 'Undo' }).click();
  await plain.getByText('It is back.').waitFor();
  expect(existsSync(join(folder, 'src/app.ts'))).toBe(true);
  await plain.goto(`${server.url}/workspaces/${id}/find-files?q=app`);
  await plain.locator('[role=option]').waitFor();
  await plain.goto(`${server.url}/workspaces/${id}/search-files?q=needle`);
  await plain.getByText('1 line in 1 file').waitFor();
  await plain.context().close();
});
