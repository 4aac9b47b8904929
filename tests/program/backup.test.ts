// A backup of a live data folder and its return: what was logged is there, clients notice, and
// what runs is neither lost nor ended by the way.

import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attach } from '../support/client.ts';
import { finished, FROM_SOURCE } from '../support/program.ts';
import { endHolder } from '../support/server.ts';
import { numbered, numbersIn, Survivor } from '../support/survivor.ts';

setDefaultTimeout(60_000);

let survivor: Survivor;
let file: string;
beforeEach(() => {
  survivor = new Survivor();
  file = join(survivor.folder, "it's a backup");
});
afterEach(() => survivor.dispose());

const dispatch = (...args: string[]) => finished(FROM_SOURCE, args, { DISPATCH_DATA: survivor.dataFolder, HOME: survivor.folder });

async function done(...args: string[]): Promise<string> {
  const { exitCode, output } = await dispatch(...args);
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  return output;
}

const lastEvents = async (id: string): Promise<string[]> => (await survivor.events(id)).map(({ type }) => type);

test('a folder that is written to is backed up whole, and comes back on another machine', async () => {
  await survivor.start();
  const kept = await survivor.terminal(['echo', 'kept for ever']);
  await survivor.ended(kept);
  const busy = await survivor.terminal(numbered(10_000_000, 20_000));
  const picture = join(survivor.dataFolder, 'attachments', kept, 'a.png');
  mkdirSync(join(picture, '..'), { recursive: true });
  writeFileSync(picture, Buffer.alloc(3_000_000, 'pixels'));
  await survivor.prints(busy, '000001000');
  expect(await done('backup', file)).toContain('Written: ');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(survivor.folder).filter((name) => name.startsWith("it's a backup"))).toEqual(["it's a backup"]);
  const before = readFileSync(file);
  expect((await dispatch('backup', file)).output).toContain('--overwrite');
  expect(readFileSync(file).equals(before)).toBe(true);
  await done('backup', file, '--overwrite');
  expect((await dispatch('restore', file)).output).toContain('another Dispatch server uses this data folder');

  const elsewhere = new Survivor();
  try {
    const moved = await finished(FROM_SOURCE, ['restore', file], { DISPATCH_DATA: elsewhere.dataFolder, HOME: elsewhere.folder });
    expect(moved).toMatchObject({ exitCode: 0 });
    expect(moved.output).not.toContain('before');
    expect(readFileSync(join(elsewhere.dataFolder, 'attachments', kept, 'a.png')).equals(readFileSync(picture))).toBe(true);
    expect(statSync(join(elsewhere.dataFolder, 'dispatch.db')).mode & 0o777).toBe(0o600);
    await elsewhere.start();
    expect(await elsewhere.output(kept)).toBe('kept for ever\r\n');
    expect(await elsewhere.api(`/api/sessions/${busy}`)).toMatchObject({ status: 'stopped', statusReason: 'a backup was restored that was made while it ran' });
    const text = await elsewhere.output(busy);
    const numbers = numbersIn(text.slice(0, text.lastIndexOf('\r\n') + 2));
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index));
    expect(numbers.length).toBeGreaterThan(1000);
  } finally {
    await elsewhere.dispose();
  }
});

