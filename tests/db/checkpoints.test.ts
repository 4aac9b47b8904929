// Kept texts of documents: so many bytes of each, however many versions it has, and always
// the first and the latest.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Checkpoints } from '../../src/db/checkpoints.ts';
import { type OpenDatabase, openDatabase } from '../../src/db/open.ts';
import { Packs } from '../../src/db/packs.ts';
import { Pruning } from '../../src/db/pruning.ts';
import { sessions, workspaces } from '../../src/db/schema.ts';
import { limits } from '../../src/limits.ts';
import { temporaryFolder } from '../support/server.ts';

const RUN = 'run';
let folder: string;
let database: OpenDatabase;
let checkpoints: Checkpoints;
beforeEach(() => {
  folder = temporaryFolder();
  database = openDatabase(folder);
  checkpoints = new Checkpoints(database.db);
  database.db.insert(workspaces).values({ id: 'workspace', name: 'w', path: '/w', status: 'active', metadata: {}, created: 0, lastAccessed: 0 }).run();
  database.db.insert(sessions).values({ runId: RUN, workspaceId: 'workspace', kind: 'fileEditor', name: 'f', status: 'active', createdAt: 0, lastActiveAt: 0, metaJson: {} }).run();
});
afterEach(() => {
  database.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const save = (version: number, text: string): void => checkpoints.save(RUN, { path: 'a', version, through: version + 1, text, facts: {} }, []);
const versions = (): number[] => database.sqlite.query<{ version: number }, []>('SELECT version FROM document_checkpoints ORDER BY version').all().map(({ version }) => version);
const bytes = (): number => database.sqlite.query<{ n: number }, []>('SELECT sum(length(text)) AS n FROM document_checkpoints').get()?.n ?? 0;

test('a small document keeps more and more apart texts of its past, and none of them goes for want of room', () => {
  for (let version = 0; version < 100; version += 1) save(version, `text ${version}`);
  expect(versions()).toEqual([0, 16, 32, 40, 48, 56, 64, 68, 72, 76, 80, 84, 86, 88, 90, 92, 93, 94, 95, 96, 97, 98, 99]);
});

test('a large document with many versions keeps its first text, its latest, and in between what fits', () => {
  const bytesMax = limits.documentTextsBytesMax / 100;
  checkpoints = new Checkpoints(database.db, bytesMax);
  const text = randomBytes(limits.documentBytesMax / 200).toString('hex'); // Compresses to about half.
  let most = 0;
  for (let version = 0; version < 24; version += 1) {
    save(version, text);
    most = Math.max(most, bytes());
  }
  expect(most).toBeLessThanOrEqual(bytesMax);
  expect(most).toBeGreaterThan(bytesMax / 2);
  const kept = versions();
  expect([kept[0], kept.at(-1)]).toEqual([0, 23]);
  expect(kept.length).toBeGreaterThan(4);
  expect(checkpoints.upTo(RUN, 'a', { version: 22 })?.text).toBe(text);
});

test('kept texts count as history of their session', () => {
  const size = (): number => new Pruning(database.db, new Packs(database.db)).sizeOf(RUN)?.bytes ?? 0;
  const before = size();
  save(0, randomBytes(50_000).toString('hex'));
  expect(size() - before).toBe(bytes());
});
