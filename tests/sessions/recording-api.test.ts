// Recordings as they are downloaded, of real programs, and what must not be in them.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let workspaceId: string;
beforeAll(async () => {
  server = await startTestServer();
  workspaceId = (await server.workspace()).id;
});
afterAll(() => server.stop());

async function recorded(script: string, meta: object = {}): Promise<string> {
  const { id } = await server.terminal(workspaceId, { command: ['sh', '-c', script], ...meta });
  await until('the end', async () => (await server.api(`/api/sessions/${id}`)).body.status === 'stopped');
  return id;
}

const download = async (id: string, query = '') => {
  const response = await fetch(`${server.url}/api/sessions/${id}/recording${query}`, { headers: { authorization: `Bearer ${server.key}` } });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const lines = (text: string) => text.trimEnd().split('\n').map((line) => JSON.parse(line));

test('asciicast v2: a header with the size, then what was printed, in time', async () => {
  const id = await recorded("printf 'one\\n'; stty rows 10; printf 'é two\\n'", { cols: 90, rows: 20 });
  const { text, headers } = await download(id);
  const [header, ...events] = lines(text);
  expect(header).toMatchObject({ version: 2, width: 90, height: 20, env: { TERM: 'xterm-256color', SHELL: 'bash' } });
  expect(Object.keys(header.env)).toEqual(['TERM', 'SHELL']);
  expect(events.filter(([, code]) => code === 'o').map(([, , data]) => data).join('')).toBe('one\r\né two\r\n');
  const times = events.map(([time]) => time);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times[0]).toBeGreaterThanOrEqual(0);
  expect(headers.get('content-type')).toBe('application/x-asciicast');
  expect(headers.get('content-disposition')).toStartWith('attachment; filename="sh.cast"');
});

test('asciicast v3 counts from the line before', async () => {
  const { text } = await download(await recorded('echo a; echo b'), '?format=asciicast-v3');
  const [header, ...events] = lines(text);
  expect(header).toMatchObject({ version: 3, term: { cols: 80, rows: 24 } });
  expect(events.every(([interval]) => interval >= 0)).toBe(true);
});

test('as text it is what a person would read: no escapes', async () => {
  const { text, headers } = await download(await recorded("printf '\\033[31mred\\033[0m \\033]0;title\\007plain\\n'"), '?format=text');
  expect(text).toBe('red plain\n');
  expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
});

test('a character that lies on the cut of two events stays whole, and the clipboard stays out', async () => {
  const id = await recorded("printf 'x\\303'; sleep 0.1; printf '\\251y\\033]52;c;c2Vj'; sleep 0.1; printf 'cmV0\\007z\\n'");
  for (const format of ['asciicast-v2', 'text']) {
    const { text } = await download(id, `?format=${format}`);
    expect(text.includes('52;c')).toBe(false);
    expect(text).not.toContain('cmV0');
  }
  expect((await download(id, '?format=text')).text).toBe('xéyz\n');
});

test('what was typed is in it only when asked for', async () => {
  const { id } = await server.terminal(workspaceId, { command: ['sh', '-c', 'read line'] });
  await server.api(`/api/sessions/${id}/input`, { method: 'POST', body: { text: 'typed\n' } });
  await until('the end', async () => (await server.api(`/api/sessions/${id}`)).body.status === 'stopped');
  const codes = async (query: string) => lines((await download(id, query)).text).slice(1).map(([, code]) => code);
  expect(await codes('')).not.toContain('i');
  expect(await codes('?input=true')).toContain('i');
});

test('of a session that prints on, it is what there was at the start of the download', async () => {
  const { id } = await server.terminal(workspaceId, { command: ['sh', '-c', 'while :; do echo on and on; done'] });
  await until('output', async () => (await server.api(`/api/sessions/${id}`)).body.currentSequence > 20);
  expect((await download(id)).status).toBe(200);
  await server.api(`/api/sessions/${id}`, { method: 'DELETE' });
});

test('a name cannot break out of the header', async () => {
  const { id } = await server.terminal(workspaceId, { command: ['true'] });
  await server.api(`/api/sessions/${id}`, { method: 'PATCH', body: { name: 'a"b/c\\d é 日本 %' } });
  const { headers } = await download(id);
  const disposition = headers.get('content-disposition') ?? '';
  expect(disposition).toStartWith('attachment; filename="a_b_c_d _ __ _.cast"; filename*=UTF-8\'\'');
  expect(decodeURIComponent(disposition.split("''")[1] ?? '')).toBe('a"b_c_d é 日本 %.cast');
});

test('an unknown format is refused', async () => {
  const id = await recorded('true');
  expect((await download(id, '?format=gif')).status).toBe(422);
});