test('what came after the backup is gone for clients too, and what was there is kept aside', async () => {
  await survivor.start();
  const id = await survivor.terminal(['cat']);
  await survivor.type(id, 'before\n');
  await survivor.prints(id, 'before\r\nbefore');
  await done('backup', file);
  await survivor.type(id, 'after\n');
  await survivor.prints(id, 'after\r\nafter');
  const client = await attach(survivor, id);
  const { epoch } = await client.isSynced();
  await survivor.program.end('SIGTERM');
  await endHolder(survivor.dataFolder);
  const aside = /before-restore-\S+?(?=:)/.exec(await done('restore', file))?.[0] ?? '';
  expect(readdirSync(join(survivor.dataFolder, aside))).toContain('dispatch.db');
  expect(readdirSync(survivor.dataFolder).filter((name) => name.startsWith('restoring'))).toEqual([]);
  await survivor.start();
  expect(await survivor.output(id)).not.toContain('after');
  const again = await attach(survivor, id, { after: 1, epoch });
  expect((await again.isSynced()).epoch).toBeGreaterThan(epoch);
  expect(again.snapshots.length).toBeGreaterThan(0);
  expect(await survivor.api(`/api/sessions/${id}/resume`, 'POST')).toMatchObject({ status: 'active' });
  // Told once: it is an ordinary data folder now.
  await survivor.kill();
  await endHolder(survivor.dataFolder);
  await survivor.start();
  expect((await survivor.api(`/api/sessions/${id}`)).statusReason).not.toContain('backup');
});

test('programs that run go on under a restored log, which says what it lacks; one that it does not know stops the restore', async () => {
  await survivor.start();
  const id = await survivor.terminal(['cat']);
  const anew = await survivor.terminal(['cat']);
  await survivor.type(id, 'before\n');
  await survivor.type(anew, 'a much longer line of the first of its programs\n');
  await survivor.prints(id, 'before\r\nbefore');
  await survivor.prints(anew, 'programs\r\na much');
  await done('backup', file);
  await survivor.type(id, 'unknown\n');
  await survivor.prints(id, 'unknown\r\nunknown');
  await survivor.api(`/api/sessions/${anew}/stop`, 'POST');
  await survivor.api(`/api/sessions/${anew}/resume`, 'POST');
  await survivor.type(anew, 'x\n');
  await survivor.prints(anew, 'x\r\nx');
  const later = await survivor.terminal(['cat']);
  await survivor.program.end('SIGTERM');
  const refused = await dispatch('restore', file);
  expect(refused.output).toContain('1 program runs that the backup does not know of');
  expect(refused.exitCode).toBe(1);
  await survivor.start();
  expect((await survivor.api(`/api/sessions/${later}`)).status).toBe('active');
  await survivor.api(`/api/sessions/${later}/stop`, 'POST');
  await survivor.program.end('SIGTERM');
  await done('restore', file);
  await survivor.start();
  for (const each of [id, anew]) {
    expect(await survivor.api(`/api/sessions/${each}`)).toMatchObject({ status: 'active', statusReason: expect.stringContaining('adopted') });
    await survivor.type(each, 'and on\n');
    await survivor.prints(each, 'and on\r\nand on');
    expect(await lastEvents(each)).toContain('gap');
    expect((await survivor.output(each)).split('and on').length).toBe(3);
  }
  expect(await survivor.output(id)).not.toContain('unknown');
});

test('a file that is no backup, or is damaged, changes nothing', async () => {
  await survivor.start();
  const id = await survivor.terminal(['echo', 'there']);
  await survivor.ended(id);
  await done('backup', file);
  await survivor.program.end('SIGTERM');
  const foreign = join(survivor.folder, 'foreign');
  const cut = join(survivor.folder, 'cut');
  const climbing = join(survivor.folder, 'climbing');
  writeFileSync(foreign, 'no database');
  for (const copy of [cut, climbing]) writeFileSync(copy, readFileSync(file));
  truncateSync(cut, statSync(cut).size / 2);
  const database = new Database(climbing);
  database.run("INSERT INTO backup_files VALUES ('../escaped', 0, 'x')");
  database.close();
  for (const bad of [foreign, cut, climbing, join(survivor.dataFolder, 'dispatch.db'), join(survivor.folder, 'missing')]) {
    const { exitCode, output } = await dispatch('restore', bad);
    expect({ exitCode, lines: output.trim().split('\n').length, output }).toMatchObject({ exitCode: 1, lines: 1 });
  }
  expect(existsSync(join(survivor.folder, 'escaped'))).toBe(false);
  expect((await dispatch('restore')).output).toContain('name one file');
  await survivor.start();
  expect(await survivor.output(id)).toBe('there\r\n');
});
