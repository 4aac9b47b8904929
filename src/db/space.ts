// Room on the disk. What the owner needs to get out of a full disk (deleting, signing in,
// settings) may use the reserve; what was deleted goes back to the file system, piece by
// piece, so that nobody waits for it, and after a crash from where it was.

import type { Database } from 'bun:sqlite';
import { getTableName } from 'drizzle-orm';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Reserve } from './reserve.ts';
import { deletedSessions, sessionEvents, sessionKeyframes, sessionMarks, sessionPacks } from './schema.ts';
import { isBusy, lacksRoom } from './sqlite-error.ts';

const DELETED = getTableName(deletedSessions);
const REMOVE_EVENTS = [removeFirst(getTableName(sessionEvents), sessionEvents.sequence.name), limits.reclaimEvents] as const;
const REMOVE_PACKS = [removeFirst(getTableName(sessionPacks), sessionPacks.lastSequence.name), limits.reclaimPacks] as const;
const REMOVE_KEYFRAMES = [removeFirst(getTableName(sessionKeyframes), sessionKeyframes.sequence.name), limits.reclaimEvents] as const;
const REMOVE_MARKS = [removeFirst(getTableName(sessionMarks), sessionMarks.sequence.name), limits.reclaimMarks] as const;

/** What those who write need of it. */
export type Relief = Pick<Space, 'relieve' | 'ensure' | 'reclaim' | 'idle'>;

/** For a connection that only reads. */
export const NO_RELIEF: Relief = { relieve: (write) => write(), ensure() {}, reclaim() {}, async idle() {} };

export class Space {
  readonly #sqlite: Database;
  readonly #reserve: Reserve;
  readonly #report: (line: string) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #working: Promise<void> | undefined;
  /** Something was deleted that may not be given back yet. */
  #due = false;
  /** Pages given up since the file was last cut. */
  #cut = 0;
  #disposed = false;

  constructor(sqlite: Database, reserve: Reserve, report: (line: string) => void) {
    this.#sqlite = sqlite;
    this.#reserve = reserve;
    this.#report = report;
  }

  /** To be called once, after the migrations. */
  start(): void {
    this.#reserve.fill('all');
    this.#watch();
    this.reclaim();
  }

  /** Does a write, where the disk is full with the reserve. @throws what `write` throws */
  relieve<Result>(write: () => Result): Result {
    try {
      return write();
    } catch (error) {
      if (!lacksRoom(error) || this.#sqlite.inTransaction || !this.#reserve.drop()) throw error;
    }
    try {
      return write();
    } finally {
      // At once, before anybody else writes: what was written moves into pages that there are.
      this.#truncateWal();
      this.#reserve.fill('rest');
      this.#watch();
    }
  }

  /** For what must not stop half-way: `relieve` will have room. @throws AppError full */
  ensure(): void {
    if (this.#reserve.bytes >= limits.diskReserveLeastBytes) return;
    this.#reserve.fill('rest');
    if (this.#reserve.bytes >= limits.diskReserveLeastBytes) return;
    throw new AppError('full', 'The disk is full: nothing was changed. Free some space and try again.');
  }

  /** Begins to give back what was deleted. */
  reclaim(): void {
    this.#due = true;
    if (this.#disposed) return;
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  /** Resolves once nothing more can be given back now. */
  async idle(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  dispose(): void {
    this.#disposed = true;
    clearInterval(this.#timer);
  }

  async #work(): Promise<void> {
    let blocked = false;
    try {
      await turn();
      while (this.#due && !this.#disposed && !blocked) {
        this.#due = false;
        while (!this.#disposed && this.#slice()) await turn();
        blocked = !this.#disposed && !this.#truncateWal(); // By a reader, or the disk: the timer comes back.
      }
    } catch (error) {
      blocked = lacksRoom(error) || isBusy(error);
      // What would not go better in a moment is left to the next start.
      if (!blocked) this.#report(`deleted history is not given back: ${String(error)}`);
    }
    this.#due = blocked;
    if (this.#disposed) return;
    this.#reserve.fill('rest');
    this.#watch();
  }

  /** @returns whether there may be more to do */
  #slice(): boolean {
    const until = performance.now() + limits.reclaimSliceMs;
    do {
      if (!this.#withRoom(() => this.#removeSome() || this.#vacuumSome())) return false;
    } while (performance.now() < until);
    return true;
  }

  /** Like `relieve`, but the reserve comes back at the end: a slice is one of many. */
  #withRoom(step: () => boolean): boolean {
    try {
      return step();
    } catch (error) {
      if (!lacksRoom(error)) throw error;
    }
    this.#reserve.drop();
    this.#truncateWal(); // Gives back what the slices before have freed.
    return step();
  }

  /** A few packs, or events, of a session whose row is gone. */
  #removeSome(): boolean {
    const { runId } = deletedSessions;
    const next = this.#sqlite.query<{ id: string }, []>(`SELECT ${runId.name} AS id FROM ${DELETED} LIMIT 1`).get();
    if (next === null) return false;
    const removed = ([remove, most]: readonly [string, number]): boolean =>
      this.#sqlite.query<unknown, [string, number]>(remove).run(next.id, most).changes > 0;
    if (![REMOVE_PACKS, REMOVE_EVENTS, REMOVE_KEYFRAMES, REMOVE_MARKS].some(removed)) {
      this.#sqlite.query(`DELETE FROM ${DELETED} WHERE ${runId.name} = ?`).run(next.id);
    }
    return true;
  }

  /** A few free pages; some are kept, for they will be needed again. */
  #vacuumSome(): boolean {
    const free = pragma(this.#sqlite, 'freelist_count');
    if (free <= limits.freePagesKept) return false;
    // A row comes for each page, and the next page is freed only when its row is asked for.
    this.#sqlite.query(`PRAGMA incremental_vacuum(${limits.reclaimPages})`).all();
    const given = free - pragma(this.#sqlite, 'freelist_count');
    this.#cut += given;
    if (this.#cut >= limits.cutPages) this.#truncateWal();
    return given > 0; // A file from before has no such way.
  }

  /** Moves all into the database file and cuts both. @returns false where a reader or the disk is in the way */
  #truncateWal(): boolean {
    const patience = pragma(this.#sqlite, 'busy_timeout');
    this.#sqlite.run('PRAGMA busy_timeout = 0'); // Waiting for a reader would stop everyone.
    this.#cut = 0;
    try {
      return this.#sqlite.query<{ busy: number }, []>('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 0;
    } catch (error) {
      if (!lacksRoom(error) && !isBusy(error)) throw error;
      return false;
    } finally {
      this.#sqlite.run(`PRAGMA busy_timeout = ${patience}`);
    }
  }

  /** Looks again from time to time while anything is missing. */
  #watch(): void {
    clearInterval(this.#timer);
    if (this.#disposed || (this.#reserve.whole && !this.#due)) return;
    this.#timer = setInterval(() => {
      this.#reserve.fill('all');
      if (this.#due) this.reclaim();
      else this.#watch();
    }, limits.diskRetryMs);
    this.#timer.unref();
  }
}

/** Others get their turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Takes the run and how many at most. */
function removeFirst(table: string, order: string): string {
  const run = deletedSessions.runId.name;
  const first = `SELECT ${order} FROM ${table} WHERE ${run} = ?1 ORDER BY ${order} LIMIT ?2`;
  return `DELETE FROM ${table} WHERE ${run} = ?1 AND ${order} IN (${first})`;
}

function pragma(sqlite: Database, name: 'freelist_count' | 'busy_timeout'): number {
  return Number(Object.values(sqlite.query<Record<string, number>, []>(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);
}
