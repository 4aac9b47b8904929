// Each bound of conversations: what is just within it goes, one more is refused and says so.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { limits } from '../../src/limits.ts';
import { type ConversationServer, startConversationServer } from '../support/conversation.ts';

setDefaultTimeout(30_000);

let server: ConversationServer;

beforeAll(async () => {
  server = await startConversationServer();
});

afterAll(async () => {
  await server.stop();
});

const prompt = (id: string, body: object) => server.api(`/api/sessions/${id}/prompt`, { method: 'POST', body });

test('a prompt has a longest text, and says at least something', async () => {
  const id = await server.conversation();
  expect(await prompt(id, { text: 'x'.repeat(limits.promptLengthMax + 1) })).toMatchObject({ status: 422, body: { fields: { text: expect.any(String) } } });
  expect(await prompt(id, { text: '  \n' })).toMatchObject({ status: 422, body: { fields: { text: expect.any(String) } } });
  expect((await prompt(id, { text: `say ${'x'.repeat(limits.promptLengthMax - 4)}` })).status).toBe(202);
  expect((await prompt(id, { text: 'x', unknown: 1 })).status).toBe(422);
});

test('as many prompts wait as may, and one more is told the limit', async () => {
  const id = await server.conversation();
  await prompt(id, { text: 'wait' });
  for (let count = 0; count < limits.promptQueueMax; count += 1) expect((await prompt(id, { text: `say ${count}` })).body.state).toBe('queued');
  expect(await prompt(id, { text: 'one more' })).toMatchObject({ status: 409, body: { conflict: { limit: 'promptQueueMax' } } });
});

test('a prompt names so many pictures and files, and no more', async () => {
  const id = await server.conversation();
  const many = (count: number): string[] => Array.from({ length: count }, () => '.');
  expect((await prompt(id, { text: 'say x', resources: many(limits.promptResourcesMax) })).status).toBe(202);
  expect((await prompt(id, { text: 'say x', resources: many(limits.promptResourcesMax + 1) })).status).toBe(422);
  expect((await prompt(id, { text: 'say x', images: many(limits.promptImagesMax + 1) })).status).toBe(422);
});

test('a picture is as large as an upload may be, and no larger', async () => {
  const id = await server.conversation();
  const post = (bytes: number) => {
    const body = new Uint8Array(bytes);
    body.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    return fetch(`${server.url}/api/sessions/${id}/attachments`, { method: 'POST', headers: { authorization: `Bearer ${server.key}`, 'content-type': 'image/png' }, body });
  };
  expect((await post(limits.fileUploadBytesMax)).status).toBe(201);
  expect((await post(limits.fileUploadBytesMax + 1)).status).toBe(413);
});

test('meta takes what a conversation has, and nothing else', async () => {
  const create = async (meta: object) => server.api('/api/sessions', { method: 'POST', body: { workspaceId: server.workspaceId, kind: 'claude', meta } });
  for (const [meta, field] of [
    [{ command: ['sh'] }, 'meta.command'],
    [{ agent: 5 }, 'meta.agent'],
    [{ agent: 'fixture', mode: '' }, 'meta.mode'],
    [{ agent: 'fixture', config: 'x' }, 'meta.config'],
    [{ agent: 'fixture', agentSessionId: 'x'.repeat(limits.agentTitleLengthMax + 1) }, 'meta.agentSessionId'],
  ] as const) {
    expect(await create(meta)).toMatchObject({ status: 422, body: { fields: { [field]: expect.any(String) } } });
  }
});

test('agents of the settings have names, commands and environments that can be used', async () => {
  const put = (agents: object) => server.api('/api/settings/agents', { method: 'PATCH', body: { agents } });
  const agent = { label: 'Other', command: ['other'], env: {} };
  expect((await put({ other: agent })).status).toBe(200);
  for (const wrong of [{ 'Not a name': agent }, { other: { ...agent, command: [] } }, { other: { ...agent, env: { DISPATCH_KEY: 'x' } } }, { other: { ...agent, more: 1 } }, { other: { label: 'x' } }]) {
    expect((await put(wrong)).status).toBe(422);
  }
  expect((await server.api('/api/agents')).body.agents).toContainEqual({ id: 'other', label: 'Other', available: false, problem: expect.stringContaining('not on the PATH'), install: null, signIn: null });
});
