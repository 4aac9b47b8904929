// What a backup takes of the data folder: what was deleted from a workspace lies there with its
// links, which lead anywhere, and under its names, which need be no text.

import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backUp, FILES } from '../../src/db/backup.ts';
import { openDatabase } from '../../src/db/open.ts';
import { Restore } from '../../src/db/restore.ts';
import { temporaryFolder } from '../support/server.ts';

test('a backup follows no link out of the data folder', () => {
  const top = temporaryFolder();
  try {
    const data = join(top, 'data');
    const deleted = join(data, 'trash', 'workspace', 'id', 'thing');
    mkdirSync(deleted, { recursive: true });
    mkdirSync(join(top, 'elsewhere'));
    writeFileSync(join(top, 'elsewhere', 'secret'), 'of somebody else');
    writeFileSync(join(deleted, 'own.txt'), 'deleted');
    symlinkSync(join(top, 'elsewhere'), join(deleted, 'folder'));
    symlinkSync(join(top, 'elsewhere', 'secret'), join(deleted, 'file'));
    symlinkSync('..', join(deleted, 'circle'));
    const live = new Database(join(data, 'dispatch.db'));
    live.run('CREATE TABLE server (name TEXT PRIMARY KEY, value TEXT)');
    live.close();
    const file = join(top, 'backup');
    backUp(data, file, false);
    const backup = new Database(file, { readonly: true });
    const paths = backup.query<{ path: string }, []>(`SELECT DISTINCT path FROM ${FILES}`).all().map(({ path }) => path);
    backup.close();
    expect(paths).toEqual(['trash/workspace/id/thing/own.txt']);
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
});

test('what was deleted under a name that is no text is in a backup, and comes back under it', () => {
  const top = temporaryFolder();
  try {
    const data = join(top, 'data');
    const name = Buffer.from([0x66, 0xff, 0xfe, 0x2e, 0x74]);
    const deleted = Buffer.concat([Buffer.from(`${data}/trash/workspace/id/thing/`), Buffer.from([0xe9])]);
    mkdirSync(deleted, { recursive: true });
    writeFileSync(Buffer.concat([deleted, Buffer.from('/'), name]), 'deleted');
    openDatabase(data).dispose();
    const file = join(top, 'backup');
    backUp(data, file, false);
    rmSync(join(data, 'trash'), { recursive: true });
    Restore.of(file, data).finish();
    expect(readdirSync(deleted, { encoding: 'buffer' })).toEqual([name]);
    expect(readFileSync(Buffer.concat([deleted, Buffer.from('/'), name]), 'utf8')).toBe('deleted');
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
});
