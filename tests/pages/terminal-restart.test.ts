// A terminal's page while the server restarts: it says so, comes back by itself without a
// reload, and tells that the program ran on, or what became of it.

import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Browser } from 'playwright-core';
import { HOLDER_VERSION } from '../../src/pty/holder/frames.ts';
import { placeOf, readCard } from '../../src/pty/holder/place.ts';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openTerminal, says, shows, streamState, type } from '../support/terminal-page.ts';

setDefaultTimeout(30_000);

let browser: Browser;
let server: TestServer;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await startTestServer({ holder: true });
});
afterEach(async () => {
  await server.stop();
  rmSync(dirname(server.root), { recursive: true, force: true }); // Also where the second of two servers had it.
});

const newTerminal = async () =>
  server.terminal((await server.workspace()).id, { command: ['bash', '--norc', '--noprofile'], env: { PS1: '> ' } });

test('a restart is told of, and the page goes on with the same program and the same screen', async () => {
  const { id } = await newTerminal();
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await page.evaluate(() => Object.assign(window, { same: true }));
  await type(page, 'kept=42; echo before-$((1+1))\n');
  await shows(page, 'before-2');
  const port = Number(new URL(server.url).port);
  await server.stop(true);
  await says(page, '[data-connection]', 'Server restarting…');
  server = await startTestServer({ holder: true, folders: server, config: { port } });
  await streamState(page, 'live');
  await says(page, '[data-notice="adopted"]', /^Adopted after restart at .*\d/);
  await type(page, 'echo the-$kept\n');
  await shows(page, 'the-42');
  await shows(page, 'before-2');
  expect(await page.evaluate(() => 'same' in window)).toBe(true);
  await page.context().close();
});

test('what is lost with its holder says why', async () => {
  const { id, workspaceId } = await newTerminal();
  const page = await signedIn(browser, server);
  await openTerminal(page, server, id);
  await shows(page, '>');
  process.kill(readCard(placeOf(server.dataFolder, HOLDER_VERSION.major))?.pid ?? 0, 'SIGKILL');
  await streamState(page, 'ended');
  await says(page, 'body', 'the process that keeps its terminal ended');
  expect(await page.locator('[data-notice="adopted"]').count()).toBe(0);
  await page.goto(`${server.url}/workspaces/${workspaceId}`);
  await says(page, 'main', /failed\s*·\s*the process that keeps its terminal ended/);
  await page.context().close();
});
