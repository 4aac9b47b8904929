// What the server's own screen does for a session while it runs: it answers the program, tells
// of titles, bells and folders, and shows itself over the API.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
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

const terminal = async (command: string[], meta: object = {}): Promise<string> => (await server.terminal(workspaceId, { command, ...meta })).id;
const sh = (script: string, meta: object = {}): Promise<string> => terminal(['sh', '-c', script], meta);
const history = async (id: string, query = '') => (await server.api(`/api/sessions/${id}/history?limit=1000${query}`)).body.events;
const printed = async (id: string): Promise<string> => (await history(id, '&type=output')).map(({ data }: { data: { text?: string } }) => data.text ?? '').join('');
const shown = async (id: string, format = 'text'): Promise<string> => (await server.api(`/api/sessions/${id}/screen?format=${format}`)).body;
const type = (id: string, text: string) => server.api(`/api/sessions/${id}/input`, { method: 'POST', body: { text } });

test('fish starts at once with nobody attached: the server answers what it asks', async () => {
  const id = await terminal(['fish', '--no-config', '-C', 'function fish_prompt; echo -n "ready> "; end']);
  await until('the prompt', async () => (await shown(id)).includes('ready>'));
  const events = await history(id);
  const [first] = events;
  const prompt = events.find(({ data }: { data: { text?: string } }) => data.text?.includes('ready>'));
  // Without an answer it waits for 10 s, and says so.
  expect(Date.parse(prompt.timestamp) - Date.parse(first.timestamp)).toBeLessThan(5_000);
  expect(await shown(id)).not.toContain('could not read response');
  expect(events.filter(({ type: kind }: { type: string }) => kind === 'input')).toEqual([]);
});

test('a question is answered once, with nobody and with many attached, and never in a replay', async () => {
  const id = await sh("stty raw -echo; printf '\\033[c'; while :; do head -c 1 | cat -v; done");
  await until('the answer', async () => (await printed(id)).includes('^[[?1;2c'));
  const clients = await Promise.all([1, 2, 3].map((n) => attach(server, id, { client: `c${n}` })));
  await Promise.all(clients.map((client) => client.isSynced()));
  await type(id, 'x');
  await until('the key', async () => (await printed(id)).includes('x'));
  expect((await printed(id)).match(/\^\[\[\?1;2c/g)).toHaveLength(1);
  expect((await history(id, '&type=input')).length).toBe(1);
  await Promise.all(clients.map((client) => client.close()));
});

test('titles, bells and folders are events, in order, and a storm of them is few', async () => {
  const id = await sh("printf '\\033]2;one\\007\\007\\033]7;file:///tmp\\007'; read go; i=0; while [ $i -lt 2000 ]; do printf '\\033]2;title %s\\007' $i; i=$((i+1)); done; read go");
  await until('the folder', async () => (await history(id, '&type=cwd')).some(({ data }: { data: { path?: string } }) => data.path === '/tmp'));
  const told = (await history(id)).filter(({ type: kind }: { type: string }) => ['title', 'bell'].includes(kind));
  expect(told.map(({ channel, type: kind, data }: { channel: string; type: string; data: object }) => [channel, kind, data])).toEqual([
    ['system', 'title', { title: 'one' }],
    ['system', 'bell', {}],
  ]);
  const begun = Date.now();
  await type(id, '\n');
  await until('the last title', async () => (await history(id, '&type=title')).at(-1)?.data.title === 'title 1999');
  const seconds = Math.ceil((Date.now() - begun) / 1000) + 1;
  expect((await history(id, '&type=title')).length).toBeLessThanOrEqual(1 + 10 * seconds);
});

test('the screen is shown as text, with its colours, and as HTML that can do nothing', async () => {
  const id = await sh("printf '\\033[1;31m<b>red</b>\\033[m \\033]52;c;aGVsbG8=\\007日本語\\r\\nsecond'; exec cat");
  await until('the output', async () => (await shown(id)) === '<b>red</b> 日本語\nsecond');
  expect(await shown(id, 'ansi')).toContain('\x1b[;31;1m<b>red</b>\x1b[m');
  expect(await shown(id, 'ansi')).not.toContain(']52');
  const html = await server.api(`/api/sessions/${id}/screen?format=html`);
  expect(html.body).toMatch(/^<pre class="screen"[^]*&lt;b&gt;red&lt;\/b&gt;[^]*<\/pre>$/);
  expect(html.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(html.headers.get('content-security-policy')).toContain('sandbox');
  expect((await server.api(`/api/sessions/${id}/screen`)).headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect((await server.api(`/api/sessions/${id}/screen?format=png`)).status).toBe(422);
  expect((await server.api('/api/sessions/none/screen')).status).toBe(404);
  await server.api(`/api/sessions/${id}/stop`, { method: 'POST' });
  expect(await shown(id)).toBe('<b>red</b> 日本語\nsecond');
});

test('lines above the screen come page by page, by numbers that hold until a resize', async () => {
  const id = await sh('i=1; while [ $i -le 500 ]; do echo "line $i <"; i=$((i+1)); done; exec cat', { cols: 40, rows: 10 });
  await until('the output', async () => (await shown(id)).includes('line 500'));
  const ask = (query = '') => server.api(`/api/sessions/${id}/scrollback${query}`);
  const newest = (await ask()).body;
  expect(newest.lines).toHaveLength(200);
  expect(newest.firstLine).toBe(0);
  expect(newest.lines.at(-1).html).toBe('line 491 &lt;');
  const older = (await ask(`?before=${newest.lines[0].n}&limit=50&generation=${newest.generation}`)).body;
  expect(older.lines.map(({ n }: { n: number }) => n)).toEqual(Array.from({ length: 50 }, (_, index) => newest.lines[0].n - 50 + index));
  expect(older.lines.at(-1).html).toBe('line 291 &lt;');
  expect((await ask('?before=0')).body.lines).toEqual([]);
  expect((await ask('?limit=1000')).status).toBe(200);
  for (const query of ['?limit=1001', '?limit=0', '?before=-1', '?generation=x']) expect([query, (await ask(query)).status]).toEqual([query, 422]);
  expect((await server.api(`/api/sessions/${id}/resize`, { method: 'POST', body: { cols: 30, rows: 10 } })).status).toBe(204);
  expect(await ask(`?generation=${newest.generation}`)).toMatchObject({ status: 409, body: { error: 'conflict' } });
  expect((await ask()).body.generation).not.toBe(newest.generation);
});

test('a session that another server ran is shown as it was, by its kept screen and what came after', async () => {
  const one = await startTestServer();
  const folders = { root: one.root, dataFolder: one.dataFolder };
  const { id } = await one.terminal((await one.workspace()).id, { command: ['sh', '-c', "printf '\\033[2J\\033[5;10Hhere\\033]2;its title\\007'; exec cat"] });
  await until('the output', async () => (await one.api(`/api/sessions/${id}/screen`)).body.includes('here'));
  await one.stop(true);
  const two = await startTestServer({ folders });
  try {
    expect((await two.api(`/api/sessions/${id}/screen`)).body).toBe('\n\n\n\n         here');
    const client = await attach(two, id, { screen: true, epoch: 99 });
    expect((await client.hasClosed()).code).toBe(4410);
    expect(client.screen?.text()).toBe('\n\n\n\n         here');
    expect(client.snapshots).toHaveLength(1);
  } finally {
    await two.stop();
    rmSync(dirname(one.root), { recursive: true, force: true });
  }
});
