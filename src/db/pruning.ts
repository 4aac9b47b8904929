// Drops the oldest events of a session, packs first, and moves its first sequence with them,
// in one commit. Its newest part, and its head, stay.

import { and, asc, count, desc, eq, gte, inArray, lt, sql } from 'drizzle-orm';
import type { JsonObject } from '../json.ts';
import type { HistorySize } from '../sessions/compaction.ts';
import type { OldestEvent, PrunedStore } from '../sessions/retention.ts';
import type { SessionStatus } from '../sessions/session.ts';
import { Checkpoints } from './checkpoints.ts';
import type { Db } from './open.ts';
import { encodePack, kindNames } from './pack.ts';
import type { PackHeader, Packs } from './packs.ts';
import { documentCheckpoints, sessionEvents, sessionKeyframes, sessionMarks, sessionPacks, sessions, sessionSnapshots } from './schema.ts';
import { Snapshots } from './snapshots.ts';

const ENDED: SessionStatus[] = ['stopped', 'error'];

/** What a row takes beside its data, with its indexes: as measured. */
const ROW_BYTES = 220;
const PACK_BYTES = 300;
/** For what is repacked at once, in the commit: a few milliseconds. */
const QUICK_LEVEL = 3;

type Tx = Parameters<Parameters<Db['transaction']>[0]>[0];

const { runId: ofRun, sequence, timestamp, type, data } = sessionEvents;
const storedBytes = sql<number>`coalesce(sum(length(${sessionPacks.packed}) + ${PACK_BYTES}), 0)`;

export class Pruning implements PrunedStore {
  readonly #db: Db;
  readonly #packs: Packs;
  readonly #snapshots: Snapshots;
  readonly #checkpoints: Checkpoints;

  constructor(db: Db, packs: Packs) {
    this.#db = db;
    this.#snapshots = new Snapshots(db);
    this.#checkpoints = new Checkpoints(db);
    this.#packs = packs;
  }

  oldestOfEnded(): OldestEvent[] {
    const { runId, workspaceId, status, firstSequence } = sessions;
    const first = and(eq(ofRun, runId), eq(sequence, firstSequence));
    const inPack = and(eq(sessionPacks.runId, runId), eq(sessionPacks.firstSequence, firstSequence));
    const oldest = sql<number | null>`coalesce(${sessionPacks.oldest}, ${timestamp})`;
    return this.#db
      .select({ runId, workspaceId, timestamp: oldest })
      .from(sessions)
      .leftJoin(sessionEvents, first)
      .leftJoin(sessionPacks, inPack)
      .where(inArray(status, ENDED))
      .all()
      .flatMap(({ timestamp: at, ...session }) => (at === null ? [] : [{ ...session, timestamp: at }]));
  }

