// The past over the API: moments by event and by time, in every format, parts of a recording;
// and what nobody foresaw, which is told to the operator and not to who asked.

import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { JsonObject } from '../../src/json.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let workspaceId: string;
let id: string;
/** The event after which the screen shows a line first. */
const shownAt: number[] = [];
const START = Math.ceil(Date.now() / 1000) * 1000 + 60_000;

async function ended(): Promise<string> {
  const session = await server.terminal(workspaceId, { command: ['true'], cols: 40, rows: 5 });
  await until('its end', async () => (await server.api(`/api/sessions/${session.id}`)).body.status === 'stopped');
  return session.id;
}

beforeAll(async () => {
  server = await startTestServer();
  workspaceId = (await server.workspace()).id;
  id = await ended();
  const log = server.parts.sessions.log(id);
  for (const number of [0, 1, 2]) {
    const text = `\x1b[1mline ${number}\x1b[m <b>\r\n`;
    log.append([{ channel: 'stdout', type: 'output', data: Buffer.from(text), timestamp: START + number * 1000 }]);
    shownAt.push(log.head);
  }
});
afterAll(() => server.stop());

const screen = (query: string, of = id) => server.api(`/api/sessions/${of}/screen?${query}`);
const at = (number: number): number => shownAt[number] ?? 0;

test('the screen at an event, or at a time, is given as text, with its colours, and as HTML that runs nothing', async () => {
  const { status, body, headers } = await screen(`sequence=${at(1)}`);
  expect([status, headers.get('dispatch-sequence')]).toEqual([200, String(at(1))]);
  expect(body.trimEnd()).toEndWith('line 0 <b>\nline 1 <b>');
  expect((await screen(`t=${START + 1500}`)).body).toBe(body);
  const ansi = await screen(`sequence=${at(1)}&format=ansi`);
  expect(ansi.body).toMatch(/\x1b\[;?1mline 1/);
  const html = await screen(`sequence=${at(1)}&format=html`);
  expect(html.headers.get('content-security-policy')).toContain('sandbox');
  expect(html.body).toContain('&lt;b&gt;');
  expect(html.body).not.toContain('line 2');
});

test('a moment that is none is refused with the field that is wrong', async () => {
  for (const [query, field] of [['sequence=0', 'sequence'], ['sequence=1.5', 'sequence'], ['sequence=x', 'sequence'], [`sequence=${at(2) + 1}`, 'sequence'], ['t=-1', 't'], [`t=${START}&sequence=1`, 't'], ['sequence=1&format=png', 'format']]) {
    const { status, body } = await screen(query ?? '');
    expect([status, Object.keys(body.fields)], query).toEqual([422, [field ?? '']]);
    if (field !== 'format') expect((await server.api(`/sessions/${id}/replay?${query}`)).status, query).toBe(422);
  }
});

test('a part of a recording begins with the screen of its first moment and has what follows until its last', async () => {
  const { body } = await server.api(`/api/sessions/${id}/recording?format=asciicast-v2&from=${at(0)}&until=${at(1)}`);
  const [head, ...events] = String(body).trimEnd().split('\n').map((line) => JSON.parse(line));
  expect(head).toMatchObject({ version: 2, width: 40, height: 5, timestamp: Math.floor(START / 1000) });
  const [first, ...later] = events.filter(([, type]) => type === 'o');
  expect(first[2]).toContain('line 0');
  expect(later.map(([, , text]) => text).join('')).toContain('line 1');
  expect(String(body)).not.toContain('line 2');
  expect((await server.api(`/api/sessions/${id}/recording?from=${at(1)}&until=${at(0)}`)).body.fields).toHaveProperty('from');
});

test('what a person looks for is marked: starts, sizes, commands, bells, attaches, prompts, decisions, saves', async () => {
  const marked = await ended();
  const log = server.parts.sessions.log(marked);
  const events: [string, JsonObject, string][] = [
    ['attach', { client: 'c', name: 'My phone', mode: 'rw' }, 'My phone attached'],
    ['resize', { cols: 100, rows: 30 }, '100×30'],
    ['command', { phase: 'output', line: 'make all', of: 1, at: START }, 'make all'],
    ['bell', {}, 'bell'],
    ['prompt', { prompt: 'p', text: 'What is this?', client: 'c' }, 'What is this?'],
    ['permission', { permission: 'p' }, 'permission asked'],
    ['decision', { permission: 'p', outcome: 'selected' }, 'decided'],
    ['save', { path: 'a/b.ts' }, 'saved a/b.ts'],
    ['conflict', { path: 'a/b.ts' }, 'conflict'],
    ['gap', { bytes: 5, reason: 'full' }, 'output was lost here'],
  ];
  for (const [type, data] of events) log.append([{ channel: 'system', type, data }]);
  log.append([{ channel: 'system', type: 'title', data: { title: 'no mark' } }]);
  const { marks } = (await server.api(`/api/sessions/${marked}/marks`)).body;
  const told = marks.map(({ type, label }: { type: string; label: string }) => `${type}: ${label}`);
  for (const [type, , label] of events) expect(told).toContain(`${type}: ${label}`);
  expect(told).toContain('status: ended');
  expect(told.join()).not.toContain('title');
});

test('what nobody foresaw is an error of ours without its details', async () => {
  const broken = await ended();
  const head = (await server.api(`/api/sessions/${broken}`)).body.currentSequence;
  const database = new Database(join(server.dataFolder, 'dispatch.db'));
  database.run('DELETE FROM session_snapshots WHERE run_id = ?', [broken]);
  database.run('INSERT INTO session_keyframes (run_id, sequence, cols, rows, vt) VALUES (?, 1, 80, 24, ?)', [broken, Buffer.from('no screen')]);
  database.close();
  const { status, body } = await screen(`sequence=${head}`, broken);
  expect([status, body.error]).toEqual([500, 'internal']);
  expect(JSON.stringify(body)).not.toMatch(/zstd|decompress|at .*\.ts|\//i);
});
