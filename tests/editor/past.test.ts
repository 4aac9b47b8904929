// The past of documents: their texts are kept often enough that a log which loses its oldest
// part loses no text, and what is gone is said to be gone.

import { expect, setDefaultTimeout, test } from 'bun:test';
import { Events } from '../../src/db/events.ts';
import { openDatabase } from '../../src/db/open.ts';
import { Packing } from '../../src/db/packing.ts';
import { Packs } from '../../src/db/packs.ts';
import { Pruning } from '../../src/db/pruning.ts';
import { difference } from '../../src/editor/difference.ts';
import { textOf, writtenOf } from '../../src/editor/format.ts';
import { textAt } from '../../src/editor/replay.ts';
import { Dice, seedOf } from '../support/dice.ts';
import { startDocumentServer } from '../support/documents.ts';

setDefaultTimeout(60_000);

const EDITS = 11_000;
const FOREVER = 8_640_000_000_000_000;

test('unsaved text outlives the part of the log that is dropped, of documents that rested for long too', async () => {
  const first = await startDocumentServer();
  const folders = { root: first.root, dataFolder: first.dataFolder };
  first.file('rested.txt', 'rested\n');
  first.file('busy.txt', '');
  const id = await first.fileSession();
  for (const path of ['rested.txt', 'busy.txt']) await first.act(id, 'open', { path });
  const editor = first.parts.editors.kind.editor(id);
  if (editor === undefined) throw new Error('No editor');
  editor.push('rested.txt', { version: 0, updates: [{ clientID: 'x', changes: [[0, 'unsaved '], 7] }] }, 'test');
  for (let version = 0; version < EDITS; version += 1) {
    editor.push('busy.txt', { version, updates: [{ clientID: 'x', changes: version === 0 ? [[0, 'a']] : [version, [0, 'a']] }] }, 'test');
  }
  await first.stop(true);

  const database = openDatabase(first.dataFolder);
  const packs = new Packs(database.db);
  const packing = new Packing(database, packs);
  const pruning = new Pruning(database.db, packs);
  while (await packing.pack(id));
  let dropped = 0;
  while (pruning.dropOldest(id) > 0) dropped += 1;
  expect(dropped).toBeGreaterThan(0);
  const events = new Events(database, packs);
  expect(events.read(id, { after: 0, upTo: 1, limit: 10, bytesMax: 1e6 }).events).toEqual([]);
  database.dispose();

  const second = await startDocumentServer({ folders });
  const textNow = async (path: string, query = '') => (await second.api(`/api/sessions/${id}/documents/text?path=${path}${query}`)).body;
  expect((await second.act(id, 'open', { path: 'rested.txt' })).body).toMatchObject({ text: 'unsaved rested\n', document: { version: 1, dirty: true } });
  expect((await textNow('busy.txt')).text).toBe('a'.repeat(EDITS));
  expect((await textNow('busy.txt', `&version=${EDITS - 1}`)).text).toBe('a'.repeat(EDITS - 1));
  expect((await textNow('busy.txt', '&version=1')).error).toBe('gone');
  expect((await second.api(`/api/sessions/${id}/changes?path=busy.txt&version=1`)).body.error).toBe('gone');
  // And of an ended session nothing is pruned that a text needs.
  await second.act(id, 'stop', {});
  await second.stop(true);
  const again = openDatabase(first.dataFolder);
  const kept = new Pruning(again.db, new Packs(again.db));
  while (kept.pruneEnded(id, FOREVER, 1000) > 0);
  again.dispose();
  const third = await startDocumentServer({ folders });
  expect((await third.act(id, 'resume', {})).status).toBe(200);
  expect((await third.act(id, 'open', { path: 'busy.txt' })).body.text).toBe('a'.repeat(EDITS));
  expect((await third.act(id, 'open', { path: 'rested.txt' })).body.text).toBe('unsaved rested\n');
  await third.stop();
  await first.stop();
});

test('a difference leads from one text to the other, and cuts no character in half', () => {
  const dice = new Dice(seedOf('DIFFERENCE_SEED'));
  const text = () => textOf(Array.from({ length: dice.below(12) }, () => dice.pick(['a', 'b', '\n', '😀', '😁', 'a\n', '\n\n', '\r'])).join(''));
  for (let round = 0; round < 3000; round += 1) {
    const [from, to] = [text(), text()];
    const changes = difference(from, to);
    expect(writtenOf(changes.apply(from))).toBe(writtenOf(to));
    changes.iterChanges((start, end, _at, _until, inserted) => {
      expect(from.sliceString(start, end).isWellFormed() && inserted.toString().isWellFormed()).toBe(true);
    });
  }
});

test('a replay takes the events of one document, up to a version or an event, and stops where some are missing', () => {
  const change = (sequence: number, path: string, version: number, ...changes: unknown[]) => ({
    id: `${sequence}`,
    runId: 'run',
    sequence,
    timestamp: 0,
    channel: 'stdin' as const,
    type: 'change',
    data: { path, version, updates: changes.map((data) => ({ clientID: 'x', changes: data })) as never },
  });
  const start = { path: 'a', version: 0, sequence: 1, text: textOf('') };
  const events = [change(2, 'a', 1, [[0, 'x']]), change(3, 'b', 1, [[0, '?']]), change(4, 'a', 3, [1, [0, 'y']], [2, [0, 'z']]), change(6, 'a', 5, [4, [0, '!']])];
  const at = (until: { version: number } | { sequence: number }) => {
    const { text, version, sequence } = textAt(start, events, until);
    return [writtenOf(text), version, sequence];
  };
  expect(at({ version: 0 })).toEqual(['', 0, 1]);
  expect(at({ version: 2 })).toEqual(['xy', 2, 4]);
  expect(at({ sequence: 3 })).toEqual(['x', 1, 2]);
  expect(at({ sequence: 9 })).toEqual(['xyz', 3, 4]);
  expect(at({ version: 5 })).toEqual(['xyz', 3, 4]);
});
