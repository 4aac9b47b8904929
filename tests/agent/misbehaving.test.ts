// Agents that do wrong: each ends at most its own session, says why, and can be resumed.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { Session } from '../../src/sessions/session.ts';
import { type ConversationServer, startConversationServer } from '../support/conversation.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(30_000);

let server: ConversationServer;
/** Goes on beside all of them. */
let witness: string;

beforeAll(async () => {
  server = await startConversationServer();
  witness = await server.conversation();
});

afterAll(async () => {
  await server.stop();
});

const over = (id: string): Promise<Session> =>
  until('the session to end', async () => {
    const session = await server.session(id);
    return session.status === 'error' || session.status === 'stopped' ? session : undefined;
  });

/** The others hear nothing of it, and it can be resumed. */
async function harmless(id: string): Promise<void> {
  const before = (await server.events(witness, 'stop')).length;
  await server.say(witness, 'say still here');
  await until('the witness to answer', async () => (await server.events(witness, 'stop')).length > before);
  expect((await server.api(`/api/sessions/${id}/resume`, { method: 'POST' })).status).toBe(200);
  await server.rests(id);
  await server.say(id, 'say again');
  await until('an answer after the resume', async () => (await server.said(id)).endsWith('again '));
}

test.each([
  ['prints what is no message', 'garbage', /could not go on.*no message of the Agent Client Protocol: “this is no message <b>/],
  ['sends a message of 100 MB', 'huge', /could not go on.*more than 16 MiB/],
])('one that %s is ended with the reason', async (_, word, reason) => {
  const id = await server.conversation();
  await server.say(id, word);
  const session = await over(id);
  expect(session).toMatchObject({ status: 'error', activity: { state: 'error' } });
  expect(session.statusReason).toMatch(reason);
  expect(await server.events(id, 'stop')).toMatchObject([{ reason: 'interrupted' }]);
  expect((await server.events(id, 'error')).at(-1).message).toMatch(reason);
  await harmless(id);
});

test('one that crashes in a turn has said what it said, and the turn is told as interrupted', async () => {
  const id = await server.conversation();
  await server.say(id, 'crash');
  const session = await over(id);
  expect(session).toMatchObject({ status: 'stopped', exitCode: 3, statusReason: 'Fixture ended by itself. Resume the session to go on.' });
  expect(await server.said(id)).toBe('half of a ');
  expect(await server.events(id, 'stop')).toMatchObject([{ reason: 'interrupted' }]);
  await harmless(id);
});

test('one that crashes while it asks leaves no card that could be decided', async () => {
  const id = await server.conversation();
  await server.say(id, 'permit crash.txt');
  const { id: permission } = await server.permission(id);
  const pid = server.parts.conversations.kind.conversation(id)?.pid ?? 0;
  process.kill(pid, 'SIGKILL');
  await over(id);
  const decided = await server.api(`/api/sessions/${id}/permissions/${permission}`, { method: 'POST', body: { optionId: 'yes' } });
  expect(decided).toMatchObject({ status: 409, body: { conflict: { decision: { outcome: 'interrupted' } } } });
  await harmless(id);
});

test('one that fails a turn says why, and rests', async () => {
  const id = await server.conversation();
  await server.say(id, 'fail');
  await server.rests(id);
  expect(await server.events(id, 'error')).toMatchObject([{ code: 'unavailable', message: 'The model is overloaded.' }]);
  expect(await server.events(id, 'stop')).toMatchObject([{ reason: 'error' }]);
});

test('one that never answers can be cancelled in vain, and stopped', async () => {
  const id = await server.conversation();
  await server.say(id, 'silent');
  await server.api(`/api/sessions/${id}/cancel`, { method: 'POST' });
  expect((await server.session(id)).activity.state).toBe('working');
  expect((await server.api(`/api/sessions/${id}/stop`, { method: 'POST' })).body.status).toBe('stopped');
  await harmless(id);
});

