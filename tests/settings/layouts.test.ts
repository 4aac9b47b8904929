// Layouts over a real database: one per workspace and client, the oldest go.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { LayoutRows } from '../../src/db/layouts.ts';
import { openDatabase, type OpenDatabase } from '../../src/db/open.ts';
import { WorkspaceRows } from '../../src/db/workspaces.ts';
import { AppError } from '../../src/errors.ts';
import { Layouts } from '../../src/settings/layouts.ts';
import { temporaryFolder } from '../support/server.ts';

let folder: string;
let database: OpenDatabase;
let rows: WorkspaceRows;
let layouts: Layouts;

beforeEach(() => {
  folder = temporaryFolder();
  database = openDatabase(join(folder, 'data'));
  rows = new WorkspaceRows(database.db);
  for (const id of ['one', 'two']) {
    const rest = { status: 'active', statusReason: null, metadata: {}, created: 1, lastAccessed: 1 } as const;
    rows.insert({ id, name: id, path: `/${id}`, ...rest });
  }
  const get = (id: string) => {
    if (rows.get(id) === undefined) throw new AppError('not_found', 'There is no such workspace.');
  };
  layouts = new Layouts({ rows: new LayoutRows(database.db), workspaces: { get } });
});

afterEach(() => {
  database.dispose();
  rmSync(folder, { recursive: true, force: true });
});

test('a layout is kept per workspace and client, and is empty before', () => {
  expect(layouts.get('one', 'phone')).toEqual({});
  expect(layouts.put('one', 'phone', { split: [1, { a: null }] })).toEqual({ split: [1, { a: null }] });
  layouts.put('one', 'desk', { split: 2 });
  layouts.put('one', 'desk', { split: 3 });
  expect(layouts.get('one', 'phone')).toEqual({ split: [1, { a: null }] });
  expect(layouts.get('one', 'desk')).toEqual({ split: 3 });
  expect(layouts.get('two', 'desk')).toEqual({});
});

test('the 65th client of a workspace takes the place of the one that stored longest ago', () => {
  layouts.put('two', 'other', { kept: true });
  for (let index = 0; index < 64; index += 1) layouts.put('one', `c${index}`, { index });
  layouts.put('one', 'c0', { index: 'again' });
  layouts.put('one', 'c64', { index: 64 });
  expect(layouts.get('one', 'c1')).toEqual({});
  expect(layouts.get('one', 'c0')).toEqual({ index: 'again' });
  expect(layouts.get('one', 'c2')).toEqual({ index: 2 });
  expect(layouts.get('one', 'c64')).toEqual({ index: 64 });
  expect(layouts.get('two', 'other')).toEqual({ kept: true });
});

test('a layout has at most 64 KiB and nests at most 64 deep', () => {
  const bare = JSON.stringify({ a: '' }).length;
  layouts.put('one', 'c', { a: 'x'.repeat(65_536 - bare) });
  expect(() => layouts.put('one', 'c', { a: 'x'.repeat(65_537 - bare) })).toThrow('65536 bytes');
  const deep = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
  layouts.put('one', 'c', deep(64));
  expect(() => layouts.put('one', 'c', deep(65))).toThrow('deep');
  expect(() => layouts.put('one', 'c', deep(100_000))).toThrow('deep');
  expect(layouts.get('one', 'c')).toEqual(deep(64));
});

test('a client has a name of 1 to 64 characters', () => {
  layouts.put('one', 'c'.repeat(64), { ok: true });
  expect(layouts.get('one', '👍'.repeat(64))).toEqual({});
  for (const client of ['', 'c'.repeat(65), 'a\nb', 'a\0', '\ud800']) {
    expect(() => layouts.get('one', client)).toThrow('1 to 64 characters');
    expect(() => layouts.put('one', client, {})).toThrow('1 to 64 characters');
  }
});

test('an unknown workspace has no layouts, and a deleted one takes its own along', () => {
  expect(() => layouts.get('three', 'c')).toThrow('no such workspace');
  expect(() => layouts.put('three', 'c', {})).toThrow('no such workspace');
  layouts.put('one', 'c', { a: 1 });
  rows.delete('one');
  expect(new LayoutRows(database.db).get('one', 'c')).toBeUndefined();
});
