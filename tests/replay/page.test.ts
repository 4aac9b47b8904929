// The page of the past in a browser: a moment by its address, the scrubber, the keys, playing, and
// all of it again without script.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { says, troubles } from '../support/terminal-page.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let browser: Browser;
let id: string;
/** Sequence of the event after which the screen shows a number last. */
const shownAt: number[] = [];
const MINUTE = 60_000;
/** A whole second after the session's own events. */
const START = Math.ceil(Date.now() / 1000) * 1000 + MINUTE;
const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  const workspace = await server.workspace('past');
  ({ id } = await server.terminal(workspace.id, { command: ['true'], cols: 60, rows: 10 }));
  await until('its end', async () => (await server.api(`/api/sessions/${id}`)).body.status === 'stopped');
  const log = server.parts.sessions.log(id);
  for (let number = 0; number < 40; number += 1) {
    const timestamp = START + number * 100 + (number >= 20 ? 10 * MINUTE : 0);
    if (number === 10) log.append([{ channel: 'system', type: 'resize', data: { cols: 40, rows: 8 }, timestamp }]);
    const bell = number === 5 ? '\x07\x1b]52;c;c2VjcmV0\x07\x1b[c' : '';
    log.append([{ channel: 'stdout', type: 'output', data: Buffer.from(`${bell}number ${number}\r\n`), timestamp }]);
    shownAt.push(log.head);
    if (number % 10 === 0) log.append([{ channel: 'system', type: 'command', data: { phase: 'output', line: `count ${number}`, of: log.head, at: timestamp }, timestamp }]);
  }
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const at = (number: number): number => shownAt[number] ?? 0;

async function open(page: Page, query: string): Promise<void> {
  await page.goto(`${server.url}/sessions/${id}/replay${query}`);
  await page.waitForSelector('dispatch-replay[data-ready][data-sequence]');
}

/** What the terminal of this kind of page shows. */
const textOf = (page: Page): Promise<string> => page.$eval('dispatch-replay', (element) => (element as HTMLElement & { screenText(): string }).screenText());

async function shows(page: Page, number: number): Promise<void> {
  let text = '';
  await until(() => `number ${number} last on:\n${text}`, async () => {
    text = await textOf(page);
    return text.trimEnd().endsWith(`number ${number}`);
  });
}

test('a link leads to the moment: its screen, its size, its time; events and marks are steps away', async () => {
  const page = await signedIn(browser, server, { timezoneId: 'UTC', locale: 'en-GB' });
  const found = troubles(page);
  await open(page, `?sequence=${at(7)}`);
  await shows(page, 7);
  expect(await page.$eval('dispatch-replay', (element) => (element as HTMLElement & { winsize: unknown }).winsize)).toEqual({ cols: 60, rows: 10 });
  await says(page, '[data-when]', clock(START + 700));
  await says(page, '[data-place]', `event ${at(7)} of`);
  await page.keyboard.press('.');
  await shows(page, 8);
  await page.waitForURL((url) => url.search === `?sequence=${at(8)}`);
  await page.keyboard.press(',');
  await shows(page, 7);
  await page.keyboard.press('Shift+ArrowRight');
  await shows(page, 10);
  await until('the size of then', () => page.$eval('dispatch-replay', (element) => (element as HTMLElement & { winsize: { cols: number } }).winsize.cols === 40));
  await page.click('[data-act="previous"]');
  await shows(page, 0);
  await page.keyboard.press('End');
  await shows(page, 39);
  await page.keyboard.press('Home');
  await until('the first event', async () => (await page.getAttribute('dispatch-replay', 'data-sequence')) === '1');
  expect(found).toEqual([]);
  await page.context().close();
});

