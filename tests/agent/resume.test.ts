// Conversations through stops, restarts and the death of the server: what was said stands once,
// what was asked is told as interrupted, and the agent goes on where it was.

import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ConversationServer, startConversationServer } from '../support/conversation.ts';
import { until } from '../support/until.ts';
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
  const fork = await server.api(`/api/sessions/${id}/fork`, { method: 'POST' });
  expect(fork.status).toBe(201);
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

test('killed while a permission waits, the next server tells it as interrupted, and resumed it is asked for again: the file is written once', async () => {
  const folder = temporaryFolder();
  folders.push(folder);
  const one = await startServerProcess(folder);
  const { id, workspaceId } = await one.conversation();
  await one.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: 'permit once.txt' } });
  const permissions = `/api/sessions/${id}/permissions`;
  const asked = await until('the permission', async () => (await one.api(permissions)).permissions[0]);
  await one.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: 'say what waited' } });
  await one.end('SIGKILL');

  const two = await startServerProcess(folder);
  const [interrupted] = (await two.api(permissions)).permissions;
  expect(interrupted).toMatchObject({ id: asked.id, decision: { outcome: 'interrupted' } });
  const item = await until('the inbox to tell', async () => (await two.api('/api/inbox')).items[0]);
  expect(item).toMatchObject({ sessionId: id, workspaceId, why: 'interrupted' });
  expect((await two.api(`${permissions}/${asked.id}`, { method: 'POST', body: { optionId: 'yes' } })).conflict.decision.outcome).toBe('interrupted');
  await two.api(`/api/sessions/${id}/resume`, { method: 'POST' });
  await until('the agent to rest', async () => (await two.api(`/api/sessions/${id}`)).activity.state === 'idle');
  // What waited is still there, and does not go by itself after an interruption.
  expect((await two.api(`/api/sessions/${id}/prompts`)).prompts).toMatchObject([{ text: 'say what waited' }]);
  await two.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: 'permit once.txt' } });
  const again = await until('the permission again', async () => (await two.api(permissions)).permissions.find((one: any) => one.decision === null));
  await two.api(`${permissions}/${again.id}`, { method: 'POST', body: { optionId: 'yes' } });
  const file = join(folder, 'root', 'work', 'once.txt');
  await until('the file', () => existsSync(file));
  await until('the turn to end', async () => (await two.api(`/api/sessions/${id}/history?type=stop`)).events.some((event: any) => event.data.reason === 'end_turn'));
  expect(readFileSync(file, 'utf8')).toBe('two\n');
  await two.end('SIGTERM');
});
