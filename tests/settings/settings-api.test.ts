// Settings and layouts over HTTP.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

const send = (method: 'PUT' | 'PATCH', category: string, body: unknown) =>
  server.api(`/api/settings/${category}`, { method, body });

test('settings are read, replaced and changed, each answer the whole category', async () => {
  const all = await server.api('/api/settings');
  expect(Object.keys(all.body).sort()).toEqual(['agents', 'appearance', 'retention', 'terminal', 'workspaces']);
  expect((await server.api('/api/settings/terminal')).body).toEqual(all.body.terminal);
  const replaced = await send('PUT', 'terminal', { fontSize: 22, recordInput: 'none' });
  expect([replaced.status, replaced.body]).toEqual([200, { ...all.body.terminal, fontSize: 22, recordInput: 'none' }]);
  const changed = await send('PATCH', 'terminal', { fontSize: null, theme: 'light' });
  expect(changed.body).toEqual({ ...all.body.terminal, recordInput: 'none', theme: 'light' });
  expect((await server.api('/api/settings')).body.terminal).toEqual(changed.body);
  expect((await send('PUT', 'terminal', {})).body).toEqual(all.body.terminal);
});

test('an unknown category is 404, an unknown or wrong field 422 by name', async () => {
  for (const category of ['sound', 'constructor', '__proto__']) {
    expect((await server.api(`/api/settings/${category}`)).status).toBe(404);
    expect((await send('PUT', category, {})).status).toBe(404);
    expect((await send('PATCH', category, {})).status).toBe(404);
  }
  for (const method of ['PUT', 'PATCH'] as const) {
    const answer = await send(method, 'terminal', { fontSize: 41, gone: 1 });
    expect([answer.status, answer.body.error]).toEqual([422, 'invalid']);
    const fields = { fontSize: 'Must be a number from 6 to 40.', gone: 'There is no such setting.' };
    expect(answer.body.fields).toEqual(fields);
    for (const body of [[], 'null', '"x"']) expect((await send(method, 'terminal', body)).status).toBe(422);
    expect((await send(method, 'terminal', '{')).status).toBe(400);
  }
});

test('a secret goes in and never comes out', async () => {
  const answers = [
    await send('PATCH', 'agents', { apiKey: 'sk-hush' }),
    await send('PUT', 'agents', { apiKey: 'set' }),
    await server.api('/api/settings'),
    await server.api('/api/settings/agents'),
  ];
  expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain('sk-hush');
  expect(answers[3]?.body.apiKey).toBe('set');
  expect(server.parts.settings.get('agents').apiKey).toBe('sk-hush');
  expect((await send('PUT', 'agents', {})).body.apiKey).toBeNull();
});

test('an override in the metadata of a workspace holds there, and is checked', async () => {
  const { id } = await server.workspace('overriding', { settings: { terminal: { recordInput: 'none' } } });
  const { metadata } = server.parts.workspaces.get(id);
  expect(server.parts.settings.effective('terminal', metadata).recordInput).toBe('none');
  const body = { metadata: { settings: { terminal: { recordInput: 'some' } } } };
  const answer = await server.api(`/api/workspaces/${id}`, { method: 'PATCH', body });
  expect([answer.status, Object.keys(answer.body.fields)]).toEqual([422, ['metadata.settings.terminal.recordInput']]);
});

test('a layout is stored per client and comes back as it was', async () => {
  const { id } = await server.workspace('arranged');
  const at = (client: string) => `/api/workspaces/${id}/layout?client=${encodeURIComponent(client)}`;
  expect((await server.api(at('desk'))).body).toEqual({ layout: {} });
  const layout = { columns: [1, 2, { deep: null }] };
  const stored = await server.api(at('desk'), { method: 'PUT', body: { layout } });
  expect([stored.status, stored.body]).toEqual([200, { layout }]);
  expect((await server.api(at('desk'))).body).toEqual({ layout });
  expect((await server.api(at('phone'))).body).toEqual({ layout: {} });
});

test('a layout needs a client, an object of at most 64 KiB and a workspace that is there', async () => {
  const { id } = await server.workspace('bounded');
  const path = `/api/workspaces/${id}/layout`;
  const put = (query: string, body: unknown) => server.api(path + query, { method: 'PUT', body });
  for (const query of ['', '?client=', `?client=${'c'.repeat(65)}`, '?client=a%00b']) {
    expect((await server.api(path + query)).status).toBe(422);
    expect((await put(query, { layout: {} })).status).toBe(422);
  }
  const sized = (bytes: number) => ({ layout: { a: 'x'.repeat(bytes - '{"a":""}'.length) } });
  for (const body of [{}, { layout: [] }, { layout: null }, { layout: {}, more: 1 }, sized(65_537)]) {
    expect((await put('?client=c', body)).status).toBe(422);
  }
  expect((await put(`?client=${'c'.repeat(64)}`, sized(65_536))).status).toBe(200);
  const unknown = `/api/workspaces/${Bun.randomUUIDv7()}/layout?client=c`;
  expect((await server.api(unknown)).status).toBe(404);
  expect((await server.api(unknown, { method: 'PUT', body: { layout: {} } })).status).toBe(404);
});
