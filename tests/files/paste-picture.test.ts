// A picture pasted into a terminal: uploaded outside the workspace, its path typed, in brackets
// where the program asked for them, and gone with the session.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openTerminal, screenText, shows } from '../support/terminal-page.ts';
import { until } from '../support/until.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
let server: TestServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  page = await signedIn(browser, server);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const paste = (name: 'paste' | 'drop', data: Record<string, string>): Promise<void> =>
  page.$eval(
    'dispatch-terminal textarea',
    (target, [type, base64, text]) => {
      const transfer = new DataTransfer();
      if (base64 !== '') transfer.items.add(new File([Uint8Array.from(atob(base64 ?? ''), (letter) => letter.charCodeAt(0))], 'shot.png', { type: 'image/png' }));
      if (text !== '') transfer.setData('text/plain', text ?? '');
      const init = { bubbles: true, cancelable: true };
      target.dispatchEvent(type === 'paste' ? new ClipboardEvent('paste', { ...init, clipboardData: transfer }) : new DragEvent('drop', { ...init, dataTransfer: transfer }));
    },
    [name, data.picture ?? '', data.text ?? ''],
  );

test('is uploaded and its path typed, as a paste', async () => {
  const workspace = await server.workspace();
  const terminal = await server.terminal(workspace.id, { command: ['sh', '-c', "stty -echo -icanon; printf '\\033[?2004hready\\n'; cat -v"], cols: 200 });
  await openTerminal(page, server, terminal.id);
  await shows(page, 'ready');
  await paste('paste', { picture: PNG });
  await shows(page, /\^\[\[200~\S+\.png \^\[\[201~/);
  const path = /200~(\S+\.png) /.exec(await screenText(page))?.[1] ?? '';
  expect(readFileSync(path).toString('base64')).toBe(PNG);
  expect(path.startsWith(server.dataFolder)).toBe(true);
  expect(readdirSync(workspace.path)).toEqual([]);
  await paste('drop', { picture: PNG });
  await until('the dropped one, too', async () => (await screenText(page)).match(/\.png/g)?.length === 2);
  await paste('paste', { picture: PNG, text: 'only words' });
  await shows(page, '200~only words');
  await server.api(`/api/sessions/${terminal.id}`, { method: 'DELETE' });
  await until('the picture to go with its session', () => !existsSync(path));
});

test('is a picture, for a terminal', async () => {
  const workspace = await server.workspace();
  const terminal = await server.terminal(workspace.id);
  const post = (type: string, body: string) => server.api(`/api/sessions/${terminal.id}/pictures`, { method: 'POST', body, headers: { 'content-type': type } });
  expect((await post('image/png', '<svg>')).status).toBe(415);
  expect((await server.api('/api/sessions/none/pictures', { method: 'POST', body: '', headers: { 'content-type': 'image/png' } })).status).toBe(404);
});