test('it plays in its own time, folds what was idle, pauses, and the scrubber goes anywhere', async () => {
  const page = await signedIn(browser, server);
  await page.addInitScript(() => {
    const asked: string[] = [];
    Object.assign(window, { asked });
    navigator.clipboard.writeText = async (text) => void asked.push(text);
    WebSocket.prototype.send = () => void asked.push('sent');
  });
  await open(page, `?sequence=${at(2)}`);
  await page.selectOption('[data-speed]', '4');
  await page.keyboard.press(' ');
  await page.waitForSelector('dispatch-replay[data-playing]');
  await shows(page, 39); // Ten minutes between 19 and 20.
  await page.waitForSelector('dispatch-replay:not([data-playing])');
  await page.selectOption('[data-fold]', '0');
  const box = await page.locator('[data-scrubber]').boundingBox();
  expect(box).not.toBeNull();
  const { x = 0, y = 0, width = 0, height = 0 } = box ?? {};
  await page.mouse.click(x + width / 2, y + height / 2);
  await shows(page, 19); // Unfolded, half of the way is within the idle time.
  await page.click('[data-act="link"]');
  expect(await page.evaluate(() => (window as unknown as { asked: string[] }).asked)).toEqual([`${server.url}/sessions/${id}/replay?sequence=${at(19)}`]);
  await page.context().close();
});

test('a part of it is exported as asciicast, beginning with the screen of its first moment', async () => {
  const page = await signedIn(browser, server);
  await open(page, `?sequence=${at(12)}`);
  await shows(page, 12);
  await page.click('[data-part] summary');
  await page.click('[data-act="part-from"]');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.querySelector('[data-part][open]') === null && document.activeElement?.matches('[data-part] summary'));
  await page.goto(`${server.url}/sessions/${id}/replay?sequence=${at(12)}`);
  const { body } = await server.api(`/api/sessions/${id}/recording?format=asciicast-v2&from=${at(12)}&until=${at(14)}`);
  const [header, ...lines] = String(body).trim().split('\n').map((line) => JSON.parse(line));
  expect(header).toMatchObject({ width: 40, height: 8, timestamp: START / 1000 + 1 });
  expect(lines[0].slice(0, 2)).toEqual([0, 'o']);
  expect(lines[0][2]).toContain('number 12');
  expect(lines.slice(1).map(([, , text]: [number, string, string]) => text)).toEqual(['number 13\r\n', 'number 14\r\n']);
  expect((await server.api(`/api/sessions/${id}/recording?from=9&until=3`)).status).toBe(422);
  await page.context().close();
});

test('by the API: the screen of a moment in every form, 410 and 422 where there is none', async () => {
  const text = async (query: string) => (await server.api(`/api/sessions/${id}/screen?${query}`)).body;
  expect(String(await text(`sequence=${at(3)}`)).trimEnd()).toEndWith('number 3');
  expect(String(await text(`t=${START + 10 * MINUTE}`)).trimEnd()).toEndWith('number 19');
  expect(await text(`sequence=${at(3)}&format=html`)).toContain('<pre class="screen"');
  const { headers } = await server.api(`/api/sessions/${id}/screen?t=${START + 300}`);
  expect(headers.get('dispatch-sequence')).toBe(String(at(3)));
  expect((await server.api(`/api/sessions/${id}/screen?sequence=99999`)).body.fields.sequence).toContain('the last event so far');
  expect((await server.api(`/api/sessions/${id}/screen?sequence=3&t=4`)).status).toBe(422);
  expect((await server.api(`/api/sessions/${id}/screen?sequence=0`)).status).toBe(422);
  const { body: life } = await server.api(`/api/sessions/${id}/marks`);
  expect(life.marks.filter(({ type }: { type: string }) => type === 'command').map(({ label, sequence }: { label: string; sequence: number }) => [label, sequence])).toEqual([0, 10, 20, 30].map((number) => [`count ${number}`, at(number)]));
  expect(life.last.sequence).toBe(server.parts.sessions.get(id).currentSequence);
});

test('without script the moment is there, with links to the marks beside it and a form for the time', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, extraHTTPHeaders: { authorization: `Bearer ${server.key}` } });
  const page = await context.newPage();
  await page.goto(`${server.url}/sessions/${id}/replay?sequence=${at(15)}`);
  expect(await page.textContent('.replay-screen')).toMatch(/number 15\s*$/);
  await page.click('[data-act="next"]');
  expect(await page.textContent('.replay-screen')).toMatch(/number 20\s*$/);
  await page.click('[data-act="previous"]');
  expect(await page.textContent('.replay-screen')).toMatch(/number 10\s*$/);
  await page.fill('input[name=at]', new Date(START + 1000).toISOString().slice(0, 19));
  await page.click('[data-goto] button');
  expect(await page.textContent('.replay-screen')).toMatch(/number 10\s*$/);
  expect(await page.textContent('[data-when]')).toContain(`${clock(START + 1000)} UTC`);
  await context.close();
});
