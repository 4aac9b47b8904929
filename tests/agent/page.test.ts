// The page of a conversation in a real browser: what is said comes by itself, what is read
// stays where it is, what is asked is answered from any device, and nothing said can script it.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { openBrowser, PHONE, signedIn } from '../support/browser.ts';
import { type ConversationServer, openConversation, startConversationServer } from '../support/conversation.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(30_000);

let server: ConversationServer;
let browser: Browser;
const troubles: string[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startConversationServer(), openBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const openPage = (id: string, options = {}): Promise<Page> => openConversation(browser, server, id, troubles, options);
const shows = (page: Page, text: string): Promise<void> => page.locator('#items').getByText(text).last().waitFor();

test('what is typed goes with Enter, and what the agent says comes by itself on every device', async () => {
  const id = await server.conversation();
  const [desk, phone] = await Promise.all([openPage(id), openPage(id, PHONE)]);
  await desk.fill('#say', 'say hello');
  await desk.press('#say', 'Shift+Enter');
  await desk.keyboard.type('to all');
  await desk.press('#say', 'Enter');
  await Promise.all([shows(desk, 'hello'), shows(phone, 'hello')]);
  expect((await server.events(id, 'prompt'))[0].text).toBe('say hello\nto all');
  expect(await desk.inputValue('#say')).toBe('');
  // On a touch screen Enter breaks the line, and the button sends.
  await phone.fill('#say', 'say from');
  await phone.press('#say', 'Enter');
  await phone.locator('#say').pressSequentially('the phone');
  await phone.tap('#send');
  await shows(desk, 'the phone');
  expect((await server.events(id, 'prompt'))[1].text).toBe('say from\nthe phone');
  expect(troubles).toEqual([]);
  await Promise.all([desk.context().close(), phone.context().close()]);
});

test('a permission is decided on a phone, and the desk shows who did', async () => {
  const id = await server.conversation();
  const [desk, phone] = await Promise.all([openPage(id), openPage(id, PHONE)]);
  await desk.fill('#say', 'permit phone.txt');
  await desk.press('#say', 'Enter');
  await desk.locator('.decide').waitFor();
  await phone.locator('.decide').waitFor();
  expect(await phone.locator('.diff .came').innerText()).toContain('two');
  await phone.getByRole('button', { name: 'Allow', exact: true }).tap();
  await desk.locator('.outcome', { hasText: 'Allow on' }).waitFor();
  await shows(desk, 'outcome');
  expect(existsSync(join(server.root, 'talk', 'phone.txt'))).toBe(true);
  expect(await desk.locator('.decide').count()).toBe(0);
  await Promise.all([desk.context().close(), phone.context().close()]);
});

test('while it streams, what is read does not move, and at the end the page follows', async () => {
  const id = await server.conversation();
  await server.say(id, `say ${'a line of some length that fills the page\n\n'.repeat(60)}`);
  await server.rests(id);
  const page = await openPage(id);
  const distance = (): Promise<number> => page.evaluate(() => document.documentElement.scrollHeight - scrollY - innerHeight);
  await until('the page to begin at its end', async () => (await distance()) < 60);
  await page.evaluate(() => scrollTo({ top: 300, behavior: 'instant' }));
  await page.evaluate(() => new Promise(requestAnimationFrame));
  await server.say(id, 'stream 3000');
  await server.rests(id);
  await page.locator('[data-jump]').waitFor();
  await shows(page, 'w2999');
  expect(await page.evaluate(() => scrollY)).toBe(300);
  await page.click('[data-jump]');
  await until('the end', async () => (await distance()) < 60);
  await server.say(id, 'stream 2000');
  await server.rests(id);
  await until('the end to be followed', async () => (await page.locator('#items').innerText()).includes('w1999') && (await distance()) < 60);
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('what was said before comes as one scrolls up, and what is read stays in place', async () => {
  const id = await server.conversation();
  for (let turn = 0; turn < 45; turn += 1) {
    await server.say(id, `say turn ${turn} `);
    await server.rests(id);
  }
  const page = await openPage(id);
  const shown = () => page.locator('#items > article').count();
  expect(await shown()).toBe(60);
  const first = page.locator('#items > article').first();
  const place = `#${await first.getAttribute('id')}`;
  // Where it stands on the screen, once everything that moves has moved.
  const top = (): Promise<number> =>
    page.evaluate(async (selector) => {
      for (let frames = 0; frames < 5; frames += 1) await new Promise(requestAnimationFrame);
      return document.querySelector(selector)?.getBoundingClientRect().top ?? Number.NaN;
    }, place);
  let come: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    come = resolve;
  });
  await page.route('**/transcript?before=*', async (route) => {
    await gate;
    await route.continue();
  });
  await page.evaluate(() => scrollTo({ top: 200, behavior: 'instant' }));
  const before = await top();
  come();
  await until('the earlier items', async () => (await shown()) === 90);
  expect(Math.abs((await top()) - before)).toBeLessThan(2);
  expect(await page.locator('#items > article').first().innerText()).toContain('say turn 0');
  const order = await page.locator('#items > article').evaluateAll((items) => items.map((item) => Number(item.id.slice(1))));
  expect(order).toEqual([...order].sort((one, other) => one - other));
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('a draft stays on its device through a reload, and prompts that wait can be changed', async () => {
  const id = await server.conversation();
  const page = await openPage(id);
  await page.fill('#say', 'a thought that is not finished');
  await page.reload();
  expect(await page.inputValue('#say')).toBe('a thought that is not finished');
  await page.fill('#say', 'permit draft.txt');
  await page.press('#say', 'Enter');
  await page.locator('.decide').waitFor();
  await page.fill('#say', 'say the first version');
  await page.press('#say', 'Enter');
  await page.locator('.waiting summary').click();
  await page.locator('.waiting textarea').fill('say the second version');
  await page.getByRole('button', { name: 'Change' }).click();
  await page.locator('.waiting summary', { hasText: 'second version' }).waitFor();
  await page.getByRole('button', { name: 'Reject' }).click();
  await shows(page, 'the second version');
  await page.locator('#queue').waitFor({ state: 'hidden' });
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('hostile words of an agent are shown as words', async () => {
  const id = await server.conversation();
  const hostile = '<img src=x onerror="window.owned=1"> [link](javascript:window.owned=1) <script>window.owned=1</script> ![p](https://elsewhere.example/p.png) ```html\n<script>window.owned=1</script>\n```';
  const page = await openPage(id);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).host));
  await server.say(id, `say ${hostile}`);
  await server.rests(id);
  await shows(page, '<img src=x');
  expect(await page.evaluate(() => 'owned' in window)).toBe(false);
  expect(await page.locator('#items script, #items img, #items a[href^="javascript"]').count()).toBe(0);
  expect(new Set(asked)).toEqual(new Set([new URL(server.url).host]));
  await page.context().close();
});

test('hostile words in whatever an agent names are shown as words, on the page and in the inbox', async () => {
  const id = await server.conversation();
  const hostile = `"'><img src=x onerror="window.owned=1"><script>window.owned=1</script></textarea><a href="javascript:window.owned=1">x</a>`;
  await server.say(id, `hostile ${hostile}`);
  const { name } = await until('the name', async () => {
    const session = await server.session(id);
    return session.activity.state === 'needs_you' && session.name.includes('<img') ? session : undefined;
  });
  expect(name).toStartWith(`"'><img`);
  const page = await openPage(id);
  await page.locator('#items .decide').first().waitFor();
  await page.locator('details').evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
  await page.fill('#say', '/');
  await page.locator('#complete [role=option]').first().waitFor();
  const count = (selector: string): Promise<number> => page.locator(selector).count();
  expect(await count('main script, main img, main a[href^="javascript"], header img, header script')).toBe(0);
  expect(await page.locator('#items a').evaluateAll((links) => links.map((link) => new URL((link as HTMLAnchorElement).href).protocol).filter((one) => !one.startsWith('http')))).toEqual([]);
  expect(await page.evaluate(() => 'owned' in window)).toBe(false);
  await page.goto(`${server.url}/inbox`);
  await page.locator('.inbox-item .decide').first().waitFor();
  expect(await count('#inbox script, #inbox img, #inbox a[href^="javascript"]')).toBe(0);
  expect(await page.evaluate(() => 'owned' in window)).toBe(false);
  await server.api(`/api/sessions/${id}`, { method: 'DELETE' });
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('a file that the agent names, in words or on a card, leads to it in the editor', async () => {
  const id = await server.conversation();
  writeFileSync(join(server.root, 'talk', 'cart.ts'), 'one\ntwo\n');
  const page = await openPage(id);
  await server.say(id, 'say See [the cart](cart.ts:2).');
  await page.getByRole('link', { name: 'the cart' }).waitFor();
  expect(await page.getByRole('link', { name: 'the cart' }).getAttribute('href')).toBe(`/workspaces/${server.workspaceId}/open?path=cart.ts&line=2`);
  await server.rests(id);
  await server.say(id, 'permit cart.ts');
  await page.locator('figcaption a').click();
  await page.waitForURL((url) => url.searchParams.get('path') === 'cart.ts' && url.pathname.startsWith('/sessions/'));
  await page.context().close();
});

test('without script one can talk, decide and go on', async () => {
  const id = await server.conversation();
  const page = await signedIn(browser, server, { javaScriptEnabled: false });
  await page.goto(`${server.url}/sessions/${id}`);
  // A form without script is a page that loads: nothing else may be done with it meanwhile.
  const sends = async (button: Locator): Promise<void> => {
    const loaded = page.waitForEvent('load');
    await button.click();
    await loaded;
  };
  await page.fill('#say', 'permit plain.txt');
  await sends(page.locator('#send'));
  await server.permission(id);
  await page.reload();
  await sends(page.getByRole('button', { name: 'Allow', exact: true }));
  await until('the file', () => existsSync(join(server.root, 'talk', 'plain.txt')));
  await server.rests(id);
  await page.reload();
  expect(await page.locator('.outcome').innerText()).toContain('Allow');
  await page.fill('#say', 'wait');
  await sends(page.locator('#send'));
  await sends(page.getByRole('button', { name: /Cancel/ }));
  await until('the cancel', async () => (await server.events(id, 'stop')).at(-1).reason === 'cancelled');
  expect(await page.locator('.without-script').count()).toBeGreaterThan(0);
  await page.context().close();
});

test('the inbox tells on every page, is answered in place, and forgets what was seen', async () => {
  const id = await server.conversation();
  const page = await signedIn(browser, server);
  await page.goto(`${server.url}/inbox`);
  await page.locator('#connection[data-state=live]').waitFor();
  await server.say(id, 'permit inbox.txt');
  const item = page.locator('.inbox-item', { has: page.locator(`a[href^="/sessions/${id}"]`) });
  await item.getByRole('button', { name: 'Allow', exact: true }).click();
  await until('the file', () => existsSync(join(server.root, 'talk', 'inbox.txt')));
  await item.getByText('is done').waitFor();
  expect(Number(await page.locator('#inbox-count span').first().innerText())).toBeGreaterThan(0);
  await item.getByRole('button', { name: 'Seen' }).click();
  await item.waitFor({ state: 'detached' });
  // Looking at the conversation is seeing it.
  await server.say(id, 'say something new');
  await item.getByText('is done').waitFor();
  const other = await openPage(id);
  await item.waitFor({ state: 'detached' });
  await Promise.all([page.context().close(), other.context().close()]);
});

test('a conversation is begun from the page of its workspace, with what to do first', async () => {
  await server.conversation();
  const page = await signedIn(browser, server);
  await page.goto(`${server.url}/workspaces/${server.workspaceId}`);
  await page.fill('#first-prompt', 'say this first');
  const select = page.locator('.new-conversation select');
  if ((await select.count()) > 0) await select.selectOption('fixture');
  await page.getByRole('button', { name: 'New conversation' }).click();
  await page.waitForURL(/\/sessions\//);
  await shows(page, 'this first');
  await page.context().close();
});
