// The terminal stream from handshake to close, over a real server and real WebSockets.

import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { attach, attachUrl, TestClient } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let workspaceId: string;
beforeAll(async () => {
  server = await startTestServer();
  workspaceId = (await server.workspace()).id;
});
afterAll(() => server.stop());

const sh = async (script: string): Promise<string> => (await server.terminal(workspaceId, { command: ['sh', '-c', script] })).id;
const session = async (id: string) => (await server.api(`/api/sessions/${id}`)).body;
const history = async (id: string, query = 'limit=1000') => (await server.api(`/api/sessions/${id}/history?${query}`)).body.events;
const ended = (id: string) => until('the session to end', async () => (await session(id)).status === 'stopped');

test('a first attach: the size, all of the past, SYNCED at the head, then live', async () => {
  const id = await sh('echo before; read line; echo after; read line');
  await until('the output', async () => (await history(id, 'type=output')).length > 0);
  const client = await attach(server, id);
  const { head, epoch } = await client.isSynced();
  expect(client.frames[0]).toBe('WINSIZE');
  expect(client.frames).not.toContain('SNAPSHOT');
  expect(client.sequences.slice(0, head)).toEqual(Array.from({ length: head }, (_, index) => index + 1));
  expect(client.frames.indexOf('SYNCED')).toBe(client.frames.indexOf('attach') + 1);
  expect(epoch).toBe(server.parts.epoch);
  expect(client.text).toBe('before\r\n');
  client.input('\n');
  await client.sees('after');
  await client.close();
});

test('a client that comes back gets exactly what it missed', async () => {
  const id = await sh('stty -echo; while read line; do echo "got $line"; done');
  const first = await attach(server, id);
  first.input('one\n');
  await first.sees('got one');
  await first.close();
  await server.api(`/api/sessions/${id}/input`, { method: 'POST', body: { text: 'two\n' } });
  await until('the output', async () => (await history(id, 'type=output')).length > 1);
  const second = await attach(server, id, { after: first.sequence, epoch: server.parts.epoch });
  await second.sees('got two');
  await second.isSynced();
  expect(second.sequences[0]).toBe(first.sequence + 1);
  expect(second.snapshots).toEqual([]);
  expect(second.text).toBe('got two\r\n');
  await second.close();
});

test.each([
  ['an epoch that is not ours', { after: 3, epoch: 999 }],
  ['an `after` past the head', { after: 1_000_000 }],
  ['an `after` past what a number can hold', { after: 2 ** 70 }],
])('%s brings a SNAPSHOT of the screen at the head, and then what follows', async (_, query) => {
  const id = await sh('echo all; exec cat');
  await until('the output', async () => (await history(id, 'type=output')).length > 0);
  const client = await attach(server, id, { ...query, screen: true });
  const { head } = await client.isSynced();
  expect(client.frames).toEqual(['WINSIZE', 'SNAPSHOT', 'SYNCED']);
  expect(client.snapshots).toEqual([head]);
  expect(client.screen?.text()).toBe('all');
  client.input('more');
  await client.sees('more');
  expect(client.screen?.text()).toBe('all\nmore');
  expect(client.sequences[0]).toBe(head + 1);
  await client.close();
});

test('an attach at the head needs nothing but SYNCED and its own attach', async () => {
  const id = await sh('exec cat');
  const { currentSequence } = await session(id);
  const client = await attach(server, id, { after: currentSequence });
  expect((await client.isSynced()).head).toBe(currentSequence + 1);
  expect(client.frames).toEqual(['WINSIZE', 'attach', 'SYNCED']);
  await client.close();
});

test('who attaches and who leaves is recorded, and a lost line has its reason', async () => {
  const id = await sh('exec cat');
  const client = await attach(server, id, { client: 'laptop', name: 'My laptop', mode: 'ro' });
  await client.isSynced();
  expect((await session(id)).clients).toEqual([{ client: 'laptop', name: 'My laptop', mode: 'ro', leads: false }]);
  await client.close();
  const other = await attach(server, id);
  await other.isSynced();
  expect((await session(id)).clients).toEqual([{ client: 'api', name: 'api', mode: 'rw', leads: true }]);
  other.terminate();
  await until('the detach', async () => (await session(id)).clients.length === 0);
  const presence = (await history(id)).filter(({ type }: { type: string }) => type === 'attach' || type === 'detach');
  expect(presence.map(({ type, data }: { type: string; data: unknown }) => [type, data])).toEqual([
    ['attach', { client: 'laptop', name: 'My laptop', mode: 'ro' }],
    ['detach', { client: 'laptop', name: 'My laptop', mode: 'ro' }],
    ['attach', { client: 'api', name: 'api', mode: 'rw' }],
    ['detach', { client: 'api', name: 'api', mode: 'rw', reason: 'the connection was lost' }],
  ]);
});

