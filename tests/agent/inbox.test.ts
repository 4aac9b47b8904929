// What waits on a person: kept through restarts, from all kinds of session, and gone once it is
// seen; and what agents were allowed for good, which can be taken back.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConversationServer, startConversationServer } from '../support/conversation.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(30_000);

let server: ConversationServer;

beforeAll(async () => {
  server = await startConversationServer();
});

afterAll(async () => {
  await server.stop();
});

const items = async (on = server): Promise<any[]> => (await on.api('/api/inbox')).body.items;
const itemOf = (id: string, why: string, on = server): Promise<any> =>
  until(`${why} in the inbox`, async () => (await items(on)).find((item) => item.sessionId === id && item.why === why));

test('a turn that finished waits until somebody has seen it, on whatever device', async () => {
  const id = await server.conversation();
  await server.say(id, 'say all done');
  expect(await itemOf(id, 'finished')).toMatchObject({ workspaceId: server.workspaceId, kind: 'claude', name: expect.any(String) });
  expect((await server.api(`/api/sessions/${id}/seen`, { method: 'POST' })).status).toBe(204);
  expect((await items()).filter(({ sessionId }) => sessionId === id)).toEqual([]);
  expect(await server.events(id, 'seen')).toEqual([{ client: 'api' }]);
  // Seeing what is seen already is no event.
  await server.api(`/api/sessions/${id}/seen`, { method: 'POST' });
  expect(await server.events(id, 'seen')).toHaveLength(1);
});

test('a turn that somebody cancelled is no news, one that failed is', async () => {
  const id = await server.conversation();
  await server.say(id, 'wait');
  await server.api(`/api/sessions/${id}/cancel`, { method: 'POST' });
  await server.rests(id);
  expect((await items()).filter(({ sessionId }) => sessionId === id)).toEqual([]);
  await server.say(id, 'fail');
  await itemOf(id, 'failed');
});

test('an unattended terminal that rings, or whose command ends, calls; an agent’s own does not', async () => {
  const ringing = await server.terminal(server.workspaceId, { command: ['sh', '-c', 'printf "\\a"; sleep 100'] });
  await itemOf(ringing.id, 'bell');
  // Whoever stops one knows that it ends.
  const stopped = await server.terminal(server.workspaceId, { command: ['sh', '-c', 'sleep 100'] });
  await server.api(`/api/sessions/${stopped.id}/stop`, { method: 'POST' });
  const ending = await server.terminal(server.workspaceId, { command: ['sh', '-c', 'exit 3'] });
  await itemOf(ending.id, 'ended');
  expect((await items()).some(({ sessionId }) => sessionId === stopped.id)).toBe(false);
  const id = await server.conversation();
  await server.say(id, 'terminal echo for the agent');
  await itemOf(id, 'finished');
  const [tool] = await server.events(id, 'tool');
  expect((await items()).some(({ sessionId }) => sessionId === tool.content[0].terminal)).toBe(false);
});

test('oldest first, and a deleted session waits no more', async () => {
  const waiting = await items();
  expect(waiting.map(({ since }) => since)).toEqual(waiting.map(({ since }) => since).toSorted());
  const id = await server.conversation();
  await server.say(id, 'say bye');
  await itemOf(id, 'finished');
  await server.api(`/api/sessions/${id}`, { method: 'DELETE' });
  expect((await items()).some(({ sessionId }) => sessionId === id)).toBe(false);
});

test('on pages what waits for an answer comes before what only tells, however old that is', async () => {
  const [told, asks] = [await server.conversation(), await server.conversation()];
  await server.say(told, 'say bye');
  await itemOf(told, 'finished');
  await server.say(asks, 'permit paper.txt');
  await itemOf(asks, 'permission');
  for (const path of ['/', '/inbox']) {
    const page = await (await fetch(server.url + path, { headers: { authorization: `Bearer ${server.key}` } })).text();
    const places = [asks, told].map((id) => page.indexOf(`href="/sessions/${id}`));
    expect([path, places]).toEqual([path, places.toSorted((one, other) => one - other)]);
    expect(Math.min(...places)).toBeGreaterThan(0);
  }
});

