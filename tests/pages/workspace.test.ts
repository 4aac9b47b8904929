// The page of one workspace: its sessions live, and every form on it.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { attach } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
  page = await signedIn(browser, server);
  page.setDefaultTimeout(10_000);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function open(id: string): Promise<void> {
  await page.goto(`${server.url}/workspaces/${id}`);
  await page.locator('#connection[data-state=live]').waitFor({ state: 'attached' });
}
const row = (name: string) => page.locator('.rows > li', { hasText: name });
const sessionOf = async (id: string) => (await server.api(`/api/sessions/${id}`)).body;

describe('the sessions of a workspace', () => {
  test('start with one button, and show their terminal', async () => {
    const { id } = await server.workspace();
    await open(id);
    await page.getByText('Nothing runs here').waitFor();
    await page.click('#new-terminal > button');
    await page.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
    const { sessions } = (await server.api(`/api/sessions?workspaceId=${id}`)).body;
    expect(sessions).toHaveLength(1);
    expect(sessions[0].meta).toEqual({});
  });

  test('start with a command for the login shell, named after it', async () => {
    const { id } = await server.workspace();
    await open(id);
    await page.click('#new-terminal-options > summary');
    await page.fill('#terminal-command', 'echo "$((40 + 2))" | tr 4 5; sleep 1000');
    await page.click('#new-terminal > button');
    await page.waitForURL(/\/sessions\//);
    const session = (await server.api(`/api/sessions?workspaceId=${id}`)).body.sessions[0];
    expect(session.name).toBe('echo "$((40 + 2))" | tr 4 5; sleep 1000');
    expect(session.meta.command).toEqual(['/bin/bash', '-lc', session.name]);
    await until('the pipe’s output', async () => {
      const { events } = (await server.api(`/api/sessions/${session.id}/history?type=output`)).body;
      return events
        .map((event: { data: { text: string } }) => event.data.text)
        .join('')
        .includes('52');
    });
  });

  test('give a bad name back with what is wrong', async () => {
    const { id } = await server.workspace();
    await open(id);
    await page.click('#new-terminal-options > summary');
    await page.fill('#terminal-name', 'x'.repeat(101));
    await page.fill('#terminal-command', 'true');
    await page.click('#new-terminal > button');
    await page.locator('#terminal-name-error').waitFor();
    expect(await page.inputValue('#terminal-command')).toBe('true');
    expect(await page.locator('#terminal-name').isVisible()).toBe(true);
  });

  test('appear, change and end by themselves', async () => {
    const { id } = await server.workspace();
    await open(id);
    const session = await server.terminal(id, { command: ['sleep', '1000'] });
    await row('sleep').getByText('working').waitFor();
    await server.api(`/api/sessions/${session.id}`, { method: 'PATCH', body: { name: 'renamed elsewhere' } });
    await row('renamed elsewhere').waitFor();
    await server.api(`/api/sessions/${session.id}/stop`, { method: 'POST' });
    await page.locator('section', { hasText: 'Ended' }).locator('li', { hasText: 'renamed elsewhere' }).waitFor();
  });

  test('are renamed, stopped, resumed and deleted in place', async () => {
    const { id } = await server.workspace();
    const session = await server.terminal(id, { command: ['cat'] });
    await open(id);
    await row('cat').locator('.drawer > summary').click();
    await page.fill(`#name-${session.id}`, 'the cat');
    await row('cat').getByRole('button', { name: 'Rename' }).click();
    await row('the cat').waitFor();
    expect((await sessionOf(session.id)).name).toBe('the cat');

    await row('the cat').getByRole('button', { name: 'Stop' }).click();
    await row('the cat').getByRole('button', { name: 'Resume' }).waitFor();
    expect((await sessionOf(session.id)).status).toBe('stopped');
    await row('the cat').getByRole('button', { name: 'Resume' }).click();
    await row('the cat').getByRole('button', { name: 'Stop' }).waitFor();
    expect((await sessionOf(session.id)).status).toBe('active');

    const drawer = row('the cat').locator('.drawer');
    if ((await drawer.getAttribute('open')) === null) await drawer.locator('> summary').click();
    await drawer.locator('.confirm > summary').click();
    await drawer.getByRole('button', { name: 'Delete with its history' }).click();
    await row('the cat').waitFor({ state: 'detached' });
    expect((await server.api(`/api/sessions/${session.id}`)).status).toBe(404);
  });

  test('say that stopping is under way while a program takes its time', async () => {
    const { id } = await server.workspace();
    await server.terminal(id, { command: ['sh', '-c', 'trap "" HUP; while :; do sleep 1; done'] });
    await open(id);
    await row('sh').getByRole('button', { name: 'Stop' }).click();
    const button = row('sh').locator('.row-action button');
    await button.getByText('Stopping…').waitFor();
    expect(await button.isDisabled()).toBe(true);
    await server.terminal(id, { command: ['cat'] }); // News in between gives the button not back.
    await row('cat').waitFor();
    expect(await button.getByText('Stopping…').isVisible()).toBe(true);
    await row('sh').getByRole('button', { name: 'Resume' }).waitFor();
  });

  test('leave an opened drawer and what is typed in it alone when news come', async () => {
    const { id } = await server.workspace();
    const session = await server.terminal(id, { command: ['cat'] });
    await open(id);
    await row('cat').locator('.drawer > summary').click();
    await page.fill(`#name-${session.id}`, 'half a na');
    await server.terminal(id, { command: ['sleep', '1000'] });
    await row('sleep').waitFor();
    expect(await page.locator(`#name-${session.id}`).isVisible()).toBe(true);
    expect(await page.inputValue(`#name-${session.id}`)).toBe('half a na');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe(`name-${session.id}`);
  });

  test('show who is attached', async () => {
    const { id } = await server.workspace();
    const session = await server.terminal(id, { command: ['cat'] });
    await open(id);
    const client = await attach(server, session.id, { client: 'phone', name: 'My phone' });
    await row('cat').getByText('My phone · leads').waitFor();
    await client.close();
    await row('cat').getByText('nobody attached').waitFor();
  });
});

describe('a workspace', () => {
  test('is changed: name, description, colour, shell and variables', async () => {
    const { id } = await server.workspace('plain', { mine: { kept: true }, env: { GONE: '1', KEPT: 'a\nb' } });
    await open(id);
    await page.click('#edit-particulars > summary');
    await page.fill('#edit-name', 'fancy');
    await page.fill('#edit-description', 'What it is for');
    await page.fill('#edit-shell', '/bin/sh');
    await page.locator('.swatch-choice[title=brass]').click();
    await page.fill('#edit-env', 'KEPT="a\\nb"\nADDED=x=y z');
    await page.locator('#particulars button').click();
    await page.getByText('Saved', { exact: true }).waitFor();
    const { name, metadata } = (await server.api(`/api/workspaces/${id}`)).body;
    expect(name).toBe('fancy');
    expect(metadata).toEqual({
      mine: { kept: true },
      env: { KEPT: 'a\nb', ADDED: 'x=y z' },
      description: 'What it is for',
      shell: '/bin/sh',
      color: '#c79a2c',
    });
    await page.locator('h1', { hasText: 'fancy' }).waitFor(); // The head follows by news.
    await page.locator('.plate', { hasText: 'ADDED' }).waitFor();
    expect(await page.locator('.plate').textContent()).not.toContain('x=y z');
  });

  test('gives a wrong variable back beside its field', async () => {
    const { id } = await server.workspace();
    await open(id);
    await page.click('#edit-particulars > summary');
    await page.fill('#edit-env', 'DISPATCH_KEY=1');
    await page.locator('#particulars button').click();
    await page.locator('#edit-env-error').waitFor();
    expect(await page.locator('#edit-env-error').textContent()).toContain('DISPATCH_KEY');
    expect(await page.inputValue('#edit-env')).toBe('DISPATCH_KEY=1');
  });

  test('says that its folder is gone, follows it where it went, and is well again', async () => {
    const { id, path } = await server.workspace('wanderer');
    await open(id);
    mkdirSync(`${server.root}/elsewhere`);
    renameSync(path, `${server.root}/elsewhere/wanderer`);
    await page.locator('#workspace-head [role=alert]').waitFor();
    expect(await page.locator('#workspace-head [role=alert]').textContent()).toContain('gone');
    await page.click('#workspace-head a[href="#moved"]');
    await page.fill('#moved-path', `${server.root}/elsewhere/wanderer`);
    await page.locator('#moved-form button').click();
    await page.locator('#workspace-head .path', { hasText: 'elsewhere' }).waitFor();
    expect(await page.locator('#workspace-head [role=alert]').count()).toBe(0);
    rmSync(`${server.root}/elsewhere`, { recursive: true });
  });

  test('is deleted only after the live sessions are named', async () => {
    const { id } = await server.workspace('doomed');
    const session = await server.terminal(id, { command: ['cat'] });
    await open(id);
    await page.click('#delete > summary');
    await page.getByRole('button', { name: 'Delete workspace and history' }).click();
    await page.locator('h1', { hasText: 'Delete doomed?' }).waitFor();
    expect(await page.locator('.names').textContent()).toBe('cat');
    await page.getByRole('button', { name: 'Stop them and delete' }).click();
    await page.waitForURL(/\/workspaces$/);
    expect((await server.api(`/api/workspaces/${id}`)).status).toBe(404);
    expect((await server.api(`/api/sessions/${session.id}`)).status).toBe(404);
  });
});
