// The screen in a browser: the same as the server's after a reload however long the past, and
// the past itself when somebody scrolls up.

import { Database } from 'bun:sqlite';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openTerminal, screenText, shows, streamState, troubles, type } from '../support/terminal-page.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(60_000);

let server: TestServer;
let browser: Browser;
let workspaceId: string;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  workspaceId = (await server.workspace('screens')).id;
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const sh = async (script: string): Promise<string> => (await server.terminal(workspaceId, { command: ['bash', '--norc', '--noprofile', '-c', script] })).id;
const serverText = async (id: string): Promise<string> => (await server.api(`/api/sessions/${id}/screen`)).body;
const shownText = async (page: Page): Promise<string> => (await screenText(page)).trimEnd();

test('a reload of a session of 20 MB shows the same screen at once, from less than 100 KB', async () => {
  const id = await sh(`yes "$(printf 'a line \\e[35mof colour\\e[m, 日本語 and 👩‍👩‍👧‍👦')" | head -c 20000000; printf '\\e[5;12r\\e[2;3Hmargins\\e[?2004h\\e[31mred'; read -r _; printf '\\n\\n\\n\\nafter'; sleep 600`);
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await shows(page, 'margins');
  const before = await screenText(page);
  let received = 0;
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => (received += payload.length)));
  await page.reload();
  await streamState(page, 'live');
  expect(await screenText(page)).toBe(before);
  expect(received).toBeLessThan(100_000);
  expect(await shownText(page)).toBe(await serverText(id));
  await type(page, '\n');
  await shows(page, 'after');
  await until('equal screens', async () => (await shownText(page)) === (await serverText(id)));
  await page.context().close();
});

test('scrolling up to where history was pruned says so', async () => {
  const id = await sh('for i in $(seq 1 3000); do echo "line $i of a past that is long enough to be cut somewhere"; done; exec cat');
  const page = await signedIn(browser, server);
  await until('the output', async () => (await serverText(id)).includes('line 3000'));
  const other = new Database(join(server.dataFolder, 'dispatch.db'));
  other.run('PRAGMA busy_timeout = 5000');
  other.run('DELETE FROM session_events WHERE run_id = ? AND sequence = 1', [id]);
  other.run('UPDATE sessions SET first_sequence = 2 WHERE run_id = ?', [id]);
  other.close();
  await openTerminal(page, server, id);
  await shows(page, 'line 3000');
  await page.focus('dispatch-terminal textarea');
  await until('the layer', async () => {
    await page.keyboard.press('Shift+PageUp');
    return (await page.locator('.older').count()) > 0;
  });
  await page.locator('.older').hover();
  for (let more = 0; more < 200 && (await page.locator('.older-end').count()) === 0; more += 1) await page.mouse.wheel(0, -4000);
  await page.waitForSelector('.older-end');
  expect(await page.textContent('.older-end')).toMatch(/^History before .+ was pruned\.$/);
  await page.context().close();
});

test('scrolling up at the top shows older lines without a jump, and typing leads back', async () => {
  const id = await sh('for i in $(seq 1 3000); do echo "line $i of a past that is long enough to be cut somewhere"; done; exec cat');
  const page = await signedIn(browser, server);
  const found = troubles(page);
  await openTerminal(page, server, id);
  await page.reload();
  await streamState(page, 'live');
  await shows(page, 'line 3000');
  const box = await page.locator('.xterm-screen').boundingBox();
  if (box === null) throw new Error('The terminal is not shown');
  await page.mouse.move(box.x + 100, box.y + 100);
  const topLine = async (): Promise<string> => (await page.locator('.xterm-rows > div').first().textContent()) ?? '';
  await page.focus('dispatch-terminal textarea');
  await until('the layer', async () => {
    await page.keyboard.press('Shift+PageUp');
    return (await page.locator('.older').count()) > 0;
  });
  const top = await topLine();
  const lines = () => page.$$eval('.older > div', (all) => all.map((line) => line.textContent ?? ''));
  const at = async (): Promise<string> =>
    page.$eval('.older', (layer) => {
      const { top: edge } = layer.getBoundingClientRect();
      return [...layer.children].find((line) => line.getBoundingClientRect().bottom > edge + 2)?.textContent ?? '';
    });
  const first = Number(/line (\d+)/.exec(top)?.[1]);
  expect(Math.abs(Number(/line (\d+)/.exec(await at())?.[1]) - first)).toBeLessThanOrEqual(4);
  const numbers = (await lines()).map((line) => Number(/line (\d+)/.exec(line)?.[1]));
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => (numbers[0] ?? 0) + index));
  for (let more = 0; more < 200 && (await page.locator('.older-end').count()) === 0; more += 1) await page.mouse.wheel(0, -4000);
  await page.waitForSelector('.older-end');
  await until('the first line', async () => (await lines())[0]?.startsWith('line 1 of'));
  expect(await page.textContent('.older-end')).toBe('This is where it began.');
  const all = (await lines()).map((line) => Number(/line (\d+)/.exec(line)?.[1]));
  expect(all).toEqual(Array.from({ length: all.length }, (_, index) => index + 1));
  await type(page, 'x');
  await page.waitForSelector('.older', { state: 'detached' });
  await shows(page, /x\s*$/);
  expect(found).toEqual([]);
  await page.context().close();
});
