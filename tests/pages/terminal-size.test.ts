// Who leads the size, what the others see, and the terminal on a phone.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { loggedSize, openTerminal, says, screenText, shows, type } from '../support/terminal-page.ts';
import { until } from '../support/until.ts';

const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

setDefaultTimeout(30_000);

let server: TestServer;
let browser: Browser;
let workspaceId: string;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  workspaceId = (await server.workspace('sizes')).id;
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const newTerminal = () => server.terminal(workspaceId, { command: ['bash', '--norc', '--noprofile'], env: { PS1: '> ' } });

const sizeShown = (page: Page) =>
  page.$eval('dispatch-terminal', (element) => {
    const rows = element.querySelectorAll('.xterm-rows > div').length;
    const box = element.querySelector('.xterm-screen')?.getBoundingClientRect();
    const stage = element.querySelector('[data-stage]')?.getBoundingClientRect();
    const inside = box !== undefined && stage !== undefined && box.left >= stage.left && box.right <= stage.right && box.top >= stage.top && box.bottom <= stage.bottom;
    return { rows, inside };
  });

test('the window that leads sizes the program; a resize of it arrives', async () => {
  const { id } = await newTerminal();
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  const first = await until('a size of its own', async () => {
    const size = await loggedSize(server, id);
    return size === '80x24' ? undefined : size;
  });
  await page.setViewportSize({ width: 800, height: 500 });
  const second = await until('another size', async () => {
    const size = await loggedSize(server, id);
    return size === first ? undefined : size;
  });
  await type(page, 'stty size | tr " " x\n');
  await shows(page, second.split('x').toReversed().join('x'));
  expect(await page.$eval('dispatch-terminal', (element) => element.hasAttribute('data-led'))).toBe(false);
  await page.context().close();
});

test('the other device sees all of the leader’s grid, says who leads, and can take the lead', async () => {
  const { id } = await newTerminal();
  const desk = await signedIn(browser, server);
  const phone = await signedIn(browser, server, PHONE);
  await openTerminal(desk, server, id);
  await type(desk, 'printf "%0150d\\n" 7; echo wide-$((1+1))\n');
  await shows(desk, 'wide-2');
  const size = await loggedSize(server, id);
  await openTerminal(phone, server, id);
  await says(phone, '[data-lead-words]', `(${size.replace('x', '×')})`);
  await until('all of it in view', async () => (await sizeShown(phone)).inside);
  expect((await sizeShown(phone)).rows).toBe(Number(size.split('x')[1]));
  expect(await screenText(phone)).toBe(await screenText(desk));
  expect(await loggedSize(server, id)).toBe(size);
  await phone.tap('.lead-bar [data-lead]');
  await until('the phone’s size', async () => (await loggedSize(server, id)) !== size);
  await desk.waitForSelector('dispatch-terminal[data-led]');
  await type(desk, 'x');
  await until('the desk leads again, for it typed', async () => (await loggedSize(server, id)) === size);
  await phone.waitForSelector('dispatch-terminal[data-led]');
  await Promise.all([desk.context().close(), phone.context().close()]);
});

test('a window that only reads neither types nor resizes nor leads', async () => {
  const { id } = await newTerminal();
  const writer = await signedIn(browser, server);
  const reader = await signedIn(browser, server, { viewport: { width: 700, height: 500 } });
  await openTerminal(writer, server, id);
  const size = await until('a size', async () => {
    const now = await loggedSize(server, id);
    return now === '80x24' ? undefined : now;
  });
  await openTerminal(reader, server, id, '?mode=ro');
  await type(reader, 'echo must not arrive\n');
  expect(await reader.isVisible('.lead-bar [data-lead]')).toBe(false);
  await type(writer, 'echo seen-$((1+1))\n');
  await shows(reader, 'seen-2');
  expect(await screenText(reader)).not.toContain('must not arrive');
  expect(await loggedSize(server, id)).toBe(size);
  await Promise.all([writer.context().close(), reader.context().close()]);
});

test('on a phone the key row sends keys, and Ctrl sticks to the next one', async () => {
  const { id } = await newTerminal();
  const phone = await signedIn(browser, server, PHONE);
  await openTerminal(phone, server, id);
  await type(phone, 'echo first-$((1+1))\n');
  await shows(phone, /^first-2/m);
  await phone.tap('[data-key="up"]');
  await shows(phone, /> echo first-\$\(\(1\+1\)\)$/m);
  await phone.tap('[data-key="ctrl"]');
  expect(await phone.getAttribute('[data-key="ctrl"]', 'aria-pressed')).toBe('true');
  await type(phone, 'u');
  expect(await phone.getAttribute('[data-key="ctrl"]', 'aria-pressed')).toBe('false');
  await type(phone, 'cat -v; echo cat-$((2+2))\n');
  for (const key of ['esc', 'tab', '|', '~', '/', '-', 'up', 'left']) await phone.tap(`[data-key="${key}"]`);
  await phone.tap('[data-key="alt"]');
  await type(phone, 'b\n');
  await shows(phone, /\^\[\s+\|~\/-\^\[\[A\^\[\[D\^\[b/);
  await phone.tap('[data-key="ctrl"]');
  await type(phone, 'd');
  await shows(phone, 'cat-4');
  await phone.context().close();
});

test('arrows of the key row follow the cursor mode that the program asked for', async () => {
  const { id } = await newTerminal();
  const phone = await signedIn(browser, server, PHONE);
  await openTerminal(phone, server, id);
  await type(phone, "printf '\\e[?1h'; echo on-$((1+1)); cat -v\n");
  await shows(phone, 'on-2');
  await phone.tap('[data-key="up"]');
  await type(phone, '\n');
  await shows(phone, '^[OA');
  await phone.context().close();
});

test('the compose box sends a line at once, and everything fits the screen', async () => {
  const { id } = await newTerminal();
  const phone = await signedIn(browser, server, PHONE);
  await openTerminal(phone, server, id);
  await phone.fill('[data-compose] textarea', 'echo composed $((5+5))');
  await phone.press('[data-compose] textarea', 'Enter');
  await shows(phone, /^composed 10$/m);
  expect(await phone.inputValue('[data-compose] textarea')).toBe('');
  const fits = await phone.evaluate(() => {
    const bottom = document.querySelector('[data-touch]')?.getBoundingClientRect().bottom ?? 0;
    return { wide: document.documentElement.scrollWidth <= innerWidth, bottom: Math.round(bottom) === innerHeight };
  });
  expect(fits).toEqual({ wide: true, bottom: true });
  await phone.tap('[data-compose-toggle]');
  expect(await phone.isVisible('[data-compose]')).toBe(false);
  await phone.context().close();
});

test('words above the terminal and the search come and go without resizing the program', async () => {
  const { id } = await newTerminal();
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await type(page, 'echo ready-$((1+1))\n');
  await shows(page, 'ready-2');
  const resizes = async () => (await server.api(`/api/sessions/${id}/history?type=resize&limit=1000`)).body.events.length;
  const before = await resizes();
  await type(page, "printf '\\e]52;c;aGk=\\a'\n");
  await page.waitForSelector('[data-notice="clipboard"]');
  await page.keyboard.press('Control+Shift+F');
  await page.keyboard.type('ready');
  await says(page, '[data-count]', /of \d/);
  await page.keyboard.press('Escape');
  await page.click('[data-notice="clipboard"] button:has-text("Never")');
  // A size that is wished for travels before what is typed after it.
  await type(page, 'echo still-$((1+1))\n');
  await shows(page, 'still-2');
  expect(await resizes()).toBe(before);
  await page.context().close();
});
