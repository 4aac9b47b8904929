// The pages of git in a browser: forms with and without script, a page that stays true while it
// is looked at, a comment by keys that reaches an agent.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signedIn } from '../support/browser.ts';
import { type ConversationServer, startConversationServer } from '../support/conversation.ts';
import { GIT_ENVIRONMENT, gitIn, Repository } from '../support/repository.ts';
import { until } from '../support/until.ts';

let server: ConversationServer;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startConversationServer({ environment: { ...GIT_ENVIRONMENT } }), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const text = (changes: Record<number, string> = {}): string =>
  `${Array.from({ length: 40 }, (_, index) => changes[index + 1] ?? `const line${index + 1} = ${index + 1};`).join('\n')}\n`;

let count = 0;
async function project(): Promise<{ id: string; repository: Repository; url: string }> {
  const repository = new Repository(join(server.root, `project-${(count += 1)}`));
  repository.write('a.ts', text());
  repository.commit('Begin');
  repository.write('a.ts', text({ 3: 'const three = 3;', 30: 'const thirty = 30;' }));
  const { body } = await server.api('/api/workspaces', { method: 'POST', body: { path: repository.folder } });
  return { id: body.id, repository, url: `${server.url}/workspaces/${body.id}/changes` };
}

const file = (page: Page, name: string, source = 'unstaged') => page.locator(`.file-diff[data-source="${source}"]`, { hasText: name });

test('without script: parts are staged, committed, discarded and taken back, a comment is kept', async () => {
  const { url, repository } = await project();
  const page = await signedIn(browser, server, { javaScriptEnabled: false });
  await page.goto(url);
  await page.getByRole('button', { name: 'Stage part of a.ts' }).first().click();
  await page.locator('.changes-group[aria-label=Staged]').waitFor();
  expect(repository.git('show', ':a.ts')).toBe(text({ 3: 'const three = 3;' }));
  await page.getByRole('button', { name: 'Commit', exact: true }).click();
  await page.getByText('Say what this commit does.').waitFor();
  await page.fill('#commit-message', 'Three');
  await page.getByRole('button', { name: 'Commit', exact: true }).click();
  await page.locator('.changes-group[aria-label=Staged]').waitFor({ state: 'detached' });
  expect(repository.git('log', '-1', '--format=%s').trim()).toBe('Three');
  await page.getByRole('link', { name: 'Comment on line 30, added' }).click();
  await page.fill('#comment-text', 'Why thirty?');
  await page.getByRole('button', { name: 'Add comment' }).click();
  await page.locator('.said', { hasText: 'Why thirty?' }).waitFor();
  await page.getByRole('button', { name: 'Discard the changes to a.ts' }).click();
  await page.getByText('Nothing changed').waitFor();
  await page.getByText('Discarded change').click();
  await page.getByRole('button', { name: 'Take back' }).click();
  await file(page, 'a.ts').waitFor();
  expect(readFileSync(join(repository.folder, 'a.ts'), 'utf8')).toBe(text({ 3: 'const three = 3;', 30: 'const thirty = 30;' }));
  await page.getByRole('link', { name: 'Log' }).click();
  await page.getByRole('link', { name: 'Three' }).click();
  await page.locator('.dl.came', { hasText: 'const three = 3;' }).waitFor();
  await page.context().close();
}, 30_000);

test('a page stays true: what is written on disk and staged elsewhere shows up, what is typed stays', async () => {
  const { url, id, repository } = await project();
  const page = await signedIn(browser, server);
  await page.goto(url);
  await page.getByRole('link', { name: 'Comment on line 3, added' }).click();
  await page.fill('#comment-text', 'Half a thought');
  await page.fill('#commit-message', 'Half a message');
  repository.write('new.ts', 'export {};\n');
  await file(page, 'new.ts').waitFor();
  await server.api(`/api/workspaces/${id}/git/stage`, { method: 'POST', body: { paths: ['new.ts'] } });
  await file(page, 'new.ts', 'staged').waitFor();
  repository.write('a.ts', text({ 3: 'const drei = 3;' }));
  await page.locator('.dl.came', { hasText: 'const drei' }).waitFor();
  expect(await page.inputValue('#comment-text')).toBe('Half a thought');
  expect(await page.inputValue('#commit-message')).toBe('Half a message');
  await page.getByRole('button', { name: 'Commit', exact: true }).click();
  await page.locator('.changes-group[aria-label=Staged]').waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.querySelector<HTMLTextAreaElement>('#commit-message')?.value === '');
  await page.context().close();
}, 30_000);

