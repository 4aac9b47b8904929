// The page of settings: what is saved applies, what is wrong comes back, and who may in.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer({ key: null }), openBrowser()]);
  page = await signedIn(browser, server);
  page.setDefaultTimeout(10_000);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function open(on = page): Promise<void> {
  await on.goto(`${server.url}/settings`);
  await on.locator('#connection[data-state=live]').waitFor({ state: 'attached' });
}
const saved = (category: string) => server.parts.settings.get(category as 'terminal');

describe('settings', () => {
  test('are saved, said to be, and shown again', async () => {
    await open();
    await page.fill('#terminal-fontSize', '17,5');
    await page.fill('#terminal-fontFamily', '"Fira Code", monospace');
    await page.selectOption('#terminal-cursorStyle', 'bar');
    await page.check('#terminal-cursorBlink');
    await page.locator('#terminal-form button').click();
    await page.locator('#terminal-form').getByText('Saved', { exact: true }).waitFor();
    expect(saved('terminal')).toMatchObject({
      fontSize: 17.5,
      fontFamily: '"Fira Code", monospace',
      cursorStyle: 'bar',
      cursorBlink: true,
    });
    await open();
    expect(await page.inputValue('#terminal-fontSize')).toBe('17.5');
    expect(await page.inputValue('#terminal-fontFamily')).toBe('"Fira Code", monospace');
    expect(await page.isChecked('#terminal-cursorBlink')).toBe(true);
  });

  test('come back as typed, each with what it must be', async () => {
    await open();
    await page.fill('#terminal-fontSize', 'huge');
    await page.fill('#terminal-scrollback', '-1');
    await page.uncheck('#terminal-cursorBlink');
    await page.locator('#terminal-form button').click();
    await page.locator('#terminal-fontSize-error').waitFor();
    expect(await page.locator('#terminal-fontSize-error').textContent()).toContain('6 to 40');
    expect(await page.locator('#terminal-scrollback-error').isVisible()).toBe(true);
    expect(await page.inputValue('#terminal-fontSize')).toBe('huge');
    expect(await page.isChecked('#terminal-cursorBlink')).toBe(false);
    expect(saved('terminal').fontSize).toBe(17.5);
  });

  test('record everything only for one who says so twice', async () => {
    await open();
    expect(await page.locator('.record-all').isVisible()).toBe(false);
    await page.check('input[name=recordInput][value=all]');
    await page.locator('#terminal-form button').click();
    await page.locator('#terminal-recordAllConfirmed-error').waitFor();
    expect(saved('terminal').recordInput).toBe('redact');
    await page.check('#terminal-recordAllConfirmed');
    await page.locator('#terminal-form button').click();
    await page.locator('#terminal-form').getByText('Saved', { exact: true }).waitFor();
    expect(saved('terminal').recordInput).toBe('all');
    await page.check('input[name=recordInput][value=none]'); // Less needs no second word.
    await page.locator('#terminal-form button').click();
    await until('the change', () => saved('terminal').recordInput === 'none');
  });

  test('change the look here at once, and on another device by itself', async () => {
    const other = await signedIn(browser, server, { colorScheme: 'light' });
    await open(other);
    await open();
    await page.selectOption('#appearance-theme', 'dark');
    await page.selectOption('#appearance-density', 'compact');
    await page.locator('#appearance-form button').click();
    for (const on of [page, other]) {
      await on.locator('html[data-theme=dark][data-density=compact]').waitFor({ state: 'attached' });
      await on.waitForFunction(() => getComputedStyle(document.documentElement).backgroundColor === 'rgb(19, 24, 26)');
    }
    await other.context().close();
  });

  test('never show a secret again, and keep it when the form is saved without it', async () => {
    await open();
    await page.fill('#agents-apiKey', 'sk-very-secret');
    await page.locator('#agents-form button').click();
    await page.locator('#agents-form').getByText('Saved', { exact: true }).waitFor();
    await open();
    expect(await page.content()).not.toContain('sk-very-secret');
    await page.fill('#agents-claudePath', '/opt/claude');
    await page.locator('#agents-form button').click();
    await page.locator('#agents-form').getByText('Saved', { exact: true }).waitFor();
    expect(server.parts.settings.get('agents')).toMatchObject({ apiKey: 'sk-very-secret', claudePath: '/opt/claude' });
    await page.check('#agents-removeApiKey');
    await page.locator('#agents-form button').click();
    await until('the removal', () => server.parts.settings.get('agents').apiKey === null);
  });

  test('keep history for ever where nothing is given', async () => {
    for (const [text, days] of [
      ['30', 30],
      ['', null],
    ] as const) {
      await open();
      await page.fill('#retention-eventDays', text);
      await page.locator('#retention-form button').click();
      await until('the change', () => server.parts.settings.get('retention').eventDays === days);
    }
  });
});

test('history is capped in MiB, or not at all, and says what it takes', async () => {
  await open();
  await page.getByText(/All history takes .* now, packed/).waitFor();
  for (const [text, bytes] of [
    ['20', 20 * 1024 ** 2],
    ['', null],
  ] as const) {
    await open();
    await page.fill('#retention-sessionBytes', text);
    await page.locator('#retention-form button').click();
    await until('the change', () => server.parts.settings.get('retention').sessionBytes === bytes);
  }
  await open(); // The last answer may still be on its way into the page.
  await page.fill('#retention-totalBytes', '1');
  await page.locator('#retention-form button').click();
  await page.locator('#retention-form').getByText('(64 MiB)').waitFor();
});

describe('who may in', () => {
  test('a link for another device signs in that one, which is listed and can be sent away', async () => {
    await open();
    const known = new Set(server.parts.auth.devices().map(({ id }) => id));
    await page.locator('#device-link button').click();
    const url = await page.locator('#link-url').inputValue();
    const other = await (await browser.newContext()).newPage();
    await other.goto(url);
    await other.click('button[type=submit]');
    await other.locator('#connection[data-state=live]').waitFor({ state: 'attached' });
    const added = server.parts.auth.devices().find(({ id }) => !known.has(id))?.id ?? '';
    await page.locator(`#device-${added}`).waitFor(); // By news.
    expect(await page.locator('.device', { hasText: 'this device' }).count()).toBe(1);
    await page.locator(`#device-${added} button`).click();
    await page.locator(`#device-${added}`).waitFor({ state: 'detached' });
    await other.waitForURL(/\/login/); // Its stream ended, and it is told why by being sent there.
    await other.context().close();
  });

  test('a new key is shown once and signs everyone out', async () => {
    await open();
    await page.click('#change-key > summary');
    await page.fill('#key-key', 'short');
    await page.locator('#change-key button').click();
    await page.locator('#key-key-error').waitFor();
    await page.fill('#key-key', 'a-new-key-of-some-length');
    await page.locator('#change-key button').click();
    expect(await page.inputValue('#new-key')).toBe('a-new-key-of-some-length');
    await page.goto(`${server.url}/settings`);
    expect(new URL(page.url()).pathname).toBe('/login');
    await page.fill('#key', 'a-new-key-of-some-length');
    await page.click('button[type=submit]');
    await page.waitForURL(/\/settings$/);
  });

  test('signing out everywhere ends this browser too', async () => {
    await open();
    await page.click('#sign-out-everywhere > summary');
    await page.locator('#sign-out-everywhere button').click();
    await page.waitForURL(/\/login$/);
    expect(server.parts.auth.devices()).toEqual([]);
  });
});
