// The commands beside a terminal and on their page: failures, output, again, and the way back to
// the moment.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openTerminal, says, shows, troubles } from '../support/terminal-page.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let browser: Browser;
let id: string;
beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  ({ id } = await server.terminal((await server.workspace('quick')).id, { command: ['bash'] }));
  await prompts(1);
  for (const [index, line] of ["printf '<b>one</b>\\ntwo\\n'", 'sh -c "exit 9"', 'cd /; echo three'].entries()) {
    await say(`${line}\r`);
    await prompts(index + 2);
  }
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const say = (text: string) => server.api(`/api/sessions/${id}/input`, { method: 'POST', body: { text } });

async function prompts(count: number): Promise<void> {
  await until(`prompt ${count}`, async () => {
    const { body } = await server.api(`/api/sessions/${id}/history?type=command&limit=1000`);
    return body.events.filter(({ data }: { data: { phase: string } }) => data.phase === 'input').length >= count;
  });
}

/** The shell waits, and has taken all that was typed. */
async function atPrompt(): Promise<void> {
  const lastOf = async (type: string) => (await server.api(`/api/sessions/${id}/history?type=${type}&limit=1000`)).body.events.at(-1);
  await until('the prompt', async () => {
    const mark = await lastOf('command');
    return mark.data.phase === 'input' && mark.sequence > (await lastOf('input')).sequence;
  });
}

test('the panel beside the terminal lists, filters, copies output and types a command again', async () => {
  const page = await signedIn(browser, server);
  await page.addInitScript(() => {
    navigator.clipboard.writeText = async (text) => void Object.assign(window, { copied: text });
  });
  const found = troubles(page);
  await openTerminal(page, server, id);
  await page.click('[popovertarget=menu]');
  await page.click('[data-commands-open]');
  await page.waitForSelector('.command');
  expect(await page.locator('.command-line').allTextContents()).toEqual(['cd /; echo three', 'sh -c "exit 9"', "printf '<b>one</b>\\ntwo\\n'"]);
  await page.locator('.command').last().locator('[data-copy-output]').click();
  await says(page, '[data-told]', '2 lines copied');
  expect(await page.evaluate(() => (window as unknown as { copied: string }).copied)).toBe('<b>one</b>\ntwo');
  await page.check('.commands-filter input');
  await until('the filter', async () => (await page.locator('.command').count()) === 1);
  await says(page, '.command-facts', 'exit 9');
  await page.uncheck('.commands-filter input');
  await until('all of them', async () => (await page.locator('.command').count()) === 3);
  const first = page.locator('.command').first();
  await first.locator('summary').click();
  await first.locator('form button').click();
  await until('one more', async () => (await page.locator('.command').count()) === 4);
  await shows(page, /three[^]*three/);
  await page.keyboard.press('Escape');
  expect(found).toEqual([]);
  await page.context().close();
});

test('a command is typed only at the prompt, and only where nothing is typed there', async () => {
  const { body } = await server.api(`/api/sessions/${id}/commands`);
  const again = `/sessions/${id}/commands/${body.commands[0].sequence}/run`;
  const run = () => server.api(again, { method: 'POST', body: '', headers: { 'hx-request': 'true', accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' } });
  const known = body.commands.length;
  await say('half a ');
  await until('what is typed', async () => (await server.api(`/api/sessions/${id}/history?type=input&limit=1000`)).body.events.at(-1).data.text === 'half a ');
  expect((await run()).body.message).toContain('Something was typed');
  await say('\x03');
  await atPrompt();
  await say('sleep 100\r');
  await until('the program', async () => (await server.api(`/api/sessions/${id}`)).body.activity.detail === 'sleep');
  expect(await run()).toMatchObject({ status: 409, body: { error: 'conflict' } });
  await say('\x03');
  await until('its end', async () => (await server.api(`/api/sessions/${id}/commands`)).body.commands.at(-1).exit === 130);
  expect((await server.api(`/api/sessions/${id}/commands`)).body.commands.length).toBe(known + 1);
});

test('what would not be seen of a line stands there by its number before it is run again', async () => {
  const { id: other } = await server.terminal((await server.workspace('unseen')).id, { command: ['bash'] });
  const line = 'echo safe \u202egpj.sh\u2066\u200b';
  await until('its prompt', async () => (await server.api(`/api/sessions/${other}/history?type=command&limit=1000`)).body.events.some(({ data }: { data: { phase: string } }) => data.phase === 'input'));
  await server.api(`/api/sessions/${other}/input`, { method: 'POST', body: { text: `${line}\r` } });
  await until('the command', async () => (await server.api(`/api/sessions/${other}/commands`)).body.commands[0]?.line === line);
  const page = await signedIn(browser, server);
  await page.goto(`${server.url}/sessions/${other}/commands`);
  expect(await page.locator('.command-line').textContent()).toBe('echo safe U+202Egpj.shU+2066U+200B');
  expect(await page.locator('.command-line .unseen').count()).toBe(3);
  await page.getByText('Run again…').click();
  await page.getByText('read it before you run it').waitFor();
  await page.context().close();
});

test('without script the page lists them, with links to the moment and the output', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, extraHTTPHeaders: { authorization: `Bearer ${server.key}` } });
  const page = await context.newPage();
  await page.goto(`${server.url}/sessions/${id}/commands?failed=1`);
  expect(await page.locator('.command-line').allTextContents()).toContain('sh -c "exit 9"');
  await page.locator('.command', { hasText: 'exit 9' }).getByText('Replay').click();
  expect(await page.textContent('.replay-screen')).toContain('sh -c "exit 9"');
  await context.close();
});

test('keys jump from prompt to prompt in the terminal', async () => {
  const { id: other } = await server.terminal((await server.workspace('prompts')).id, { command: ['bash'] });
  const page = await signedIn(browser, server, { viewport: { width: 900, height: 400 } });
  await openTerminal(page, server, other);
  // Each at a prompt: what is typed ahead of one is echoed above it.
  const ended = async (): Promise<number> => (await server.api(`/api/sessions/${other}/commands`)).body.commands.filter(({ ended }: { ended: string | null }) => ended !== null).length;
  const enter = async (text: string, known: number) => {
    await until('a prompt', async () => (await ended()) === known && (await server.api(`/api/sessions/${other}`)).body.activity.state === 'idle');
    await page.focus('dispatch-terminal textarea');
    await page.keyboard.type(`${text}\n`);
    await until('its end', async () => (await ended()) === known + 1);
  };
  await until('the first prompt', async () => /[#$] $/m.test((await server.api(`/api/sessions/${other}/screen`)).body.trimEnd() + ' '));
  await enter('seq 1001 1100', 0);
  await enter('seq 2001 2100', 1);
  await shows(page, '2100');
  const top = () => page.$eval('dispatch-terminal .xterm-rows > div', (row) => row.textContent ?? '');
  await page.keyboard.press('Control+Shift+PageUp');
  await until('the last command', async () => (await top()).includes('seq 2001 2100'));
  await page.keyboard.press('Control+Shift+PageUp');
  await until('the one before', async () => (await top()).includes('seq 1001 1100'));
  await page.keyboard.press('Control+Shift+PageDown');
  await until('the last command again', async () => (await top()).includes('seq 2001 2100'));
  await page.context().close();
});
