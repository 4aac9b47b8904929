// The session page as a person uses it: what its terminal shows, and how to wait for it.

import type { Page } from 'playwright-core';
import type { TestServer } from './server.ts';
import { until } from './until.ts';

interface TerminalElement extends HTMLElement {
  screenText(): string;
  fullText(): string;
}

export type StreamStateName = 'connecting' | 'replaying' | 'live' | 'catching_up' | 'lagging' | 'waiting' | 'ended' | 'deleted' | 'refused';

export async function openTerminal(page: Page, server: Pick<TestServer, 'url'>, sessionId: string, query = ''): Promise<void> {
  await page.goto(`${server.url}/sessions/${sessionId}${query}`);
  await streamState(page, 'live');
}

export async function streamState(page: Page, name: StreamStateName): Promise<void> {
  await page.waitForSelector(`dispatch-terminal[data-state="${name}"]`, { timeout: 10_000 });
}

export function screenText(page: Page): Promise<string> {
  return page.$eval('dispatch-terminal', (element) => (element as TerminalElement).screenText());
}

/** The screen with all that scrolled by. */
export function fullText(page: Page): Promise<string> {
  return page.$eval('dispatch-terminal', (element) => (element as TerminalElement).fullText());
}

/** Waits until the screen shows the text. */
export async function shows(page: Page, text: string | RegExp): Promise<void> {
  let last = '';
  await until(
    () => `${text} on the screen:\n${last}`,
    async () => {
      last = await screenText(page);
      return typeof text === 'string' ? last.includes(text) : text.test(last);
    },
  );
}

export async function type(page: Page, text: string): Promise<void> {
  await page.focus('dispatch-terminal textarea');
  await page.keyboard.type(text);
}

/** Text of an element of the page, once it is there. */
export async function says(page: Page, selector: string, text: string | RegExp): Promise<void> {
  let last: string | null = '';
  await until(
    () => `${text} in ${selector}: ${last}`,
    async () => {
      last = await page.textContent(selector);
      return last !== null && (typeof text === 'string' ? last.includes(text) : text.test(last));
    },
  );
}

/** What the page itself reports as broken. */
export function troubles(page: Page): string[] {
  const found: string[] = [];
  page.on('pageerror', (error) => found.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') found.push(message.text());
  });
  return found;
}

/** Size of the terminal as the program sees it, by the log. */
export async function loggedSize(server: TestServer, sessionId: string): Promise<string> {
  const { body } = await server.api(`/api/sessions/${sessionId}/history?type=resize&limit=1000`);
  const { cols, rows } = body.events.at(-1).data;
  return `${cols}x${rows}`;
}
