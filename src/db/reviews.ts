// The rows of review comments, and of what was discarded in a workspace: the oldest of those go
// first, for git forgets them, too.

import { and, asc, count, desc, eq, inArray, isNotNull, isNull } from 'drizzle-orm';
import type { Kept, KeptStore } from '../git/kept.ts';
import type { ReviewComment, ReviewStore } from '../git/reviews.ts';
import type { Db } from './open.ts';
import { discardedChanges, reviewComments } from './schema.ts';

export class ReviewRows implements ReviewStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  insert(comment: ReviewComment, most: number): boolean {
    return this.#db.transaction((tx) => {
      const waiting = and(eq(reviewComments.workspaceId, comment.workspaceId), isNull(reviewComments.sent));
      const there = tx.select({ n: count() }).from(reviewComments).where(waiting).get()?.n ?? 0;
      if (there >= most) return false;
      tx.insert(reviewComments).values(comment).run();
      return true;
    });
  }

  get(workspaceId: string, id: string): ReviewComment | undefined {
    return this.#db.select().from(reviewComments).where(and(eq(reviewComments.id, id), eq(reviewComments.workspaceId, workspaceId))).get();
  }

  list(workspaceId: string, waiting: boolean, limit: number): ReviewComment[] {
    const { created, sent, workspaceId: workspace } = reviewComments;
    const which = waiting ? isNull(sent) : isNotNull(sent);
    const latest = this.#db.select().from(reviewComments).where(and(eq(workspace, workspaceId), which)).orderBy(desc(created), desc(reviewComments.id));
    return latest.limit(limit).all().toReversed();
  }

  update(id: string, change: { text: string; updated: number }): void {
    this.#db.update(reviewComments).set(change).where(eq(reviewComments.id, id)).run();
  }

  delete(id: string): void {
    this.#db.delete(reviewComments).where(eq(reviewComments.id, id)).run();
  }

  markSent(ids: readonly string[], sessionId: string, sent: number): void {
    this.#db.update(reviewComments).set({ sentSessionId: sessionId, sent }).where(inArray(reviewComments.id, [...ids])).run();
  }
}

export class KeptRows implements KeptStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  insert(row: Kept, most: number): void {
    this.#db.transaction((tx) => {
      tx.insert(discardedChanges).values(row).run();
      const { id, created, workspaceId } = discardedChanges;
      const all = tx.select({ id }).from(discardedChanges).where(eq(workspaceId, row.workspaceId)).orderBy(asc(created), asc(id)).all();
      const gone = all.slice(0, Math.max(0, all.length - most)).map((one) => one.id);
      if (gone.length > 0) tx.delete(discardedChanges).where(inArray(id, gone)).run();
    });
  }

  get(workspaceId: string, id: string): Kept | undefined {
    return this.#db.select().from(discardedChanges).where(and(eq(discardedChanges.id, id), eq(discardedChanges.workspaceId, workspaceId))).get();
  }

  list(workspaceId: string, limit: number): Kept[] {
    const { created, id } = discardedChanges;
    return this.#db.select().from(discardedChanges).where(eq(discardedChanges.workspaceId, workspaceId)).orderBy(desc(created), desc(id)).limit(limit).all();
  }

  delete(id: string): void {
    this.#db.delete(discardedChanges).where(eq(discardedChanges.id, id)).run();
  }
}
