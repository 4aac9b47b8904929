// A data folder in one file: a copy of the database as of one moment, made while a server may
// write on, with the folder's other files in a table of its own. Never half there.

import { Database } from 'bun:sqlite';
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
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
      for (const path of filesIn(dataFolder)) keepFile(backup, dataFolder, path);
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

/** By their paths from the data folder down. What was deleted from a workspace lies there with its links: none is followed. */
function filesIn(dataFolder: string, below = ''): string[] {
  const entries = readdirSync(join(dataFolder, below), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = join(below, entry.name);
    if (below === '' && NOT_KEPT.test(entry.name)) return [];
    if (entry.isFile()) return [path];
    return entry.isDirectory() ? filesIn(dataFolder, path) : [];
  });
}

/** One that is removed meanwhile belongs to something that is gone. */
function keepFile(backup: Database, folder: string, path: string): void {
  let file: number;
  try {
    file = openSync(join(folder, path), constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  try {
    const insert = backup.query(`INSERT INTO ${FILES} VALUES (?, ?, ?)`);
    const bytes = new Uint8Array(PIECE_BYTES);
    for (let piece = 0; ; piece += 1) {
      const read = readSync(file, bytes, 0, PIECE_BYTES, null);
      if (read > 0 || piece === 0) insert.run(path, piece, bytes.subarray(0, read));
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