test('one that does not even greet can be stopped while it starts, its process with it', async () => {
  const { id, activity } = await server.begin(['--mute', '--stubborn']);
  expect(activity.state).toBe('starting');
  const pid = server.parts.conversations.kind.conversation(id)?.pid ?? 0;
  expect((await server.api(`/api/sessions/${id}/stop`, { method: 'POST' })).body.status).toBe('stopped');
  expect(() => process.kill(pid, 0)).toThrow();
});

test('one of another version of the protocol, or where nobody is signed in, is in error with what to do', async () => {
  const future = await over((await server.begin(['--future'])).id);
  expect(future).toMatchObject({ status: 'error', statusReason: expect.stringContaining('another version of the Agent Client Protocol') });
  const signedOut = await over((await server.begin(['--signed-out'])).id);
  expect(signedOut).toMatchObject({ status: 'error', statusReason: expect.stringContaining('is not signed in') });
});

test('one that fails to start says what stands behind an empty reason', async () => {
  const broken = await over((await server.begin(['--broken'])).id);
  expect(broken).toMatchObject({ status: 'error', statusReason: 'Fixture could not go on. spawn /nowhere/cli ENOENT' });
});

test('Claude is not started in a mode that nobody chose, where it cannot be set to ask', async () => {
  const { agents } = (await server.api('/api/settings/agents')).body;
  const command = [process.execPath, join(import.meta.dir, '../fixtures/agent.ts')];
  await server.api('/api/settings/agents', { method: 'PATCH', body: { agents: { ...agents, claude: { label: 'Claude', command, env: {} } } } });
  const begin = async (meta: object): Promise<any> =>
    (await server.api('/api/sessions', { method: 'POST', body: { workspaceId: server.workspaceId, kind: 'claude', meta } })).body;
  const { id } = await begin({});
  expect(await over(id)).toMatchObject({ status: 'error', statusReason: expect.stringContaining('could not be put into the mode “default”') });
  // Nor does it come back in the agent's own: only a mode that a person names is one.
  await server.api(`/api/sessions/${id}/resume`, { method: 'POST' });
  expect((await over(id)).meta.mode).toBeUndefined();
  const chosen = await begin({ mode: 'careful' });
  expect((await server.rests(chosen.id)).meta).toMatchObject({ mode: 'careful' });
  await server.api('/api/settings/agents', { method: 'PATCH', body: { agents } });
});

test('one that is not there is an error with the line that installs it', async () => {
  await server.api('/api/settings/agents', { method: 'PATCH', body: { adapterPath: '/nowhere/claude-agent-acp' } });
  const { agents } = (await server.api('/api/agents')).body;
  expect(agents[0]).toMatchObject({ id: 'claude', available: false, install: 'npm install -g @agentclientprotocol/claude-agent-acp @anthropic-ai/claude-code' });
  const { body, status } = await server.api('/api/sessions', { method: 'POST', body: { workspaceId: server.workspaceId, kind: 'claude' } });
  expect([status, body.status]).toEqual([201, 'error']);
  expect(body.statusReason).toContain('npm install -g @agentclientprotocol/claude-agent-acp');
  const unknown = await server.api('/api/sessions', { method: 'POST', body: { workspaceId: server.workspaceId, kind: 'claude', meta: { agent: 'nobody' } } });
  expect(unknown).toMatchObject({ status: 422, body: { fields: { 'meta.agent': expect.any(String) } } });
});

test('one that prints a banner first is forgiven', async () => {
  const id = await server.conversation(['--banner']);
  await server.say(id, 'say hello');
  await server.rests(id);
  expect(await server.said(id)).toBe('hello ');
});

test('thousands of updates a second of one tool become few events, the last one true', async () => {
  const id = await server.conversation();
  await server.say(id, 'updates 3000 700');
  await server.rests(id);
  const tools = await server.events(id, 'tool');
  expect(tools.length).toBeLessThan(30);
  const last = tools.at(-1);
  expect(last.content).toEqual([{ type: 'text', text: last.title.replace('Busy', 'step') }]);
});