test('every client sees every event, also what another typed, but not its text', async () => {
  const id = await sh('exec cat');
  const clients = await Promise.all([1, 2, 3, 4, 5].map((n) => attach(server, id, { client: `c${n}` })));
  await Promise.all(clients.map((client) => client.isSynced()));
  clients[0]?.input('hello\n');
  await Promise.all(clients.map((client) => client.sees('hello\r\nhello')));
  for (const client of clients) {
    expect(client.events.find((event) => event.type === 'input')?.data).toEqual({ client: 'c1', bytes: 6 });
    expect(client.text).toBe(clients[0]?.text ?? '');
  }
  await Promise.all(clients.map((client) => client.close()));
});

test('the end comes after the last bytes, with 4410; an ended session is replayed and closes so too', async () => {
  const id = await sh('read go; i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done; printf last');
  const client = await attach(server, id);
  await client.isSynced();
  client.input('\n');
  expect(await client.hasClosed()).toEqual({ code: 4410, reason: 'The session has ended.' });
  expect(client.text.endsWith('line 2999\r\nlast')).toBe(true);
  expect(client.events.at(-1)).toMatchObject({ type: 'status', data: { status: 'stopped', exitCode: 0 } });
  const { currentSequence } = await session(id);
  const later = await attach(server, id);
  expect((await later.hasClosed()).code).toBe(4410);
  expect(later.text).toBe(client.text);
  expect(later.synced?.head).toBe(currentSequence);
  expect((await session(id)).currentSequence).toBe(currentSequence);
});

test('a session that ended is looked at from where one was, without a word twice', async () => {
  const id = await sh('echo one');
  await ended(id);
  const { currentSequence } = await session(id);
  const client = await attach(server, id, { after: currentSequence });
  expect((await client.hasClosed()).code).toBe(4410);
  expect(client.frames).toEqual(['WINSIZE', 'SYNCED']);
});

test('what the last output brought about comes after the end, and before the close', async () => {
  const id = await sh(`read go; printf '\\033]2;the last title\\007\\007\\033]7;file:///tmp\\007'`);
  const client = await attach(server, id);
  await client.isSynced();
  client.input('\n');
  expect((await client.hasClosed()).code).toBe(4410);
  expect(client.broken).toBeUndefined();
  expect(client.events.map(({ type }) => type)).toEqual(expect.arrayContaining(['title', 'bell', 'cwd']));
  const { currentSequence } = (await server.api(`/api/sessions/${id}`)).body;
  expect(client.sequence).toBe(currentSequence);
  const later = await attach(server, id, { after: client.sequence, epoch: server.parts.epoch });
  expect((await later.hasClosed()).code).toBe(4410);
  expect((await server.api(`/api/sessions/${id}`)).body.currentSequence).toBe(currentSequence);
});

test('an ended session is shown at the size that it had last', async () => {
  const id = await sh('read go');
  const client = await attach(server, id, { cols: 120, rows: 40 });
  await client.isSynced();
  client.input('\n');
  await client.hasClosed();
  const later = await attach(server, id);
  await later.hasClosed();
  expect(later.winsizes).toEqual([{ cols: 120, rows: 40, leads: false }]);
});

