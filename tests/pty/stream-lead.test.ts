// Who leads the size over the wire, what the program sees of it, and what never moves it.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { attach } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let workspaceId: string;
beforeAll(async () => {
  server = await startTestServer();
  workspaceId = (await server.workspace()).id;
});
afterAll(() => server.stop());

const sh = async (script: string, meta: object = {}): Promise<string> =>
  (await server.terminal(workspaceId, { command: ['sh', '-c', script], ...meta })).id;
const events = async (id: string) => (await server.api(`/api/sessions/${id}/history?limit=1000`)).body.events;

/** Says its size at every change. */
const REPORTS = `trap 'echo "size $(stty size)"' WINCH; stty -echo; echo ready; while :; do sleep 0.02; done`;

test('the first to come leads at its size, another is remembered, and who types takes over', async () => {
  const id = await sh(REPORTS);
  const watcher = await attach(server, id, { mode: 'ro' });
  await watcher.sees('ready');
  await watcher.close();
  const one = await attach(server, id, { cols: 100, rows: 30, client: 'one' });
  await one.sees('size 30 100');
  expect(one.winsize).toEqual({ cols: 100, rows: 30, leads: true });
  const two = await attach(server, id, { cols: 50, rows: 20, client: 'two' });
  await two.isSynced();
  expect(two.winsize).toEqual({ cols: 100, rows: 30, leads: false });
  two.resize(51, 21);
  two.input('x');
  await two.sees('size 21 51');
  await one.until('to be told', () => one.winsize?.leads === false);
  expect(one.winsize).toEqual({ cols: 51, rows: 21, leads: false });
  expect(two.winsize).toEqual({ cols: 51, rows: 21, leads: true });
  await two.close();
  await one.sees('size 30 100');
  await one.until('the lead', () => one.winsize?.leads);
  expect(one.text).not.toContain('size 20 50');
  await one.close();
  expect((await events(id)).filter(({ type }: { type: string }) => type === 'resize').map(({ data }: { data: unknown }) => data)).toEqual([
    { cols: 80, rows: 24 },
    { cols: 100, rows: 30, client: 'one' },
    { cols: 51, rows: 21, client: 'two' },
    { cols: 100, rows: 30, client: 'one' },
  ]);
});

test('a size is in the log before the program can know of it', async () => {
  const id = await sh(REPORTS);
  const client = await attach(server, id);
  await client.sees('ready');
  for (let cols = 60; cols < 80; cols += 1) {
    client.resize(cols, 20);
    await client.sees(`size 20 ${cols}`);
  }
  const log = await events(id);
  for (let cols = 60; cols < 80; cols += 1) {
    const resize = log.find(({ type, data }: { type: string; data: { cols?: number } }) => type === 'resize' && data.cols === cols);
    const answer = log.find(({ data }: { data: { text?: string } }) => data.text?.includes(`size 20 ${cols}`));
    expect(resize.sequence).toBeLessThan(answer.sequence);
  }
  await client.close();
});

test('one that watches neither leads nor resizes, and LEAD takes the lead without typing', async () => {
  const id = await sh(REPORTS, { cols: 90, rows: 25 });
  const watcher = await attach(server, id, { mode: 'ro', cols: 10, rows: 10 });
  await watcher.isSynced();
  expect(watcher.winsize).toEqual({ cols: 90, rows: 25, leads: false });
  const one = await attach(server, id, { cols: 100, rows: 30 });
  const two = await attach(server, id, { cols: 70, rows: 20 });
  await two.isSynced();
  two.lead();
  await watcher.until('the size', () => watcher.winsize?.cols === 70);
  await one.until('the size', () => one.winsize?.cols === 70);
  expect([watcher.winsize?.leads, one.winsize?.leads, two.winsize?.leads]).toEqual([false, false, true]);
  await Promise.all([watcher, one, two].map((client) => client.close()));
});

test('mouse and focus reports reach the program but do not move the lead', async () => {
  const id = await sh('stty raw -echo; echo ready; exec cat -v');
  const one = await attach(server, id, { client: 'one' });
  const two = await attach(server, id, { client: 'two' });
  await two.sees('ready');
  two.input('\u001b[I');
  two.input('\u001b[<0;10;20M');
  await two.sees('^[[I^[[<0;10;20M');
  expect(two.winsize?.leads).toBe(false);
  two.input('x');
  await two.until('the lead', () => two.winsize?.leads);
  await Promise.all([one.close(), two.close()]);
});

test('a query is answered once, by the server, whoever looks; what clients answer goes nowhere', async () => {
  const id = await sh("stty raw -echo; echo ready; head -c 1 >/dev/null; printf '\\033[c'; exec cat -v");
  const one = await attach(server, id);
  const two = await attach(server, id);
  await two.sees('ready');
  two.input('\u001b[?62;22c');
  one.input('\u001b[?62;22c');
  two.input('\u001b[I');
  await one.sees('[I');
  await one.sees('^[[?1;2c');
  one.input('end');
  await one.sees('end');
  expect(one.text).not.toContain('62;22c');
  expect(one.text.match(/\^\[\[\?1;2c/g)).toHaveLength(1);
  const inputs = (await events(id)).filter(({ type }: { type: string }) => type === 'input');
  expect(inputs.map(({ data }: { data: { bytes: number } }) => data.bytes)).toEqual([3, 3]);
  await Promise.all([one.close(), two.close()]);
});

test.each([
  ['too small', [0, 0], { cols: 2, rows: 1 }],
  ['too large', [65535, 65535], { cols: 500, rows: 300 }],
] as const)('a RESIZE that is %s is clamped', async (_, [cols, rows], clamped) => {
  const id = await sh('exec cat');
  const client = await attach(server, id);
  await client.isSynced();
  client.resize(cols, rows);
  await client.until('the size', () => client.winsize?.cols === clamped.cols);
  expect(client.winsize).toEqual({ ...clamped, leads: true });
  await client.close();
  const attached = await attach(server, id, { cols, rows });
  await attached.isSynced();
  expect(attached.winsize).toEqual({ ...clamped, leads: true });
  await attached.close();
});

test('over the API a size applies only while no client leads, and input never takes the lead', async () => {
  const id = await sh(REPORTS);
  const resize = (body: object) => server.api(`/api/sessions/${id}/resize`, { method: 'POST', body });
  const watcher = await attach(server, id, { mode: 'ro' });
  await watcher.sees('ready');
  expect((await resize({ cols: 66, rows: 22 })).status).toBe(204);
  await watcher.sees('size 22 66');
  expect(watcher.winsize).toEqual({ cols: 66, rows: 22, leads: false });
  const leader = await attach(server, id, { client: 'leader' });
  await leader.isSynced();
  expect(await resize({ cols: 77, rows: 22 })).toMatchObject({ status: 409, body: { error: 'conflict' } });
  expect((await server.api(`/api/sessions/${id}/input`, { method: 'POST', body: { text: 'x' } })).status).toBe(204);
  await leader.until('the input', () => leader.events.some((event) => event.type === 'input'));
  expect(leader.winsize?.leads).toBe(true);
  await leader.close();
  await until('nobody to lead', async () => (await resize({ cols: 78, rows: 22 })).status === 204);
  await watcher.close();
});
