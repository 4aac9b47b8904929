// History and the live stream of events over a real server: resumable, bounded, honest about
// what is gone.

import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
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
const ended = (id: string) => until('the end', async () => (await session(id)).status === 'stopped');
const input = (id: string, text: string) => server.api(`/api/sessions/${id}/input`, { method: 'POST', body: { text } });

interface Message {
  event?: string;
  id?: string;
  data?: any; // As it comes.
}

/** Reads server-sent events as a program would: by hand, from the stream. */
class Events {
  readonly messages: Message[] = [];
  ended = false;
  readonly #controller = new AbortController();

  static async open(id: string, query = '', headers: Record<string, string> = {}): Promise<Events> {
    const events = new Events();
    const response = await fetch(`${server.url}/api/sessions/${id}/events${query}`, {
      headers: { authorization: `Bearer ${server.key}`, ...headers },
      signal: events.#controller.signal,
    });
    expect(response.headers.get('content-type')).toStartWith('text/event-stream');
    void events.#read(response.body ?? new ReadableStream());
    return events;
  }

  get sequences(): number[] {
    return this.messages.filter(({ event }) => event === undefined).map(({ data }) => data.sequence);
  }

  close(): void {
    this.#controller.abort();
  }

  has(type: string): Promise<Message> {
    return until(`${type} in ${JSON.stringify(this.messages.slice(-3))}`, () => this.messages.find(({ data }) => data?.type === type || data?.data?.status === type));
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    const reader = body.getReader();
    let text = '';
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        text += decoder.decode(part.value, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) this.#message(block);
      }
    } catch {
      // We left.
    }
    this.ended = true;
  }

  #message(block: string): void {
    const message: Message = {};
    for (const line of block.split('\n')) {
      const [, name, value = ''] = /^(\w*): ?(.*)$/.exec(line) ?? [];
      if (name === 'data') message.data = JSON.parse(value);
      else if (name === 'event' || name === 'id') message[name] = value;
    }
    if (message.data !== undefined) this.messages.push(message);
  }
}

test('the stream gives the past and then the present, each event as the API has it', async () => {
  const id = await sh('echo before; read line; echo after');
  const events = await Events.open(id);
  await events.has('output');
  await input(id, '\n');
  await events.has('stopped');
  const { body } = await server.api(`/api/sessions/${id}/history?limit=1000`);
  expect(events.messages.map(({ data }) => data)).toEqual(body.events);
  expect(events.messages.map(({ id: sequence }) => sequence)).toEqual(body.events.map(({ sequence }: { sequence: number }) => String(sequence)));
  expect(events.messages.every(({ event }) => event === undefined)).toBe(true);
  events.close();
});

test('it stays open when the session ends, for it may be resumed', async () => {
  const id = await sh('exit 0');
  await ended(id);
  const events = await Events.open(id);
  await events.has('stopped');
  const before = events.sequences.length;
  await server.api(`/api/sessions/${id}/resume`, { method: 'POST' });
  await until('the second end', () => events.messages.filter(({ data }) => data.data.status === 'stopped').length === 2);
  expect(events.sequences.length).toBeGreaterThan(before + 3);
  expect(events.sequences).toEqual(events.sequences.map((_, index) => index + 1));
  events.close();
});

test('a reader that comes back names the last id, in the header or the address, and misses nothing', async () => {
  const id = await sh('exit 0');
  await ended(id);
  const byHeader = await Events.open(id, '?after=1', { 'last-event-id': '3' });
  await byHeader.has('stopped');
  expect(byHeader.sequences[0]).toBe(4);
  byHeader.close();
  const byQuery = await Events.open(id, '?after=2&type=status');
  await byQuery.has('stopped');
  expect(byQuery.messages.every(({ data }) => data.type === 'status')).toBe(true);
  byQuery.close();
  const bad = await server.api(`/api/sessions/${id}/events`, { headers: { 'last-event-id': 'x' } });
  expect(bad.status).toBe(422);
});

test('many events pass in order and once, though the reader takes its time', async () => {
  const id = await sh('exec cat');
  const log = server.parts.sessions.log(id);
  const part = Buffer.alloc(10_000, 0x61);
  for (let count = 0; count < 200; count += 1) log.append([{ channel: 'stdout', type: 'output', data: part }]);
  const response = await fetch(`${server.url}/api/sessions/${id}/events`, { headers: { authorization: `Bearer ${server.key}` } });
  const reader = (response.body ?? new ReadableStream()).getReader();
  for (let count = 0; count < 200; count += 1) log.append([{ channel: 'stdout', type: 'output', data: part }]);
  const decoder = new TextDecoder();
  const sequences: number[] = [];
  let text = '';
  await until('all of it', async () => {
    text += decoder.decode((await reader.read()).value, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('id: ')) sequences.push(Number(line.slice(4)));
    return sequences.length >= log.head;
  });
  expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  await reader.cancel();
});