test('delete closes with 4404', async () => {
  const id = await sh('exec cat');
  const client = await attach(server, id);
  await client.isSynced();
  expect((await server.api(`/api/sessions/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await client.hasClosed()).code).toBe(4404);
});

test('after a resume the history goes on, with its divider, in one stream', async () => {
  const id = await sh('echo again');
  await ended(id);
  expect((await server.api(`/api/sessions/${id}/resume`, { method: 'POST' })).status).toBe(200);
  await ended(id);
  const client = await attach(server, id);
  await client.hasClosed();
  expect(client.broken).toBeUndefined();
  expect(client.text.match(/again\r\n/g)).toHaveLength(2);
  expect(client.text).toContain('resumed');
});

test.each([
  ['a text frame', 'hello', 4422],
  ['a text frame that looks like a number', '17', 4422],
  ['an empty frame', new Uint8Array(), 4422],
  ['a short RESIZE', Uint8Array.of(0x12, 0), 4422],
  ['an ACK of what was never sent', Uint8Array.of(0x13, 0, 0, 0, 0, 0, 1, 0, 0), 4422],
  ['a frame of 64 KiB and one byte', new Uint8Array(64 * 1024 + 1).fill(0x11), 4413],
])('%s closes', async (_, frame, code) => {
  const id = await sh('exec cat >/dev/null');
  const client = await attach(server, id);
  await client.isSynced();
  client.raw(frame);
  const close = await client.hasClosed();
  expect(close.code).toBe(code);
  expect(close.reason).not.toBe('');
});

test('a frame of 64 KiB is taken, and one with a tag that we do not know is ignored', async () => {
  const id = await sh('stty raw -echo; echo ready; head -c 65535 | wc -c; exec cat');
  const client = await attach(server, id);
  await client.sees('ready');
  client.raw(Uint8Array.of(0x7f, 1, 2, 3));
  client.input(new Uint8Array(64 * 1024 - 1).fill(0x61));
  await client.sees('65535');
  await client.close();
});

test.each([
  ['INPUT', Uint8Array.of(0x11, 0x61)],
  ['RESIZE', Uint8Array.of(0x12, 0, 80, 0, 24)],
  ['LEAD', Uint8Array.of(0x14)],
])('%s from one that only watches closes 4403, and changes nothing', async (_, frame) => {
  const id = await sh('exec cat');
  const client = await attach(server, id, { mode: 'ro' });
  await client.isSynced();
  client.ack();
  client.raw(frame);
  expect((await client.hasClosed()).code).toBe(4403);
  expect((await history(id)).some(({ type }: { type: string }) => type === 'input')).toBe(false);
});

test('what cannot be attached to is refused before the upgrade', async () => {
  const id = await sh('exec cat');
  const status = async (sessionId: string, query = '', headers: Record<string, string> = {}): Promise<unknown[]> => {
    const upgrade = { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
    const response = await fetch(attachUrl(server, sessionId).replace(/^ws/, 'http') + query, {
      headers: { authorization: `Bearer ${server.key}`, ...upgrade, ...headers },
    });
    const body = JSON.parse(await response.text());
    return [response.status, body.error, Object.keys(body.fields ?? {})];
  };
  expect(await status('none')).toEqual([404, 'not_found', []]);
  expect(await status(id, '', { authorization: 'Bearer wrong-wrong-wrong-wrong' })).toEqual([401, 'unauthorized', []]);
  for (const [query, field] of [
    ['after=x', 'after'],
    ['after=-1', 'after'],
    ['after=1.5', 'after'],
    ['epoch=x', 'epoch'],
    ['cols=80', 'rows'],
    ['rows=24', 'cols'],
    ['cols=x&rows=24', 'cols'],
    ['cols=65536&rows=24', 'cols'],
    ['mode=rwx', 'mode'],
    [`client=${'x'.repeat(65)}`, 'client'],
    ['client=%1b', 'client'],
    [`name=${'x'.repeat(101)}`, 'name'],
  ]) {
    expect([query, ...(await status(id, query))]).toEqual([query, 422, 'invalid', [field]]);
  }
  const { id: claude } = insertClaude();
  expect(await status(claude)).toEqual([409, 'conflict', []]);
  expect((await server.api(`/api/sessions/${id}/attach`)).status).toBe(400);
});

test('a client id may have 64 characters', async () => {
  const id = await sh('exec cat');
  const client = await attach(server, id, { client: 'x'.repeat(64), name: '日本語 ☃'.padEnd(99, 'n') + '👩' });
  await client.isSynced();
  expect((await session(id)).clients[0].client).toHaveLength(64);
  await client.close();
});

test('a browser is known by its device; revoked, its stream closes 4401; with the key every stream does', async () => {
  const other = await startTestServer({ key: null });
  try {
    const { id } = await other.terminal((await other.workspace()).id, { command: ['cat'] });
    const cookie = `dispatch-${new URL(other.url).port}=${other.parts.auth.signInByLink(other.parts.auth.links.make().token, 'Phone')}`;
    const client = new TestClient(other, id, { headers: { cookie, origin: other.url } });
    await client.isSynced();
    const [device] = other.parts.auth.devices();
    expect(client.events.find((event) => event.type === 'attach')?.data).toMatchObject({ client: device?.id, name: 'Phone' });
    const program = await attach(other, id);
    await program.isSynced();
    other.parts.auth.revoke(device?.id ?? '');
    expect((await client.hasClosed()).code).toBe(4401);
    expect(program.close_).toBeUndefined();
    other.parts.auth.revokeAll();
    expect(program.close_).toBeUndefined();
    const again = await attach(other, id);
    await again.isSynced();
    await other.parts.auth.changeKey(undefined);
    expect((await program.hasClosed()).code).toBe(4401);
    expect((await again.hasClosed()).code).toBe(4401);
  } finally {
    await other.stop();
  }
});

test('a server that stops says so, and sends its clients away to come back', async () => {
  const other = await startTestServer();
  const { id } = await other.terminal((await other.workspace()).id, { command: ['cat'] });
  const client = await attach(other, id);
  await client.isSynced();
  await other.stop();
  expect((await client.hasClosed()).code).toBe(1012);
  expect(client.notices.map((notice) => notice.code)).toEqual(['restarting']);
});

/** A session of a kind that cannot be made yet, as a later version would leave it. */
function insertClaude(): { id: string } {
  const database = new Database(join(server.dataFolder, 'dispatch.db'));
  const id = Bun.randomUUIDv7();
  database.run(
    "INSERT INTO sessions (run_id, workspace_id, kind, name, status, created_at, last_active_at) VALUES (?, ?, 'claude', 'c', 'stopped', 0, 0)",
    [id, workspaceId],
  );
  database.close();
  return { id };
}
