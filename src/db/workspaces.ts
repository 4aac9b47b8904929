// The workspaces' rows. A path belongs to one workspace: the unique index decides, also
// between two writers.

import { and, count, desc, eq, gt, inArray, lte, ne, or, type SQL } from 'drizzle-orm';
import type { RowFilter, WorkspaceChange, WorkspaceRow, WorkspaceStore } from '../workspaces/store.ts';
import type { SessionCounts, WorkspaceStatus } from '../workspaces/workspace.ts';
import type { Db } from './open.ts';
import { sessions, workspaces } from './schema.ts';
import { lacksRoom, sqliteCode } from './sqlite-error.ts';

const LATEST_FIRST = [desc(workspaces.lastAccessed), desc(workspaces.id)];

export class WorkspaceRows implements WorkspaceStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  insert(row: WorkspaceRow): boolean {
    return unlessTaken(() => this.#db.insert(workspaces).values(row).run());
  }

  get(id: string): WorkspaceRow | undefined {
    return this.#db.select().from(workspaces).where(eq(workspaces.id, id)).get();
  }

  byPath(path: string): WorkspaceRow | undefined {
    return this.#db.select().from(workspaces).where(eq(workspaces.path, path)).get();
  }

  list({ statuses, q, limit, offset }: RowFilter): { rows: WorkspaceRow[]; total: number } {
    const where = inArray(workspaces.status, [...statuses]);
    if (q !== undefined && q !== '') return this.#search(where, q, limit, offset);
    const ordered = this.#db.select().from(workspaces).where(where).orderBy(...LATEST_FIRST);
    const rows = ordered.limit(limit).offset(offset).all();
    const total = this.#db.select({ n: count() }).from(workspaces).where(where).get()?.n ?? 0;
    return { rows, total };
  }

  open(): WorkspaceRow[] {
    return this.#db.select().from(workspaces).where(ne(workspaces.status, 'archived')).all();
  }

  update(id: string, change: WorkspaceChange): boolean {
    if (Object.keys(change).length === 0) return true;
    return unlessTaken(() => this.#db.update(workspaces).set(change).where(eq(workspaces.id, id)).run());
  }

  setStatus(id: string, status: WorkspaceStatus, reason: string | null): boolean {
    try {
      this.#db.update(workspaces).set({ status, statusReason: reason }).where(eq(workspaces.id, id)).run();
      return true;
    } catch (error) {
      if (!lacksRoom(error)) throw error;
      return false;
    }
  }

  touch(id: string, at: number, intervalMs: number): void {
    // A time in the future is of a clock that was set back: it must not hold for ever.
    const due = or(lte(workspaces.lastAccessed, at - intervalMs), gt(workspaces.lastAccessed, at));
    try {
      this.#db.update(workspaces).set({ lastAccessed: at }).where(and(eq(workspaces.id, id), due)).run();
    } catch (error) {
      if (!lacksRoom(error)) throw error; // A page must open on a full disk, without a new time in a list.
    }
  }

  ensureDelete(): void {
    this.#db.space.ensure();
  }

  delete(id: string): string[] {
    const gone = this.#db.space.relieve(() =>
      this.#db.transaction((tx) => {
        const its = tx.select({ id: sessions.runId }).from(sessions).where(eq(sessions.workspaceId, id)).all();
        tx.delete(workspaces).where(eq(workspaces.id, id)).run();
        return its;
      }),
    );
    this.#db.space.reclaim();
    return gone.map((session) => session.id);
  }

  counts(ids: readonly string[]): Map<string, SessionCounts> {
    const counts = new Map<string, SessionCounts>();
    if (ids.length === 0) return counts;
    const rows = this.#db
      .select({ id: sessions.workspaceId, status: sessions.status, n: count() })
      .from(sessions)
      .where(inArray(sessions.workspaceId, [...ids]))
      .groupBy(sessions.workspaceId, sessions.status)
      .all();
    for (const { id, status, n } of rows) {
      const of = counts.get(id) ?? { total: 0, starting: 0, active: 0, stopped: 0, error: 0 };
      of[status] = n;
      of.total += n;
      counts.set(id, of);
    }
    return counts;
  }

  /** Here and not by LIKE, which folds the case of ASCII only and knows no Unicode forms. */
  #search(where: SQL, q: string, limit: number, offset: number): { rows: WorkspaceRow[]; total: number } {
    const wanted = folded(q);
    const { id, name, path } = workspaces;
    const found = this.#db
      .select({ id, name, path })
      .from(workspaces)
      .where(where)
      .orderBy(...LATEST_FIRST)
      .all()
      .filter((row) => folded(row.name).includes(wanted) || folded(row.path).includes(wanted));
    const ids = found.slice(offset, offset + limit).map((row) => row.id);
    const rows = this.#db.select().from(workspaces).where(inArray(id, ids)).orderBy(...LATEST_FIRST).all();
    return { rows, total: found.length };
  }
}

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

/** @returns false where the unique index on the path refused */
function unlessTaken(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (sqliteCode(error) === 'SQLITE_CONSTRAINT_UNIQUE') return false;
    throw error;
  }
}
