// A server on a disk that is full: what relieves it works, what cannot be done changes
// nothing, and it starts again.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdirSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { TestClient } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { smallDisk, type SmallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';

let disk: SmallDisk;
let server: TestServer;
beforeEach(async () => {
  disk = smallDisk();
  server = await started();
});
afterEach(async () => {
  try {
    disk.free();
    await server.stop();
  } finally {
    disk.remove();
  }
});

function started(): Promise<TestServer> {
  const root = join(disk.folder, 'root');
  mkdirSync(root, { recursive: true });
  return startTestServer({ folders: { root, dataFolder: join(disk.folder, 'data') } });
}

const live = async (workspaceId: string) =>
  server.terminal(workspaceId, { command: ['sh', '-c', 'echo ready; while read line; do echo "got $line"; done'] });
const remove = (path: string) => server.api(path, { method: 'DELETE' });
const exists = async (path: string): Promise<boolean> => (await server.api(path)).status === 200;

/** Full, and nothing set aside: by then nothing can be written. */
function fillToTheLast(): void {
  truncateSync(join(server.dataFolder, 'reserve'), 0);
  disk.fill();
}

const signIn = () =>
  fetch(`${server.url}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.url },
    body: new URLSearchParams({ key: server.key }),
  });

test('a program that fills the disk can be deleted, the owner signs in, and the room is there again', async () => {
  const { id: workspace } = await server.workspace();
  const { id } = await server.terminal(workspace, { command: ['sh', '-c', 'cat /dev/zero | tr "\\0" x'] });
  if (disk.real) await until('the disk to be full', () => server.parts.sessions.log(id).unavailable, 20_000);
  expect((await signIn()).status).toBe(303);
  const patch = { method: 'PATCH', body: { fontSize: 18 } };
  expect((await server.api('/api/settings/terminal', patch)).status).toBe(200);
  expect((await remove(`/api/sessions/${id}`)).status).toBe(204);
  expect(await exists(`/api/sessions/${id}`)).toBe(false);
  const bytes = () =>
    readdirSync(server.dataFolder)
      .filter((name) => name.startsWith('dispatch.db'))
      .reduce((sum, name) => sum + statSync(join(server.dataFolder, name)).size, 0);
  const reserve = () => statSync(join(server.dataFolder, 'reserve')).size;
  await until('the room to be back', () => bytes() < 3_000_000 && reserve() > 0);
  const next = await live(workspace);
  const client = new TestClient(server, next.id);
  await client.sees('ready');
});

test('on a full disk a live session goes with its clients told, and a workspace by force', async () => {
  const one = await server.workspace();
  const two = await server.workspace();
  const alone = await live(one.id);
  const inside = await live(two.id);
  const client = new TestClient(server, alone.id);
  await client.sees('ready');
  disk.fill();
  expect((await remove(`/api/sessions/${alone.id}`)).status).toBe(204);
  expect((await client.hasClosed()).code).toBe(4404);
  disk.fill();
  expect((await remove(`/api/workspaces/${two.id}?force=true`)).status).toBe(204);
  expect(await exists(`/api/workspaces/${two.id}`)).toBe(false);
  expect(await exists(`/api/sessions/${inside.id}`)).toBe(false);
});

test('a deletion that cannot be done stops nothing, tells no client, and works once there is room', async () => {
  if (!disk.real) return console.warn('Left out: without a disk of its own nothing lacks room for good.');
  const workspace = await server.workspace();
  const { id } = await live(workspace.id);
  const client = new TestClient(server, id);
  await client.sees('ready');
  await client.isSynced();
  fillToTheLast();
  for (const path of [`/api/sessions/${id}`, `/api/workspaces/${workspace.id}?force=true`]) {
    const answer = await remove(path);
    expect(answer.status).toBe(507);
    expect(answer.body.message).toContain('nothing was changed');
  }
  expect((await server.api(`/api/sessions/${id}`)).body.status).toBe('active');
  expect(client.close_).toBeUndefined();
  disk.free();
  client.input('still here\n');
  await client.sees('got still here');
  expect((await remove(`/api/sessions/${id}`)).status).toBe(204);
  expect((await client.hasClosed()).code).toBe(4404);
});

test('a server starts on a full disk with all that there was, and relieves it', async () => {
  const workspace = await server.workspace();
  const { id } = await live(workspace.id);
  const history = async () => JSON.stringify((await server.api(`/api/sessions/${id}/history`)).body);
  await until('the output', async () => (await history()).includes('ready'));
  disk.fill();
  await server.stop(true);
  disk.fill();
  server = await started();
  expect((await server.api(`/api/sessions/${id}`)).body).toMatchObject({ status: 'stopped' });
  expect((await signIn()).status).toBe(303);
  expect((await remove(`/api/sessions/${id}`)).status).toBe(204);
});
