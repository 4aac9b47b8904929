// One terminal in real browser windows: typing, coming back, ending, resuming, what is shown.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Browser } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { fullText, openTerminal, says, screenText, shows, streamState, troubles, type } from '../support/terminal-page.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(30_000);

let server: TestServer;
let browser: Browser;
let workspaceId: string;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  workspaceId = (await server.workspace('pages')).id;
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const newTerminal = (command?: string[]) => server.terminal(workspaceId, { ...(command === undefined ? {} : { command }), env: { PS1: '> ' } });
const PLAIN_SHELL = ['bash', '--norc', '--noprofile'];

test('two windows on one terminal see each other type', async () => {
  const { id } = await newTerminal(PLAIN_SHELL);
  const [one, other] = await Promise.all([signedIn(browser, server), signedIn(browser, server)]);
  const found = [...[one, other].map(troubles)];
  await openTerminal(one, server, id);
  await openTerminal(other, server, id);
  await type(one, 'echo from the $((40+1))st window\n');
  await shows(other, 'from the 41st window');
  await type(other, 'echo and back $((6*7))\n');
  await shows(one, 'and back 42');
  await until('equal screens', async () => (await screenText(one)) === (await screenText(other)));
  await says(one, '[data-people-count]', '2');
  await other.context().close();
  await says(one, '[data-people-count]', '1');
  expect(found.flat()).toEqual([]);
  await one.context().close();
});

test('a reload comes back to the same screen, with what scrolled by', async () => {
  const { id } = await newTerminal(PLAIN_SHELL);
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await type(page, "seq 1 300; printf 'wide 日本語 \\e[31mred\\e[0m\\n'; tput setab 4; echo last-$((1+1)); tput sgr0\n");
  await shows(page, /last-2\s+> *$/m);
  const [screen, all] = [await screenText(page), await fullText(page)];
  await page.reload();
  await streamState(page, 'live');
  expect(await screenText(page)).toBe(screen);
  expect(await fullText(page)).toBe(all);
  await page.context().close();
});

test('a program that ends says how, and resumes in place, for every window', async () => {
  const { id } = await newTerminal(PLAIN_SHELL);
  const [one, other] = await Promise.all([signedIn(browser, server), signedIn(browser, server)]);
  await openTerminal(one, server, id);
  await openTerminal(other, server, id);
  await type(one, 'echo before; exit 3\n');
  await Promise.all([streamState(one, 'ended'), streamState(other, 'ended')]);
  await says(one, '[data-ending]', 'Ended with exit code 3');
  await type(one, 'x');
  await says(one, '[data-notice="unsent"]', 'resume it to type');
  await one.click('[data-resume] button');
  await Promise.all([streamState(one, 'live'), streamState(other, 'live')]);
  await type(one, 'echo after-$((2+2))\n');
  await shows(other, 'after-4');
  expect(await screenText(other)).toMatch(/before[\s\S]+resumed[\s\S]+after-4/);
  await one.context().close();
  await other.context().close();
});

test('stopping asks first, then stops', async () => {
  const { id } = await newTerminal(PLAIN_SHELL);
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await page.click('[popovertarget="menu"]');
  await page.click('[data-open="confirm-stop"]');
  await page.click('#confirm-stop [data-dismiss]');
  expect((await server.api(`/api/sessions/${id}`)).body.status).toBe('active');
  await page.click('[popovertarget="menu"]');
  await page.click('[data-open="confirm-stop"]');
  await page.click('[data-stop] .button-bad');
  await streamState(page, 'ended');
  expect((await server.api(`/api/sessions/${id}`)).body.status).toBe('stopped');
  await page.context().close();
});

test('vim and less draw what they should, and leave the screen as it was', async () => {
  const { id } = await newTerminal(PLAIN_SHELL);
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await type(page, 'seq 1 200 > numbers; echo was here\n');
  await shows(page, /^was here/m);
  await type(page, 'vim -u NONE numbers\n');
  await shows(page, '"numbers" 200 lines');
  await type(page, 'Oa line from vim');
  await page.keyboard.press('Escape');
  await shows(page, /^a line from vim\n1\n2\n/m);
  await type(page, ':wq\n');
  await shows(page, 'was here');
  await type(page, 'less numbers\n');
  await shows(page, /^a line from vim\n1\n/);
  await page.keyboard.press('Shift+G');
  await shows(page, '(END)');
  expect(await screenText(page)).toContain('\n200\n');
  await type(page, 'q');
  await shows(page, 'was here');
  await page.context().close();
});

