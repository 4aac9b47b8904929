// The search over the API: what real sessions printed, typed and said is found with its moment,
// filtered, page by page; what was deleted is gone; a lost index comes back.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConversationServer, startConversationServer } from '../support/conversation.ts';
import { EditingDevice, startDocumentServer } from '../support/documents.ts';
import { until } from '../support/until.ts';

let server: ConversationServer;
let workspaceId: string;
let other: string;
let build: string;
let typed: string;
let talk: string;

const BUILD = [
  'for i in $(seq 1 300); do echo "[$i/300] compiling src/module_$i.c -O2"; done',
  'printf "\\033[31merror:\\033[0m undefined reference to \\`frobnicate_widget\\x27 in libquux.a\\n"',
  'printf "%0.sw" $(seq 150); echo " wrappedneedle"',
  'echo "你好世界人民 naïve café"',
  'read -s secret; echo; echo "the secret has ${#secret} letters"',
  'exec cat',
].join('; ');

const ask = async (query: Record<string, string | number>) => {
  const { status, body } = await server.api(`/api/search?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`);
  return { status, ...body };
};
const textOf = ({ context }: { context: { text: string }[] }): string => context.map(({ text }) => text).join('');
const complete = (q = 'anything') => until('the index', async () => (await ask({ q })).indexed?.complete);
/** All results, page by page. */
async function all(query: Record<string, string | number>): Promise<any[]> {
  const results: any[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const answer = await ask({ ...query, ...(cursor === '' ? {} : { cursor }) });
    results.push(...answer.results);
    cursor = answer.next;
  }
  return results;
}

beforeAll(async () => {
  server = await startConversationServer();
  ({ workspaceId } = server);
  other = (await server.workspace('otherplace')).id;
  build = (await server.terminal(workspaceId, { command: ['bash', '-c', BUILD] })).id;
  typed = (await server.terminal(other, { command: ['cat'] })).id;
  talk = await server.conversation();
  await server.say(talk, 'Please explain the frobnicate_widget problem');
  await server.rests(talk);
  const printed = async (id: string, text: string) =>
    until(text, async () => (await server.api(`/api/sessions/${id}/screen?format=text`)).body?.includes?.(text));
  await printed(build, '世界');
  await server.api(`/api/sessions/${build}/input`, { method: 'POST', body: { text: 'hunter2hunter2\n' } });
  await printed(build, 'has 14 letters');
  await server.api(`/api/sessions/${typed}/input`, { method: 'POST', body: { text: 'typedneedle by hand\n' } });
  await printed(typed, 'typedneedle');
  await complete();
});
afterAll(() => server.stop());

describe('search', () => {
  test('finds what was printed, with its session, its moment and the lines around it', async () => {
    const { status, results, indexed, next } = await ask({ q: 'frobnicate_widget', kind: 'terminal' });
    expect(status).toBe(200);
    expect(indexed).toEqual({ complete: true, behindEvents: 0 });
    expect(next).toBeNull();
    expect(results).toHaveLength(1);
    const [result] = results;
    expect(result).toMatchObject({ sessionId: build, workspaceId, kind: 'terminal', channel: 'stdout', type: 'output' });
    expect(result.context).toContainEqual({ text: 'frobnicate_widget', match: true });
    expect(textOf(result)).toBe("error: undefined reference to `frobnicate_widget' in libquux.a");
    expect(result.before.map((parts: { text: string }[]) => parts.map(({ text }) => text).join(''))).toEqual(['[299/300] compiling src/module_299.c -O2', '[300/300] compiling src/module_300.c -O2']);
    expect(result.after).toHaveLength(2);
    const { events } = (await server.api(`/api/sessions/${build}/history?after=${result.sequence - 1}&limit=1`)).body;
    expect(events[0].timestamp).toBe(result.timestamp);
    expect(events[0].type).toBe('output');
  });

  test('finds wrapped lines whole, words of other scripts, and what accents hide', async () => {
    expect((await ask({ q: 'wrappedneedle' })).results.map(textOf).join()).toContain('wwww wrappedneedle');
    for (const q of ['世界人', 'CAFE', 'naive "café"']) expect((await ask({ q })).results, q).toHaveLength(1);
  });

  test('finds what was typed and said, and by channel', async () => {
    const [input] = (await ask({ q: 'typedneedle', channel: 'stdin' })).results;
    expect(input).toMatchObject({ sessionId: typed, type: 'input', channel: 'stdin' });
    expect(textOf(input)).toBe('typedneedle by hand');
    const [prompt] = (await ask({ q: '"explain the frob"', channel: 'stdin' })).results;
    expect(prompt).toMatchObject({ sessionId: talk, kind: 'claude', type: 'prompt' });
  });

  test('finds no secret that was not echoed', async () => {
    expect((await ask({ q: 'hunter2' })).results).toEqual([]);
  });

  test('is filtered by workspace, kind, session, channel and time', async () => {
    const sessions = async (query: Record<string, string>) => [...new Set((await all({ q: 'needle', ...query })).map(({ sessionId }) => sessionId))];
    expect(await sessions({ workspaceId: other })).toEqual([typed]);
    expect(await sessions({ workspaceId })).toEqual([build]);
    expect(await sessions({ sessionId: typed, channel: 'stdout' })).toEqual([typed]);
    expect(await sessions({ kind: 'claude' })).toEqual([]);
    const [{ timestamp }] = (await ask({ q: 'typedneedle', channel: 'stdin' })).results;
    const just = (ms: number) => new Date(Date.parse(timestamp) + ms).toISOString();
    expect((await ask({ q: 'typedneedle', channel: 'stdin', since: timestamp, until: timestamp })).results).toHaveLength(1);
    expect((await ask({ q: 'typedneedle', channel: 'stdin', since: just(1) })).results).toEqual([]);
    expect((await ask({ q: 'typedneedle', channel: 'stdin', until: just(-1) })).results).toEqual([]);
    expect((await ask({ q: 'typedneedle', since: timestamp.slice(0, 10), until: timestamp.slice(0, 10) })).results.length).toBeGreaterThan(0);
  });

  test('comes in pages, each result once, latest first', async () => {
    const inPages = await all({ q: 'compiling "-O2"', limit: 37 });
    const numbers = inPages.map((result) => Number(/module_(\d+)/.exec(textOf(result))?.[1]));
    expect(numbers).toEqual(Array.from({ length: 300 }, (_, index) => 300 - index));
    expect((await ask({ q: 'compiling', limit: 1000 })).results).toHaveLength(300);
    const apart = await all({ q: '"[7/300]" libquux', limit: 1 });
    expect(apart).toHaveLength(1);
  });

  test('has names of sessions and workspaces', async () => {
    const { names } = await ask({ q: 'otherpl' });
    expect(names).toEqual([{ sessionId: null, workspaceId: other, kind: null, name: [{ text: 'otherpl', match: true }, { text: 'ace', match: false }] }]);
    await server.api(`/api/sessions/${typed}`, { method: 'PATCH', body: { name: 'Nightly deploy' } });
    expect((await ask({ q: 'nightly' })).names).toMatchObject([{ sessionId: typed, kind: 'terminal' }]);
  });

  test('refuses what it cannot answer, and says why', async () => {
    expect(await ask({ q: 'ab' })).toMatchObject({ status: 422, error: 'invalid', fields: { q: expect.stringContaining('3 characters') } });
    const wrong: Record<string, string | number>[] = [{ limit: 0 }, { limit: 1001 }, { limit: 'many' }, { kind: 'shell' }, { channel: 'stdout2' }, { since: 'yesterday' }, { until: '2026-13-01' }, { since: '2026-02-30' }, { since: '2026-02-30T10:00Z' }, { since: '2026-02-02', until: '2026-02-01' }, { cursor: 'x' }, { cursor: 'WzEsMl0' }, { q: 'x'.repeat(201) }];
    for (const query of wrong) expect((await ask({ q: 'needle', ...query })).status, JSON.stringify(query)).toBe(422);
    expect((await server.api('/api/search')).status).toBe(422);
  });

  test('takes any text for text', async () => {
    for (const q of ['" OR 1=1 --', "'; DROP TABLE texts; --", 'NEAR(abc def)', 'words:abc', '%25%', 'a\u0000bcd', '*** abc*', '((("', 'AND AND AND', '\\x27\\x27']) {
      const { status, results } = await ask({ q });
      expect(status, q).toBe(200);
      expect(Array.isArray(results)).toBe(true);
    }
  });

  test('lets nobody else read the index', () => {
    expect(statSync(join(server.dataFolder, 'search.db')).mode & 0o777).toBe(0o600);
  });
});

