// The page of documents in a real browser: two windows type in one text, offline edits come
// along later, what another program writes shows up, a conflict is put together, a reload loses
// nothing; and without script the text is there and can be saved.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { type DocumentServer, startDocumentServer } from '../support/documents.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(30_000);

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

let server: DocumentServer;
let browser: Browser;
let id: string;
const troubles: string[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startDocumentServer(), openBrowser()]);
  id = await server.fileSession();
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const read = (name: string): string => readFileSync(join(server.folder, name), 'utf8');
const textIn = (page: Page): Promise<string> => page.locator('#editor .cm-content').evaluate((content) => [...content.querySelectorAll('.cm-line')].map((line) => [...line.childNodes].filter((node) => !(node as Element).classList?.contains('other-caret')).map((node) => node.textContent).join('')).join('\n'));
const shows = (page: Page, text: string) => until(`the text ${JSON.stringify(text)}`, async () => (await textIn(page)) === text);
const standing = (page: Page, words: string): Promise<void> => page.locator('#document-chip', { hasText: words }).waitFor();

async function openPage(path: string, options = {}): Promise<Page> {
  await server.act(id, 'open', { path });
  const page = await signedIn(browser, server, options);
  page.on('pageerror', (error) => troubles.push(String(error)));
  await page.goto(`${server.url}/sessions/${id}?path=${encodeURIComponent(path)}`);
  await page.locator('#editor .cm-content').waitFor();
  await page.locator('#connection[data-state=live]').waitFor({ state: 'attached' });
  return page;
}

test('two windows type in one text, see each other, and one saves it', async () => {
  server.file('src/shared.ts', 'const one = 1;\n');
  const [desk, phone] = await Promise.all([openPage('src/shared.ts'), openPage('src/shared.ts', PHONE)]);
  await desk.locator('.cm-content').click();
  await desk.keyboard.press('Control+Home');
  await desk.keyboard.type('let two = 2;');
  await desk.keyboard.press('Enter');
  await phone.locator('.cm-content').tap();
  await phone.keyboard.press('Control+End');
  await phone.keyboard.type('// three');
  const text = 'let two = 2;\nconst one = 1;\n// three';
  await Promise.all([shows(desk, text), shows(phone, text)]);
  await desk.locator('.other-caret').waitFor({ state: 'attached' });
  await Promise.all([standing(desk, 'Not saved'), standing(phone, 'Not saved')]);
  expect(read('src/shared.ts')).toBe('const one = 1;\n');
  await desk.keyboard.press('Control+s');
  await Promise.all([standing(desk, 'Saved'), standing(phone, 'Saved')]);
  expect(read('src/shared.ts')).toBe(text);
  // Undo takes back one's own, not the other's.
  await until('all of one’s own to be undone', async () => {
    await desk.keyboard.press('Control+z');
    return (await textIn(desk)) === 'const one = 1;\n// three';
  });
  await desk.keyboard.press('Control+z');
  await shows(phone, 'const one = 1;\n// three');
  expect(troubles).toEqual([]);
  await Promise.all([desk.context().close(), phone.context().close()]);
});

test('what is typed offline waits, survives a reload, and goes along when the network is back', async () => {
  server.file('offline.txt', 'start\n');
  const [desk, other] = await Promise.all([openPage('offline.txt'), openPage('offline.txt')]);
  await desk.context().setOffline(true);
  await desk.locator('.cm-content').click();
  await desk.keyboard.press('Control+End');
  await desk.keyboard.type('from the train');
  await standing(desk, 'Offline');
  await other.locator('.cm-content').click();
  await other.keyboard.press('Control+Home');
  await other.keyboard.type('at the desk, ');
  await until('the edit of the other', async () => (await server.api(`/api/sessions/${id}/documents/text?path=offline.txt`)).body.text === 'at the desk, start\n');
  // The page goes before the network comes: its browser keeps what was typed.
  await desk.context().setOffline(false).then(() => desk.reload());
  await desk.locator('#editor .cm-content').waitFor();
  const text = 'at the desk, start\nfrom the train';
  await Promise.all([shows(desk, text), shows(other, text)]);
  await Promise.all([desk.context().close(), other.context().close()]);
});

test('a clean text follows its file with the caret in its place; a dirty one says so, and both are merged', async () => {
  server.file('merged.txt', 'one\ntwo\nthree\n');
  const desk = await openPage('merged.txt');
  await desk.locator('.cm-content').click();
  await desk.keyboard.press('Control+End');
  await desk.keyboard.press('ArrowUp');
  server.file('merged.txt', 'zero\none\ntwo\nthree\n');
  await shows(desk, 'zero\none\ntwo\nthree\n');
  await desk.keyboard.type('my ');
  await shows(desk, 'zero\none\ntwo\nmy three\n');
  await until('the edit on the server', async () => (await server.api(`/api/sessions/${id}/documents/text?path=merged.txt`)).body.text.includes('my'));
  server.file('merged.txt', 'ZERO\none\ntwo\nthree\n');
  await standing(desk, 'Changed on disk');
  await desk.getByRole('button', { name: 'Compare and merge' }).click();
  const merge = desk.locator('#merge .cm-merge-b');
  await merge.waitFor();
  await desk.getByRole('button', { name: 'Take this part of theirs' }).first().click();
  await desk.getByRole('button', { name: 'Save what is here' }).click();
  await standing(desk, 'Saved');
  expect(read('merged.txt')).toBe('ZERO\none\ntwo\nmy three\n');
  await shows(desk, 'ZERO\none\ntwo\nmy three\n');
  // And a decision without looking.
  await desk.locator('.cm-content').click();
  await desk.keyboard.press('Control+Home');
  await desk.keyboard.type('mine ');
  await until('the edit on the server', async () => (await server.api(`/api/sessions/${id}/documents/text?path=merged.txt`)).body.text.includes('mine'));
  server.file('merged.txt', 'theirs\n');
  await desk.getByRole('button', { name: 'Take theirs' }).click();
  await shows(desk, 'theirs\n');
  await standing(desk, 'Saved');
  await desk.context().close();
});

