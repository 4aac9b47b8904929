// The index: a database of its own beside the log, which holds nothing that the log does not.
// Lost, damaged, or made by another version, it is made anew; until it is whole it says so.
// Each block of lines is a row with its text, and a row of the same number in the full text index.

import { Database } from 'bun:sqlite';
import { chmodSync, closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../json.ts';
import { type BlockFacts, DamagedBlock, encodeBlock } from './block.ts';
import type { Line } from './text-reader.ts';
import { indexWords, lettersOf } from './index-words.ts';
import { packPieces } from './pieces.ts';
import { Vocabulary, VOCABULARY_TABLE } from './vocabulary.ts';

/** Of the tables, of how text is read and of how words are made: another one is another index. */
const VERSION = 4;
/** "DPSI" in the file's header. */
const APPLICATION_ID = 0x44505349;
const FILE = 'search.db';

const PRAGMAS = [
  'PRAGMA busy_timeout = 5000',
  'PRAGMA journal_mode = WAL', // who searches reads while this is written
  'PRAGMA synchronous = NORMAL', // what a power loss takes is read from the log again
  'PRAGMA cache_size = -16000',
  'PRAGMA journal_size_limit = 4194304',
] as const;

const TABLES = `
CREATE TABLE facts (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
CREATE TABLE sources (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  cursor INTEGER NOT NULL,
  first INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  state BLOB NOT NULL
);
CREATE TABLE blocks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source INTEGER NOT NULL,
  is_open INTEGER NOT NULL,
  in_texts INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  oldest INTEGER NOT NULL,
  newest INTEGER NOT NULL,
  channels INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  pieces BLOB,
  packed BLOB NOT NULL
);
CREATE INDEX blocks_source ON blocks (source, is_open);
CREATE INDEX blocks_not_in_texts ON blocks (in_texts) WHERE in_texts = 0;
CREATE VIRTUAL TABLE texts USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii');
${VOCABULARY_TABLE}`;

export interface Source {
  id: number;
  runId: string;
  /** Last event that was read. */
  cursor: number;
  /** Of the session, when it was last looked at: what is before is gone. */
  first: number;
  /** All of it is in the full text index. */
  rests: boolean;
}

export interface SourceState {
  /** Lines of the open block that stay as they are; the others show now. */
  settled: number;
  state: JsonObject;
}

export interface Commit {
  source: number;
  cursor: number;
  /** Each becomes a block. */
  closed: readonly Line[][];
  /** The block that is still open: what follows comes behind it. */
  open: readonly Line[];
  settled: number;
  state: JsonObject;
  /** Nothing is expected to follow soon: the open block is put into the full text index. */
  rests: boolean;
}

type BlockValues = [number, number, number, number, number, number, number, number, number, Uint8Array | null, Uint8Array];

/** Opens it, or makes it anew. @param epoch of the log: another one may have other events under the same numbers */
export function openIndex(folder: string, epoch: number): IndexFile {
  try {
    const file = new IndexFile(open(folder));
    if (file.epoch === epoch) return file;
    file.dispose();
  } catch (error) {
    if (!isUnusable(error)) throw error;
  }
  removeIndex(folder);
  const sqlite = open(folder);
  sqlite.query('INSERT INTO facts (name, value) VALUES (?, ?)').run('epoch', String(epoch));
  return new IndexFile(sqlite);
}

/** For whoever searches; none where it has no tables yet, or is just being made and only its maker may finish that. */
export function openIndexForReading(folder: string): Database | undefined {
  const sqlite = new Database(join(folder, FILE), { readonly: true });
  try {
    for (const pragma of ['PRAGMA busy_timeout = 5000', 'PRAGMA query_only = ON', 'PRAGMA cache_size = -16000']) sqlite.run(pragma);
    if (sqlite.query("SELECT 1 FROM sqlite_schema WHERE name = 'facts'").get() !== null) return sqlite;
    sqlite.close();
    return undefined;
  } catch (error) {
    sqlite.close();
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_READONLY')) return undefined;
    throw error;
  }
}

export const indexPath = (folder: string): string => join(folder, FILE);
export const indexExists = (folder: string): boolean => existsSync(indexPath(folder));

export function removeIndex(folder: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(join(folder, FILE + ending), { force: true });
}

/** No error of the disk, which passes, but of the file: only another one helps. */
export function isUnusable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return /^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(code) || error instanceof OtherVersion || error instanceof DamagedBlock;
}