  pruneEnded(runId: string, before: number, eventsMax: number): number {
    return this.#freeing(() =>
      this.#db.transaction(
        (tx) => {
          const session = tx.select().from(sessions).where(eq(sessions.runId, runId)).get();
          if (session === undefined || !ENDED.includes(session.status)) return 0;
          const pack = this.#packs.after(runId, 0);
          // What a document has beyond its kept text is nowhere else.
          const spare = this.#checkpoints.covers(runId) ?? session.head;
          if ((pack?.last ?? session.firstSequence) > spare) return 0;
          const first =
            pack === undefined
              ? this.#removeRows(tx, runId, before, session.firstSequence, Math.min(spare + 1, session.firstSequence + eventsMax))
              : this.#cutPack(tx, runId, pack, before);
          this.#moveFirst(tx, runId, first);
          return first - session.firstSequence;
        },
        { behavior: 'immediate' },
      ),
    );
  }

  /** Of a session that is there. */
  sizeOf(runId: string): HistorySize | undefined {
    const session = this.#db.select().from(sessions).where(eq(sessions.runId, runId)).get();
    if (session === undefined) return undefined;
    const packed = this.#db.select({ bytes: storedBytes }).from(sessionPacks).where(eq(sessionPacks.runId, runId)).get();
    const rowBytes = sql<number>`coalesce(sum(octet_length(${data})), 0)`;
    const rows = this.#db.select({ bytes: rowBytes, count: count() }).from(sessionEvents).where(eq(ofRun, runId)).get();
    const kept = sql<number>`coalesce(sum(length(${sessionKeyframes.vt})), 0)`;
    const keyframes = this.#db.select({ bytes: kept }).from(sessionKeyframes).where(eq(sessionKeyframes.runId, runId)).get();
    const textBytes = sql<number>`coalesce(sum(length(${documentCheckpoints.text})), 0)`;
    const texts = this.#db.select({ bytes: textBytes }).from(documentCheckpoints).where(eq(documentCheckpoints.runId, runId)).get();
    return {
      runId,
      workspaceId: session.workspaceId,
      name: session.name,
      live: !ENDED.includes(session.status),
      bytes: (packed?.bytes ?? 0) + (keyframes?.bytes ?? 0) + (texts?.bytes ?? 0) + (rows?.bytes ?? 0) + (rows?.count ?? 0) * ROW_BYTES,
    };
  }

  /** Of all sessions. */
  ids(): string[] {
    return this.#db.select({ runId: sessions.runId }).from(sessions).all().map(({ runId }) => runId);
  }

  oldestCold(runId: string): number | undefined {
    const pack = this.#packs.after(runId, 0);
    return pack === undefined || pack.last > this.#keptAfter(runId, pack) ? undefined : pack.newest;
  }

  dropOldest(runId: string): number {
    return this.#freeing(() =>
      this.#db.transaction(
        (tx) => {
          const pack = this.#packs.after(runId, 0);
          if (pack === undefined || pack.last > this.#keptAfter(runId, pack)) return 0;
          const gone = inPack(runId, pack);
          const bytes = tx.select({ bytes: storedBytes }).from(sessionPacks).where(gone).get()?.bytes ?? 0;
          this.#keepSize(tx, runId, pack.last + 1);
          tx.delete(sessionPacks).where(gone).run();
          this.#moveFirst(tx, runId, pack.last + 1);
          return bytes;
        },
        { behavior: 'immediate' },
      ),
    );
  }

  /** Up to there events may go: what follows makes the screen, from the latest snapshot on. */
  #keptAfter(runId: string, front: PackHeader): number {
    const covered = this.#snapshots.covers(runId);
    if (covered > 0) return covered;
    const documents = this.#checkpoints.covers(runId);
    if (documents !== undefined) return Math.min(documents, (this.#packs.last(runId) ?? front).first - 1);
    const session = this.#db.select().from(sessions).where(eq(sessions.runId, runId)).get();
    const screenNeedsAll = session === undefined || (session.kind === 'terminal' && !ENDED.includes(session.status));
    return screenNeedsAll ? 0 : (this.#packs.last(runId) ?? front).first - 1;
  }

  /** @returns the first sequence that is left */
  #cutPack(tx: Tx, runId: string, pack: PackHeader, before: number): number {
    const row = inPack(runId, pack);
    if (pack.newest < before) {
      this.#keepSize(tx, runId, pack.last + 1);
      tx.delete(sessionPacks).where(row).run();
      return pack.last + 1;
    }
    const open = this.#packs.open(runId, pack);
    let first = pack.first;
    while (open.timestamp(first) < before) first += 1;
    if (first === pack.first) return first;
    this.#keepSize(tx, runId, first);
    const kept = Array.from({ length: pack.last + 1 - first }, (_, index) => open.raw(first + index));
    const raw = encodePack(kept);
    const packed = Bun.zstdCompressSync(raw, { level: QUICK_LEVEL });
    const { newest, last: lastSequence } = pack;
    tx.delete(sessionPacks).where(row).run();
    tx.insert(sessionPacks)
      .values({
        runId,
        firstSequence: first,
        lastSequence,
        events: kept.length,
        bytes: raw.byteLength,
        oldest: open.timestamp(first),
        newest,
        kinds: kindNames(kept),
        packed,
      })
      .run();
    return first;
  }

  /** @returns the first sequence that is left */
  #removeRows(tx: Tx, runId: string, before: number, first: number, end: number): number {
    const among = and(eq(ofRun, runId), gte(sequence, first), lt(sequence, end));
    const young = and(among, gte(timestamp, before));
    const left = tx.select({ sequence }).from(sessionEvents).where(young).orderBy(asc(sequence)).limit(1).get()?.sequence ?? end;
    this.#keepSize(tx, runId, left);
    tx.delete(sessionEvents).where(and(eq(ofRun, runId), lt(sequence, left))).run();
    return left;
  }

  /** Where the event that tells the size goes, the session's meta tells it: for a resume, or another server. */
  #keepSize(tx: Tx, runId: string, first: number): void {
    const isResize = and(eq(ofRun, runId), eq(type, 'resize'));
    if (tx.select({ sequence }).from(sessionEvents).where(and(isResize, gte(sequence, first))).limit(1).get() !== undefined) return;
    const row = tx.select({ data }).from(sessionEvents).where(isResize).orderBy(desc(sequence)).limit(1).get();
    const packed = this.#packs.latest(runId, 'resize');
    if (packed !== undefined && packed.sequence >= first) return;
    const size = typeof row?.data === 'string' ? (JSON.parse(row.data) as JsonObject) : packed?.data;
    const session = tx.select().from(sessions).where(eq(sessions.runId, runId)).get();
    if (session === undefined || size === undefined || size instanceof Uint8Array) return;
    const { cols = 0, rows = 0 } = size;
    tx.update(sessions).set({ metaJson: { ...session.metaJson, cols, rows } }).where(eq(sessions.runId, runId)).run();
  }

  /** Snapshots and keyframes that no event follows any more go too, but for the latest snapshot. */
  #moveFirst(tx: Tx, runId: string, first: number): void {
    tx.update(sessions).set({ firstSequence: first }).where(eq(sessions.runId, runId)).run();
    const { runId: inRun, sequence: at } = sessionSnapshots;
    tx.delete(sessionSnapshots).where(and(eq(inRun, runId), lt(at, Math.min(this.#snapshots.covers(runId), first - 1)))).run();
    this.#dropCheckpoints(tx, runId, first);
    tx.delete(sessionKeyframes).where(and(eq(sessionKeyframes.runId, runId), lt(sessionKeyframes.sequence, first - 1))).run();
    tx.delete(sessionMarks).where(and(eq(sessionMarks.runId, runId), lt(sessionMarks.sequence, first))).run();
  }

  /** Texts of documents that no edit follows any more: the latest of each stays. */
  #dropCheckpoints(tx: Tx, runId: string, first: number): void {
    const { runId: inRun, path, version, through } = documentCheckpoints;
    for (const document of this.#checkpoints.documents(runId)) {
      const older = and(eq(inRun, runId), eq(path, document.path), lt(version, document.version), lt(through, first - 1));
      tx.delete(documentCheckpoints).where(older).run();
    }
  }

  #freeing(drop: () => number): number {
    const freed = this.#db.space.relieve(drop);
    if (freed > 0) this.#db.space.reclaim();
    return freed;
  }
}

const inPack = (runId: string, { last }: PackHeader) => and(eq(sessionPacks.runId, runId), eq(sessionPacks.lastSequence, last));
