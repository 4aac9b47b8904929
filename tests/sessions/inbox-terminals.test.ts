// When a terminal calls a person: of what nobody could see, also where only a hidden page was
// attached to it.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/json.ts';
import { attach, type TestClient } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let workspaceId: string;
beforeAll(async () => {
  server = await startTestServer();
  workspaceId = (await server.workspace()).id;
});
afterAll(async () => {
  await server.stop();
  rmSync(join(server.root, '..'), { recursive: true, force: true });
});

const terminal = async (on = server): Promise<string> => (await on.terminal(workspaceId, { command: ['cat'] })).id;
const waits = async (id: string, on = server): Promise<string[]> =>
  (await on.api('/api/inbox')).body.items.filter((item: { sessionId: string }) => item.sessionId === id).map((item: { why: string }) => item.why);
const tell = (id: string, type: string, data: JsonObject = {}): void => server.parts.sessions.log(id).append([{ channel: 'system', type, data }]);
const looks = (client: TestClient, now: boolean): void => client.raw(Uint8Array.of(0x15, now ? 1 : 0));
const isAway = (id: string): boolean => server.parts.sessions.get(id).clients.every(({ away }) => away === true);

test('a bell calls while the only page is hidden, and no more once somebody looks', async () => {
  const id = await terminal();
  const client = await attach(server, id);
  tell(id, 'bell');
  expect(await waits(id)).toEqual([]);
  looks(client, false);
  await until('the hidden page', () => isAway(id));
  expect((await server.api(`/api/sessions/${id}`)).body.clients).toMatchObject([{ away: true }]);
  tell(id, 'bell');
  expect(await waits(id)).toEqual(['bell']);
  looks(client, true);
  await until('it to be seen', async () => (await waits(id)).length === 0);
  expect((await server.api(`/api/sessions/${id}`)).body.clients[0]).not.toHaveProperty('away');
  await client.close();
});

test('a page that is hidden comes back by itself: that is no look, and a restart does not take it for one', async () => {
  const id = await terminal();
  const seen = await terminal();
  for (const one of [id, seen]) tell(one, 'bell');
  const hidden = await attach(server, id, { looks: '0' });
  const shown = await attach(server, seen);
  expect([await waits(id), await waits(seen)]).toEqual([['bell'], []]);
  for (const client of [hidden, shown]) await client.close();
  await server.stop(true);
  server = await startTestServer({ folders: { root: server.root, dataFolder: server.dataFolder } });
  await until('what was called', async () => (await waits(id)).length === 1);
  expect(await waits(seen)).toEqual([]);
});

test('a command of a shell calls when it ends, and so does a program, however it went', async () => {
  const shell = await terminal();
  tell(shell, 'command', { phase: 'done', line: 'make', exit: 0, of: 1, at: Date.now() });
  expect(await waits(shell)).toEqual(['ended']);
  for (const command of ['true', 'exit 1']) {
    const { id } = await server.terminal(workspaceId, { command: ['sh', '-c', command] });
    await until('its end', async () => (await server.api(`/api/sessions/${id}`)).body.status === 'stopped');
    expect([command, await waits(id)]).toEqual([command, ['ended']]);
  }
});
