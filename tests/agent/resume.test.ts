// Conversations through stops, restarts and the death of the server: what was said stands once,
// what was asked is told as interrupted, and the agent goes on where it was.

import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ConversationServer, startConversationServer } from '../support/conversation.ts';
import { until } from '../support/until.ts';
import { openBrowser } from '../support/browser.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/server.ts';

setDefaultTimeout(30_000);

const servers: ConversationServer[] = [];
const folders: string[] = [];

async function open(options?: Parameters<typeof startConversationServer>[0]): Promise<ConversationServer> {
  const server = await startConversationServer(options);
  servers.push(server);
  return server;
}

afterAll(async () => {
  for (const server of servers) await server.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['by session/resume', [], 'resumed'],
  ['by session/load, whose history is not doubled', ['--load'], 'loaded'],
])('a stopped conversation is taken up again %s', async (_, flags, how) => {
  const server = await open();
  const id = await server.conversation(flags);
  await server.say(id, 'say the word is heliotrope');
  await server.rests(id);
  await server.api(`/api/sessions/${id}/config`, { method: 'PATCH', body: { mode: 'careful' } });
  const head = (await server.api(`/api/sessions/${id}/stop`, { method: 'POST' })).body.currentSequence;
  expect((await server.api(`/api/sessions/${id}/resume`, { method: 'POST' })).status).toBe(200);
  await server.rests(id);
  expect((await server.events(id, 'agent')).map((event) => event.how)).toEqual(['new', how]);
  expect((await server.api(`/api/sessions/${id}/config`)).body.options[0].value).toBe('careful');
  const { events } = (await server.api(`/api/sessions/${id}/history?after=${head}&limit=1000`)).body;
  expect(events.filter(({ type }: { type: string }) => type === 'message' || type === 'prompt')).toEqual([]);
  await server.say(id, 'recount');
  await server.rests(id);
  expect(await server.said(id)).toContain('user: say the word is heliotrope | agent: did say');
});

test('an agent that keeps nothing begins anew, and says that it does not remember', async () => {
  const server = await open();
  const id = await server.conversation(['--forgetful']);
  await server.say(id, 'say something');
  await server.rests(id);
  await server.api(`/api/sessions/${id}/stop`, { method: 'POST' });
  await server.api(`/api/sessions/${id}/resume`, { method: 'POST' });
  await server.rests(id);
  expect((await server.events(id, 'agent')).at(-1)).toMatchObject({ how: 'new', lost: 'The agent keeps no conversations.' });
});

test('a copy remembers what was said, and the original goes on by itself', async () => {
  const server = await open();
  const id = await server.conversation();
  await server.say(id, 'say before the fork');
  await server.rests(id);
  await server.api(`/api/sessions/${id}/config`, { method: 'PATCH', body: { mode: 'careful' } });
  const fork = await server.api(`/api/sessions/${id}/fork`, { method: 'POST' });
  expect(fork.status).toBe(201);
  expect(fork.body).toMatchObject({ name: expect.stringContaining('(copy)'), meta: { agent: 'fixture', mode: 'careful' } });
  await server.rests(fork.body.id);
  await server.say(fork.body.id, 'recount');
  await server.rests(fork.body.id);
  expect(await server.said(fork.body.id)).toContain('user: say before the fork');
  expect(await server.said(id)).toBe('before the fork ');
});

test('a conversation that was begun elsewhere is taken over with its history', async () => {
  const server = await open();
  const first = await server.conversation(['--load']);
  await server.say(first, 'say told elsewhere');
  await server.rests(first);
  const { agentSessionId } = (await server.session(first)).meta;
  const id = await server.conversation(['--load'], { agentSessionId });
  expect(await server.events(id, 'prompt')).toMatchObject([{ text: 'say told elsewhere', retold: true }]);
  expect(await server.said(id)).toBe('did say');
});

const permissionsOf = (id: string): string => `/api/sessions/${id}/permissions`;

/** A conversation whose agent waits for a permission, with a prompt in the queue, on a server that is then killed. */
async function killedWhileAsked(folder: string, holder: boolean) {
  const server = await startServerProcess(folder, { holder });
  const { id, workspaceId } = await server.conversation();
  await server.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: 'permit once.txt' } });
  const asked = await until('the permission', async () => (await server.api(permissionsOf(id))).permissions[0]);
  await server.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: 'say what waited' } });
  await server.end('SIGKILL');
  return { id, workspaceId, asked };
}

