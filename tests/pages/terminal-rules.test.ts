// What a terminal may do besides drawing: answers, bells and the clipboard.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Browser } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { loggedSize, openTerminal, says, screenText, shows, streamState, type } from '../support/terminal-page.ts';

setDefaultTimeout(30_000);

let server: TestServer;
let browser: Browser;
let workspaceId: string;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  workspaceId = (await server.workspace('rules')).id;
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

/** Every query that an emulator may answer, a bell, a clipboard write, and the mode that reports the focus. */
const QUERIES = '\\e[c\\e[>c\\e[5n\\e[6n\\e[?6n\\e[?25$p\\eP$qm\\e\\\\\\e]11;?\\a\\e]4;1;?\\a\\e[?1004h\\a\\e]52;c;aGk=\\a';

const newTerminal = (script: string) => server.terminal(workspaceId, { command: ['bash', '--norc', '--noprofile', '-c', script] });

test('a live query is answered once, whoever looks', async () => {
  const { id } = await newTerminal("read -r _; stty raw -echo; printf '\\e[c'; head -c 7 | cat -v; stty sane; echo; echo rest; cat -v");
  const one = await signedIn(browser, server);
  const other = await signedIn(browser, server);
  await openTerminal(one, server, id);
  await openTerminal(other, server, id);
  await type(one, '\n');
  await shows(one, /\^\[\[\?1;2c\s+rest/);
  await type(one, 'mark\n');
  await shows(one, /rest\s+mark\s+mark/);
  await one.context().close();
  await other.context().close();
});

test('a replay answers nothing, rings nothing and asks for no clipboard', async () => {
  const { id } = await newTerminal(`printf '${QUERIES}'; echo asked; stty -echo; cat -v`);
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await shows(page, 'asked');
  expect(await page.locator('[data-notice]').count()).toBe(0);
  await page.reload();
  await streamState(page, 'live');
  // Whatever was sent before this line is in the program before it: the server's answers, and no other.
  await type(page, 'typed\n');
  await shows(page, /asked[\s\S]+typed/);
  const { body } = await server.api(`/api/sessions/${id}/history?type=input&limit=1000`);
  const bytes = body.events.map(({ data }: { data: { bytes: number } }) => data.bytes);
  // Focus reports are wished for by now and come when the page is focused; nothing else may.
  expect(bytes.reduce((sum: number, count: number) => sum + count, 0) - 'typed\r'.length).toBeLessThanOrEqual(6);
  const screen = await screenText(page);
  for (const answer of ['[?1;2c', '[0n', '[?25;1$y', ']11;rgb:']) expect([answer, screen.split(answer).length - 1]).toEqual([answer, 1]);
  await page.context().close();
});

test('a program that writes the clipboard needs consent; one that reads it gets nothing', async () => {
  const { id } = await newTerminal('while read -r line; do eval "$line"; done');
  const page = await signedIn(browser, server);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await openTerminal(page, server, id);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const copy = (text: string) => type(page, `printf '\\e]52;c;%s\\a' ${Buffer.from(text).toString('base64')}\n`);
  await page.evaluate(() => navigator.clipboard.writeText('mine'));
  await copy('first ✓');
  await says(page, '[data-notice="clipboard"]', 'first ✓');
  expect(await clipboard()).toBe('mine');
  await page.click('[data-notice="clipboard"] button:has-text("Allow once")');
  await says(page, '[data-notice="copied"]', 'wrote to your clipboard');
  expect(await clipboard()).toBe('first ✓');
  await copy('second');
  await page.click('[data-notice="clipboard"] button:has-text("Always in this session")');
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === 'second');
  await copy('third');
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === 'third');
  await type(page, "stty raw -echo; printf '\\e]52;c;?\\a'; printf '\\e[5n'; head -c 4 | cat -v; stty sane; echo; echo read\n");
  await shows(page, /\^\[\[0n\s+read/);
  await page.context().close();
});

test('Never keeps a program from asking again', async () => {
  const { id } = await newTerminal('while read -r line; do eval "$line"; done');
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await type(page, "printf '\\e]52;c;aGk=\\a'\n");
  await page.click('[data-notice="clipboard"] button:has-text("Never")');
  await type(page, "printf '\\e]52;c;aGk=\\a'; echo asked-$((1+1))\n");
  await shows(page, 'asked-2');
  expect(await page.locator('[data-notice="clipboard"]').count()).toBe(0);
  await page.context().close();
});

test('a live bell is seen', async () => {
  const { id } = await newTerminal("read -r _; printf '\\a'; sleep 600");
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  const rang = page.waitForSelector('dispatch-terminal.rings', { timeout: 5000 });
  await type(page, '\n');
  await rang;
  await page.context().close();
});

test('links open only where they are web or mail addresses, in a page that cannot reach back', async () => {
  const { id } = await newTerminal("printf '\\e]8;;javascript:document.title=1\\aevil\\e]8;;\\a https://example.invalid/x'; sleep 600");
  const page = await signedIn(browser, server);
  await page.addInitScript(() => {
    const opened: unknown[][] = [];
    Object.assign(window, { opened });
    window.open = (...how) => {
      opened.push(how);
      return null;
    };
  });
  await openTerminal(page, server, id);
  await shows(page, 'evil https://example.invalid/x');
  const box = await page.locator('.xterm-screen').boundingBox();
  const row = await page.locator('.xterm-rows > div').first().boundingBox();
  if (box === null || row === null) throw new Error('The terminal is not shown');
  const cell = box.width / Number((await loggedSize(server, id)).split('x')[0]);
  for (const column of [2, 10]) {
    await page.mouse.move(box.x + column * cell, row.y + row.height / 2);
    await page.mouse.move(box.x + column * cell + 2, row.y + row.height / 2);
    await page.mouse.down();
    await page.mouse.up();
  }
  const opened = await page.waitForFunction(() => ('opened' in window && Array.isArray(window.opened) && window.opened.length > 0 ? window.opened : null));
  expect(await opened.jsonValue()).toEqual([['https://example.invalid/x', '_blank', 'noopener,noreferrer']]);
  await page.context().close();
});