describe('the index', () => {
  test('loses a session that is deleted, at once', async () => {
    const { id } = await server.terminal(other, { command: ['echo', 'deletedneedle'] });
    await until('the hit', async () => (await ask({ q: 'deletedneedle' })).results.length > 0);
    await server.api(`/api/sessions/${id}`, { method: 'DELETE' });
    expect((await ask({ q: 'deletedneedle' })).results).toEqual([]);
  });

  test('is made anew when it is lost, and when it is damaged', async () => {
    const file = join(server.dataFolder, 'search.db');
    const before = (await all({ q: 'compiling "-O2"' })).length;
    for (const lose of [() => rmSync(file), () => writeFileSync(file, 'no database at all'.repeat(1000))]) {
      lose();
      for (const ending of ['-wal', '-shm']) rmSync(file + ending, { force: true });
      await until('all of it again', async () => {
        const { status, results, indexed } = await ask({ q: 'compiling "-O2"', limit: 1000 });
        return status === 200 && indexed.complete && results.length === before;
      }, 20_000);
    }
  });
});

describe('edited files', () => {
  test('are found by name, and by what was written, while unsaved too', async () => {
    const documents = await startDocumentServer();
    try {
      documents.file('notes/plan.md', 'first line\nsecond line\n');
      const id = await documents.fileSession();
      const device = new EditingDevice((action, body) => (body === undefined ? documents.api(`/api/sessions/${id}/${action}`) : documents.act(id, action, body)), 'notes/plan.md');
      await device.open('page');
      const find = async (q: string) => (await documents.api(`/api/search?q=${q}`)).body;
      for (const [at, letter] of [...'quicksilver '].entries()) {
        device.type({ changes: { from: at, insert: letter } });
        await device.push();
      }
      const [edited] = (await until('the edit', async () => {
        const { results } = await find('quicksilver');
        return results.some((result: any) => textOf(result).includes('first')) ? { results } : undefined;
      })).results;
      expect(edited).toMatchObject({ sessionId: id, kind: 'fileEditor', type: 'change' });
      expect(textOf(edited)).toBe('quicksilver first line');
      // What was found leads to when it stood there, also where it is gone by now.
      device.type({ changes: { from: 0, to: 'quicksilver '.length } });
      await device.push();
      const led = await documents.api(`/sessions/${id}/moment?sequence=${edited.sequence}`);
      const { pathname, search } = new URL(led.headers.get('location') ?? '', documents.url);
      const moment = String((await documents.api(pathname + search)).body);
      expect(moment).toContain('quicksilver first line');
      expect(moment).toContain(`/sessions/${id}?path=notes%2Fplan.md`);
      expect((await find('plan.md')).results[0]).toMatchObject({ type: 'open' });
    } finally {
      await documents.stop();
    }
  });
});
