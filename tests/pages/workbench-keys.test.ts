// The workbench without a mouse: sessions are moved, resized and closed from their tabs and
// borders, and from inside a terminal by the palette or by keys of one's own.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let browser: Browser;
let page: Page;
let workspaceId = '';
const ids: Record<string, string> = {};
const NAMES = ['left', 'right', 'third'] as const;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  workspaceId = (await server.workspace()).id;
  for (const name of NAMES) {
    ids[name] = (await server.parts.sessions.create({ workspaceId, kind: 'terminal', name, meta: { command: ['cat'] } })).id;
  }
  const leaf = (...names: string[]) => ({ tabs: names.map((name) => ids[name] ?? ''), shown: ids[names[0] ?? ''] ?? '' });
  const tree = { split: 'row', parts: [{ share: 0.5, node: leaf('left', 'third') }, { share: 0.5, node: leaf('right') }] };
  server.parts.layouts.put(workspaceId, 'another device', { tree });
  server.parts.settings.patch('appearance', { shortcuts: { 'tile-close': 'Ctrl+Shift+E', 'tile-up': 'Ctrl+Alt+Shift+ArrowUp' } });
  page = await signedIn(browser, server);
  await page.goto(`${server.url}/workspaces/${workspaceId}/workbench`);
  await live('left');
  await live('right');
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const tile = (name: string) => page.locator(`[data-tile-of="${ids[name]}"]`);
const live = (name: string) => tile(name).locator('dispatch-terminal[data-state=live]').waitFor({ state: 'attached' });
const tab = (name: string) => page.locator(`[data-show="${ids[name]}"]`);
/** Tabs from left to right, a place each, top first. */
const places = (): Promise<string[][]> =>
  page.locator('.bench-strip').evaluateAll((strips) =>
    strips
      .map((strip) => ({ box: strip.getBoundingClientRect(), names: [...strip.querySelectorAll('bdi')].map(({ textContent }) => textContent ?? '') }))
      .sort((one, other) => one.box.x - other.box.x || one.box.y - other.box.y)
      .map(({ names }) => names));
const placed = (...wanted: string[][]) => until(`places ${JSON.stringify(wanted)}`, async () => JSON.stringify(await places()) === JSON.stringify(wanted));
const focused = () => page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-tile-of], [data-show]')?.dataset);
async function palette(letters: string, title: string): Promise<void> {
  await page.keyboard.press('Control+Shift+K');
  await page.fill('#palette-input', letters);
  await page.locator('#palette-list > li[aria-selected=true]', { hasText: title }).waitFor();
  await page.keyboard.press('Enter');
}

test('on a tab the arrows go to the next, with Shift they carry the session, and Delete closes it', async () => {
  await tab('left').focus();
  await page.keyboard.press('ArrowRight');
  expect(await focused()).toMatchObject({ show: ids.third ?? '' });
  await page.keyboard.press('Shift+ArrowDown');
  await placed(['left'], ['third'], ['right']);
  await live('third');
  expect(await focused()).toMatchObject({ show: ids.third ?? '' });
  await page.keyboard.press('Shift+ArrowRight');
  await placed(['left'], ['right', 'third']);
  await page.keyboard.press('Shift+ArrowRight');
  await placed(['left'], ['right'], ['third']);
  await page.keyboard.press('Shift+ArrowRight'); // Nothing lies there.
  await page.keyboard.press('Delete');
  await placed(['left'], ['right']);
  expect(server.parts.sessions.get(ids.third ?? '').status).toBe('active');
});

test('from inside a terminal the palette opens, moves and closes, and typing goes on where it should', async () => {
  await tile('left').locator('.xterm-helper-textarea').focus();
  await palette('third', 'third');
  await placed(['left', 'third'], ['right']);
  await live('third');
  await until('the focus in what was opened', async () => (await focused())?.tileOf === ids.third);
  await palette('move session right', 'Move this session to the right');
  await placed(['left'], ['third'], ['right']);
  expect(await focused()).toMatchObject({ tileOf: ids.third ?? '' });
  await page.keyboard.type('typed after it was moved');
  await until('the echo', async () => String((await server.api(`/api/sessions/${ids.third}/screen`)).body).includes('typed after it was moved'));
  await palette('close session here', 'Close this session here');
  await placed(['left'], ['right']);
  await until('the focus in another', async () => (await focused())?.tileOf !== undefined);
});

test('what the palette does with a session leaves the workbench where it is', async () => {
  await palette('rename right', 'Rename right');
  await page.getByText('type the new name').waitFor();
  await page.keyboard.press('ArrowDown'); // In a line of text that is the end of it, not another choice.
  await page.keyboard.type(' hand');
  await page.keyboard.press('Enter');
  await until('the name', () => server.parts.sessions.get(ids.right ?? '').name === 'right hand');
  await tab('right').filter({ hasText: 'right hand' }).waitFor();
  await palette('stop third', 'Stop third');
  await page.getByText('Press Enter again').waitFor();
  await page.keyboard.press('Enter');
  await until('the end', () => server.parts.sessions.get(ids.third ?? '').status === 'stopped');
  expect(new URL(page.url()).pathname).toBe(`/workspaces/${workspaceId}/workbench`);
});

test('keys of one’s own move and close the session that one types in', async () => {
  await tile('right').locator('.xterm-helper-textarea').focus();
  await page.keyboard.press('Control+Alt+Shift+ArrowUp'); // Nothing lies above it.
  await placed(['left'], ['right hand']);
  await page.keyboard.press('Control+Shift+E');
  await placed(['left']);
  await page.keyboard.press('Control+Alt+Shift+ArrowUp');
  expect(await places()).toEqual([['left']]);
});

test('what goes on in another workspace is no tile of this one', async () => {
  const other = await server.workspace('elsewhere');
  const { id } = await server.terminal(other.id, { command: ['cat'] });
  server.parts.sessions.rename(id, 'foreign');
  await server.parts.sessions.stop(id);
  await palette('resume foreign', 'Resume foreign');
  await page.waitForURL(`**/workspaces/${other.id}`);
  expect(server.parts.sessions.get(id).status).toBe('active');
});
