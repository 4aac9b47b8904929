// Documents over the API: opened, edited by several, saved over just what was seen, followed on
// the disk, closed, and read at any version.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DocumentServer, EditingDevice, startDocumentServer } from '../support/documents.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(30_000);

let server: DocumentServer;
let session: string;

beforeAll(async () => {
  server = await startDocumentServer();
  session = await server.fileSession();
});

afterAll(() => server.stop());

const ask = (path: string, body?: object) =>
  body === undefined ? server.api(`/api/sessions/${session}/${path}`) : server.act(session, path, body);
const read = (name: string): string => readFileSync(join(server.folder, name), 'utf8');
const documentOf = async (path: string) => (await ask('documents')).body.documents.find((one: any) => one.path === path);
const eventsOf = async (path: string, ...types: string[]) => (await server.events(session, ...types)).map(({ data, channel }) => ({ ...data, channel })).filter((data) => data.path === path);

async function device(path: string, clientID: string): Promise<EditingDevice> {
  const opened = new EditingDevice(ask, path);
  await opened.open(clientID);
  return opened;
}

test('two devices type in one document, and each has the text of the other', async () => {
  server.file('both.txt', 'one\ntwo\n');
  const [desk, phone] = await Promise.all([device('both.txt', 'desk'), device('both.txt', 'phone')]);
  desk.type({ changes: { from: 3, insert: '!' } });
  phone.type({ changes: { from: 7, insert: '?' } });
  expect(await desk.push()).toBe(true);
  expect(await phone.push()).toBe(false);
  expect(await phone.push()).toBe(true);
  await desk.pull();
  expect([desk.text, phone.text]).toEqual(['one!\ntwo?\n', 'one!\ntwo?\n']);
  expect(read('both.txt')).toBe('one\ntwo\n');
  expect(await documentOf('both.txt')).toMatchObject({ version: 2, dirty: true, conflict: null });
  expect((await server.act(session, 'save', { path: 'both.txt' })).body).toMatchObject({ dirty: false, version: 2 });
  expect(read('both.txt')).toBe('one!\ntwo?\n');
  const events = await eventsOf('both.txt', 'open', 'change', 'save');
  expect(events.map(({ channel }) => channel)).toEqual(events.map(() => 'stdin'));
  expect(events.at(0)).toMatchObject({ client: 'api', version: 0, format: { bom: false, lineEnding: 'lf' } });
  expect(events.filter((data) => data.updates !== undefined).map(({ version }) => version)).toEqual([1, 2]);
  expect(events.at(-1)).toMatchObject({ client: 'api', version: 2, bytes: 10, cause: 'asked' });
});

test('a push whose answer was lost is not taken twice', async () => {
  server.file('twice.txt', '');
  const desk = await device('twice.txt', 'desk');
  desk.type({ changes: { from: 0, insert: 'once' } });
  const push = { path: 'twice.txt', version: 0, updates: [{ clientID: 'desk', changes: [[0, 'once']] }] };
  expect((await server.act(session, 'changes', push)).status).toBe(200);
  // The same again: refused, with its own edits, by which the device knows that they were taken.
  expect(await desk.push()).toBe(false);
  expect([desk.text, desk.unsent]).toEqual(['once', 0]);
  expect((await documentOf('twice.txt')).version).toBe(1);
});

test('a clean document follows its file, as an edit of what changed', async () => {
  server.file('followed.txt', 'a\nb\nc\n');
  const desk = await device('followed.txt', 'desk');
  server.file('followed.txt', 'a\nB\nc\nd\n');
  await until('the document to follow', async () => {
    await desk.pull();
    return desk.text === 'a\nB\nc\nd\n';
  });
  expect(await documentOf('followed.txt')).toMatchObject({ dirty: false, conflict: null });
  const [change] = await eventsOf('followed.txt', 'change');
  expect(change).toMatchObject({ channel: 'system', cause: 'disk', updates: [{ clientID: 'server', changes: [2, [1, 'B'], 3, [0, 'd', '']] }] });
});