test('by keys: to a line, a comment on it, sent to an agent, with a link to where it went', async () => {
  const { url, id } = await project();
  const agent = await server.begin();
  const { body: session } = await server.api('/api/sessions', { method: 'POST', body: { workspaceId: id, kind: 'claude', name: 'The reviewer', meta: { agent: agent.meta.agent } } });
  await server.rests(session.id);
  const page = await signedIn(browser, server);
  await page.goto(url);
  await page.getByRole('link', { name: 'Comment on line 1', exact: true }).focus();
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowDown');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Comment on line 3, added');
  await page.keyboard.press('Enter');
  await page.locator('#comment-text:focus').waitFor();
  await page.keyboard.type('Say it in words.');
  await page.keyboard.press('Control+Enter');
  await page.locator('.said', { hasText: 'Say it in words.' }).waitFor();
  await page.getByRole('button', { name: 'Send 1 comment' }).click();
  await page.getByText('Sent (1)').click();
  const link = page.getByRole('link', { name: 'In the conversation' });
  expect(await link.getAttribute('href')).toBe(`/sessions/${session.id}`);
  const [prompt] = await until('the prompt', async () => {
    const prompts = await server.events(session.id, 'prompt');
    return prompts.length > 0 ? prompts : undefined;
  });
  expect(prompt.text).toContain('a.ts, line 3:\n```\nconst three = 3;\n```\nSay it in words.');
  await page.context().close();
}, 30_000);

test('sides stand beside each other where there is room, and below each other where there is none', async () => {
  const { url } = await project();
  const page = await signedIn(browser, server);
  await page.goto(url);
  const tops = () => page.evaluate(() => ['.dl.went', '.dl.came'].map((line) => Math.round(document.querySelector(line)?.getBoundingClientRect().top ?? -1)));
  const [went, came] = await tops();
  expect(went).toBe(came ?? -1);
  expect(await page.locator('.dl.went mark').first().textContent()).toBe('line3');
  await page.setViewportSize({ width: 390, height: 844 });
  const [above, below] = await tops();
  expect(above).toBeLessThan(below ?? 0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await page.context().close();
}, 30_000);

test('a push that fails says what git said and what to do, and a worktree opens as a workspace', async () => {
  const { url, repository } = await project();
  const bare = join(server.root, `remote-${count}.git`);
  gitIn(server.root, 'init', '-q', '--bare', bare);
  repository.write('.git/hooks/pre-push', '#!/bin/sh\necho "no pushing on mondays" >&2\nexit 1\n');
  Bun.spawnSync(['chmod', '+x', join(repository.folder, '.git/hooks/pre-push')]);
  repository.git('remote', 'add', 'origin', bare);
  const page = await signedIn(browser, server);
  await page.goto(url);
  await page.getByRole('button', { name: 'Push', exact: true }).click();
  await page.getByText('Push failed').waitFor();
  await page.getByText('no pushing on mondays').waitFor();
  await page.getByRole('link', { name: 'Worktrees' }).click();
  await page.fill('#worktree-branch', 'side');
  await page.getByRole('button', { name: 'Make it and open it as a workspace' }).click();
  await page.getByRole('heading', { name: `project-${count}-side` }).waitFor();
  await page.getByRole('link', { name: /Changes.*side/ }).click();
  await page.getByText('Nothing changed').waitFor();
  await page.context().close();
}, 30_000);

test('names and texts of others stay texts', async () => {
  const { url, repository } = await project();
  const evil = '<img src=x onerror=document.title=1>"\'&lt;.ts';
  repository.write(evil, '</code><script>document.title=1</script>\nconst a = "<b>";\n');
  repository.git('switch', '-q', '-c', 'a<b>&c');
  repository.git('add', '-A');
  repository.git('commit', '-q', '-m', '<b>bold</b> \u202eevil');
  repository.write(evil, 'gone\n');
  const page = await signedIn(browser, server);
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  for (const place of ['', '/log', '/branches', '/worktrees']) {
    await page.goto(`${url}${place}`);
    expect(await page.locator('main img, main b, main script').count()).toBe(0);
    expect(await page.title()).not.toBe('1');
  }
  await page.goto(url);
  await page.getByRole('button', { name: `Discard the changes to ${evil}` }).click();
  await page.getByText('Nothing changed').waitFor();
  expect(readFileSync(join(repository.folder, evil), 'utf8')).toContain('<script>');
  expect(errors).toEqual([]);
  await page.context().close();
}, 30_000);
