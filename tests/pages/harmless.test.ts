// On every page: hostile names are shown and do nothing, nothing is wider than a phone, and
// nothing is asked of another host.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const NAMES = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(2)</script>',
  'picture\u202egnp.exe',
  'x'.repeat(100),
  '🌱🚀 日本語 עברית',
];

let server: TestServer;
let browser: Browser;
const paths: string[] = [
  '/workspaces',
  '/workspaces?q=%3Cimg%20src%3Dx%20onerror%3Dalert(3)%3E',
  '/settings',
  '/reference',
  '/workspaces/none',
];

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  for (const [index, name] of NAMES.entries()) {
    const path = `${server.root}/${index}-${'deeply/'.repeat(20)}${index === 0 ? '<img src=x onerror=alert(4)>' : 'end'}`;
    const metadata = {
      description: name,
      shell: '/bin/bash',
      color: '#2f8f7b"><img src=x>',
      env: { LONG: name.repeat(50) },
    };
    const { body } = await server.api('/api/workspaces', {
      method: 'POST',
      body: { path, name, create: true, metadata },
    });
    const session = await server.terminal(body.id, { command: ['cat'] });
    await server.api(`/api/sessions/${session.id}`, { method: 'PATCH', body: { name } });
    await server.terminal(body.id, { command: [`/none/${name}`] });
    paths.push(`/workspaces/${body.id}`);
  }
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

/** Opens every page with all its folded parts open. @returns what went wrong */
async function visitAll(options: BrowserContextOptions): Promise<string[]> {
  const wrong: string[] = [];
  const page = await signedIn(browser, server, options);
  page.on('dialog', (dialog) => {
    wrong.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => wrong.push(`a script failed: ${error.message}`));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) wrong.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !/^(data|blob):/.test(request.url()))
      wrong.push(`asked for ${request.url()}`);
  });
  for (const path of paths) {
    await page.goto(server.url + path);
    if (path !== '/workspaces/none') await page.locator('#connection[data-state=live]').waitFor({ state: 'attached' });
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
    wrong.push(...(await tooWide(page)).map((part) => `${path} is too wide: ${part}`));
    const images = await page.locator('img').count();
    if (images > 0) wrong.push(`${path} has ${images} images`);
  }
  await page.context().close();
  return wrong;
}

function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    const beyond = [...document.querySelectorAll('*')].filter(
      (element) => element.getBoundingClientRect().right > wide + 0.5,
    );
    return beyond.slice(0, 3).map((element) => `${element.tagName}.${element.className}`);
  });
}

test('is harmless at 390 × 844', async () => {
  expect(await visitAll({ viewport: { width: 390, height: 844 } })).toEqual([]);
});

test('is harmless at 1280 × 800', async () => {
  expect(await visitAll({ viewport: { width: 1280, height: 800 } })).toEqual([]);
});

test('gives a finger at least 40 px on every control of a phone', async () => {
  const page = await signedIn(browser, server, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const small: string[] = [];
  for (const path of paths) {
    await page.goto(server.url + path);
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
    small.push(
      ...(await page.evaluate(() =>
        [
          ...document.querySelectorAll(
            'button, summary, .button, .nav a, .tabs a, .check, select, input:not([type=checkbox], [type=radio], [type=hidden])',
          ),
        ]
          .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 39.5)
          .map(
            (element) =>
              `${location.pathname} ${element.tagName}.${element.className}#${element.id} ${element.getBoundingClientRect().height}`,
          ),
      )),
    );
  }
  await page.context().close();
  expect(small).toEqual([]);
});
