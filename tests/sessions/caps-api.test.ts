// Caps as the owner meets them: chosen in the settings, warned of by the status, and told of
// where something was dropped.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const MiB = 1024 * 1024;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

interface Status {
  sizes: { historyBytes: number };
  warnings: { code: string; message: string; sessionId?: string; bytes: number; limit: number }[];
}

const status = async (): Promise<Status> => (await server.api('/api/status')).body;

test('a session that comes near its cap is warned of, and one past it tells what it lost', async () => {
  const { parts } = server;
  const workspace = await server.workspace();
  const { id } = await server.terminal(workspace.id, { command: ['true'], cols: 93, rows: 27 });
  parts.sessions.rename(id, 'noisy');
  await until('the end', () => parts.sessions.get(id).status === 'stopped');
  expect((await status()).warnings).toEqual([]);
  const log = parts.sessions.log(id);
  const print = (bytes: number): void => {
    for (let left = bytes; left > 0; left -= 32 * 1024) {
      log.append([{ channel: 'stdout', type: 'output', data: crypto.getRandomValues(new Uint8Array(32 * 1024)) }]);
    }
  };
  print(15.5 * MiB);
  await server.api('/api/settings/retention', { method: 'PATCH', body: { sessionBytes: 16 * MiB } });
  await parts.compaction.sweep();
  const near = await status();
  expect(near.sizes.historyBytes).toBeGreaterThan(15 * MiB);
  expect(near.warnings).toMatchObject([{ code: 'session_history', sessionId: id, limit: 16 * MiB }]);
  expect(near.warnings[0]?.message).toContain('“noisy”');
  const workspacePage = async (): Promise<string> => String((await server.api(`/workspaces/${workspace.id}`)).body);
  expect(await workspacePage()).toContain('The history of “noisy” takes');
  expect(String((await server.api(`/workspaces/${(await server.workspace()).id}`)).body)).not.toContain('“noisy”');
  const page = async (): Promise<string> => String((await server.api(`/sessions/${id}`)).body);
  expect(await page()).not.toContain('was pruned');
  print(4 * MiB);
  await parts.compaction.sweep();
  expect(await page()).toMatch(/History before .* was pruned/);
  const { firstSequence } = (await server.api(`/api/sessions/${id}`)).body;
  expect(firstSequence).toBeGreaterThan(1);
  expect((await server.api(`/api/sessions/${id}/history?after=0&limit=1`)).body).toMatchObject({ pruned: true, firstSequence });
  const headers = { authorization: `Bearer ${server.key}` };
  const [header = '', marker = ''] = (await (await fetch(`${server.url}/api/sessions/${id}/recording?format=asciicast-v3`, { headers })).text()).split('\n');
  expect(JSON.parse(header).term).toMatchObject({ cols: 93, rows: 27 });
  expect(JSON.parse(marker)).toEqual([0, 'm', 'history before this was pruned']);
});

test('the status answers while a workspace goes with its sessions', async () => {
  const workspace = await server.workspace('short');
  const { id } = await server.terminal(workspace.id, { command: ['true'] });
  await until('the end', () => server.parts.sessions.get(id).status === 'stopped');
  await server.parts.compaction.sweep();
  await server.api(`/api/workspaces/${workspace.id}`, { method: 'DELETE' });
  expect((await server.api('/api/status')).status).toBe(200);
});