test('what changed on disk under unsaved edits is a conflict, and nothing is overwritten', async () => {
  server.file('torn.txt', 'base\n');
  const desk = await device('torn.txt', 'desk');
  desk.type({ changes: { from: 0, insert: 'my ' } });
  await desk.push();
  server.file('torn.txt', 'their base\n');
  const { status, body } = await server.act(session, 'save', { path: 'torn.txt' });
  expect([status, body.error, body.conflict.document.conflict.reason]).toEqual([409, 'conflict', 'changed']);
  expect(read('torn.txt')).toBe('their base\n');
  expect(await eventsOf('torn.txt', 'conflict')).toMatchObject([{ channel: 'system', reason: 'changed' }]);
  const theirs = (await ask('documents/theirs?path=torn.txt')).body;
  expect(theirs.text).toBe('their base\n');
  // Of a file that is another again nobody decides unseen.
  server.file('torn.txt', 'their second base\n');
  expect((await server.act(session, 'resolve', { path: 'torn.txt', take: 'mine', hash: theirs.hash })).status).toBe(409);
  expect(read('torn.txt')).toBe('their second base\n');
  const second = (await ask('documents/theirs?path=torn.txt')).body;
  const merged = { path: 'torn.txt', take: 'merge', hash: second.hash, version: 1, text: 'my second base\n' };
  expect((await server.act(session, 'resolve', merged)).body).toMatchObject({ dirty: false, conflict: null, version: 2 });
  expect(read('torn.txt')).toBe('my second base\n');
  await desk.pull();
  expect(desk.text).toBe('my second base\n');
});

test('mine is saved over theirs, theirs becomes the document, where somebody says so', async () => {
  for (const take of ['mine', 'theirs']) {
    server.file('either.txt', 'base\n');
    await until('the document to follow', async () => (await device('either.txt', 'desk')).text === 'base\n');
    const desk = await device('either.txt', 'desk');
    desk.type({ changes: { from: 0, insert: 'my ' } });
    await desk.push();
    server.file('either.txt', 'their base\n');
    const { hash } = (await ask('documents/theirs?path=either.txt')).body;
    expect((await server.act(session, 'resolve', { path: 'either.txt', take, hash })).body).toMatchObject({ dirty: false, conflict: null });
    const text = take === 'mine' ? 'my base\n' : 'their base\n';
    expect(read('either.txt')).toBe(text);
    await desk.pull();
    expect(desk.text).toBe(text);
  }
});

test('a file that goes is told of, and where it went; its document stays and can be saved anew', async () => {
  server.file('here.txt', 'text\n');
  const desk = await device('here.txt', 'desk');
  renameSync(join(server.folder, 'here.txt'), join(server.folder, 'there.txt'));
  const gone = await until('the conflict', async () => {
    const document = await documentOf('here.txt');
    return document.conflict === null ? undefined : document;
  });
  expect(gone.conflict).toEqual({ reason: 'gone', hash: null, detail: 'there.txt' });
  desk.type({ changes: { from: 0, insert: 'more ' } });
  await desk.push();
  const refused = await server.act(session, 'save', { path: 'here.txt' });
  expect([refused.status, refused.body.message]).toEqual([409, 'The file is not there any more: it is there.txt now. Nothing was saved.']);
  expect((await server.act(session, 'resolve', { path: 'here.txt', take: 'mine', hash: null })).body).toMatchObject({ dirty: false, conflict: null });
  expect([read('here.txt'), read('there.txt')]).toEqual(['more text\n', 'text\n']);
  // It came back as it was: then nothing is said any more.
  rmSync(join(server.folder, 'here.txt'));
  await until('the conflict', async () => (await documentOf('here.txt')).conflict?.reason === 'gone');
  writeFileSync(join(server.folder, 'here.txt'), 'more text\n');
  await until('its end', async () => (await documentOf('here.txt')).conflict === null);
});

test('what is no UTF-8, too large, a folder or not there is said, not opened', async () => {
  server.file('picture.png', new Uint8Array([0x89, 0x50, 0, 1, 2]));
  server.file('latin.txt', Buffer.from('caf\xe9', 'latin1'));
  server.file('wide.txt', Buffer.from('\ufeffwide', 'utf16le'));
  server.file('large.txt', Buffer.alloc(10 * 1024 * 1024 + 1, 'a'));
  server.file('most.txt', Buffer.alloc(10 * 1024 * 1024, 'a'));
  server.file('folder/inner.txt', '');
  const open = async (path: string) => (await server.act(session, 'open', { path })).status;
  expect(await Promise.all(['picture.png', 'latin.txt', 'wide.txt', 'large.txt', 'folder', 'none.txt', '../out', '/etc/passwd'].map(open))).toEqual([415, 415, 415, 413, 409, 404, 422, 404]);
  expect(await open('most.txt')).toBe(200);
  expect(await open('folder/inner.txt')).toBe(200);
});

