// Terminals side by side share the page's thread: the one that is attended to goes first, and
// the others miss nothing. All is parsed in its order and acknowledged, seen or not.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { assetUrl } from '../../src/assets.ts';
import { ACK } from '../../src/pty/wire.ts';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

/** Prints as many lines as it is told. */
const PRINTER = 'stty -echo; while read -r n; do seq -f "line %g of those that are printed here" 1 "$n"; echo "done $n"; done';

let server: TestServer;
let browser: Browser;
let page: Page;
const ids: Record<string, string> = {};
/** Last sequence that the page acknowledged, by session. */
const acknowledged = new Map<string, number>();

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  const { id: workspaceId } = await server.workspace();
  for (const name of ['one', 'two', 'three']) ids[name] = (await server.terminal(workspaceId, { command: ['bash', '--norc', '-c', PRINTER] })).id;
  const part = (...tabs: (string | undefined)[]) => ({ share: 0.5, node: { tabs, shown: tabs[0] } });
  const tree = { split: 'row', parts: [part(ids.one), part(ids.two, ids.three)] };
  await server.api(`/api/workspaces/${workspaceId}/layout?client=another`, { method: 'PUT', body: { layout: { tree, name: 'another' } } });
  page = await signedIn(browser, server);
  page.on('websocket', (socket) => {
    const id = /sessions\/([^/]+)\/attach/.exec(socket.url())?.[1] ?? '';
    socket.on('framesent', ({ payload }) => {
      const frame = Buffer.from(payload);
      if (frame[0] === ACK) acknowledged.set(id, Number(frame.readBigUInt64BE(1)));
    });
  });
  await page.goto(`${server.url}/workspaces/${workspaceId}/workbench`);
  for (const name of ['one', 'two']) await tile(name).locator('dispatch-terminal[data-state=live]').waitFor();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const tile = (name: string) => page.locator(`[data-tile-of="${ids[name]}"]`);
const focus = (name: string) => tile(name).locator('.xterm-helper-textarea').focus();
const drawn = (name: string) => tile(name).locator('.xterm-rows').textContent();
const prints = (name: string, lines: number) => server.api(`/api/sessions/${ids[name]}/input`, { method: 'POST', body: { text: `${lines}\n` } });
const parsed = (name: string) => tile(name).locator('dispatch-terminal').evaluate((element) => (element as HTMLElement & { fullText(): string }).fullText());
const allAcknowledged = async (name: string) => {
  const { currentSequence } = (await server.api(`/api/sessions/${ids[name]}`)).body;
  return currentSequence === acknowledged.get(ids[name] ?? '');
};

test('a terminal without the focus is drawn and acknowledged to its last line while another has it', async () => {
  await focus('one');
  await prints('two', 2000);
  await until('its last line', async () => (await drawn('two'))?.includes('done 2000'));
  await until('its acknowledgement', () => allAcknowledged('two'));
  const lines = (await parsed('two')).split('\n').map((line) => line.trim());
  expect(lines.filter((line) => line.startsWith('line ')).at(-2000)).toBe('line 1 of those that are printed here');
  expect(lines.at(-1)).toBe('done 2000');
});

test('one that lies behind another is drawn no more, but acknowledged, and is whole once it is shown', async () => {
  const show = (name: string) => page.locator(`[data-show="${ids[name]}"]`).click();
  await show('three');
  await tile('three').locator('dispatch-terminal[data-state=live]').waitFor();
  await focus('one');
  const before = await drawn('two');
  await prints('two', 1500);
  await until('its acknowledgement', async () => (await parsed('two')).includes('done 1500') && (await allAcknowledged('two')));
  expect(await drawn('two')).toBe(before);
  await show('two');
  await until('its last line', async () => (await drawn('two'))?.includes('done 1500'));
});

test('a page that nobody sees acknowledges all the same', async () => {
  await page.evaluate(() => {
    const { requestAnimationFrame: frames } = window;
    const held: FrameRequestCallback[] = [];
    window.requestAnimationFrame = (act) => -held.push(act);
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
    const release = (): void => {
      window.requestAnimationFrame = frames;
      for (const act of held) frames(act);
    };
    addEventListener('test:frames', release, { once: true });
  });
  for (const name of ['one', 'two']) await prints(name, 1000);
  for (const name of ['one', 'two']) await until(`the acknowledgement of ${name}`, async () => (await parsed(name)).includes('done 1000') && (await allAcknowledged(name)));
  await page.evaluate(() => {
    dispatchEvent(new Event('test:frames'));
    Object.defineProperty(document, 'hidden', { value: false, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  for (const name of ['one', 'two']) await until(`the last line of ${name}`, async () => (await drawn(name))?.includes('done 1000'));
});

test('what is given is taken in its order, at once where the focus is, and soon elsewhere though no frame comes', async () => {
  const seen = await page.evaluate(async (module) => {
    const { Screen } = await import(module);
    const settings = { theme: 'dark', fontSize: 14, lineHeight: 1, scrollback: 9000, cursorStyle: 'block', cursorBlink: false, fontFamily: '' };
    const made = () => {
      const place = document.body.appendChild(document.createElement('div'));
      place.dataset.tileOf = 'tried';
      place.style.cssText = 'position: fixed; inset: 0';
      return new Screen(place, settings, 'tried');
    };
    const [attended, other] = [made(), made()];
    const order: string[] = [];
    /** @returns what was handed to the emulator before it came back */
    const give = (screen: typeof attended, name: string): string => {
      const handed: string[] = [];
      const { write } = screen.term;
      screen.term.write = (bytes: Uint8Array | string, done: () => void) => {
        handed.push(typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes));
        write.call(screen.term, bytes, done);
      };
      screen.write(new TextEncoder().encode(`${name}\r\n`), () => order.push(name));
      screen.term.write = write;
      return handed.join('');
    };
    attended.term.focus();
    const handed = [give(attended, 'key'), give(other, 'a'), give(other, 'b')];
    other.afterWrites(() => {
      order.push(`${other.text().split('\n').slice(0, 3)}`);
      other.resize({ cols: 40, rows: 10 });
    });
    other.write(new Uint8Array(300_000).fill(46), () => order.push('large'));
    give(other, 'c');
    await new Promise((resolve) => other.afterWrites(resolve));
    const { requestAnimationFrame: frames } = window;
    window.requestAnimationFrame = () => 1;
    await new Promise((resolve) => other.afterWrites(resolve));
    other.write('without a frame\r\n');
    await new Promise((resolve) => other.afterWrites(resolve));
    window.requestAnimationFrame = frames;
    give(other, 'last');
    other.term.focus();
    await new Promise((resolve) => other.term.write('', resolve)); // Behind all that is handed over by now.
    const text = other.textWithScrollback();
    for (const screen of [attended, other]) {
      const place = screen.term.element?.parentElement;
      screen.dispose();
      place?.remove();
    }
    return { handed, order, lines: text.split('\n').filter((line: string) => !line.startsWith('.')) };
  }, assetUrl('terminal/screen.js'));
  expect(seen.handed).toEqual(['key\r\n', '', '']);
  expect(seen.order.filter((name) => name !== 'key')).toEqual(['a', 'b', 'a,b,', 'large', 'c', 'last']);
  expect(seen.lines).toEqual(['a', 'b', 'c', 'without a frame', 'last']);
});