test('the header shows the running program, and Ctrl+C and Ctrl+Z reach it', async () => {
  const { id } = await newTerminal(PLAIN_SHELL);
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await type(page, 'echo go; sleep 1000\n');
  await says(page, '[data-activity-words]', 'sleep');
  await page.keyboard.press('Control+z');
  await shows(page, 'Stopped');
  await says(page, '[data-activity-words]', 'idle');
  await type(page, 'fg\n');
  await says(page, '[data-activity-words]', 'sleep');
  await page.keyboard.press('Control+c');
  await type(page, 'echo code $?\n');
  await shows(page, 'code 130');
  await page.context().close();
});

test('a hostile name and a hostile title are text and nothing else', async () => {
  const { id } = await newTerminal(PLAIN_SHELL);
  const evil = '<img src=x onerror=alert(1)>"\'&';
  await server.api(`/api/sessions/${id}`, { method: 'PATCH', body: { name: evil } });
  const page = await signedIn(browser, server);
  const found = troubles(page);
  page.on('dialog', (dialog) => found.push(dialog.message()));
  await openTerminal(page, server, id);
  expect(await page.textContent('[data-session-name]')).toBe(evil);
  await type(page, "printf '\\e]0;<script>alert(2)</script>\\u202Egnp.exe\\a'; echo set\n");
  await says(page, '[data-title]', '<script>alert(2)</script> gnp.exe');
  expect(await page.title()).toContain('<script>alert(2)</script> gnp.exe');
  expect(await page.locator('main img, [data-title] *').count()).toBe(0);
  expect(found).toEqual([]);
  await page.context().close();
});

test('renaming happens in place and reaches the other window', async () => {
  const { id } = await newTerminal(PLAIN_SHELL);
  const [one, other] = await Promise.all([signedIn(browser, server), signedIn(browser, server)]);
  await openTerminal(one, server, id);
  await openTerminal(other, server, id);
  await one.click('[data-rename]');
  await one.keyboard.type('Night watch');
  await one.keyboard.press('Enter');
  await says(one, '[data-session-name]', 'Night watch');
  await says(other, '[data-session-name]', 'Night watch');
  await type(one, 'echo focus-$((1+1))\n');
  await shows(one, 'focus-2');
  await one.context().close();
  await other.context().close();
});

test('the keyboard leaves the terminal by Ctrl+Shift+Up and comes back by Escape', async () => {
  const { id } = await newTerminal(PLAIN_SHELL);
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await page.focus('dispatch-terminal textarea');
  await page.keyboard.press('Control+Shift+ArrowUp');
  expect(await page.evaluate(() => document.activeElement?.hasAttribute('data-rename'))).toBe(true);
  await page.keyboard.press('Escape');
  expect(await page.evaluate(() => document.activeElement?.closest('dispatch-terminal') !== null)).toBe(true);
  await page.context().close();
});

test('without scripts the page offers the recording and the forms; an unknown session is a 404 page', async () => {
  const { id } = await newTerminal(['sh', '-c', 'echo recorded words; sleep 600']);
  const page = await signedIn(browser, server, { javaScriptEnabled: false });
  await page.goto(`${server.url}/sessions/${id}`);
  expect(await page.textContent('main')).toContain('needs JavaScript');
  const [popup] = await Promise.all([page.request.get(`${server.url}/api/sessions/${id}/recording?format=text`), page.isVisible('text=Read the recording as text')]);
  expect(await popup.text()).toContain('recorded words');
  await page.fill('noscript input[name="name"]', 'Named by a form');
  await page.click('noscript button:has-text("Rename")');
  expect(await page.textContent('[data-session-name]')).toBe('Named by a form');
  const missing = await page.goto(`${server.url}/sessions/01900000-0000-7000-8000-000000000000`);
  expect(missing?.status()).toBe(404);
  expect(await page.textContent('body')).toContain('There is no such session');
  await page.context().close();
});