test('vim keys are a setting, and a session that ends keeps what was not saved', async () => {
  const { id: workspaceId } = await server.workspace('vim', { settings: { workspaces: { vimKeys: true } } });
  await Bun.write(join(server.root, 'vim', 'vim.txt'), 'text\n');
  const { body: session } = await server.api('/api/sessions', { method: 'POST', body: { workspaceId, kind: 'fileEditor', meta: { path: 'vim.txt' } } });
  const page = await signedIn(browser, server);
  await page.goto(`${server.url}/sessions/${session.id}`);
  await page.locator('#editor .cm-content').click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('ivim: ');
  await page.keyboard.press('Escape');
  await page.keyboard.type(':w\n');
  await standing(page, 'Saved');
  await until('the save', async () => (await Bun.file(join(server.root, 'vim', 'vim.txt')).text()) === 'vim: text\n');
  await page.keyboard.type('ounsaved');
  await until('the edit on the server', async () => (await server.api(`/api/sessions/${session.id}/documents/text?path=vim.txt`)).body.text.includes('unsaved'));
  await server.act(session.id, 'stop', {});
  await page.getByText('This session has ended').waitFor();
  expect(await page.locator('pre.editor-text').textContent()).toContain('unsaved');
  await page.locator('.standing').getByRole('button', { name: 'Resume' }).click();
  await page.locator('#editor .cm-content').waitFor();
  await standing(page, 'Not saved');
  await page.context().close();
});

test('without script the text is there, unsaved edits too; it can be saved, closed, and another opened', async () => {
  server.file('plain.txt', '<script>alert(1)</script>\n');
  server.file('next.txt', 'the next\n');
  await server.act(id, 'open', { path: 'plain.txt' });
  await server.act(id, 'changes', { path: 'plain.txt', version: 0, updates: [{ clientID: 'x', changes: [[0, 'unsaved '], 26] }] });
  const page = await signedIn(browser, server, { javaScriptEnabled: false });
  await page.goto(`${server.url}/sessions/${id}?path=plain.txt`);
  expect(await page.locator('pre.editor-text').textContent()).toBe('unsaved <script>alert(1)</script>\n');
  await page.getByRole('button', { name: 'Save' }).click();
  expect(read('plain.txt')).toBe('unsaved <script>alert(1)</script>\n');
  expect(await page.locator('#document-chip').innerText()).toContain('Saved');
  await page.fill('#open-path', 'next.txt');
  await page.getByRole('button', { name: 'Open' }).click();
  expect(await page.locator('pre.editor-text').textContent()).toBe('the next\n');
  await page.getByRole('button', { name: 'Close next.txt' }).click();
  expect((await server.api(`/api/sessions/${id}/documents`)).body.documents.map(({ path }: any) => path)).not.toContain('next.txt');
  await page.context().close();
});

test('any file is shown, and what cannot be edited says why', async () => {
  server.file('picture.png', await Bun.file('public/icon-180.png').bytes());
  server.file('data.bin', new Uint8Array(9000).map((_, index) => index % 251));
  server.file('latin.txt', Buffer.from('cr\xe8me\n', 'latin1'));
  server.file('long.txt', 'a line of the long file\n'.repeat(450_000));
  const page = await signedIn(browser, server);
  const open = (path: string) => page.goto(`${server.url}/sessions/${id}?path=${path}`);
  await open('picture.png');
  expect(await page.locator('.file-picture img').evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBe(180);
  await open('data.bin');
  expect(await page.locator('.hex').textContent()).toStartWith('00000000  00 01 02 03 04 05 06 07  08 09');
  await page.getByRole('link', { name: 'Next' }).click();
  expect(await page.locator('.hex').textContent()).toStartWith('00001000  ');
  await open('latin.txt');
  expect(await page.locator('pre.editor-text').textContent()).toBe('crème\n');
  expect(await page.locator('.file-note').innerText()).toContain('Windows-1252');
  await open('long.txt');
  expect(await page.locator('.file-note').innerText()).toContain('too large to be edited');
  expect(await page.locator('.file-pager').innerText()).toContain('of 10,800,000');
  await open('none.txt');
  expect(await page.locator('.editor-empty').innerText()).toContain('There is nothing at this path.');
  await page.context().close();
});

test('a file of a workspace is opened from anywhere by one address', async () => {
  server.file('deep/down.txt', 'a\nb\nc\n');
  const { id: fresh } = await server.workspace('fresh');
  const answer = await server.api(`/workspaces/${fresh}/open?path=none.txt`);
  expect([answer.status, answer.body]).toEqual([200, expect.stringContaining(`action="/workspaces/${fresh}/editor"`)]);
  const page = await signedIn(browser, server);
  await page.goto(`${server.url}/workspaces/${server.workspaceId}/open?path=deep/down.txt&line=3`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.locator('#editor .cm-content').waitFor();
  await shows(page, 'a\nb\nc\n');
  expect(new URL(page.url()).searchParams.get('path')).toBe('deep/down.txt');
  const form = new URLSearchParams({ path: 'deep/down.txt', line: '3' });
  const posted = await fetch(`${server.url}/workspaces/${server.workspaceId}/editor`, { method: 'POST', redirect: 'manual', body: form, headers: { authorization: `Bearer ${server.key}` } });
  expect([posted.status, posted.headers.get('location')]).toEqual([303, `/sessions/${id}?path=deep%2Fdown.txt&line=3`]);
  await page.context().close();
});
