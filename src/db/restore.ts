// A backup in the place of a data folder's content, which is put aside. All of it or nothing: what
// fails leaves everything as it was.

import { Database } from 'bun:sqlite';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { DATABASE, fact, factOf, FILES, MADE, NOT_KEPT, SLASH, synced, told } from './backup.ts';
import { RESTORED } from './facts.ts';
import { APPLICATION_ID, DATABASE_VERSION } from './open.ts';

/** In the data folder; a restore that was killed leaves it, and the next one removes it. */
const STAGE = 'restoring';

/** A session as the backup has it. */
export interface BackedUpSession {
  runId: string;
  live: boolean;
}

/** A backup that is ready to take the place of what is there. To be made under the folder's lock. */
export class Restore {
  readonly #folder: string;
  readonly #stage: string;
  readonly #database: Database;
  /** ms; when the backup was made. */
  readonly made: number;

  private constructor(folder: string, stage: string) {
    this.#folder = folder;
    this.#stage = stage;
    this.#database = new Database(join(stage, DATABASE), { readwrite: true });
    this.made = Number(factOf(this.#database, MADE));
  }

  /** @throws AppError not_found, invalid, unavailable, full */
  static of(file: string, dataFolder: string): Restore {
    const stage = join(dataFolder, STAGE);
    rmSync(stage, { recursive: true, force: true });
    let restore: Restore | undefined;
    try {
      check(file);
      mkdirSync(stage, { mode: 0o700 });
      copyFileSync(file, join(stage, DATABASE));
      chmodSync(join(stage, DATABASE), 0o600);
      restore = new Restore(dataFolder, stage);
      unpack(restore.#database, stage);
      return restore;
    } catch (error) {
      restore?.dispose();
      rmSync(stage, { recursive: true, force: true });
      throw told(error, 'Nothing was restored');
    }
  }

  get sessions(): BackedUpSession[] {
    const rows = this.#database.query<{ run_id: string; status: string }, []>('SELECT run_id, status FROM sessions').all();
    return rows.map(({ run_id, status }) => ({ runId: run_id, live: status === 'active' || status === 'starting' }));
  }

  /** Its program was started anew since: nothing of what it prints is in this log. */
  unlogged(runId: string): void {
    this.#database.run('UPDATE sessions SET holder_offset = 0 WHERE run_id = ?', [runId]);
  }

  /** @returns name of the folder, in the data folder, where what was there lies now; undefined where nothing was */
  finish(): string | undefined {
    try {
      // Above all that a client can have: what it saw after the backup is gone.
      const epoch = Math.max(Math.floor(Date.now() / 1000), this.#epochNow() + 1, Number(factOf(this.#database, 'epoch') ?? 0) + 1);
      fact(this.#database, 'epoch', String(epoch));
      fact(this.#database, RESTORED, String(this.made));
      this.#database.run(`DELETE FROM server WHERE name = '${MADE}'`);
      this.#database.run(`DROP TABLE ${FILES}`);
      this.#database.close();
      synced(join(this.#stage, DATABASE));
      return this.#exchange();
    } catch (error) {
      throw told(error, 'Nothing was restored');
    } finally {
      this.dispose();
    }
  }

  dispose(): void {
    this.#database.close();
    rmSync(this.#stage, { recursive: true, force: true });
  }

  /** Whatever fails brings back what was moved. */
  #exchange(): string | undefined {
    const there = readdirSync(this.#folder).filter((name) => /^dispatch\.db/.test(name) || !NOT_KEPT.test(name));
    const aside = `before-restore-${new Date().toISOString().replace(/[:.]/g, '-')}`;
    if (there.length > 0) mkdirSync(join(this.#folder, aside), { mode: 0o700 });
    const moves = [...there.map((name) => [name, join(aside, name)]), ...readdirSync(this.#stage).map((name) => [join(STAGE, name), name])];
    const done: [string, string][] = [];
    try {
      for (const [from = '', to = ''] of moves) {
        renameSync(join(this.#folder, from), join(this.#folder, to));
        done.push([from, to]);
      }
    } catch (error) {
      for (const [from, to] of done.reverse()) renameSync(join(this.#folder, to), join(this.#folder, from));
      throw error;
    }
    return there.length > 0 ? aside : undefined;
  }

  /** 0 where it cannot be read: the clock then says enough. */
  #epochNow(): number {
    const file = join(this.#folder, DATABASE);
    if (!existsSync(file)) return 0;
    try {
      const now = new Database(file, { readonly: true });
      try {
        return Number(factOf(now, 'epoch') ?? 0);
      } finally {
        now.close();
      }
    } catch {
      return 0;
    }
  }
}

function unpack(database: Database, stage: string): void {
  const rows = database.query<{ path: string | Uint8Array; piece: number; data: Uint8Array }, []>(`SELECT path, piece, data FROM ${FILES} ORDER BY path, piece`);
  for (const { path, piece, data } of rows.iterate()) {
    const bytes = typeof path === 'string' ? Buffer.from(path) : Buffer.from(path); // A name that is no text comes as its bytes.
    const parts = bytes.toString('latin1').split('/');
    // Somebody may have given us the file: nothing of it lies outside of the folder, or over what is not a backup's.
    if (NOT_KEPT.test(parts[0] ?? '') || parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) throw foreign();
    const to = Buffer.concat([Buffer.from(`${stage}/`), bytes]);
    if (piece === 0) mkdirSync(to.subarray(0, to.lastIndexOf(SLASH)), { recursive: true, mode: 0o700 });
    const file = openSync(to, piece === 0 ? 'wx' : 'a', 0o600);
    try {
      for (let at = 0; at < data.byteLength; ) at += writeSync(file, data, at);
    } finally {
      closeSync(file);
    }
  }
}

function check(file: string): void {
  if (!existsSync(file)) throw new AppError('not_found', `${file}: there is no such file`);
  let database: Database | undefined;
  try {
    database = new Database(file, { readonly: true });
    const number = (pragma: string): number => Number(Object.values(database?.query<Record<string, number>, []>(`PRAGMA ${pragma}`).get() ?? {})[0] ?? 0);
    if (number('application_id') !== APPLICATION_ID || factOf(database, MADE) === undefined) throw foreign();
    if (number('user_version') > DATABASE_VERSION) throw new AppError('invalid', 'the backup is of a newer Dispatch: restore it with that one');
    const { quick_check: found } = database.query<{ quick_check: string }, []>('PRAGMA quick_check(1)').get() ?? { quick_check: 'ok' };
    if (found !== 'ok') throw new AppError('invalid', `the backup is damaged (${found})`);
  } catch (error) {
    throw error instanceof AppError ? error : foreign();
  } finally {
    database?.close();
  }
}

const foreign = (): AppError => new AppError('invalid', 'the file is no backup that `dispatch backup` made, or it is damaged');