test('killed while a permission waits, it is decided on the next server, on a phone: the file is written once, and the turn goes on', async () => {
  const folder = temporaryFolder();
  folders.push(folder);
  const { id, asked } = await killedWhileAsked(folder, true);
  const server = await startServerProcess(folder);
  expect((await server.api(`/api/sessions/${id}`)).activity).toMatchObject({ state: 'needs_you', detail: 'Append to once.txt' });
  expect((await server.api(permissionsOf(id))).permissions).toMatchObject([{ id: asked.id, decision: null }]);
  const browser = await openBrowser();
  const page = await (await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true })).newPage();
  await page.goto(await server.link());
  await page.tap('button[type=submit]');
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
  await page.goto(`${server.url}/inbox`);
  await page.getByRole('button', { name: 'Allow', exact: true }).tap();
  await until('the queue to be said', async () => (await server.api(`/api/sessions/${id}/history?type=stop`)).events.length === 2);
  await browser.close();
  expect(readFileSync(join(folder, 'root', 'work', 'once.txt'), 'utf8')).toBe('two\n');
  const { events } = await server.api(`/api/sessions/${id}/history?limit=1000`);
  const said = events.filter(({ type }: any) => type === 'message').map(({ data }: any) => data.text).join('');
  expect(said).toBe('outcome {"outcome":"selected","optionId":"yes"}what waited ');
  expect(events.filter(({ type }: any) => type === 'permission')).toHaveLength(1);
  expect(events.filter(({ type }: any) => type === 'stop').map(({ data }: any) => data.reason)).toEqual(['end_turn', 'end_turn']);
  await server.stop();
});

test('killed while the agent speaks, nothing that it said is lost or said twice', async () => {
  const folder = temporaryFolder();
  folders.push(folder);
  const one = await startServerProcess(folder);
  const { id } = await one.conversation();
  await one.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: 'stream 20000' } });
  await until('some of it', async () => (await one.api(`/api/sessions/${id}/history?type=message`)).events.length > 0);
  await one.end('SIGKILL');
  const two = await startServerProcess(folder);
  await until('the turn to end', async () => (await two.api(`/api/sessions/${id}/history?type=stop`)).events.length === 1);
  const { events } = await two.api(`/api/sessions/${id}/history?type=message&limit=1000`);
  const said = events.map(({ data }: any) => data.text).join('');
  expect(said).toBe(Array.from({ length: 20_000 }, (_, word) => `w${word} `).join(''));
  await until('the end of the turn in the inbox', async () => (await two.api('/api/inbox')).items.some((item: any) => item.sessionId === id && item.why === 'finished'));
  await two.stop();
});

test('killed while a terminal of the agent runs, the agent hears of its end from the next server', async () => {
  const folder = temporaryFolder();
  folders.push(folder);
  const one = await startServerProcess(folder);
  const { id } = await one.conversation();
  await one.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: 'terminal read line; echo got $line' } });
  const terminal = await until('the terminal', async () => (await one.api('/api/sessions?kind=terminal')).sessions.find(({ status }: any) => status === 'active'));
  await until('the wait to be logged', async () => (await one.api(`/api/sessions/${id}/history?type=awaits`)).events.length === 1);
  await one.end('SIGKILL');
  const two = await startServerProcess(folder);
  await two.api(`/api/sessions/${terminal.id}/input`, { method: 'POST', body: { text: 'through\n' } });
  await until('the turn to end', async () => (await two.api(`/api/sessions/${id}/history?type=stop`)).events.length === 1);
  const { events } = await two.api(`/api/sessions/${id}/history?type=message`);
  expect(events.map(({ data }: any) => data.text).join('')).toContain('exit 0 printed "through\\ngot through\\n"');
  await two.stop();
});

test('killed without a holder, what was asked is told as interrupted, and resumed it is asked again: the file is written once', async () => {
  const folder = temporaryFolder();
  folders.push(folder);
  const { id, workspaceId, asked } = await killedWhileAsked(folder, false);
  const server = await startServerProcess(folder, { holder: false });
  const [interrupted] = (await server.api(permissionsOf(id))).permissions;
  expect(interrupted).toMatchObject({ id: asked.id, decision: { outcome: 'interrupted' } });
  const item = await until('the inbox to tell', async () => (await server.api('/api/inbox')).items[0]);
  expect(item).toMatchObject({ sessionId: id, workspaceId, why: 'interrupted' });
  const decided = await server.api(`${permissionsOf(id)}/${asked.id}`, { method: 'POST', body: { optionId: 'yes' } });
  expect(decided.conflict.decision.outcome).toBe('interrupted');
  await server.api(`/api/sessions/${id}/resume`, { method: 'POST' });
  await until('the agent to rest', async () => (await server.api(`/api/sessions/${id}`)).activity.state === 'idle');
  // What waited is still there, and does not go by itself after an interruption.
  expect((await server.api(`/api/sessions/${id}/prompts`)).prompts).toMatchObject([{ text: 'say what waited' }]);
  await server.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: 'permit once.txt' } });
  const again = await until('the permission again', async () => (await server.api(permissionsOf(id))).permissions.find((one: any) => one.decision === null));
  await server.api(`${permissionsOf(id)}/${again.id}`, { method: 'POST', body: { optionId: 'yes' } });
  const file = join(folder, 'root', 'work', 'once.txt');
  await until('the file', () => existsSync(file));
  await until('the turn to end', async () => (await server.api(`/api/sessions/${id}/history?type=stop`)).events.some((event: any) => event.data.reason === 'end_turn'));
  expect(readFileSync(file, 'utf8')).toBe('two\n');
  await server.stop();
});