test('what waits is still there after a restart, what was seen is not', async () => {
  const one = await startConversationServer();
  const folders = { root: one.root, dataFolder: one.dataFolder };
  const [unseen, seen] = [await one.conversation(), await one.conversation()];
  for (const id of [unseen, seen]) {
    await one.say(id, 'say something');
    await itemOf(id, 'finished', one);
  }
  await one.api(`/api/sessions/${seen}/seen`, { method: 'POST' });
  await one.stop(true);
  const two = await startConversationServer({ folders });
  await itemOf(unseen, 'finished', two);
  expect((await items(two)).map(({ sessionId }) => sessionId)).toEqual([unseen]);
  await two.stop();
  rmSync(join(folders.root, '..'), { recursive: true, force: true });
});

test('a terminal that rang still calls after a restart, until somebody attaches to it or says so', async () => {
  const one = await startConversationServer();
  const folders = { root: one.root, dataFolder: one.dataFolder };
  const rang = await one.terminal(one.workspaceId, { command: ['sh', '-c', 'printf "\\a"; sleep 100'] });
  const ended = await one.terminal(one.workspaceId, { command: ['sh', '-c', 'exit 3'] });
  const heard = await one.terminal(one.workspaceId, { command: ['sh', '-c', 'exit 4'] });
  await itemOf(rang.id, 'bell', one);
  expect((await itemOf(ended.id, 'ended', one)).detail).toBe('exit 3');
  await itemOf(heard.id, 'ended', one);
  await one.api(`/api/sessions/${heard.id}/seen`, { method: 'POST' });
  await one.stop(true);
  const two = await startConversationServer({ folders });
  await itemOf(rang.id, 'bell', two);
  expect((await itemOf(ended.id, 'ended', two)).detail).toBe('exit 3');
  expect((await items(two)).some(({ sessionId }) => sessionId === heard.id)).toBe(false);
  await two.stop();
  rmSync(join(folders.root, '..'), { recursive: true, force: true });
});

test('an item says what is worth knowing: what was said last, or what failed', async () => {
  const id = await server.conversation();
  await server.say(id, 'say The tests pass now.');
  expect((await itemOf(id, 'finished')).detail).toBe('The tests pass now.');
  await server.say(id, 'fail');
  expect((await itemOf(id, 'failed')).detail).toBe('The model is overloaded.');
});

test('a rule of the workspace is shown and taken back, and nothing else of its file', async () => {
  const folder = join(server.root, 'talk', '.claude');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'settings.local.json');
  writeFileSync(file, JSON.stringify({ theme: 'dark', permissions: { allow: ['Bash(ls *)', 'Bash(rm *)'], deny: ['Read(x)'] } }));
  const { id } = (await server.api('/api/sessions', { method: 'POST', body: { workspaceId: server.workspaceId, kind: 'claude' } })).body;
  const get = async (): Promise<string> => (await fetch(`${server.url}/sessions/${id}`, { headers: { authorization: `Bearer ${server.key}` } })).text();
  expect(await get()).toContain('Bash(rm *)');
  const revoke = (rule: string) =>
    fetch(`${server.url}/sessions/${id}/rules/revoke`, { method: 'POST', redirect: 'manual', headers: { authorization: `Bearer ${server.key}` }, body: new URLSearchParams({ rule }) });
  expect((await revoke('Bash(rm *)')).status).toBe(303);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ theme: 'dark', permissions: { allow: ['Bash(ls *)'], deny: ['Read(x)'] } });
  expect(await get()).not.toContain('Bash(rm *)');
  expect((await revoke('Bash(rm *)')).status).toBe(404);
});

test('what an agent remembers as allowed is forgotten by starting it anew, and the conversation stays', async () => {
  const id = await server.conversation();
  await server.say(id, 'permit always.txt');
  const { id: permission } = await server.permission(id);
  await server.api(`/api/sessions/${id}/permissions/${permission}`, { method: 'POST', body: { optionId: 'always' } });
  await server.rests(id);
  const page = async (): Promise<string> => (await fetch(`${server.url}/sessions/${id}`, { headers: { authorization: `Bearer ${server.key}` } })).text();
  expect(await page()).toContain('Forget what it remembers');
  const forget = await fetch(`${server.url}/sessions/${id}/rules/forget`, { method: 'POST', redirect: 'manual', headers: { authorization: `Bearer ${server.key}` } });
  expect(forget.status).toBe(303);
  await server.rests(id);
  expect(await page()).not.toContain('Forget what it remembers');
  expect((await server.events(id, 'agent')).map(({ how }) => how)).toEqual(['new', 'resumed']);
});