class OtherVersion extends Error {}

function open(folder: string): Database {
  const path = join(folder, FILE);
  // Made by us before SQLite does: nobody else may read it, at any moment.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const sqlite = new Database(path, { readwrite: true });
  try {
    const number = (name: string): number => Number(Object.values(sqlite.query<Record<string, number>, []>(`PRAGMA ${name}`).get() ?? {})[0]);
    const isNew = number('page_count') === 0;
    if (isNew) sqlite.run('PRAGMA auto_vacuum = INCREMENTAL');
    for (const pragma of PRAGMAS) sqlite.run(pragma);
    if (isNew) {
      sqlite.transaction(() => {
        sqlite.run(TABLES);
        sqlite.run(`PRAGMA application_id = ${APPLICATION_ID}`);
        sqlite.run(`PRAGMA user_version = ${VERSION}`);
      })();
    } else if (number('application_id') !== APPLICATION_ID || number('user_version') !== VERSION) {
      throw new OtherVersion('The index is of another version');
    }
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

export class IndexFile {
  readonly #sqlite: Database;
  readonly #insertBlock;
  readonly #insertWords;
  readonly #deleteWords;
  readonly #openBlocks;
  readonly #deleteBlock;
  readonly #setSource;
  readonly #vocabulary: Vocabulary;

  constructor(sqlite: Database) {
    this.#sqlite = sqlite;
    this.#vocabulary = new Vocabulary(sqlite);
    this.#insertBlock = sqlite.query<{ id: number }, BlockValues>(
      'INSERT INTO blocks (source, is_open, in_texts, first, last, oldest, newest, channels, bytes, pieces, packed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id',
    );
    this.#insertWords = sqlite.query<unknown, [number, string]>('INSERT INTO texts (rowid, words) VALUES (?, ?)');
    this.#deleteWords = sqlite.query<unknown, [number]>('DELETE FROM texts WHERE rowid = ?');
    this.#openBlocks = sqlite.query<{ id: number; in_texts: number; packed: Uint8Array }, [number]>(
      'SELECT id, in_texts, packed FROM blocks WHERE source = ? AND is_open = 1 ORDER BY id',
    );
    this.#deleteBlock = sqlite.query<unknown, [number]>('DELETE FROM blocks WHERE id = ?');
    this.#setSource = sqlite.query<unknown, [number, number, Uint8Array, number]>(
      'UPDATE sources SET cursor = ?, settled = ?, state = ? WHERE id = ?',
    );
  }

  get epoch(): number {
    return Number(this.#sqlite.query<{ value: string }, []>("SELECT value FROM facts WHERE name = 'epoch'").get()?.value ?? Number.NaN);
  }

  sources(): Source[] {
    const open = 'EXISTS (SELECT 1 FROM blocks WHERE source = sources.id AND is_open = 1 AND in_texts = 0) AS open';
    return this.#sqlite
      .query<Omit<Source, 'rests'> & { open: number }, []>(`SELECT id, run_id AS runId, cursor, first, ${open} FROM sources`)
      .all()
      .map(({ open: isOpen, ...source }) => ({ ...source, rests: isOpen === 0 }));
  }

  addSource({ runId, workspaceId, kind, first }: { runId: string; workspaceId: string; kind: string; first: number }): Source {
    const cursor = first - 1;
    const row = this.#sqlite
      .query<{ id: number }, [string, string, string, number, number, Uint8Array]>(
        'INSERT INTO sources (run_id, workspace_id, kind, cursor, first, settled, state) VALUES (?, ?, ?, ?, ?, 0, ?) RETURNING id',
      )
      .get(runId, workspaceId, kind, cursor, first, packJson({}));
    return { id: row?.id ?? 0, runId, cursor, first, rests: true };
  }

  /** What a reader of the source goes on from, and the lines that stay of its open block. */
  stateOf(source: number): SourceState & { packed: Uint8Array | undefined } {
    const row = this.#sqlite
      .query<{ settled: number; state: Uint8Array }, [number]>('SELECT settled, state FROM sources WHERE id = ?')
      .get(source);
    const state = row === null ? {} : (JSON.parse(Bun.zstdDecompressSync(row.state).toString('utf8')) as JsonObject);
    return { settled: row?.settled ?? 0, state, packed: this.#openBlocks.get(source)?.packed };
  }

  /** All of it, or nothing: the cursor stands where the blocks end. */
  commit({ source, cursor, closed, open, settled, state, rests }: Commit): void {
    this.#transaction(() => {
      for (const { id, in_texts: inTexts } of this.#openBlocks.all(source)) this.#remove(id, inTexts === 1);
      for (const lines of closed) this.#add(source, lines, false, true);
      if (open.length > 0) this.#add(source, open, true, rests);
      this.#setSource.run(cursor, settled, packJson(state), source);
    });
  }

  deleteSource(source: number): void {
    this.#transaction(() => {
      for (const { id, in_texts: inTexts } of this.#blocksOf(source)) this.#remove(id, inTexts === 1);
      this.#sqlite.query('DELETE FROM sources WHERE id = ?').run(source);
    });
  }

  /**
   * Lines before `first` go.
   * @param cut gives what is left of a block that has such lines and others
   */
  prune(source: number, first: number, cut: (packed: Uint8Array) => Line[]): void {
    this.#transaction(() => {
      for (const block of this.#blocksOf(source)) {
        if (block.first >= first || block.is_open === 1) continue;
        const left = block.last < first ? [] : cut(this.#packed(block.id));
        this.#remove(block.id, block.in_texts === 1);
        if (left.length > 0) this.#add(source, left, false, block.in_texts === 1);
      }
      this.#sqlite.query('UPDATE sources SET first = ? WHERE id = ?').run(first, source);
    });
  }

  /** Joins parts of the full text index, and gives free room back: a little at a time. @returns whether something was done */
  tidy(): boolean {
    const changes = (): number => this.#sqlite.query<{ n: number }, []>('SELECT total_changes() AS n').get()?.n ?? 0;
    const before = changes();
    this.#sqlite.run("INSERT INTO texts (texts, rank) VALUES ('merge', 200)");
    this.#sqlite.run('PRAGMA incremental_vacuum(200)');
    return changes() - before >= 2;
  }

  dispose(): void {
    this.#sqlite.close();
  }

  #add(source: number, lines: readonly Line[], isOpen: boolean, inTexts: boolean): void {
    const { packed, facts, folded, foldedBytes } = encodeBlock(lines, isOpen && !inTexts);
    const { first, last, oldest, newest, channels, bytes }: BlockFacts = facts;
    const words = inTexts ? lettersOf(foldedBytes) : [];
    const listed = inTexts ? this.#vocabulary.list(words) : [];
    const isAll = listed.length === words.length;
    const pieces = inTexts ? packPieces(foldedBytes, !isAll) : null;
    const row = this.#insertBlock.get(source, isOpen ? 1 : 0, inTexts ? 1 : 0, first, last, oldest, newest, channels, bytes, pieces, packed);
    if (inTexts && row !== null) this.#insertWords.run(row.id, indexWords(folded, listed, isAll));
  }

  #remove(id: number, inTexts: boolean): void {
    this.#deleteBlock.run(id);
    if (inTexts) this.#deleteWords.run(id);
  }

  #blocksOf(source: number) {
    return this.#sqlite
      .query<{ id: number; is_open: number; in_texts: number; first: number; last: number }, [number]>(
        'SELECT id, is_open, in_texts, first, last FROM blocks WHERE source = ? ORDER BY id',
      )
      .all(source);
  }

  #packed(id: number): Uint8Array {
    return this.#sqlite.query<{ packed: Uint8Array }, [number]>('SELECT packed FROM blocks WHERE id = ?').get(id)?.packed ?? new Uint8Array();
  }

  #transaction(work: () => void): void {
    try {
      this.#sqlite.transaction(work).immediate();
    } catch (error) {
      this.#vocabulary.forget();
      throw error;
    }
  }
}

const packJson = (value: JsonObject): Uint8Array => Bun.zstdCompressSync(Buffer.from(JSON.stringify(value)), { level: 1 });
