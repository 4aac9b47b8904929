// Kept texts of documents. Of each document the first, the latest few, and ever fewer of the
// older ones, in so many bytes; what a session's log may lose is what they make up for.

import { and, asc, desc, eq, inArray, lt, lte, max, sql } from 'drizzle-orm';
import type { Checkpoint, CheckpointStore, KnownDocument } from '../editor/checkpoints.ts';
import type { Db } from './open.ts';
import { limits } from '../limits.ts';
import { documentCheckpoints, sessions } from './schema.ts';

/** All of the latest so many are kept, and about as many of every doubling of age: the most that fit. */
const KEPT_PER_AGE = [8, 4, 2, 1] as const;
/** Those that rest are brought up to date once they are so many events behind: there may be hundreds. */
const SETTLED_LAG = 512;

const { runId: ofRun, path: ofPath, version, sequence, through, number, closed } = documentCheckpoints;

export class Checkpoints implements CheckpointStore {
  readonly #db: Db;
  readonly #bytesMax: number;

  /** @param bytesMax of one document's texts */
  constructor(db: Db, bytesMax: number = limits.documentTextsBytesMax) {
    this.#db = db;
    this.#bytesMax = bytesMax;
  }

  latest(runId: string, path: string): Checkpoint | undefined {
    return this.upTo(runId, path, { version: Number.MAX_SAFE_INTEGER });
  }

  upTo(runId: string, path: string, until: { version: number } | { sequence: number }): Checkpoint | undefined {
    const bound = 'version' in until ? lte(version, until.version) : lte(sequence, until.sequence);
    const row = this.#db
      .select()
      .from(documentCheckpoints)
      .where(and(eq(ofRun, runId), eq(ofPath, path), bound))
      .orderBy(desc(version))
      .limit(1)
      .get();
    if (row === undefined) return undefined;
    const { number: _, closed: __, created: ___, text, ...checkpoint } = row;
    return { ...checkpoint, text: Buffer.from(Bun.zstdDecompressSync(text)).toString('utf8') };
  }

  save(runId: string, checkpoint: Omit<Checkpoint, 'sequence'>, settled: readonly string[]): void {
    const { path, facts } = checkpoint;
    const text = Bun.zstdCompressSync(Buffer.from(checkpoint.text), { level: 3 });
    this.#db.transaction(
      (tx) => {
        if (tx.select({ runId: sessions.runId }).from(sessions).where(eq(sessions.runId, runId)).get() === undefined) return;
        const ofDocument = and(eq(ofRun, runId), eq(ofPath, path));
        const bytes = sql<number>`length(${documentCheckpoints.text})`;
        const kept = tx.select({ version, number, bytes }).from(documentCheckpoints).where(ofDocument).orderBy(desc(version)).all();
        const last = kept.reduce((most, row) => Math.max(most, row.number), -1);
        tx.insert(documentCheckpoints)
          .values({ runId, ...checkpoint, sequence: checkpoint.through, number: last + 1, text, created: Date.now() })
          .onConflictDoUpdate({ target: [ofRun, ofPath, version], set: { through: checkpoint.through, facts } })
          .run();
        const others = kept.filter((row) => row.version !== checkpoint.version);
        const stay = staying(others, last + 1, this.#bytesMax - text.byteLength);
        const gone = others.filter((row) => !stay.includes(row)).map((row) => row.version);
        if (gone.length > 0) tx.delete(documentCheckpoints).where(and(ofDocument, inArray(version, gone))).run();
        this.settle(runId, settled.filter((other) => other !== path), checkpoint.through, SETTLED_LAG);
      },
      { behavior: 'immediate' },
    );
  }

  settle(runId: string, paths: readonly string[], upTo: number, lag = 0): void {
    if (paths.length === 0) return;
    const latest = sql`(run_id, path, version) IN (SELECT run_id, path, max(version) FROM document_checkpoints WHERE run_id = ${runId} GROUP BY path)`;
    this.#db
      .update(documentCheckpoints)
      .set({ through: upTo })
      .where(and(eq(ofRun, runId), inArray(ofPath, paths), lt(through, upTo - lag), latest))
      .run();
  }

  documents(runId: string): KnownDocument[] {
    return this.#db
      .select({ path: ofPath, version: max(version), through: max(through), closed: max(closed) })
      .from(documentCheckpoints)
      .where(eq(ofRun, runId))
      .groupBy(ofPath)
      .orderBy(asc(ofPath))
      .all()
      .map((row) => ({ path: row.path, version: row.version ?? 0, through: row.through ?? 0, closed: row.closed === true }));
  }

  setClosed(runId: string, path: string, isClosed: boolean): void {
    this.#db.update(documentCheckpoints).set({ closed: isClosed }).where(and(eq(ofRun, runId), eq(ofPath, path))).run();
  }

  /** Events up to here may be dropped and every document still be made; undefined where there is none. */
  covers(runId: string): number | undefined {
    const all = this.documents(runId);
    return all.length === 0 ? undefined : Math.min(...all.map((document) => document.through));
  }
}

interface Kept {
  number: number;
  bytes: number;
}

/** Where even the fewest do not fit, the first alone. */
function staying<Row extends Kept>(rows: readonly Row[], last: number, bytesMax: number): Row[] {
  for (const perAge of KEPT_PER_AGE) {
    const stay = rows.filter(({ number: own }) => isKept(own, last, perAge));
    if (stay.reduce((sum, { bytes }) => sum + bytes, 0) <= bytesMax) return stay;
  }
  return rows.filter(({ number: own }) => own === 0);
}

/** At twice the age only every other one is left; the first stays: a replay begins there. */
function isKept(own: number, last: number, perAge: number): boolean {
  const age = Math.floor((last - own) / perAge);
  return own === 0 || age === 0 || own % 2 ** (Math.floor(Math.log2(age)) + 1) === 0;
}
