// Keyframes: screens of the past that are kept, so that any moment is made from one near it.
// Past a number of them every other one goes: their distance doubles, and seeking takes longer.

import { and, asc, count, desc, eq, gte, lte, sql } from 'drizzle-orm';
import { limits } from '../limits.ts';
import type { StoredSnapshot } from '../pty/screen/protocol.ts';
import type { Db } from './open.ts';
import { sessionKeyframes, sessions, sessionSnapshots } from './schema.ts';

/** A snapshot with much above its screen takes longer to restore than what follows a keyframe to parse. */
const QUICK_BYTES = 128 * 1024;

const { runId: ofRun, sequence, cols, rows, vt } = sessionKeyframes;

export class Keyframes {
  readonly #db: Db;
  /** How many there are, of sessions that got one since the start. */
  readonly #counts = new Map<string, number>();

  constructor(db: Db) {
    this.#db = db;
  }

  /** The one that a moment is made from: the nearest at or before it, of keyframes and kept snapshots. */
  before(runId: string, moment: number): StoredSnapshot | undefined {
    const keyframe = this.#db
      .select({ sequence, cols, rows, vt })
      .from(sessionKeyframes)
      .where(and(eq(ofRun, runId), lte(sequence, moment)))
      .orderBy(desc(sequence))
      .limit(1)
      .get();
    const snapshot = this.#db
      .select({ sequence: sessionSnapshots.sequence, cols: sessionSnapshots.cols, rows: sessionSnapshots.rows, vt: sessionSnapshots.vt })
      .from(sessionSnapshots)
      .where(and(eq(sessionSnapshots.runId, runId), lte(sessionSnapshots.sequence, moment)))
      .orderBy(desc(sessionSnapshots.sequence))
      .limit(1)
      .get();
    const isNearer = snapshot !== undefined && snapshot.sequence > (keyframe?.sequence ?? 0);
    return isNearer && (keyframe === undefined || snapshot.vt.byteLength <= QUICK_BYTES) ? snapshot : keyframe;
  }

  /** The first moment from `from` on that is kept as a screen. */
  firstFrom(runId: string, from: number): number | undefined {
    const keyframe = this.#db
      .select({ sequence })
      .from(sessionKeyframes)
      .where(and(eq(ofRun, runId), gte(sequence, from)))
      .orderBy(asc(sequence))
      .limit(1)
      .get();
    const snapshot = this.#db
      .select({ sequence: sessionSnapshots.sequence })
      .from(sessionSnapshots)
      .where(and(eq(sessionSnapshots.runId, runId), gte(sessionSnapshots.sequence, from)))
      .orderBy(asc(sessionSnapshots.sequence))
      .limit(1)
      .get();
    const found = Math.min(keyframe?.sequence ?? Infinity, snapshot?.sequence ?? Infinity);
    return Number.isFinite(found) ? found : undefined;
  }

  /** Keeps it, unless its session is gone, or one is kept for that moment. */
  save(runId: string, keyframe: StoredSnapshot): void {
    this.#db.transaction(
      (tx) => {
        if (tx.select({ runId: sessions.runId }).from(sessions).where(eq(sessions.runId, runId)).get() === undefined) return;
        const known = this.#counts.get(runId) ?? tx.select({ n: count() }).from(sessionKeyframes).where(eq(ofRun, runId)).get()?.n ?? 0;
        tx.insert(sessionKeyframes).values({ runId, ...keyframe }).onConflictDoNothing().run();
        this.#counts.set(runId, known + 1);
        if (known + 1 <= limits.keyframesMax) return;
        const table = sql`(SELECT ${sequence} AS at, row_number() OVER (ORDER BY ${sequence}) AS place FROM ${sessionKeyframes} WHERE ${ofRun} = ${runId})`;
        const gone = sql`${sequence} IN (SELECT at FROM ${table} WHERE place % 2 = 0)`;
        tx.delete(sessionKeyframes).where(and(eq(ofRun, runId), gone)).run();
        this.#counts.delete(runId);
      },
      { behavior: 'immediate' },
    );
  }
}
