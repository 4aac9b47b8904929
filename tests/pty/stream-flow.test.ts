// Slow clients, full programs and bounds: a client that does not keep up gets nothing more
// until it does, then the screen, and nobody else notices.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { limits } from '../../src/limits.ts';
import { attach, attachUrl, screensDiffer } from '../support/client.ts';
import { RawClient } from '../support/raw-client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let workspaceId: string;
beforeAll(async () => {
  server = await startTestServer();
  workspaceId = (await server.workspace()).id;
});
afterAll(() => server.stop());

/** A flood takes a second or two on a machine that does nothing else. */
const FLOOD_MS = 40_000;

const sh = async (script: string): Promise<string> => (await server.terminal(workspaceId, { command: ['sh', '-c', script] })).id;
const head = async (id: string): Promise<number> => (await server.api(`/api/sessions/${id}`)).body.currentSequence;

/** A program that prints `bytes` after a line of input, and then a mark. */
const flood = (bytes: number): string => `stty raw -echo; echo ready; head -c 1 >/dev/null; head -c ${bytes} /dev/zero | tr '\\0' x; echo; echo done-printing; exec cat`;

test('a client that does not acknowledge is left where it is; another gets everything at once', async () => {
  const id = await sh(flood(3_000_000));
  const slow = await attach(server, id, { acks: false, client: 'slow', screen: true });
  const quick = await attach(server, id, { client: 'quick', screen: true });
  await slow.sees('ready');
  await quick.sees('ready');
  quick.input('g');
  await quick.sees('done-printing', FLOOD_MS);
  expect((await slow.notice('lagging')).message).not.toBe('');
  const stuckAt = slow.sequence;
  expect(slow.output.byteLength).toBeGreaterThan(limits.clientUnackedBytesMax / 2);
  expect(slow.output.byteLength).toBeLessThanOrEqual(limits.clientUnackedBytesMax + limits.outputEventBytesMax);
  quick.input('more');
  await quick.sees('more');
  expect([slow.sequence, slow.snapshots]).toEqual([stuckAt, []]);
  slow.acks = true;
  slow.ack();
  await slow.sees('more');
  await slow.notice('live');
  expect(slow.snapshots.length).toBeGreaterThan(0);
  expect(slow.frames.slice(slow.frames.lastIndexOf('SNAPSHOT'))).toContain('SYNCED');
  await slow.until('the head', () => slow.sequence === quick.sequence);
  expect(screensDiffer(slow, quick)).toEqual([]);
  quick.input('and on');
  await slow.sees('and on');
  await Promise.all([slow.close(), quick.close()]);
}, 60_000);

test('a client that missed less than a screen is gets just that, and keeps what it has', async () => {
  const id = await sh('stty raw -echo; echo ready; exec cat');
  const client = await attach(server, id);
  const quick = await attach(server, id);
  await client.sees('ready');
  await client.close();
  quick.input(`${'missed '.repeat(2000)}end`);
  await quick.sees('end');
  const again = await attach(server, id, { after: client.sequence, epoch: server.parts.epoch });
  await again.isSynced();
  expect(again.snapshots).toEqual([]);
  expect(client.text + again.text).toBe(quick.text);
  await Promise.all([again.close(), quick.close()]);
});

test('a long past costs an attach no more than its screen: one SNAPSHOT, SYNCED, and no wait for anybody', async () => {
  const id = await sh(flood(2_000_000));
  await server.api(`/api/sessions/${id}/input`, { method: 'POST', body: { text: 'g' } });
  await until('the output', async () => (await server.api(`/api/sessions/${id}/history?after=${(await head(id)) - 1}`)).body.events[0]?.data.text?.includes('done-printing'));
  await until('the screen to have seen it', async () => server.parts.screens.position(id) === (await head(id)));
  const client = await attach(server, id, { acks: false, screen: true });
  const { head: at } = await client.isSynced();
  expect(client.frames).toEqual(['WINSIZE', 'SNAPSHOT', 'SYNCED']);
  expect(client.snapshots).toEqual([at]);
  expect(client.receivedBytes).toBeLessThan(64 * 1024);
  expect(client.screen?.text()).toContain('done-printing');
  client.input('still here');
  await client.sees('still here');
  await client.close();
});

test('a client that reads nothing during a flood costs less than a megabyte, and no one else notices', async () => {
  const id = await sh(flood(30_000_000));
  const stuck = await RawClient.attach(server, id);
  stuck.pace(0);
  const quick = await attach(server, id);
  await quick.sees('ready');
  quick.input('g');
  await quick.sees('done-printing', FLOOD_MS);
  expect(quick.notices.map(({ code }) => code)).not.toContain('log_unavailable');
  expect((await server.api(`/api/sessions/${id}`)).body.clients).toHaveLength(2);
  const before = stuck.receivedBytes;
  stuck.pace(Infinity);
  await until('the present', async () => stuck.sequence === (await head(id)));
  expect([stuck.broken, stuck.unsynced]).toEqual([undefined, 0]);
  expect(stuck.shown.text()).toContain('done-printing');
  // All that was ever sent to it, and the screen that it came back with.
  expect(stuck.receivedBytes - before).toBeLessThan(1_000_000);
  stuck.close();
  await quick.close();
}, 60_000);

