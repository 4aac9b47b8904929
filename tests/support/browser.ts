// A real Chromium, and a page of it that is signed in.

import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { TestServer } from './server.ts';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: Bun.which('chromium') ?? '/usr/bin/chromium', args: ARGS });
}

/** A page in a context of its own, signed in through a one-time link as a person is. */
export async function signedIn(browser: Browser, server: TestServer, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const { token } = server.parts.auth.links.make();
  await page.goto(`${server.url}/login/link?token=${token}`);
  await page.click('button[type=submit]');
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
  return page;
}
