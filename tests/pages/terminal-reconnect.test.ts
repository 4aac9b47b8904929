// A terminal over a network that breaks: it comes back by itself, with everything once.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { type CutProxy, startCutProxy } from '../support/cut-proxy.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { fullText, openTerminal, says, shows, streamState, type } from '../support/terminal-page.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(30_000);

let proxy: CutProxy;
let server: TestServer;
let browser: Browser;
let workspaceId: string;

beforeAll(async () => {
  proxy = await startCutProxy();
  const environment = { DISPATCH_ORIGIN: `http://127.0.0.1:${proxy.port}` };
  [server, browser] = await Promise.all([startTestServer({ environment }), openBrowser()]);
  proxy.forwardTo(server.running.app.server?.port ?? 0);
  workspaceId = (await server.workspace('cuts')).id;
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  await proxy.stop();
});

const newTerminal = () => server.terminal(workspaceId, { command: ['bash', '--norc', '--noprofile'], env: { PS1: '> ' } });

const dropped = (page: Page) => page.waitForFunction(() => document.querySelector('dispatch-terminal')?.getAttribute('data-state') !== 'live');

test('cut again and again under output, the screen has every line once', async () => {
  const { id } = await newTerminal();
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await type(page, 'for i in $(seq 1 1800); do echo "line $i"; [ $((i % 30)) = 0 ] && sleep 0.02; done; echo all-$((1+1))\n');
  for (const line of [200, 700, 1300]) {
    await until(`line ${line}`, async () => (await fullText(page)).includes(`line ${line}\n`));
    proxy.cut();
    await dropped(page);
    proxy.mend();
    await streamState(page, 'live');
  }
  await shows(page, 'all-2');
  const lines = (await fullText(page)).split('\n').filter((line) => /^line \d+$/.test(line));
  expect(lines).toEqual(Array.from({ length: 1800 }, (_, index) => `line ${index + 1}`));
  await page.context().close();
});

test('what is typed while the network is away is shown as waiting, and arrives once', async () => {
  const { id } = await newTerminal();
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await type(page, 'echo here\n');
  await shows(page, /^here/m);
  proxy.cut();
  await streamState(page, 'waiting');
  await says(page, '[data-connection]', 'Reconnecting');
  await type(page, 'echo typed-$((3*3)) >> typed; cat typed\n');
  await says(page, '[data-notice="waiting"]', '40 bytes wait until the connection is back');
  proxy.mend();
  await shows(page, /^typed-9\s+> *$/m);
  expect(await page.locator('[data-notice="waiting"]').count()).toBe(0);
  const { body } = await server.api(`/api/sessions/${id}/history?type=input&limit=1000`);
  const typed = body.events.map(({ data }: { data: { text?: string } }) => data.text ?? '').join('');
  expect(typed).toBe('echo here\recho typed-$((3*3)) >> typed; cat typed\r');
  await page.context().close();
});

test('a large paste arrives whole and in order, in frames that the server takes', async () => {
  const { id } = await newTerminal();
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await type(page, 'stty raw -echo; echo go-$((1+1)); head -c 600000 | sha256sum; stty sane\n');
  await shows(page, 'go-2');
  const text = Array.from({ length: 60_000 }, (_, index) => String(index).padStart(9, '0')).join('.').padEnd(600_000, 'x');
  await page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData('text/plain', pasted);
    document.querySelector('dispatch-terminal textarea')?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  }, text);
  const expected = new Bun.CryptoHasher('sha256').update(text).digest('hex');
  await shows(page, expected);
  await page.context().close();
});

test('input that a program does not read waits here, says so, and is not lost', async () => {
  const { id } = await newTerminal();
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await type(page, 'stty raw -echo; echo go-$((1+1)); until [ -e go ]; do sleep 0.1; done; head -c 700000 | wc -c; stty sane\n');
  await shows(page, 'go-2');
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'y'.repeat(700_000));
    document.querySelector('dispatch-terminal textarea')?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  });
  await says(page, '[data-notice="waiting"]', /has not read[\s\S]*KiB wait here and are tried again/);
  await Bun.write(`${server.root}/cuts/go`, '');
  await shows(page, '700000');
  await page.waitForSelector('[data-notice="waiting"]', { state: 'detached' });
  await page.context().close();
});

test('a device that is signed out elsewhere is sent to the sign-in page, and back after it', async () => {
  const { id } = await newTerminal();
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  server.parts.auth.revokeAll();
  await page.waitForURL((url) => url.pathname === '/login');
  expect(new URL(page.url()).searchParams.get('next')).toBe(`/sessions/${id}`);
  await page.context().close();
});

test('a terminal that is deleted elsewhere says so and keeps what it showed', async () => {
  const { id } = await newTerminal();
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await type(page, 'echo keep-$((1+1))\n');
  await shows(page, 'keep-2');
  await server.api(`/api/sessions/${id}`, { method: 'DELETE' });
  await streamState(page, 'deleted');
  await says(page, '[data-notice="gone"]', 'was deleted');
  await shows(page, 'keep-2');
  await page.context().close();
});

test('what one part of a page has reached again, all of it tries at once, and what was said of the server goes', async () => {
  const { id } = await server.workspace('bench');
  await server.terminal(id, { command: ['cat'] });
  const page = await signedIn(browser, server);
  await page.goto(`${server.url}/workspaces/${id}/workbench`);
  await streamState(page, 'live');
  proxy.cut();
  await streamState(page, 'waiting');
  const notice = page.locator('#notice');
  const ask = (method: 'GET' | 'POST') =>
    page.evaluate((verb) => (window as unknown as { htmx: { ajax(...args: unknown[]): Promise<void> } }).htmx.ajax(verb, '/nothing', { target: '#notice', swap: 'none' }).catch(() => undefined), method);
  await ask('GET');
  expect(await notice.textContent()).toBe(''); // A script's own look: the connection says it.
  await ask('POST');
  await says(page, '#notice', 'The server did not answer');
  const tried = await page.evaluate(() => {
    document.dispatchEvent(new CustomEvent('dispatch:connection', { detail: { state: 'live' } }));
    return document.querySelector('dispatch-terminal')?.getAttribute('data-state');
  });
  expect(tried).toBe('connecting');
  expect(await notice.textContent()).toBe('');
  proxy.mend();
  await streamState(page, 'live');
  await page.locator('#connection[data-state=live]').waitFor({ state: 'attached' });
  await page.context().close();
});