test.each([300_000, 8_000_000])('at %d bytes a second a flood is four screens a second at most, each with its SYNCED', async (pace) => {
  const id = await sh(flood(20_000_000));
  const client = await RawClient.attach(server, id, { client: 'slow' });
  await until('the program', () => client.shown.text().includes('ready'));
  client.pace(pace);
  const begun = performance.now();
  await server.api(`/api/sessions/${id}/input`, { method: 'POST', body: { text: 'g' } });
  await until('the end', async () => (await server.api(`/api/sessions/${id}/screen`)).body.includes('done-printing'), FLOOD_MS);
  const seconds = (performance.now() - begun) / 1000;
  expect(client.broken).toBeUndefined();
  expect(client.snapshots).toBeLessThanOrEqual(seconds * 4 + 2);
  client.close();
}, 60_000);

test('a slow reader sees the present again and again, and in the end the last screen', async () => {
  const id = await sh(flood(20_000_000));
  const slow = await attach(server, id, { acks: false, client: 'slow', screen: true });
  const quick = await attach(server, id, { client: 'quick', screen: true });
  await slow.sees('ready');
  const pace = setInterval(() => {
    // One frame at a time, whichever kind it is.
    const next = slow.arrived.shift();
    if (next !== undefined) slow.ack(next);
  }, 20);
  quick.input('g');
  await quick.sees('done-printing', FLOOD_MS);
  await slow.sees('done-printing', FLOOD_MS);
  await slow.until('the head', () => slow.sequence === quick.sequence);
  clearInterval(pace);
  expect(slow.snapshots.length).toBeGreaterThan(0);
  expect(slow.outputBytes).toBeLessThan(15_000_000);
  expect(screensDiffer(slow, quick)).toEqual([]);
  await Promise.all([slow.close(), quick.close()]);
}, 60_000);

test('twenty that read well see the same to the end of a flood', async () => {
  const id = await sh(flood(3_000_000));
  const clients = await Promise.all(Array.from({ length: 20 }, (_, n) => attach(server, id, { client: `c${n}`, screen: true })));
  await Promise.all(clients.map((client) => client.sees('ready')));
  const [first] = clients;
  if (first === undefined) throw new Error('Nobody came');
  first.input('g');
  await Promise.all(clients.map((client) => client.sees('done-printing', FLOOD_MS)));
  await until('all at the head', async () => {
    const at = await head(id);
    return clients.every(({ sequence }) => sequence === at);
  });
  for (const client of clients) expect(screensDiffer(first, client)).toEqual([]);
  await Promise.all(clients.map((client) => client.close()));
}, 60_000);

test('who attaches during a flood sees a screen at once, ever newer ones, and the last', async () => {
  const id = await sh(flood(30_000_000));
  const quick = await attach(server, id, { client: 'quick' });
  await quick.sees('ready');
  quick.input('g');
  await until('the flood', async () => (await head(id)) > 80);
  const comer = await attach(server, id, { client: 'comer', screen: true });
  await comer.isSynced();
  await comer.sees('done-printing', FLOOD_MS);
  await comer.until('the head', async () => comer.sequence === (await head(id)));
  expect(comer.screen?.text()).toContain('done-printing');
  expect(comer.frames.filter((frame) => frame === 'SYNCED').length).toBeGreaterThanOrEqual(comer.snapshots.length);
  if (comer.notices.length > 0) expect(comer.notices.at(-1)?.code).toBe('live');
  await Promise.all([quick.close(), comer.close()]);
}, 60_000);

test('what a program does not read is bounded: refused whole, told, and what was taken arrives whole', async () => {
  const id = await sh('stty raw -echo; echo ready; sh -c "read x </dev/null; while [ ! -e go ]; do sleep 0.02; done"; head -c 262144 | wc -c; exec cat');
  const client = await attach(server, id);
  await client.sees('ready');
  const part = new Uint8Array(32 * 1024).fill(0x61);
  for (let sent = 0; sent < limits.inputPendingBytesMax; sent += part.byteLength) client.input(part);
  client.input('x');
  const notice = await client.notice('input_refused');
  expect(notice.bytes).toBe(1);
  const taken = () => client.events.filter((event) => event.type === 'input').reduce((sum, event) => sum + Number(event.data.bytes), 0);
  await client.until('the inputs that were taken', () => taken() >= limits.inputPendingBytesMax);
  expect(taken()).toBe(limits.inputPendingBytesMax);
  expect((await server.api(`/api/sessions/${id}/input`, { method: 'POST', body: { text: 'x' } })).status).toBe(429);
  await Bun.write(`${server.root}/work-1/go`, '');
  await client.sees('262144');
  client.input('again');
  await client.sees('again');
  await client.close();
});

test('as many clients as the limit says may attach, and one more is refused by its name', async () => {
  const id = await sh('exec cat');
  const clients = await Promise.all(Array.from({ length: limits.clientsPerSessionMax }, (_, n) => attach(server, id, { client: `c${n}`, mode: 'ro' })));
  await Promise.all(clients.map((client) => client.isSynced()));
  const upgrade = { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
  const refused = await fetch(attachUrl(server, id).replace(/^ws/, 'http'), { headers: { authorization: `Bearer ${server.key}`, ...upgrade } });
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ error: 'conflict', conflict: { limit: 'clientsPerSessionMax' } });
  await clients[0]?.close();
  const next = await attach(server, id);
  await next.isSynced();
  await Promise.all([...clients.slice(1), next].map((client) => client.close()));
});