test('the stream ends when the session is deleted', async () => {
  const id = await sh('exec cat');
  const events = await Events.open(id);
  await events.has('active');
  await server.api(`/api/sessions/${id}`, { method: 'DELETE' });
  await until('the end of the stream', () => events.ended);
});

test('what retention removed is said: pruned first, then what is kept', async () => {
  const id = await sh('exit 0');
  await ended(id);
  const database = new Database(join(server.dataFolder, 'dispatch.db'));
  database.run('DELETE FROM session_events WHERE run_id = ? AND sequence < 3', [id]);
  database.run('UPDATE sessions SET first_sequence = 3 WHERE run_id = ?', [id]);
  database.close();
  const { body } = await server.api(`/api/sessions/${id}/history`);
  expect(body).toMatchObject({ pruned: true, firstSequence: 3 });
  expect(body.events[0].sequence).toBe(3);
  const events = await Events.open(id);
  await events.has('stopped');
  expect(events.messages[0]).toEqual({ event: 'pruned', data: { firstSequence: 3 } });
  expect(events.sequences[0]).toBe(3);
  events.close();
  const exact = await Events.open(id, '?after=2');
  await exact.has('stopped');
  expect(exact.messages[0]?.event).toBeUndefined();
  exact.close();
});

test('history is paged, filtered and bounded over HTTP as well', async () => {
  const id = await sh("printf 'a\\377b'");
  await ended(id);
  const history = async (query: string) => server.api(`/api/sessions/${id}/history?${query}`);
  const all = (await history('limit=1000')).body;
  expect(all).toMatchObject({ hasMore: false, firstSequence: 1, nextSequence: all.events.length });
  expect(all).not.toHaveProperty('pruned');
  const output = all.events.find(({ type }: { type: string }) => type === 'output');
  expect(output).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    sessionId: id,
    sequence: output.sequence,
    timestamp: expect.stringMatching(/Z$/),
    channel: 'stdout',
    type: 'output',
    data: { base64: Buffer.from([0x61, 0xff, 0x62]).toString('base64') },
  });
  expect((await history('limit=1')).body).toMatchObject({ hasMore: true, nextSequence: 1, events: [{ sequence: 1 }] });
  expect((await history('type=status&limit=2')).body.events).toHaveLength(2);
  expect((await history('channel=stdout')).body.events).toHaveLength(1);
  expect((await history('after=1000')).body).toMatchObject({ events: [], hasMore: false });
  for (const bad of ['limit=0', 'limit=1001', 'after=-1', 'after=x', 'channel=other']) {
    expect([bad, (await history(bad)).status]).toEqual([bad, 422]);
  }
  // A name without a value says nothing, as a form's empty field does.
  expect((await history('after=&limit=&channel=&type=')).body.events).toHaveLength(all.events.length);
  expect((await history('unknown=1')).status).toBe(200);
});

test('signing everyone out ends the streams of browsers; a change of the key ends those of programs too', async () => {
  const other = await startTestServer({ key: null });
  const { id } = await other.terminal((await other.workspace()).id, { command: ['cat'] });
  const stream = (headers: Record<string, string>) => fetch(`${other.url}/api/sessions/${id}/events`, { headers });
  const token = await other.parts.auth.signIn(other.key, '127.0.0.1', 'a browser');
  const browser = await stream({ cookie: other.parts.gate.cookieFor(token, false).split(';')[0] ?? '' });
  const program = await stream({ authorization: `Bearer ${other.key}` });
  let programEnded = false;
  const programText = program.text().finally(() => (programEnded = true));
  other.parts.auth.revokeAll();
  expect(await browser.text()).toContain('"status":"active"');
  expect(programEnded).toBe(false);
  await other.parts.auth.changeKey(undefined);
  expect(await programText).toContain('"status":"active"');
  await other.stop();
});

test('HEAD of a stream ends at once', async () => {
  const response = await fetch(`${server.url}/api/events`, { method: 'HEAD', headers: { authorization: `Bearer ${server.key}` } });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  expect(await response.text()).toBe('');
});
