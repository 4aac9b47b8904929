// The search as a person uses it: typing, arrows, a find that opens its moment; without script,
// on a phone, while the index is still on its way, and with hostile text.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { type ConversationServer, startConversationServer } from '../support/conversation.ts';
import { until } from '../support/until.ts';

let server: ConversationServer;
let browser: Browser;
let page: Page;
let build: string;
let talk: string;

const SCRIPT = [
  'for i in $(seq 1 40); do echo "step $i of forty"; done',
  'echo "src/core.cc:212: error: frobnicate_widget is not declared"',
  'echo "<script>alert(1)</script> hostilemarkup <mark>x</mark>"',
  'for i in $(seq 1 20); do echo one; echo two; echo three; echo "repeated line $i"; done',
  'exec cat',
].join('; ');

beforeAll(async () => {
  server = await startConversationServer();
  build = (await server.terminal(server.workspaceId, { command: ['bash', '-c', SCRIPT] })).id;
  await server.api(`/api/sessions/${build}`, { method: 'PATCH', body: { name: 'Build <all>' } });
  talk = await server.conversation();
  for (const text of ['Where is the zephyrine needle?', ...Array.from({ length: 3 }, (_, index) => `And then ${index}?`)]) {
    await server.say(talk, text);
    await server.rests(talk);
  }
  await until('the index', async () => {
    const { indexed, results } = (await server.api('/api/search?q=repeated+%22line+20%22')).body;
    return indexed.complete && results.length > 0;
  });
  browser = await openBrowser();
  page = await signedIn(browser, server);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const search = async (q: string): Promise<void> => {
  await page.goto(`${server.url}/search`);
  await page.fill('#q', q);
};

describe('the page of the search', () => {
  test('is in the navigation, and has the caret in its box', async () => {
    await page.goto(`${server.url}/workspaces`);
    await page.click('nav >> text=Search');
    await page.waitForURL('**/search');
    await page.waitForSelector('#q:focus');
    await page.waitForSelector('text=Find anything that was ever here');
  });

  test('finds while one types, says what is too short, and keeps the address', async () => {
    await search('fr');
    await page.waitForSelector('text=at least 3 characters');
    await page.fill('#q', 'frobnicate');
    await page.waitForSelector('.search-here mark >> text=frobnicate');
    await page.waitForURL('**/search?q=frobnicate*');
    expect(await page.textContent('.search-group-name')).toBe('Build <all>');
    expect(await page.$eval('.search-here', (line) => line.textContent)).toBe('src/core.cc:212: error: frobnicate_widget is not declared');
    await page.fill('#q', 'nothing-of-the-kind');
    await page.waitForSelector('text=Nothing found');
  });

  test('is driven by the keyboard: down into the finds, back, and into the moment', async () => {
    await search('frobnicate');
    await page.waitForSelector('[data-hit]');
    await page.keyboard.press('ArrowDown');
    await page.waitForSelector('[data-hit]:focus');
    await page.keyboard.press('ArrowUp');
    await page.waitForSelector('#q:focus');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/sessions/${build}/replay?sequence=*`);
  });

  test('opens the message of a conversation', async () => {
    await search('zephyrine');
    await page.waitForSelector('[data-hit]');
    const prompt = page.locator('[data-hit]', { has: page.locator('.search-what', { hasText: 'prompt' }) });
    await prompt.first().click();
    await page.waitForURL(`**/sessions/${talk}#i*`);
    const id = new URL(page.url()).hash.slice(1);
    await page.waitForSelector(`#${id} >> text=zephyrine`);
  });

  test('shows a few of each session, all of one, and older ones by page', async () => {
    await search('"repeated line"');
    await page.waitForSelector('.search-hit');
    expect(await page.locator('.search-hits > li').count()).toBe(5);
    await page.click('text=All in this session');
    await page.waitForSelector('text=Only in');
    await until('all of them', async () => (await page.locator('.search-hits > li').count()) === 20);
    await page.click('text=Search everywhere');
    await page.waitForSelector('text=All in this session');
  });

  test('is narrowed by filters, and says so where nothing is left', async () => {
    await search('frobnicate');
    await page.waitForSelector('[data-hit]');
    await page.click('summary:has-text("Filters")');
    await page.selectOption('#search-kind', 'claude');
    await page.waitForSelector('text=Filters narrow the search');
    await page.click('text=Search without filters');
    await page.waitForSelector('[data-hit]');
  });

  test('shows text as text', async () => {
    await search('hostilemarkup');
    await page.waitForSelector('.search-here');
    expect(await page.$eval('.search-here', (line) => line.textContent)).toBe('<script>alert(1)</script> hostilemarkup <mark>x</mark>');
    expect(await page.locator('.search-here mark').count()).toBe(1);
  });

  test('works without script, and on a phone without scrolling sideways', async () => {
    const plain = await signedIn(browser, server, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    await plain.goto(`${server.url}/search`);
    await plain.fill('#q', 'frobnicate');
    await plain.click('button:has-text("Search")');
    await plain.waitForSelector('.search-here mark');
    expect(await plain.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await plain.goto(`${server.url}/search?q=%22repeated+line%22&sessionId=${build}`);
    await plain.click('[data-hit]');
    await plain.waitForURL(`**/sessions/${build}/replay?sequence=*`);
    await plain.context().close();
  });
});
