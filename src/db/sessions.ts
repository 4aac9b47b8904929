// The sessions' rows. Status changes go through the event log (./events.ts), so that a
// status and the event that tells of it are one commit.

import { and, count, desc, eq, inArray } from 'drizzle-orm';
import type { SessionRow } from '../sessions/session.ts';
import type { SessionFilter, SessionStore } from '../sessions/store.ts';
import type { Db } from './open.ts';
import { sessions } from './schema.ts';

export class SessionRows implements SessionStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  insert(row: Omit<SessionRow, 'holderOffset'>): void {
    this.#db.insert(sessions).values(row).run();
  }

  get(runId: string): SessionRow | undefined {
    return this.#db.select().from(sessions).where(eq(sessions.runId, runId)).get();
  }

  list(filter: SessionFilter): { rows: SessionRow[]; total: number } {
    const where = and(
      filter.workspaceId === undefined ? undefined : eq(sessions.workspaceId, filter.workspaceId),
      filter.kind === undefined ? undefined : eq(sessions.kind, filter.kind),
      filter.status === undefined ? undefined : eq(sessions.status, filter.status),
    );
    const rows = this.#db
      .select()
      .from(sessions)
      .where(where)
      .orderBy(desc(sessions.lastActiveAt), desc(sessions.runId))
      .limit(filter.limit)
      .offset(filter.offset)
      .all();
    const total = this.#db.select({ n: count() }).from(sessions).where(where).get()?.n ?? 0;
    return { rows, total };
  }

  rename(runId: string, name: string): void {
    this.#db.update(sessions).set({ name }).where(eq(sessions.runId, runId)).run();
  }

  touch(runId: string, at: number): void {
    this.#db.update(sessions).set({ lastActiveAt: at }).where(eq(sessions.runId, runId)).run();
  }

  setMeta(runId: string, meta: SessionRow['metaJson']): void {
    this.#db.update(sessions).set({ metaJson: meta }).where(eq(sessions.runId, runId)).run();
  }

  ensureDelete(): void {
    this.#db.space.ensure();
  }

  delete(runId: string): void {
    this.#db.space.relieve(() => this.#db.delete(sessions).where(eq(sessions.runId, runId)).run());
    this.#db.space.reclaim();
  }

  live(): SessionRow[] {
    return this.#db.select().from(sessions).where(inArray(sessions.status, ['starting', 'active'])).all();
  }
}
