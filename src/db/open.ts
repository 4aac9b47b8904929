// Opens the one database of a data folder: locked against a second server, migrated, and
// left untouched when it is newer than this program or damaged.

import { Database } from 'bun:sqlite';
import { drizzle, type BunSQLiteDatabase } from 'drizzle-orm/bun-sqlite';
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import initial from './migrations/0001_initial.sql' with { type: 'text' };
import snapshots from './migrations/0002_snapshots.sql' with { type: 'text' };
import * as schema from './schema.ts';

/** In order; a database's user_version is the number of those that it has. */
const MIGRATIONS: readonly string[] = [initial, snapshots];

/** "DPCH" in the file's header: tells our database from any other SQLite file. */
const APPLICATION_ID = 0x44504348;

/** Up to here the whole file is checked at start; a larger one only where a start depends on it. */
const FULL_CHECK_BYTES_MAX = 64 * 1024 * 1024;

const PRAGMAS = [
  'PRAGMA busy_timeout = 5000', // a backup or a reader's checkpoint may hold the file for a moment
  'PRAGMA journal_mode = WAL', // readers (workers, backups) never wait for the writer, nor it for them
  'PRAGMA synchronous = NORMAL', // a killed process loses nothing; only power loss may cost the last moments
  'PRAGMA foreign_keys = ON', // off by default in SQLite; cascades depend on it
  'PRAGMA temp_store = MEMORY', // no temporary file with session bytes outside the data folder
  'PRAGMA cache_size = -16000', // 16 MB: history pages of live sessions stay warm
  'PRAGMA wal_autocheckpoint = 2000', // 8 MB: fewer checkpoints under a flood than the default 4 MB
  'PRAGMA journal_size_limit = 67108864', // a WAL that grew under a long reader shrinks again
  'PRAGMA trusted_schema = OFF', // a tampered schema cannot call functions
] as const;

export type Db = BunSQLiteDatabase<typeof schema>;

export interface OpenDatabase {
  /** Drizzle over the connection. */
  db: Db;
  /** The connection itself, for the event log's hot path. */
  sqlite: Database;
  dispose(): void;
}

/**
 * Opens `folder`/dispatch.db, making both where they are missing (0700, 0600).
 * @throws AppError unavailable: a second server, a newer version, a damaged or foreign file
 */
export function openDatabase(folder: string): OpenDatabase {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const lock = takeLock(folder);
  try {
    const file = join(folder, 'dispatch.db');
    const sqlite = openChecked(file);
    migrate(sqlite);
    return {
      db: drizzle(sqlite, { schema }),
      sqlite,
      dispose() {
        sqlite.close();
        lock.close();
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** The kernel drops this lock with the process, however it ends; so no stale lock can exist. */
function takeLock(folder: string): Database {
  const file = join(folder, 'lock.db');
  const lock = new Database(file, { create: true });
  chmodSync(file, 0o600);
  try {
    lock.run('PRAGMA locking_mode = EXCLUSIVE');
    lock.run('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (sqliteCode(error).startsWith('SQLITE_BUSY')) {
      throw new AppError(
        'unavailable',
        'another Dispatch server uses this data folder: stop it first, or give this one its own with DISPATCH_DATA',
      );
    }
    throw new AppError('unavailable', `the data folder cannot be locked (${messageOf(error)})`);
  }
}

function openChecked(file: string): Database {
  const isNew = !existsSync(file) || statSync(file).size === 0;
  const sqlite = new Database(file, { create: true });
  try {
    chmodSync(file, 0o600);
    if (!isNew) check(sqlite, statSync(file).size);
    for (const pragma of PRAGMAS) sqlite.run(pragma);
    if (isNew) sqlite.run(`PRAGMA application_id = ${APPLICATION_ID}`);
    return sqlite;
  } catch (error) {
    sqlite.close();
    if (error instanceof AppError) throw error;
    throw damaged(messageOf(error));
  }
}

/** Reads only: a damaged, foreign or newer file must be as it was after we refuse it. */
function check(sqlite: Database, bytes: number): void {
  const id = pragmaNumber(sqlite, 'application_id');
  const tables = sqlite.query<{ n: number }, []>('SELECT count(*) AS n FROM sqlite_schema').get()?.n ?? 0;
  if (id !== APPLICATION_ID && tables > 0) {
    throw new AppError('unavailable', 'dispatch.db in the data folder is not a database of Dispatch: move it away or choose another DISPATCH_DATA');
  }
  const version = pragmaNumber(sqlite, 'user_version');
  if (version > MIGRATIONS.length) {
    throw new AppError(
      'unavailable',
      `the database is of a newer Dispatch (version ${version}, this one knows ${MIGRATIONS.length}): start the newer program; nothing was changed`,
    );
  }
  const scopes = bytes <= FULL_CHECK_BYTES_MAX ? ['(1)'] : ["('workspaces')", "('sessions')", "('settings')", "('server')"];
  for (const scope of scopes) {
    const row = sqlite.query<{ quick_check: string }, []>(`PRAGMA quick_check${scope}`).get();
    if (row !== null && row.quick_check !== 'ok') throw damaged(row.quick_check);
  }
}

function damaged(detail: string): AppError {
  return new AppError(
    'unavailable',
    `the database is damaged (${detail}); nothing was changed. Restore a backup, or move dispatch.db away to start empty`,
  );
}

function migrate(sqlite: Database): void {
  for (let version = pragmaNumber(sqlite, 'user_version'); version < MIGRATIONS.length; version += 1) {
    sqlite.transaction(() => {
      sqlite.run(MIGRATIONS[version] ?? '');
      sqlite.run(`PRAGMA user_version = ${version + 1}`);
    })();
  }
}

function pragmaNumber(sqlite: Database, name: 'user_version' | 'application_id'): number {
  return Number(Object.values(sqlite.query<Record<string, number>, []>(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);
}

/** SQLite's own name of an error (`SQLITE_FULL`), or '' for any other. */
export function sqliteCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
