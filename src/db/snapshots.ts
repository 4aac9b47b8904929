// Kept screens. Of each session the latest few, and ever fewer of the older ones: the distance
// between them doubles, so that a long session has tens of them and not thousands.

import { and, desc, eq, inArray, lte, max } from 'drizzle-orm';
import type { StoredSnapshot } from '../pty/screen/protocol.ts';
import type { Db } from './open.ts';
import { sessionProjections, sessions, sessionSnapshots } from './schema.ts';

/** All of the latest so many are kept, and about as many of every doubling of age. */
const KEPT_PER_AGE = 3;

export class Snapshots {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** The latest, or the latest up to a sequence. */
  latest(runId: string, upTo: number = Number.MAX_SAFE_INTEGER): StoredSnapshot | undefined {
    const { sequence, cols, rows, vt } = sessionSnapshots;
    return this.#db
      .select({ sequence, cols, rows, vt })
      .from(sessionSnapshots)
      .where(and(eq(sessionSnapshots.runId, runId), lte(sequence, upTo)))
      .orderBy(desc(sequence))
      .limit(1)
      .get();
  }

  /** Keeps it, unless the session is gone, or a later one is kept. */
  save(runId: string, snapshot: StoredSnapshot): void {
    const { sequence, number } = sessionSnapshots;
    // Immediate: a reader that just opens the file holds its lock for a moment, and only that waits for it.
    this.#db.transaction(
      (tx) => {
        if (tx.select({ runId: sessions.runId }).from(sessions).where(eq(sessions.runId, runId)).get() === undefined) return;
        const ofRun = eq(sessionSnapshots.runId, runId);
        const kept = tx.select({ sequence, number }).from(sessionSnapshots).where(ofRun).orderBy(desc(sequence)).all();
        const last = kept[0]?.number ?? 0;
        if ((kept[0]?.sequence ?? 0) >= snapshot.sequence) return;
        tx.insert(sessionSnapshots).values({ runId, ...snapshot, number: last + 1, created: Date.now() }).run();
        const gone = kept.filter((row) => !isKept(row.number, last + 1)).map((row) => row.sequence);
        if (gone.length > 0) tx.delete(sessionSnapshots).where(and(ofRun, inArray(sequence, gone))).run();
      },
      { behavior: 'immediate' },
    );
  }

  /**
   * Events up to this sequence may be dropped and the screen still be made: the latest that is kept
   * shows what they did. 0 where none is.
   */
  covers(runId: string): number {
    const ofRun = eq(sessionSnapshots.runId, runId);
    return this.#db.select({ last: max(sessionSnapshots.sequence) }).from(sessionSnapshots).where(ofRun).get()?.last ?? 0;
  }

  /** Up to where output has been looked through for derived events; 0 at first. */
  derivedThrough(runId: string): number {
    return this.#db.select().from(sessionProjections).where(eq(sessionProjections.runId, runId)).get()?.sequence ?? 0;
  }

  /** To be called within the transaction that appends the events. */
  setDerivedThrough(runId: string, sequence: number): void {
    this.#db
      .insert(sessionProjections)
      .values({ runId, sequence })
      .onConflictDoUpdate({ target: sessionProjections.runId, set: { sequence } })
      .run();
  }
}

/** At twice the age only every other one is left. */
function isKept(number: number, last: number): boolean {
  const age = Math.floor((last - number) / KEPT_PER_AGE);
  return age === 0 || number % 2 ** (Math.floor(Math.log2(age)) + 1) === 0;
}
