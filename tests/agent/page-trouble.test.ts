// The page of a conversation when things go wrong, or come twice: lost answers, double clicks,
// ended agents, missing programs, several windows.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, PHONE } from '../support/browser.ts';
import { type ConversationServer, openConversation, startConversationServer } from '../support/conversation.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(30_000);

const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const FIXTURE = join(import.meta.dir, '../fixtures/agent.ts');

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

test('a prompt whose answer is lost on the way is there once, however often it is sent', async () => {
  const id = await server.conversation();
  const page = await openPage(id);
  let lost = 0;
  await page.route('**/prompt', async (route) => {
    lost += 1;
    await route.fetch();
    if (lost < 3) await route.abort('connectionreset');
    else await route.continue();
  });
  await page.fill('#say', 'say this once');
  await page.press('#say', 'Enter');
  await page.getByText('The server did not answer').waitFor();
  expect(await page.inputValue('#say')).toBe('say this once');
  // While one is under way another is not sent.
  for (const attempt of [2, 3]) {
    await until(`attempt ${attempt}`, async () => {
      if (lost < attempt) await page.press('#say', 'Enter');
      return lost >= attempt;
    });
  }
  await until('the box to be empty', async () => (await page.inputValue('#say')) === '');
  await server.rests(id);
  expect((await server.events(id, 'prompt')).map(({ text }) => text)).toEqual(['say this once']);
  // The same words again are another prompt.
  await page.fill('#say', 'say this once');
  await page.press('#say', 'Enter');
  await until('the second', async () => (await server.events(id, 'prompt')).length === 2);
  troubles.length = 0; // The browser tells of the connections that were cut.
  await page.context().close();
});

test('a double click decides once, and two devices at once see the same decision', async () => {
  const id = await server.conversation();
  const [desk, phone] = await Promise.all([openPage(id), openPage(id, PHONE)]);
  await server.say(id, 'permit double.txt');
  await desk.getByRole('button', { name: 'Allow', exact: true }).dblclick();
  await desk.locator('.outcome').waitFor();
  await server.rests(id);
  expect(readFileSync(join(server.root, 'talk', 'double.txt'), 'utf8')).toBe('two\n');
  await server.say(id, 'permit race.txt');
  const [allow, reject] = [desk.locator('.decide').getByRole('button', { name: 'Allow', exact: true }), phone.locator('.decide').getByRole('button', { name: 'Reject' })];
  await Promise.all([allow.waitFor(), reject.waitFor()]);
  await Promise.all([allow.click(), reject.tap()]);
  await Promise.all([desk, phone].map((page) => page.locator('.outcome').nth(1).waitFor()));
  const decisions = await server.events(id, 'decision');
  expect(decisions).toHaveLength(2);
  const name = String(decisions[1].name);
  for (const page of [desk, phone]) expect(await page.locator('.outcome strong').nth(1).innerText()).toBe(name);
  expect(existsSync(join(server.root, 'talk', 'race.txt'))).toBe(name === 'Allow');
  troubles.length = 0; // The loser hears 409.
  await Promise.all([desk.context().close(), phone.context().close()]);
});

test('something said to an agent that has ended resumes it, and a draft with its picture waits for that', async () => {
  const id = await server.conversation();
  const page = await openPage(id);
  await server.api(`/api/sessions/${id}/stop`, { method: 'POST' });
  await page.getByRole('button', { name: 'Resume and send' }).waitFor();
  await page.setInputFiles('[data-file]', { name: 'dot.png', mimeType: 'image/png', buffer: Buffer.from(DOT, 'base64') });
  await page.locator('.chip[data-picture]').waitFor();
  await page.fill('#say', 'say good morning');
  await page.reload();
  await page.locator('.chip[data-picture]').waitFor();
  expect(await page.inputValue('#say')).toBe('say good morning');
  await page.getByRole('button', { name: 'Resume and send' }).click();
  await shows(page, 'good morning');
  await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
  expect((await server.events(id, 'prompt'))[0].images).toHaveLength(1);
  expect(await page.locator('.chip[data-picture]').count()).toBe(0);
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('what is missing is said with the line that installs it, and who is signed out gets a terminal to sign in', async () => {
  const claude = async (settings: object): Promise<string> => {
    await server.api('/api/settings/agents', { method: 'PATCH', body: settings });
    return (await server.api('/api/sessions', { method: 'POST', body: { workspaceId: server.workspaceId, kind: 'claude' } })).body.id;
  };
  const page = await openPage(await claude({ adapterPath: '/nowhere/claude-agent-acp' }), PHONE);
  const way = page.locator('#way-on');
  expect(await way.locator('pre').innerText()).toBe('npm install -g @agentclientprotocol/claude-agent-acp @anthropic-ai/claude-code');
  expect(await way.getByRole('button', { name: 'Install in a terminal' }).count()).toBe(1);
  const command = [process.execPath, FIXTURE, '--signed-out'];
  const { agents } = (await server.api('/api/settings/agents')).body;
  const signedOut = await claude({ agents: { ...agents, claude: { label: 'Claude', command, env: {} } } });
  await page.goto(`${server.url}/sessions/${signedOut}`);
  await way.getByText('Nobody is signed in to Claude.').waitFor();
  await way.getByRole('button', { name: 'Sign in in a terminal' }).tap();
  await page.waitForURL((url) => url.pathname.startsWith('/sessions/') && !url.pathname.endsWith(signedOut));
  const terminal = await server.session(new URL(page.url()).pathname.slice('/sessions/'.length));
  expect(terminal).toMatchObject({ kind: 'terminal', name: 'Sign in to Claude', meta: { command: [...command, '--cli', 'auth', 'login'] } });
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('a window tells what waits by a notification, but not of what somebody looks at in another', async () => {
  const [seen, unseen] = [await server.conversation(), await server.conversation()];
  const page = await openPage(seen);
  const context = page.context();
  await context.grantPermissions(['notifications']);
  const other = await context.newPage();
  await other.addInitScript(() => {
    localStorage.setItem('dispatch-notify', 'true');
    const told: string[] = [];
    const stand = Object.assign(function (this: EventTarget, title: string) { told.push(title); return new EventTarget(); }, { permission: 'granted' });
    Object.assign(window, { told, Notification: stand });
  });
  const looked = other.waitForResponse((response) => response.url().endsWith('/api/inbox'));
  await other.goto(`${server.url}/workspaces`);
  await looked;
  await other.locator('#connection[data-state=live]').waitFor();
  for (const id of [seen, unseen]) await server.say(id, 'permit notice.txt');
  await server.api(`/api/sessions/${unseen}`, { method: 'PATCH', body: { name: 'The other one' } });
  await other.waitForFunction(() => (window as unknown as { told: string[] }).told.length > 0);
  expect(await other.evaluate(() => (window as unknown as { told: string[] }).told)).toEqual(['The other one asks whether it may']);
  expect(await other.title()).toMatch(/^\(\d+\) /);
  await context.close();
});
