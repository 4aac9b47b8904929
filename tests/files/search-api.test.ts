// Finding files by name and searching in them: by a thread of ours, and by ripgrep where it is
// installed, with the same results; ended with who asked; replaced only as it was seen.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findFiles } from '../../src/files/find.ts';
import { limits } from '../../src/limits.ts';
import { startTestServer, TEST_KEY, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const RG = Bun.which('rg');
/** A PATH with everything but ripgrep. */
const without = (process.env.PATH ?? '').split(':').filter((folder) => RG === null || folder !== dirname(RG)).join(':');

let servers: { name: string; server: TestServer }[];
let server: TestServer;
let id: string;
let folder: string;

beforeAll(async () => {
  servers = [{ name: 'own', server: await startTestServer({ environment: { PATH: without } }) }];
  if (RG !== null) servers.push({ name: 'ripgrep', server: await startTestServer() });
  else console.warn('There is no ripgrep here: only our own search is tested.');
  server = servers[0]?.server ?? (await startTestServer());
});
afterAll(() => Promise.all(servers.map((one) => one.server.stop())));
beforeEach(async () => {
  ({ id, path: folder } = await server.workspace());
});

const write = (path: string, text: string | Uint8Array): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

interface Event {
  type: string;
  path: string;
  line: number;
  text: string;
  ranges: [number, number][];
  [key: string]: unknown;
}

async function search(query: Record<string, string>, on = server, workspace = id): Promise<Event[]> {
  const answer = await fetch(`${on.url}/api/workspaces/${workspace}/search?${new URLSearchParams(query)}`, { headers: { authorization: `Bearer ${TEST_KEY}` } });
  const text = await answer.text();
  if (answer.status !== 200) return [{ type: 'refused', path: '', line: answer.status, text, ranges: [] }];
  return text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
}

describe('searching in files', () => {
  test('finds lines with what was found marked, the same by every engine', async () => {
    for (const { name, server: on } of servers) {
      const workspace = await on.workspace();
      folder = workspace.path;
      write('a.txt', 'first\r\nSecond needle and Needle\r\nlast needle');
      write('deep/er/b.ts', 'const näedle = "needle";\n');
      write('.hidden/c', 'needle\n');
      write('.git/d', 'needle\n');
      write('binary', Buffer.from('needle\0'));
      write('<b>&"\n.md', 'needle\n');
      symlinkSync('/etc', join(folder, 'out'));
      const found = async (query: Record<string, string>): Promise<string[]> =>
        (await search(query, on, workspace.id)).filter(({ type }) => type === 'match').map(({ path, line, text, ranges }) => `${path}:${line}:${text}:${ranges.join(' ')}`).sort();
      expect([name, await found({ q: 'needle', case: 'true' })]).toEqual([
        name,
        ['.hidden/c:1:needle:0,6', '<b>&"\n.md:1:needle:0,6', 'a.txt:2:Second needle and Needle:7,13', 'a.txt:3:last needle:5,11', 'deep/er/b.ts:1:const näedle = "needle";:16,22'],
      ]);
      expect(await found({ q: 'NEEDLE', glob: '*.txt' })).toEqual(['a.txt:2:Second needle and Needle:7,13 18,24', 'a.txt:3:last needle:5,11']);
      expect(await found({ q: 'needle', glob: '!deep,!*.md,!.hidden' })).toHaveLength(2);
      expect(await found({ q: 'ne{2}dle$', regex: 'true', glob: 'a.*' })).toEqual(['a.txt:2:Second needle and Needle:18,24', 'a.txt:3:last needle:5,11']);
      expect(await found({ q: 'x.*' })).toEqual([]);
      const wrong = (await search({ q: '(', regex: 'true' }, on, workspace.id)).at(-1);
      expect([name, wrong?.type === 'error' || wrong?.line === 422]).toEqual([name, true]);
    }
  });

  test('leaves out what git ignores', async () => {
    for (const { name, server: on } of servers) {
      const workspace = await on.workspace();
      folder = workspace.path;
      Bun.spawnSync(['git', 'init', '-q'], { cwd: folder });
      write('.gitignore', 'ignored\n*.log\n');
      for (const path of ['seen', 'ignored/a', 'x.log', 'sub/y.log']) write(path, 'needle');
      const paths = (await search({ q: 'needle' }, on, workspace.id)).flatMap(({ type, path }) => (type === 'match' ? [path] : []));
      expect([name, paths]).toEqual([name, ['seen']]);
    }
  });

  test('ends at its bounds, and says so', async () => {
    write('many', 'needle\n'.repeat(limits.fileSearchLinesMax + 1));
    const [last] = (await search({ q: 'needle' })).slice(-1);
    expect(last).toMatchObject({ type: 'done', matches: limits.fileSearchLinesMax, files: 1, limited: null });
    for (let file = 0; file <= limits.fileSearchMatchesMax / limits.fileSearchLinesMax; file++) write(`f${file}`, 'needle\n'.repeat(limits.fileSearchLinesMax));
    const all = await search({ q: 'needle' });
    expect(all).toHaveLength(limits.fileSearchMatchesMax + 1);
    expect(all.at(-1)).toMatchObject({ type: 'done', limited: 'matches' });
    write('long', `${'x'.repeat(5000)}needle${'y'.repeat(5000)}`);
    const long = (await search({ q: 'xneedley' }))[0];
    expect([long?.text.length, long?.before]).toEqual([limits.fileSearchLineLength, 4959]);
    expect(long?.text.slice(...(long.ranges[0] ?? []))).toBe('xneedley');
    expect((await search({ q: 'x'.repeat(limits.queryLengthMax + 1) }))[0]?.line).toBe(422);
  });

  test('that never comes to an end holds nobody up, and ends with who asked', async () => {
    write('slow', `${'a'.repeat(40)}!`);
    const leave = new AbortController();
    const slow = fetch(`${server.url}/api/workspaces/${id}/search?${new URLSearchParams({ q: '(a+)+$', regex: 'true' })}`, { headers: { authorization: `Bearer ${TEST_KEY}` }, signal: leave.signal });
    expect((await server.api('/api/workspaces')).status).toBe(200);
    leave.abort();
    await slow.then((answer) => answer.text()).catch(() => undefined);
    const statuses = async (): Promise<number> => (await search({ q: 'nothing' }))[0]?.line ?? 200;
    for (let round = 0; round < limits.fileSearchesMax + 1; round++) expect(await statuses()).not.toBe(429);
  });
});

describe('replacing', () => {
  test('shows what each line would be, then does just that', async () => {
    write('a.txt', '\ufeffone two\r\ntwo $& two\r\n');
    write('b.txt', 'two');
    const preview = await search({ q: 'two', preview: 'true', replacement: '$&3' });
    expect(preview.filter(({ type }) => type === 'match').map(({ path, replaced }) => [path, replaced])).toEqual([
      ['a.txt', '\ufeffone $&3'],
      ['a.txt', '$&3 $& $&3'],
      ['b.txt', '$&3'],
    ]);
    const files = [...new Map(preview.flatMap(({ path, etag }) => (typeof etag === 'string' ? [[path, { path, etag }] as const] : []))).values()];
    writeFileSync(join(folder, 'b.txt'), 'two, changed');
    const { body, status } = await server.api(`/api/workspaces/${id}/replace`, { method: 'POST', body: { q: 'two', replacement: '$&3', files } });
    expect(status).toBe(200);
    expect(body.files.map(({ path, count, reason }: { path: string; count: number; reason: string | null }) => [path, count, reason])).toEqual([
      ['a.txt', 3, null],
      ['b.txt', 0, 'The file was changed since it was searched.'],
    ]);
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('\ufeffone $&3\r\n$&3 $& $&3\r\n');
    expect(readFileSync(join(folder, 'b.txt'), 'utf8')).toBe('two, changed');
  });

  test('with a regular expression takes what it found', async () => {
    write('a', 'f(1, 2)');
    const [match] = await search({ q: '(\\d), (\\d)', regex: 'true', preview: 'true', replacement: '$2, $1' });
    expect(match?.replaced).toBe('f(2, 1)');
    await server.api(`/api/workspaces/${id}/replace`, { method: 'POST', body: { q: '(\\d), (\\d)', regex: true, replacement: '$2, $1', files: [{ path: 'a', etag: match?.etag }] } });
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('f(2, 1)');
  });

  test('leaves files that are no UTF-8 as they are', async () => {
    const bytes = Buffer.from('caf\xe9 two', 'latin1');
    write('a', bytes);
    const [match] = await search({ q: 'two', preview: 'true', replacement: '3' });
    const { body } = await server.api(`/api/workspaces/${id}/replace`, { method: 'POST', body: { q: 'two', replacement: '3', files: [{ path: 'a', etag: match?.etag }] } });
    expect(body.files[0].reason).toContain('UTF-8');
    expect(readFileSync(join(folder, 'a')).equals(bytes)).toBe(true);
  });
});

test('files are found by a part of their name, best first', async () => {
  for (const path of ['src/routes/files.ts', 'src/files/open.ts', 'files', 'docs/profiles.md', 'node_modules/files/x', 'a/f-i-l-e-s']) write(path, '');
  const find = async (q: string): Promise<string[]> => (await findFiles({ path: folder, dataFolder: server.dataFolder }, q, 10)).paths;
  expect(await find('files')).toEqual(['files', 'src/routes/files.ts', 'docs/profiles.md', 'src/files/open.ts', 'a/f-i-l-e-s']);
  expect((await find('src rou files'))[0]).toBe('src/routes/files.ts');
  expect(await find('zzz')).toEqual([]);
  const { body } = await server.api(`/api/workspaces/${id}/find?q=open&limit=1`);
  expect(body).toEqual({ paths: ['src/files/open.ts'], complete: true });
  write('later', '');
  await until('the walk to be made again', async () => (await find('later')).length === 1, 10_000);
});
