// A data folder in one file: a copy of the database as of one moment, made while a server may
// write on, with the folder's other files in a table of its own. Never half there.

import { Database } from 'bun:sqlite';
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { lacksRoom } from './sqlite-error.ts';

export const DATABASE = 'dispatch.db';
/** What belongs to a running server or to this machine, and what a restore put aside. */
export const NOT_KEPT = /^(dispatch\.db(-wal|-shm|-journal)?|lock|server\.json|reserve|holder-\d+|before-restore-.*|restoring.*)$/;
const PIECE_BYTES = 1024 * 1024;
export const SLASH = Buffer.from('/');
export const FILES = 'backup_files';
/** Of the table `server`, in a backup: when it was made. */
export const MADE = 'backup_made';

/** @returns bytes of the file. @throws AppError not_found, conflict, full, unavailable */
export function backUp(dataFolder: string, to: string, overwrite: boolean): number {
  if (!existsSync(join(dataFolder, DATABASE))) throw new AppError('not_found', 'there is nothing to back up: the data folder has no database');
  if (!overwrite && existsSync(to)) throw exists(to);
  const part = `${to}.part-${process.pid}`;
  try {
    closeSync(openSync(part, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600));
    copyDatabase(dataFolder, part);
    const backup = new Database(part);
    try {
      backup.run(`CREATE TABLE ${FILES} (path TEXT NOT NULL, piece INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (path, piece))`);
      const folder = Buffer.from(`${dataFolder}/`);
      for (const path of filesIn(folder)) keepFile(backup, folder, path);
      fact(backup, MADE, String(Date.now()));
    } finally {
      backup.close();
    }
    const bytes = synced(part);
    put(part, to, overwrite);
    return bytes;
  } catch (error) {
    throw told(error, 'The backup was not made');
  } finally {
    rmSync(part, { force: true });
  }
}

/** Readers of a WAL never wait, and nobody waits for them: the server goes on meanwhile. */
function copyDatabase(dataFolder: string, to: string): void {
  const live = new Database(join(dataFolder, DATABASE), { readwrite: true, create: false });
  try {
    live.run('PRAGMA busy_timeout = 5000');
    live.run('PRAGMA temp_store = MEMORY');
    live.run(`VACUUM INTO '${to.replaceAll("'", "''")}'`);
  } finally {
    live.close();
  }
}

/**
 * By their paths from the data folder down. What was deleted from a workspace lies there with its links: none is
 * followed; and with its names, which need not be text.
 */
function filesIn(folder: Buffer, below: Buffer = Buffer.alloc(0)): Buffer[] {
  return readdirSync(Buffer.concat([folder, below]), { encoding: 'buffer' }).flatMap((name) => {
    if (below.byteLength === 0 && NOT_KEPT.test(name.toString())) return [];
    const path = Buffer.concat([below, name]);
    const stat = lstatSync(Buffer.concat([folder, path]), { throwIfNoEntry: false });
    if (stat?.isFile()) return [path];
    return stat?.isDirectory() ? filesIn(folder, Buffer.concat([path, SLASH])) : [];
  });
}

/** As text where it is some, else as the bytes that it is. */
function columnOf(path: Buffer): string | Uint8Array {
  const text = path.toString();
  return Buffer.from(text).equals(path) ? text : path;
}

/** One that is removed meanwhile belongs to something that is gone. */
function keepFile(backup: Database, folder: Buffer, path: Buffer): void {
  let file: number;
  try {
    file = openSync(Buffer.concat([folder, path]), constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  try {
    const insert = backup.query(`INSERT INTO ${FILES} VALUES (?, ?, ?)`);
    const bytes = new Uint8Array(PIECE_BYTES);
    const name = columnOf(path);
    for (let piece = 0; ; piece += 1) {
      const read = readSync(file, bytes, 0, PIECE_BYTES, null);
      if (read > 0 || piece === 0) insert.run(name, piece, bytes.subarray(0, read));
      if (read === 0) return;
    }
  } finally {
    closeSync(file);
  }
}

const exists = (to: string): AppError => new AppError('conflict', `${to} is there already: choose another name, or give --overwrite`);

export function fact(database: Database, name: string, value: string): void {
  database.run('INSERT INTO server (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value', [name, value]);
}

export const factOf = (database: Database, name: string): string | undefined =>
  database.query<{ value: string }, [string]>('SELECT value FROM server WHERE name = ?').get(name)?.value;

/** On the disk before it counts. @returns its bytes */
export function synced(path: string): number {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return Bun.file(path).size;
}

/** Two that are made at once do not overwrite each other either. */
function put(part: string, to: string, overwrite: boolean): void {
  if (overwrite) return renameSync(part, to);
  try {
    linkSync(part, to);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EEXIST') throw exists(to);
    renameSync(part, to); // A file system without links.
  }
}

export function told(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (lacksRoom(error) || code === 'ENOSPC' || code === 'EDQUOT') return new AppError('full', `${what}: the disk is full.`);
  return new AppError('unavailable', `${what}: ${error instanceof Error ? error.message : String(error)}`);
}
