// An installed page whose server is gone: it says so, and goes on when the server is back.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

test('without the server a page says what is true, and goes on to what was asked for when it is back', async () => {
  const page = await signedIn(browser, server);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await page.context().setOffline(true);
  await page.goto(`${server.url}/inbox`);
  await page.getByRole('heading', { name: 'Dispatch does not answer' }).waitFor();
  await page.getByText('Last tried at').waitFor();
  expect(await page.evaluate(() => getComputedStyle(document.body).display)).toBe('flex'); // With its style sheet.
  await page.context().setOffline(false);
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
});

test('browsers can install it', async () => {
  const manifest = (await server.api('/manifest.webmanifest')).body as { icons: { src: string }[]; start_url: string };
  expect(manifest.start_url).toBe('/');
  for (const { src } of manifest.icons) expect((await fetch(server.url + src)).status).toBe(200);
});
