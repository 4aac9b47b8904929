// Opening the index beside the thread that makes it.

import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openIndexForReading } from '../../src/search/index-file.ts';
import { temporaryFolder } from '../support/server.ts';

const folder = temporaryFolder();
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a reader that comes while the index is being made finds none yet, and fails at nothing', () => {
  mkdirSync(join(folder, 'seen'));
  const made = join(folder, 'search.db');
  const sqlite = new Database(made);
  for (const pragma of ['journal_mode = DELETE', 'synchronous = FULL', 'cache_size = 1']) sqlite.run(`PRAGMA ${pragma}`);
  sqlite.run('CREATE TABLE begun (text)');
  sqlite.run('BEGIN');
  for (let row = 0; row < 2000; row += 1) sqlite.run('INSERT INTO begun VALUES (?)', ['x'.repeat(500)]);
  for (const ending of ['', '-journal']) copyFileSync(made + ending, join(folder, 'seen', `search.db${ending}`));
  sqlite.run('ROLLBACK');
  sqlite.close();
  expect(() => new Database(join(folder, 'seen/search.db'), { readonly: true }).query('SELECT * FROM begun').get()).toThrow('readonly');
  expect(openIndexForReading(join(folder, 'seen'))).toBeUndefined();
});
