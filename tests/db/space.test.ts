// What was deleted goes back to the file system, bit by bit, also after a crash; and on a
// full disk the reserve lets the owner delete, sign in and change a setting.

import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DeviceRows } from '../../src/db/devices.ts';
import { sessions as sessionTable } from '../../src/db/schema.ts';
import { SettingRows } from '../../src/db/settings.ts';
import { WorkspaceRows } from '../../src/db/workspaces.ts';
import { limits } from '../../src/limits.ts';
import type { NewEvent } from '../../src/sessions/event.ts';
import { ended, openSessions, type SessionParts } from '../support/sessions.ts';
import { smallDisk, type SmallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';

const MiB = 1024 * 1024;
let parts: SessionParts;
let disk: SmallDisk | undefined;
beforeEach(() => {
  parts = openSessions();
});
afterEach(async () => {
  try {
    await parts.stop();
  } finally {
    disk?.remove();
    disk = undefined;
  }
});

/** On a small disk, in place of the usual folder. */
async function onSmallDisk(): Promise<SmallDisk> {
  await parts.stop();
  disk = smallDisk();
  parts = openSessions(join(disk.folder, 'top'));
  return disk;
}

/** With nothing left in the WAL that could be written anew. */
function fillUp(on: SmallDisk): void {
  parts.database.sqlite.run('PRAGMA wal_checkpoint(TRUNCATE)');
  on.fill(parts.database.sqlite);
}

function endedWith(name: string, bytes: number): string {
  const row = { runId: name, workspaceId: parts.workspace.id, kind: 'terminal', name, status: 'stopped' } as const;
  parts.database.db.insert(sessionTable).values({ ...row, createdAt: 0, lastActiveAt: 0, metaJson: {} }).run();
  const part: NewEvent = { channel: 'stdout', type: 'output', data: Buffer.alloc(limits.outputEventBytesMax, 0x61) };
  for (let written = 0; written < bytes; written += limits.outputEventBytesMax) parts.events.append(name, [part]);
  return name;
}

const space = () => parts.database.db.space;
const fileBytes = (name: string): number =>
  statSync(join(parts.dataFolder, name), { throwIfNoEntry: false })?.size ?? 0;
const databaseBytes = (): number => fileBytes('dispatch.db') + fileBytes('dispatch.db-wal');
function count(table: string): number {
  return parts.database.sqlite.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0;
}

function healthy(): void {
  expect(parts.database.sqlite.query('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
}

test('fifty megabytes that were printed and deleted are back on the disk within seconds', async () => {
  const { id } = await parts.sh('head -c 50000000 /dev/zero | tr "\\0" x');
  await ended(parts, id);
  expect(databaseBytes()).toBeGreaterThan(50_000_000);
  await parts.sessions.delete(id);
  await until('the files to shrink', () => databaseBytes() < 5_000_000, 5_000);
  healthy();
});

test('a deleted session is gone at once, its history afterwards, and others get their turn meanwhile', async () => {
  endedWith('large', 20 * MiB);
  endedWith('other', MiB);
  parts.rows.delete('large');
  expect(parts.rows.get('large')).toBeUndefined();
  expect(() => parts.sessions.read('large', { after: 0, upTo: 9, limit: 9 })).toThrow('no such session');
  expect(count('session_events')).toBe(21 * 16);
  let turns = 0;
  const turn = setInterval(() => (turns += 1));
  await space().idle();
  clearInterval(turn);
  expect(turns).toBeGreaterThan(0);
  expect(count('session_events')).toBe(16);
  expect(count('deleted_sessions')).toBe(0);
  healthy();
});

test('a server that ends before the history is gone goes on with it at the next start', async () => {
  endedWith('large', 20 * MiB);
  parts.rows.delete('large');
  await parts.stop(true);
  parts = openSessions(join(parts.dataFolder, '..'));
  expect(count('session_events')).toBeGreaterThan(0);
  await space().idle();
  expect(count('session_events')).toBe(0);
  expect(databaseBytes()).toBeLessThan(5 * MiB);
});

test('what retention removes goes back to the disk too', async () => {
  endedWith('old', 10 * MiB);
  while (parts.pruning.pruneEnded('old', Date.now() + 1, 50) > 0);
  await space().idle();
  expect(parts.rows.get('old')).toMatchObject({ firstSequence: 161, head: 160 });
  expect(databaseBytes()).toBeLessThan(5 * MiB);
});

test('a reader that looks on is not disturbed, and the files shrink once it has left', async () => {
  endedWith('large', 10 * MiB);
  const reader = new Database(join(parts.dataFolder, 'dispatch.db'), { readonly: true });
  reader.run('BEGIN');
  const seen = (): unknown => reader.query('SELECT count(*) AS n FROM session_events').get();
  expect(seen()).toEqual({ n: 160 });
  parts.rows.delete('large');
  await space().idle();
  expect(count('session_events')).toBe(0);
  expect(seen()).toEqual({ n: 160 });
  expect(databaseBytes()).toBeGreaterThan(10 * MiB);
  reader.run('ROLLBACK');
  reader.close();
  space().reclaim();
  await space().idle();
  expect(databaseBytes()).toBeLessThan(5 * MiB);
});

test('on a full disk the owner deletes, signs in and changes a setting, and has the room back', async () => {
  const small = await onSmallDisk();
  endedWith('large', 6 * MiB);
  fillUp(small);
  const devices = new DeviceRows(parts.database.db);
  for (let each = 0; each < 5; each += 1) {
    devices.insert({ id: `d${each}`, tokenHash: `t${each}`, name: 'a browser', created: 0, lastSeen: 0 });
    fillUp(small);
  }
  new SettingRows(parts.database.db).put('terminal', { fontSize: 20 });
  devices.seen('d0', 1);
  if (small.real) expect(fileBytes('reserve')).toBeGreaterThan(limits.diskReserveLeastBytes);
  fillUp(small);
  await parts.sessions.delete('large');
  await space().idle();
  expect(count('session_events')).toBe(0);
  expect(databaseBytes()).toBeLessThan(2 * MiB);
  if (small.real) expect(fileBytes('reserve')).toBeGreaterThan(6 * MiB);
  healthy();
});

test('a workspace with its sessions goes on a full disk, too', async () => {
  const small = await onSmallDisk();
  for (const name of ['one', 'two', 'three']) endedWith(name, 2 * MiB);
  fillUp(small);
  expect(new WorkspaceRows(parts.database.db).delete(parts.workspace.id).toSorted()).toEqual(['one', 'three', 'two']);
  await space().idle();
  expect(count('session_events')).toBe(0);
  expect(databaseBytes()).toBeLessThan(2 * MiB);
});

test('the reserve comes back by itself when there is room again, and not before', async () => {
  const { fill, free, real } = await onSmallDisk();
  truncateSync(join(parts.dataFolder, 'reserve'), 0);
  fill(parts.database.sqlite);
  if (real) expect(() => space().ensure()).toThrow('disk is full');
  free(parts.database.sqlite);
  space().ensure();
  expect(fileBytes('reserve')).toBe(limits.diskReserveBytes);
});
