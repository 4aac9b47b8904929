// Files over the API: bytes, versions, ranges, what a browser may show of them, and names that
// are anything but names.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, textOf } from '../../src/files/path-text.ts';
import { limits } from '../../src/limits.ts';
import { startTestServer, TEST_KEY, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let id: string;
let folder: string;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  ({ id, path: folder } = await server.workspace());
});

const at = (path: string): string => join(folder, path);
const address = (path: string): string => `/api/workspaces/${id}/files/${addressOf(path)}`;
const raw = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(server.url + address(path), { ...init, headers: { authorization: `Bearer ${TEST_KEY}`, ...init.headers } });
const put = (path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> => raw(path, { method: 'PUT', body, headers });

describe('a file', () => {
  test('is made, read, replaced by its version, and has an ETag each time', async () => {
    const made = await put('new file.txt', 'one', { 'content-type': 'text/plain' });
    expect([made.status, made.headers.get('location')]).toEqual([201, address('new file.txt')]);
    const etag = made.headers.get('etag') ?? '';
    const read = await raw('new file.txt');
    expect([await read.text(), read.headers.get('etag'), read.headers.get('content-length')]).toEqual(['one', etag, '3']);
    expect((await put('new file.txt', 'two')).status).toBe(428);
    expect((await put('new file.txt', 'two', { 'if-match': '"other"' })).status).toBe(412);
    expect((await put('new file.txt', 'two', { 'if-none-match': '*' })).status).toBe(412);
    expect((await put('gone.txt', 'two', { 'if-match': '*' })).status).toBe(412);
    const replaced = await put('new file.txt', '{"json', { 'if-match': etag, 'content-type': 'application/json' });
    expect(replaced.status).toBe(200);
    expect(readFileSync(at('new file.txt'), 'utf8')).toBe('{"json');
    expect((await put('new file.txt', 'again', { 'if-match': etag })).status).toBe(412);
    expect((await put('new file.txt', 'three', { 'if-match': '*' })).status).toBe(200);
  });

  test('is not sent to who has it, and only its head to who asks for that', async () => {
    const etag = (await put('a', 'text')).headers.get('etag') ?? '';
    const known = await raw('a', { headers: { 'if-none-match': `"x", W/${etag}` } });
    expect([known.status, await known.text()]).toEqual([304, '']);
    expect((await raw('a', { headers: { 'if-match': '"x"' } })).status).toBe(412);
    const head = await raw('a', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag'), await head.text()]).toEqual([200, '4', etag, '']);
  });

  test('is sent in ranges', async () => {
    const etag = (await put('a', '0123456789')).headers.get('etag') ?? '';
    const part = async (range: string, headers: Record<string, string> = {}): Promise<(string | number | null)[]> => {
      const answer = await raw('a', { headers: { range, ...headers } });
      return [answer.status, answer.headers.get('content-range'), answer.status < 300 ? await answer.text() : ''];
    };
    expect(await part('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234']);
    expect(await part('bytes=7-')).toEqual([206, 'bytes 7-9/10', '789']);
    expect(await part('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789']);
    expect(await part('bytes=9-99')).toEqual([206, 'bytes 9-9/10', '9']);
    expect(await part('bytes=10-')).toEqual([416, 'bytes */10', '']);
    expect(await part('bytes=-0')).toEqual([416, 'bytes */10', '']);
    for (const whole of ['bytes=4-2', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=-']) expect(await part(whole)).toEqual([200, null, '0123456789']);
    expect(await part('bytes=2-4', { 'if-range': etag })).toEqual([206, 'bytes 2-4/10', '234']);
    expect(await part('bytes=2-4', { 'if-range': '"old"' })).toEqual([200, null, '0123456789']);
  });

  test('of 2 GB begins at once, at any place', async () => {
    const file = openSync(at('sparse'), 'w');
    ftruncateSync(file, 2 * 1024 ** 3 + 5);
    closeSync(file);
    const end = await raw('sparse', { headers: { range: 'bytes=2147483640-' } });
    expect([end.status, (await end.bytes()).byteLength]).toEqual([206, 13]);
    const leave = new AbortController();
    const whole = await raw('sparse', { signal: leave.signal });
    expect(whole.headers.get('content-length')).toBe(String(2 * 1024 ** 3 + 5));
    const { value } = (await whole.body?.getReader().read()) ?? {};
    expect(value?.byteLength).toBeGreaterThan(0);
    leave.abort();
  });

  test('may have 50 MiB when it is uploaded, and not a byte more', async () => {
    const most = new Uint8Array(limits.fileUploadBytesMax);
    expect((await put('big', most)).status).toBe(201);
    expect(statSync(at('big')).size).toBe(most.byteLength);
    const more = await put('bigger', new Uint8Array(most.byteLength + 1)).catch(() => ({ status: 413 }));
    expect(more.status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        for (let mib = 0; mib <= 50; mib++) controller.enqueue(new Uint8Array(1024 * 1024));
        controller.close();
      },
    });
    const streamed = await put('streamed', stream).catch(() => ({ status: 413 }));
    expect(streamed.status).toBe(413);
    // The answer may come before the end of what it was about.
    await until('nothing to be left beside it', () => readdirSync(folder).length === 1);
  });
});

describe('a page that lies in a workspace', () => {
  test('never runs as ours: it is handed over as a file, sandboxed', async () => {
    for (const [name, text] of [['page.html', '<script>alert(1)</script>'], ['pic.svg', '<svg onload="x()"/>'], ['x.png', '<html>'], ['a.pdf', '<script>']] as const) {
      writeFileSync(at(name), text);
      const { headers } = await raw(name);
      expect(headers.get('content-type')).toBe('application/octet-stream');
      expect(headers.get('content-disposition')).toStartWith('attachment;');
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test('pictures and PDF are shown, by what they are and not by their names', async () => {
    const signs = { 'image/png': '\x89PNG\r\n\x1a\n', 'image/jpeg': '\xff\xd8\xff\xe0', 'image/gif': 'GIF89a', 'image/webp': 'RIFF0000WEBPVP8 ', 'image/avif': '\0\0\0\x1cftypavif', 'application/pdf': '%PDF-1.7' };
    for (const [type, sign] of Object.entries(signs)) {
      writeFileSync(at('x.html'), Buffer.from(sign, 'latin1'));
      const { headers } = await raw('x.html');
      expect([headers.get('content-type'), headers.get('content-disposition')?.split(';')[0]]).toEqual([type, 'inline']);
      expect(headers.get('content-security-policy')).toContain('sandbox');
      const kept = await fetch(`${server.url}${address('x.html')}?download=true`, { headers: { authorization: `Bearer ${TEST_KEY}` } });
      expect(kept.headers.get('content-disposition')).toStartWith('attachment');
    }
  });
});

describe('hostile names', () => {
  const NAMES = ['line\nbreak', 'q"uo\'te', '<script>alert(1)</script>'.replace('/', '∕'), '\u202egnp.exe', 'x'.repeat(255), '%2e%2e', '%FF', 'a%20b', '..hidden', '\\back', '-rf', '?a#b', ' ', 'é', 'e\u0301'];

  test('are listed, read, replaced, moved and deleted as what they are', async () => {
    const bytes = [...NAMES.map((name) => Buffer.from(name)), Buffer.from([0xff, 0xfe, 0x41]), Buffer.from([0xc3, 0x28, 0xed, 0xa0, 0x80])];
    for (const name of bytes) writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), name);
    const { body, status } = await server.api(`/api/workspaces/${id}/tree`);
    expect(status).toBe(200);
    expect(body.entries.map(({ name }: { name: string }) => name).sort()).toEqual(bytes.map(textOf).sort());
    for (const { path } of body.entries as { path: string }[]) {
      const read = await raw(path);
      const etag = read.headers.get('etag') ?? '';
      expect([path, textOf(Buffer.from(await read.bytes()))]).toEqual([path, path]);
      expect((await put(path, 'new', { 'if-match': etag })).status).toBe(200);
      const deleted = await raw(path, { method: 'DELETE' });
      expect([path, deleted.status]).toEqual([path, 200]);
      expect((await raw(path)).status).toBe(404);
      const item = (await deleted.json()) as { id: string };
      expect((await server.api(`/api/workspaces/${id}/trash/${item.id}/restore`, { method: 'POST', body: {} })).status).toBe(201);
      expect(await (await raw(path)).text()).toBe('new');
    }
  });

  test('lead nowhere else', async () => {
    writeFileSync(join(server.root, 'outside'), 'secret');
    symlinkSync('../outside', at('link'));
    for (const path of ['%2e%2e/outside', '%2e%2e%2foutside', '..%2foutside', 'a%00b', '%c0%ae%c0%ae/outside']) {
      const answer = await fetch(`${server.url}/api/workspaces/${id}/files/${path}`, { headers: { authorization: `Bearer ${TEST_KEY}` } });
      expect([path, [400, 404, 422].includes(answer.status)]).toEqual([path, true]);
    }
    expect((await raw('link')).status).toBe(403);
    expect((await put('link', 'x', { 'if-match': '*' })).status).toBe(403);
    // The link itself may go.
    expect((await raw('link', { method: 'DELETE' })).status).toBe(200);
    expect(readFileSync(join(server.root, 'outside'), 'utf8')).toBe('secret');
  });

  test('are not given to what is new', async () => {
    for (const name of ['a\nb', 'x'.repeat(256)]) expect((await put(name, 'x')).status).toBe(422);
    expect((await server.api(address('a\nb'), { method: 'POST', body: { action: 'mkdir' } })).status).toBe(422);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('names', () => {
  const act = (path: string, body: object) => server.api(address(path), { method: 'POST', body });

  test('are made, changed, moved and duplicated, and never replace what is there', async () => {
    expect((await act('a/b/c', { action: 'mkdir' })).status).toBe(404);
    expect((await act('a/b/c', { action: 'mkdir', parents: true })).body).toEqual({ path: 'a/b/c' });
    expect((await act('a/b/c', { action: 'mkdir' })).status).toBe(409);
    writeFileSync(at('a/file.txt'), 'text');
    writeFileSync(at('a/other'), 'other');
    expect((await act('a/file.txt', { action: 'rename', to: 'other' })).status).toBe(409);
    expect((await act('a/file.txt', { action: 'rename', to: '../x' })).status).toBe(422);
    expect((await act('a/file.txt', { action: 'rename', to: 'named.txt' })).body).toEqual({ path: 'a/named.txt' });
    expect((await act('a/named.txt', { action: 'move', to: 'a/b/named.txt' })).body).toEqual({ path: 'a/b/named.txt' });
    expect((await act('a', { action: 'move', to: 'a/b/a' })).status).toBe(422);
    expect((await act('a/b/named.txt', { action: 'duplicate' })).body).toEqual({ path: 'a/b/named copy.txt' });
    expect((await act('a/b/named.txt', { action: 'duplicate' })).body).toEqual({ path: 'a/b/named copy 2.txt' });
    expect((await act('a/b', { action: 'duplicate', to: 'copied' })).body).toEqual({ path: 'copied' });
    expect(readdirSync(at('copied')).sort()).toEqual(['c', 'named copy 2.txt', 'named copy.txt', 'named.txt']);
    expect((await act('gone', { action: 'move', to: 'there' })).status).toBe(404);
    expect((await act('a', { action: 'sell' })).status).toBe(422);
    expect((await act('a', { action: 'mkdir', unknown: 1 })).status).toBe(422);
  });

  test('in a folder that may not be written stay as they are, and it is said', async () => {
    if (process.getuid?.() === 0) {
      // Permissions hold nobody back who is root; a read-only file system does.
      expect((await server.api('/api/workspaces', { method: 'POST', body: { path: '/proc/self' } })).status).toBe(422);
      return;
    }
    mkdirSync(at('closed'), { mode: 0o555 });
    expect((await put('closed/a', 'x')).status).toBe(403);
  });
});

describe('the trash', () => {
  test('keeps whole folders, lists them and gives them back, also where their folder is gone', async () => {
    mkdirSync(at('a/b'), { recursive: true });
    writeFileSync(at('a/b/file'), 'text');
    const { body: deleted } = await server.api(address('a/b'), { method: 'DELETE' });
    expect(deleted).toMatchObject({ path: 'a/b', kind: 'folder', size: null });
    await server.api(address('a'), { method: 'DELETE' });
    const listed = async (): Promise<string[]> => (await server.api(`/api/workspaces/${id}/trash`)).body.deleted.map(({ path }: { path: string }) => path);
    expect(await listed()).toEqual(['a', 'a/b']);
    const restore = (item: string, body: object = {}) => server.api(`/api/workspaces/${id}/trash/${item}/restore`, { method: 'POST', body });
    expect((await restore(deleted.id)).body).toEqual({ path: 'a/b' });
    expect(readFileSync(at('a/b/file'), 'utf8')).toBe('text');
    expect(await listed()).toEqual(['a']);
    expect((await restore(deleted.id)).status).toBe(404);
    const [{ id: top }] = (await server.api(`/api/workspaces/${id}/trash`)).body.deleted;
    expect((await restore(top)).status).toBe(409);
    expect((await restore(top, { to: 'elsewhere/a' })).body).toEqual({ path: 'elsewhere/a' });
    expect((await restore('..')).status).toBe(404);
  });

  test('gives nothing back that was removed for ever', async () => {
    writeFileSync(at('file'), 'x');
    const { body } = await server.api(address('file'), { method: 'DELETE' });
    expect((await server.api(`/api/workspaces/${id}/trash/${body.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await server.api(`/api/workspaces/${id}/trash`)).body.deleted).toEqual([]);
    expect(existsSync(at('file'))).toBe(false);
  });
});

test('a folder comes as tar and as zip that other programs open', async () => {
  mkdirSync(at('top/inner'), { recursive: true });
  writeFileSync(at('top/inner/text'), 'text '.repeat(100_000));
  writeFileSync(at(`top/${'l'.repeat(200)}`), 'long');
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/top/`), Buffer.from([0xff])]), 'bytes');
  symlinkSync('inner/text', at('top/link'));
  Bun.spawnSync(['mkfifo', at('top/pipe')]);
  const out = at('out');
  for (const format of ['tar', 'zip']) {
    mkdirSync(`${out}/${format}`, { recursive: true });
    const answer = await fetch(`${server.url}${address('top')}?format=${format}`, { headers: { authorization: `Bearer ${TEST_KEY}` } });
    expect(answer.headers.get('content-disposition')).toContain(`"top.${format}"`);
    await Bun.write(`${out}/archive.${format}`, answer);
    const { exitCode, stderr } = Bun.spawnSync(format === 'tar' ? ['tar', '-xf', '../archive.tar'] : ['unzip', '-q', '../archive.zip'], { cwd: `${out}/${format}` });
    expect([format, exitCode, stderr.toString()]).toEqual([format, 0, '']);
    expect(readFileSync(`${out}/${format}/top/inner/text`, 'utf8')).toBe('text '.repeat(100_000));
    expect(readFileSync(`${out}/${format}/top/${'l'.repeat(200)}`, 'utf8')).toBe('long');
    expect(existsSync(`${out}/${format}/top/pipe`)).toBe(false);
  }
  const names = readdirSync(`${out}/tar/top`, { encoding: 'buffer' }).map((name) => name.toString('latin1')).sort();
  expect(names).toEqual(['inner', 'link', 'l'.repeat(200), '\xff']);
});

test('a folder of 5,000 files is listed in pages, in the order in which people count', async () => {
  for (let index = 0; index < 5_000; index++) writeFileSync(at(`f${index}`), '');
  mkdirSync(at('z-folder'));
  writeFileSync(at('.hidden'), '');
  const page = async (query: string) => (await server.api(`/api/workspaces/${id}/tree?${query}`)).body;
  const first = await page('limit=3&hidden=false');
  expect(first.entries.map(({ name }: { name: string }) => name)).toEqual(['z-folder', 'f0', 'f1']);
  expect([first.hiddenTotal, first.pagination]).toEqual([1, { total: 5_001, limit: 3, offset: 0, hasMore: true }]);
  const last = await page('limit=1000&offset=4002');
  expect([last.entries.at(-1).name, last.entries.length, last.pagination.hasMore]).toEqual(['f4999', 1000, false]);
  writeFileSync(at('a-new-one'), '');
  expect((await page('limit=4')).entries.map(({ name }: { name: string }) => name)).toEqual(['z-folder', '.hidden', 'a-new-one', 'f0']);
  expect((await server.api(`/api/workspaces/${id}/tree?limit=1001`)).status).toBe(422);
});
