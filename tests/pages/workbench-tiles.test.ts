// What lies beside terminals is whole there: conversations are answered and documents edited in
// their tiles, several at once, and none of it holds a connection or outlives its tile.

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
let folder = '';
const ids: Record<string, string> = {};
const troubles: string[] = [];

beforeAll(async () => {
  server = await startConversationServer();
  const { parts, workspaceId } = server;
  folder = parts.workspaces.get(workspaceId).path;
  writeFileSync(join(folder, 'notes.txt'), 'first line\nsecond line\n');
  ids.shell = (await parts.sessions.create({ workspaceId, kind: 'terminal', name: 'shell', meta: { command: ['cat'] } })).id;
  ids.files = (await parts.sessions.create({ workspaceId, kind: 'fileEditor', name: 'files' })).id;
  for (const name of ['talk', 'other']) {
    ids[name] = await server.conversation();
    parts.sessions.rename(ids[name], name);
  }
  browser = await openBrowser();
  page = await signedIn(browser, server);
  page.on('pageerror', (error) => troubles.push(String(error)));
  // An editor hears by a refusal that its session has ended.
  page.on('console', (message) => message.type() === 'error' && !message.text().includes('409') && troubles.push(message.text()));
  await page.goto(`${server.url}/workspaces/${workspaceId}/workbench`);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const tile = (name: string) => page.locator(`[data-tile-of="${ids[name]}"]`);
const chip = (name: string) => page.locator(`.bench-session[data-session="${ids[name]}"]`);
const tab = (name: string) => page.locator(`.bench-tab[data-tab="${ids[name]}"]`);
const box = (name: string) => page.locator(`#say-${ids[name]}`);
const repeated = () =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    return all.filter((id, index) => all.indexOf(id) !== index);
  });

test('two conversations go on beside a terminal, each in its own tile, and what is asked is answered there', async () => {
  await tab('shell').waitFor();
  for (const name of ['talk', 'other', 'files']) await tab(name).locator('[data-close]').click();
  await page.click('[data-deed=split-right]');
  await chip('talk').click();
  await box('talk').waitFor();
  await page.click('[data-deed=split-down]');
  await chip('other').click();
  await box('other').fill('say something else');
  await box('other').press('Enter');
  await box('talk').fill('permit tile.txt');
  await box('talk').press('Enter');
  await tile('talk').locator('.decide').getByRole('button', { name: 'Allow', exact: true }).click();
  await tile('talk').locator('.outcome').waitFor();
  await tile('other').locator('.item-message', { hasText: 'something else' }).waitFor();
  expect(await tile('talk').locator('.item-message', { hasText: 'something else' }).count()).toBe(0);
  expect(await server.said(ids.other ?? '')).toContain('something else');
  expect(await repeated()).toEqual([]);
  expect(new URL(page.url()).pathname).toEndWith('/workbench');
});

test('what streams into a tile follows its end, or stays where it is read, and moves nothing else', async () => {
  const reads = tile('talk').locator('.conversation-tile');
  const fromEnd = () => reads.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);
  await box('talk').fill(`say ${Array.from({ length: 60 }, (_, line) => `- line ${line}`).join('\n')}`);
  await box('talk').press('Enter');
  await tile('talk').locator('.item-message', { hasText: 'line 59' }).waitFor();
  await until('the end to be followed', async () => (await fromEnd()) < 60);
  await reads.evaluate((element) => element.scrollTo(0, 40));
  const before = await reads.evaluate(({ scrollTop }) => scrollTop);
  await box('other').focus();
  await server.say(ids.talk ?? '', 'say and more below');
  await tile('talk').locator('.item-message', { hasText: 'and more below' }).waitFor();
  await tile('talk').locator('[data-jump]').waitFor({ state: 'visible' });
  expect(await reads.evaluate(({ scrollTop }) => scrollTop)).toBe(before);
  expect(await page.evaluate(() => document.activeElement?.id)).toBe(`say-${ids.other}`);
});

test('one that is behind another asks for nothing until it is shown, and a closed one never again', async () => {
  const asked = () =>
    page.evaluate((id) => performance.getEntriesByType('resource').filter(({ name }) => name.includes(`${id}/transcript`)).length, ids.other);
  await tile('other').locator('.dock').click({ position: { x: 4, y: 4 } });
  await chip('files').click();
  await tile('files').locator('.editor-tile').waitFor();
  const before = await asked();
  await server.say(ids.other ?? '', 'say nobody sees this yet');
  await server.rests(ids.other ?? '');
  await server.say(ids.talk ?? '', 'say a word that comes later');
  await tile('talk').locator('.item-message', { hasText: 'comes later' }).waitFor();
  expect(await asked()).toBe(before);
  await tab('other').locator('[data-show]').click();
  await tile('other').locator('.item-message', { hasText: 'nobody sees this yet' }).waitFor();
  await tab('other').locator('[data-close]').click();
  await tile('other').waitFor({ state: 'detached' });
  const after = await asked();
  await server.say(ids.other ?? '', 'say to nobody');
  await server.rests(ids.other ?? '');
  await server.say(ids.talk ?? '', 'say the last word');
  await tile('talk').locator('.item-message', { hasText: 'the last word' }).waitFor();
  expect(await asked()).toBe(after);
});

test('a file that the agent names opens in its tile; it is edited and saved there', async () => {
  await box('talk').fill('say see [the notes](notes.txt:2)');
  await box('talk').press('Enter');
  await tile('talk').locator('.item-message a', { hasText: 'the notes' }).last().click();
  await tile('files').locator('.cm-content', { hasText: 'second line' }).click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('typed in a tile ');
  await page.keyboard.press('Control+s');
  await until('the file', async () => (await Bun.file(join(folder, 'notes.txt')).text()).startsWith('typed in a tile'));
  expect(await repeated()).toEqual([]);
  expect(new URL(page.url()).pathname).toEndWith('/workbench');
});

test('a new name is on the tab at once, and what ends says so in its tile and goes on from there', async () => {
  const { sessions } = server.parts;
  sessions.rename(ids.talk ?? '', 'another name');
  await tab('talk').filter({ hasText: 'another name' }).waitFor();
  for (const name of ['talk', 'files', 'shell']) {
    await sessions.stop(ids[name] ?? '');
    await tile(name).getByRole('button', { name: 'Resume', exact: true }).first().click();
    await until(`${name} to go on`, () => sessions.get(ids[name] ?? '').status === 'active');
  }
  await tile('files').locator('.cm-content').waitFor();
  expect(new URL(page.url()).pathname).toEndWith('/workbench');
  expect(troubles).toEqual([]);
});
