// Saving: what a file is beside its text stays as it was, what cannot be saved leaves the file
// whole and the text where it is, and nothing outside the workspace is ever written.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf, contentOf } from '../../src/editor/format.ts';
import { Dice, seedOf } from '../support/dice.ts';
import { type DocumentServer, startDocumentServer } from '../support/documents.ts';
import { startTestServer } from '../support/server.ts';
import { type SmallDisk, smallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(30_000);

let server: DocumentServer;
let session: string;

beforeAll(async () => {
  server = await startDocumentServer();
  session = await server.fileSession();
});

afterAll(() => server.stop());

/** Opens it and types before its first character. */
async function typeInto(path: string, text = '!'): Promise<void> {
  const { status, body } = await server.act(session, 'open', { path });
  expect([path, status]).toEqual([path, 200]);
  const { version, characters } = body.document;
  const updates = [{ clientID: 'x', changes: characters === 0 ? [[0, text]] : [[0, text], characters] }];
  expect((await server.act(session, 'changes', { path: body.document.path, version, updates })).status).toBe(200);
}

const save = (path: string) => server.act(session, 'save', { path });

test('line ends, byte order mark and a missing last line end stay as they are', async () => {
  const files: Record<string, string> = {
    'lf.txt': 'a\nb\n',
    'none.txt': 'a\nb',
    'crlf.txt': 'a\r\nb\r\n',
    'bom.txt': '\ufeffa\r\nb',
    'mixed.txt': 'a\r\nb\nc\rd\r\n',
    'empty.txt': '',
    'wide.txt': 'ä€😀\u2028\r\n',
  };
  for (const [name, text] of Object.entries(files)) {
    server.file(name, text);
    await typeInto(name);
    expect((await save(name)).body).toMatchObject({ dirty: false });
    const bom = text.startsWith('\ufeff') ? '\ufeff' : '';
    expect([name, readFileSync(join(server.folder, name)).toString('utf8')]).toEqual([name, `${bom}!${text.slice(bom.length)}`]);
  }
});

test('bytes become a text and the same bytes again, whatever they are, or are no text', () => {
  const dice = new Dice(seedOf('FORMAT_SEED'));
  for (let round = 0; round < 2000; round += 1) {
    const parts = Array.from({ length: dice.below(10) }, () => dice.pick(['a', '\r', '\n', '\r\n', '€', '😀', '\ufeff', '\u0085', '\t', '\u2028']));
    const bytes = Buffer.from(parts.join(''));
    const content = contentOf(bytes);
    if (content.is !== 'text') throw new Error(`No text: ${JSON.stringify(parts)}`);
    expect(Buffer.from(bytesOf(content.text, content.format)).equals(bytes)).toBe(true);
  }
  expect(contentOf(Buffer.from([0x61, 0, 0x62])).is).toBe('binary');
  expect(contentOf(Buffer.from('caf\xe9', 'latin1'))).toMatchObject({ is: 'encoded', encoding: 'Windows-1252', text: 'café' });
});

test('mode and owner stay, and a link stays a link', async () => {
  const file = server.file('script.sh', '#!/bin/sh\n');
  if (process.getuid?.() === 0) chownSync(file, 1234, 2345);
  chmodSync(file, 0o4751);
  symlinkSync('script.sh', join(server.folder, 'link.sh'));
  await typeInto('link.sh');
  // One file is one document, whatever leads to it.
  expect((await save('script.sh')).body).toMatchObject({ path: 'script.sh', dirty: false });
  expect(readFileSync(file, 'utf8')).toBe('!#!/bin/sh\n');
  expect(statSync(file).mode & 0o7777).toBe(0o4751);
  if (process.getuid?.() === 0) expect([statSync(file).uid, statSync(file).gid]).toEqual([1234, 2345]);
  expect(readlinkSync(join(server.folder, 'link.sh'))).toBe('script.sh');
});

test('a file that became a link out of the workspace is not written through it', async () => {
  const outside = join(server.root, 'outside.txt');
  writeFileSync(outside, 'theirs\n');
  const file = server.file('swapped.txt', 'mine\n');
  await typeInto('swapped.txt');
  rmSync(file);
  symlinkSync(outside, file);
  const { status, body } = await save('swapped.txt');
  expect(status).toBe(409);
  expect(body.conflict.document).toMatchObject({ dirty: true, conflict: { reason: 'unreadable', detail: 'A link in this path leads out of the workspace.' } });
  expect((await server.act(session, 'resolve', { path: 'swapped.txt', take: 'mine', hash: null })).status).toBe(403);
  expect(readFileSync(outside, 'utf8')).toBe('theirs\n');
  // A folder above it, too.
  server.file('above/inner.txt', 'mine\n');
  mkdirSync(join(server.root, 'elsewhere'));
  writeFileSync(join(server.root, 'elsewhere', 'inner.txt'), 'theirs\n');
  await typeInto('above/inner.txt');
  renameSync(join(server.folder, 'above'), join(server.folder, 'moved'));
  symlinkSync(join(server.root, 'elsewhere'), join(server.folder, 'above'));
  expect((await save('above/inner.txt')).status).toBe(409);
  expect(readFileSync(join(server.root, 'elsewhere', 'inner.txt'), 'utf8')).toBe('theirs\n');
  expect(lstatSync(join(server.folder, 'above')).isSymbolicLink()).toBe(true);
});

test('names of any kind are opened and saved', async () => {
  for (const name of ['a\nb.txt', `'"<script>.txt`, '\u202etxt.exe', 'ü'.repeat(127), ' lead and trail ', '%41.txt', '-rf']) {
    server.file(name, 'text\n');
    await typeInto(name);
    expect([name, (await save(name)).status]).toEqual([name, 200]);
    expect(readFileSync(join(server.folder, name), 'utf8')).toBe('!text\n');
  }
});

test('a disk that fills up in the middle of a save leaves the file whole, and the text unsaved', async () => {
  const disk: SmallDisk = smallDisk();
  const other = await startTestServer({ config: { roots: [disk.folder] } });
  try {
    if (!disk.real) return;
    const post = async (path: string, body: object) => (await other.api(path, { method: 'POST', body })).body;
    const { id: workspaceId, path: folder } = await post('/api/workspaces', { path: join(disk.folder, 'work'), create: true });
    writeFileSync(join(folder, 'large.txt'), 'old\n');
    const { id } = await post('/api/sessions', { workspaceId, kind: 'fileEditor', meta: { path: 'large.txt' } });
    const text = 'new line of the text\n'.repeat(20_000);
    await post(`/api/sessions/${id}/changes`, { path: 'large.txt', version: 0, updates: [{ clientID: 'x', changes: [[4, ...text.split('\n')]] }] });
    disk.fill();
    expect((await post(`/api/sessions/${id}/save`, { path: 'large.txt' })).error).toBe('full');
    expect(readFileSync(join(folder, 'large.txt'), 'utf8')).toBe('old\n');
    expect(readdirSync(folder)).toEqual(['large.txt']);
    disk.free();
    expect(await post(`/api/sessions/${id}/save`, { path: 'large.txt' })).toMatchObject({ dirty: false });
    expect(readFileSync(join(folder, 'large.txt'), 'utf8')).toBe(text);
  } finally {
    await other.stop();
    disk.remove();
  }
});

test('autosave saves a moment after the last edit, and never over what another program wrote', async () => {
  const { id } = await server.workspace('autosaved', { settings: { workspaces: { autosave: true } } });
  const { body: created } = await server.api('/api/sessions', { method: 'POST', body: { workspaceId: id, kind: 'fileEditor' } });
  const file = join(server.root, 'autosaved', 'auto.txt');
  writeFileSync(file, 'a\n');
  await server.act(created.id, 'open', { path: 'auto.txt' });
  await server.act(created.id, 'changes', { path: 'auto.txt', version: 0, updates: [{ clientID: 'x', changes: [[0, 'typed '], 2] }] });
  await until('the save', () => readFileSync(file, 'utf8') === 'typed a\n');
  const [saved] = await until('its event', async () => {
    const events = await server.events(created.id, 'save');
    return events.length > 0 ? events : undefined;
  });
  expect(saved.data).toMatchObject({ client: 'autosave', cause: 'autosave' });
  await server.act(created.id, 'changes', { path: 'auto.txt', version: 1, updates: [{ clientID: 'x', changes: [[0, 'more '], 8] }] });
  writeFileSync(file, 'theirs\n');
  await until('the conflict', async () => (await server.events(created.id, 'conflict')).length > 0);
  expect(readFileSync(file, 'utf8')).toBe('theirs\n');
});