test('a closed document leaves the list, and comes back as its file is', async () => {
  server.file('closed.txt', 'first\n');
  const desk = await device('closed.txt', 'desk');
  desk.type({ changes: { from: 0, insert: 'unsaved ' } });
  await desk.push();
  expect((await server.act(session, 'close', { path: 'closed.txt' })).status).toBe(409);
  expect((await server.act(session, 'close', { path: 'closed.txt', discard: true })).status).toBe(204);
  expect(await documentOf('closed.txt')).toBeUndefined();
  expect((await server.act(session, 'changes', { path: 'closed.txt', version: 1, updates: [{ clientID: 'x', changes: [14] }] })).status).toBe(404);
  server.file('closed.txt', 'second\n');
  const again = await device('closed.txt', 'again');
  expect(again.text).toBe('second\n');
  expect(await documentOf('closed.txt')).toMatchObject({ dirty: false, conflict: null });
});

test('a document is read at any version, and as it was after any event', async () => {
  server.file('past.txt', '');
  const desk = await device('past.txt', 'desk');
  for (const letter of 'abcdef') {
    desk.type({ changes: { from: desk.state.doc.length, insert: letter } });
    await desk.push();
  }
  const textAt = async (query: string) => (await ask(`documents/text?path=past.txt&${query}`)).body;
  expect((await textAt('')).text).toBe('abcdef');
  for (const version of [0, 1, 3, 6]) expect(await textAt(`version=${version}`)).toMatchObject({ version, text: 'abcdef'.slice(0, version) });
  expect((await textAt('version=7')).error).toBe('not_found');
  const changes = (await server.events(session, 'change')).filter(({ data }) => data.path === 'past.txt');
  expect(await textAt(`sequence=${changes[3].sequence}`)).toMatchObject({ version: 4, sequence: changes[3].sequence, text: 'abcd' });
  expect((await textAt('sequence=1')).error).toBe('not_found');
});

test('edits that are none are refused whole, with the field that is wrong', async () => {
  server.file('strict.txt', 'text');
  await device('strict.txt', 'desk');
  const push = async (changes: unknown, more: object = {}) => {
    const { status, body } = await server.act(session, 'changes', { path: 'strict.txt', version: 0, updates: [{ clientID: 'x', changes: [4] }, { clientID: 'x', changes }], ...more });
    return [status, Object.keys(body.fields ?? {})];
  };
  const wrong = [422, ['updates.1.changes']];
  for (const changes of [[5], [-4, 8], [2.5, 1.5], [[4, '\ud800']], [[4, 'a\nb']], ['x'], [{}]]) expect(await push(changes)).toEqual(wrong);
  expect(await push([4], { version: 9 })).toEqual([409, []]);
  expect((await documentOf('strict.txt')).version).toBe(0);
});

test('carets are told to others, and forgotten', async () => {
  server.file('caret.txt', 'text');
  const desk = await device('caret.txt', 'desk');
  const caret = { path: 'caret.txt', clientID: 'phone', version: 0, name: 'Phone', ranges: [[1, 3]] };
  expect((await server.act(session, 'carets', caret)).status).toBe(204);
  expect((await desk.pull()).carets).toEqual([{ clientID: 'phone', client: 'api', name: 'Phone', version: 0, ranges: [[1, 3]] }]);
  expect((await server.api(`/api/sessions/${session}`)).body.clients).toMatchObject([{ name: 'Phone' }]);
  await server.act(session, 'carets', { ...caret, ranges: [] });
  expect((await desk.pull()).carets).toEqual([]);
});

test('names and texts that would script the page come out as texts', async () => {
  const name = `"><img src=x onerror=alert(1)>'&lt;\u202e.txt`;
  server.file(name, '</pre><script>alert(1)</script>\n');
  expect((await server.act(session, 'open', { path: name })).status).toBe(200);
  const page = await fetch(`${server.url}/sessions/${session}?path=${encodeURIComponent(name)}`, { headers: { authorization: `Bearer ${server.key}` } });
  const found = { pictures: 0, inline: 0, path: '', text: '' };
  const html = await new HTMLRewriter()
    .on('img', { element: () => void (found.pictures += 1) })
    .on('script', { text: ({ text }) => void (found.inline += text.length) })
    .on('.standing-path', { text: ({ text }) => void (found.path += text) })
    .on('pre', { text: ({ text }) => void (found.text += text) })
    .transform(page)
    .text();
  expect(page.status).toBe(200);
  expect([found.pictures, found.inline]).toEqual([0, 0]);
  expect(found.path).toBe('&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&#x27;&amp;lt;\ufffd.txt');
  expect(found.text).toBe('\n&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;\n');
  expect(html).toContain('data-path="&#34;>');
});
