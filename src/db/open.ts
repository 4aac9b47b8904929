// Opens the one database of a data folder: locked against a second server, migrated, and
// left untouched when it is newer than this program or damaged.

import { Database } from 'bun:sqlite';
import { drizzle, type BunSQLiteDatabase } from 'drizzle-orm/bun-sqlite';
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { takeLock } from './lock.ts';
import initial from './migrations/0001_initial.sql' with { type: 'text' };
import snapshots from './migrations/0002_snapshots.sql' with { type: 'text' };
import deletedSessions from './migrations/0003_deleted_sessions.sql' with { type: 'text' };
import holderOffset from './migrations/0004_holder_offset.sql' with { type: 'text' };
import packs from './migrations/0005_packs.sql' with { type: 'text' };
import past from './migrations/0006_past.sql' with { type: 'text' };
import checkpoints from './migrations/0007_checkpoints.sql' with { type: 'text' };
import reviewComments from './migrations/0008_review_comments.sql' with { type: 'text' };
import { Reserve } from './reserve.ts';
import * as schema from './schema.ts';
import { type Relief, Space } from './space.ts';
import { isFull, lacksRoom } from './sqlite-error.ts';

/** In order; a database's user_version is the number of those that it has. */
const MIGRATIONS: readonly string[] = [initial, snapshots, deletedSessions, holderOffset, packs, past, checkpoints, reviewComments];

/** The user_version that this program makes. */
export const DATABASE_VERSION = MIGRATIONS.length;

/** "DPCH" in the file's header: tells our database from any other SQLite file. */
export const APPLICATION_ID = 0x44504348;

/** Up to here the whole file is checked at start; a larger one only where a start depends on it. */
const FULL_CHECK_BYTES_MAX = 64 * 1024 * 1024;

/** A file from before it gave pages back is written anew up to here, in memory; a larger one just keeps its size. */
const REWRITE_BYTES_MAX = 64 * 1024 * 1024;

/** auto_vacuum: free pages can be given back a few at a time. */
const INCREMENTAL = 2;

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

/** With it, what a full disk needs. */
export type Db = BunSQLiteDatabase<typeof schema> & { readonly space: Relief };

export interface OpenDatabase {
  /** Drizzle over the connection. */
  db: Db;
  /** The connection itself, for the event log's hot path. */
  sqlite: Database;
  dispose(): void;
}

/**
 * Opens `folder`/dispatch.db, making both where they are missing (0700, 0600).
 * @param report told what goes wrong in the background
 * @throws AppError unavailable: a second server, a newer version, a damaged or foreign file; full
 */
export function openDatabase(
  folder: string,
  report: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): OpenDatabase {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const unlock = takeLock(folder);
  try {
    const reserve = new Reserve(folder);
    reserve.makeSlack();
    const sqlite = openWithin(reserve, join(folder, 'dispatch.db'));
    const space = new Space(sqlite, reserve, report);
    try {
      space.relieve(() => migrate(sqlite));
      space.start();
    } catch (error) {
      space.dispose();
      sqlite.close();
      throw lacksRoom(error) ? full() : error;
    }
    return {
      db: Object.assign(drizzle(sqlite, { schema }), { space }),
      sqlite,
      dispose() {
        space.dispose();
        sqlite.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Opening writes, too: the -shm file, and what a killed server left in the WAL. */
function openWithin(reserve: Reserve, file: string): Database {
  try {
    return openChecked(file);
  } catch (error) {
    if (!lacksRoom(error) || !reserve.drop()) throw openingError(error);
  }
  try {
    return openChecked(file);
  } catch (error) {
    throw openingError(error);
  } finally {
    reserve.fill('rest');
  }
}

function openingError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return isFull(error) ? full() : damaged(messageOf(error));
}

function openChecked(file: string): Database {
  const isNew = !existsSync(file) || statSync(file).size === 0;
  if (!isNew) checkOnly(file);
  const sqlite = new Database(file, { create: true });
  try {
    chmodSync(file, 0o600);
    if (isNew) sqlite.run(`PRAGMA auto_vacuum = ${INCREMENTAL}`); // Before the first page is written, or never.
    for (const pragma of PRAGMAS) sqlite.run(pragma);
    if (isNew) sqlite.run(`PRAGMA application_id = ${APPLICATION_ID}`);
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/** A damaged, foreign or newer file must be as it was after we refuse it: one that may write takes over a killed server's WAL as it closes. */
function checkOnly(file: string): void {
  const reader = new Database(file, { readonly: true });
  try {
    check(reader, statSync(file).size);
  } finally {
    reader.close();
  }
}

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

function full(): AppError {
  return new AppError('full', 'the disk of the data folder is full: free some space, then start again');
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
  if (pragmaNumber(sqlite, 'auto_vacuum') !== INCREMENTAL) rewrite(sqlite);
}

/** Once: so that the file can give pages back. Without the room for it the next start tries again. */
function rewrite(sqlite: Database): void {
  if (pragmaNumber(sqlite, 'page_count') * pragmaNumber(sqlite, 'page_size') > REWRITE_BYTES_MAX) return;
  try {
    sqlite.run(`PRAGMA auto_vacuum = ${INCREMENTAL}`);
    sqlite.run('VACUUM');
  } catch (error) {
    if (!lacksRoom(error)) throw error;
  }
}

type NumberPragma = 'user_version' | 'application_id' | 'auto_vacuum' | 'page_count' | 'page_size';

function pragmaNumber(sqlite: Database, name: NumberPragma): number {
  return Number(Object.values(sqlite.query<Record<string, number>, []>(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
