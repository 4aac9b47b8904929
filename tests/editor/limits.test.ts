// Documents at each of their bounds, and one past it.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { limits } from '../../src/limits.ts';
import { type DocumentServer, startDocumentServer } from '../support/documents.ts';

setDefaultTimeout(30_000);

const MiB = 1024 * 1024;

let server: DocumentServer;
let session: string;

beforeAll(async () => {
  server = await startDocumentServer();
  session = await server.fileSession();
});

afterAll(() => server.stop());

const open = async (path: string, content: string | Uint8Array = ''): Promise<void> => {
  server.file(path, content);
  expect((await server.act(session, 'open', { path })).status).toBe(200);
};
const push = async (path: string, version: number, ...changes: unknown[]) => {
  const { status, body } = await server.act(session, 'changes', { path, version, updates: changes.map((one) => ({ clientID: 'x', changes: one })) });
  return [status, body.error, Object.keys(body.fields ?? {})[0]];
};

test('a push has so many edits', async () => {
  await open('many.txt');
  const edits = Array.from({ length: limits.changesPerPushMax + 1 }, (_, index) => (index === 0 ? [[0, 'a']] : [index, [0, 'a']]));
  expect(await push('many.txt', 0, ...edits)).toEqual([422, 'invalid', 'updates']);
  expect(await push('many.txt', 0, ...edits.slice(0, -1))).toEqual([200, undefined, undefined]);
});

test('a document has so many bytes, as a file counts them', async () => {
  await open('full.txt', Buffer.alloc(limits.documentBytesMax - 3, 'a'));
  const length = limits.documentBytesMax - 3;
  expect(await push('full.txt', 0, [[0, '€€'], length])).toEqual([413, 'too_large', undefined]);
  expect(await push('full.txt', 0, [[0, '€'], length])).toEqual([200, undefined, undefined]);
  expect(await push('full.txt', 1, [[0, 'b'], length + 1])).toEqual([413, 'too_large', undefined]);
  expect((await server.act(session, 'save', { path: 'full.txt' })).body).toMatchObject({ dirty: false, conflict: null });
  // Line ends of two bytes count as two.
  await open('ends.txt', `${'a'.repeat(limits.documentBytesMax - 3)}\r\n`);
  expect(await push('ends.txt', 0, [limits.documentBytesMax - 2, [0, '', '']])).toEqual([413, 'too_large', undefined]);
  expect(await push('ends.txt', 0, [limits.documentBytesMax - 2, [0, 'b']])).toEqual([200, undefined, undefined]);
});

test('a push may be larger than other bodies, and has its own bound', async () => {
  await open('large.txt');
  expect(await push('large.txt', 0, [[0, 'x'.repeat(2 * MiB)]])).toEqual([200, undefined, undefined]);
  expect(await push('large.txt', 1, [[2 * MiB, 'x'.repeat(limits.changesBytesMax)]])).toEqual([413, 'too_large', undefined]);
  const caret = { path: 'large.txt', clientID: 'x'.repeat(2 * MiB), version: 1, ranges: [] };
  expect((await server.act(session, 'carets', caret)).status).toBe(413);
});

test('a device has so many selections, and ids are short', async () => {
  await open('caret.txt');
  const tell = async (ranges: number, clientID = 'x') => (await server.act(session, 'carets', { path: 'caret.txt', clientID, version: 0, ranges: Array(ranges).fill([0, 0]) })).status;
  expect([await tell(limits.caretRangesMax), await tell(limits.caretRangesMax + 1)]).toEqual([204, 422]);
  expect([await tell(1, 'x'.repeat(limits.clientIdLengthMax)), await tell(1, 'x'.repeat(limits.clientIdLengthMax + 1))]).toEqual([204, 422]);
});

test('so many carets are shown in a document', async () => {
  await open('crowd.txt');
  for (let count = 0; count <= limits.caretsPerDocumentMax; count += 1) {
    await server.act(session, 'carets', { path: 'crowd.txt', clientID: `page-${count}`, version: 0, ranges: [[0, 0]] });
  }
  expect((await server.api(`/api/sessions/${session}/changes?path=crowd.txt&version=0`)).body.carets).toHaveLength(limits.caretsPerDocumentMax);
});

test('so many documents are open in a session, and one more once one is closed', async () => {
  const id = await server.fileSession();
  const openIn = async (count: number) => {
    server.file(`many/${count}.txt`, '');
    const { status, body } = await server.act(id, 'open', { path: `many/${count}.txt` });
    return [status, body.conflict?.limit];
  };
  for (let count = 0; count < limits.documentsPerSessionMax; count += 1) expect(await openIn(count)).toEqual([200, undefined]);
  expect(await openIn(limits.documentsPerSessionMax)).toEqual([409, 'documentsPerSessionMax']);
  await server.act(id, 'close', { path: 'many/0.txt' });
  expect(await openIn(limits.documentsPerSessionMax)).toEqual([200, undefined]);
});
