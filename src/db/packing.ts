// Packs events that have gone cold. A pack and the end of its rows are one commit: whoever
// reads, or starts after a crash, finds each event once, in one of the two.

import { and, asc, eq, getTableName, gt, lte, sql } from 'drizzle-orm';
import { assert } from '../errors.ts';
import { limits } from '../limits.ts';
import type { SessionStatus } from '../sessions/session.ts';
import type { Db, OpenDatabase } from './open.ts';
import { encodePack, kindNames, type RawEvent } from './pack.ts';
import type { PackHeader, Packs } from './packs.ts';
import { sessionEvents, sessionPacks, sessions } from './schema.ts';

/** As measured: half the time of 12, and within 3 % of its size. */
const LEVEL = 9;

const { runId: ofRun, sequence, data } = sessionEvents;
const dataBytes = sql<number>`octet_length(${data})`;

const ENDED = new Set<SessionStatus>(['stopped', 'error']);

/** Takes the run, the first and the last sequence; drizzle would not tell how many went. */
const REMOVE =
  `DELETE FROM ${getTableName(sessionEvents)} WHERE ${ofRun.name} = ? AND ${sequence.name} BETWEEN ? AND ?`;

interface Cold {
  events: RawEvent[];
  /** The pack that goes into the new one. */
  merged: PackHeader | undefined;
}

export class Packing {
  readonly #db: Db;
  readonly #packs: Packs;
  readonly #sizes;
  readonly #rows;
  readonly #remove;

  constructor({ db, sqlite }: Pick<OpenDatabase, 'db' | 'sqlite'>, packs: Packs) {
    this.#db = db;
    this.#packs = packs;
    this.#remove = sqlite.query<unknown, [string, number, number]>(REMOVE);
    const after = and(eq(ofRun, sql.placeholder('runId')), gt(sequence, sql.placeholder('after')));
    this.#sizes = db
      .select({ sequence, bytes: dataBytes })
      .from(sessionEvents)
      .where(after)
      .orderBy(asc(sequence))
      .limit(sql.placeholder('limit'))
      .prepare();
    const { id, timestamp, channel, type } = sessionEvents;
    const raw = { data: sql<Uint8Array>`CAST(${data} AS BLOB)`, isText: sql<number>`typeof(${data}) = 'text'` };
    this.#rows = db
      .select({ id, sequence, timestamp, channel, type, ...raw })
      .from(sessionEvents)
      .where(and(after, lte(sequence, sql.placeholder('upTo'))))
      .orderBy(asc(sequence))
      .prepare();
  }

  /** @returns whether there was something to pack; false too where it is not cold yet */
  async pack(runId: string): Promise<boolean> {
    const cold = this.#cold(runId);
    if (cold === undefined) return false;
    const raw = encodePack(cold.events);
    const packed = await Bun.zstdCompress(raw, { level: LEVEL });
    this.#db.space.relieve(() => this.#replace(runId, cold, raw.byteLength, packed));
    return true;
  }

  /** The oldest rows, as many as make a pack. Of a session that lives the latest stay as they are. */
  #cold(runId: string): Cold | undefined {
    const session = this.#db
      .select({ status: sessions.status, first: sessions.firstSequence })
      .from(sessions)
      .where(eq(sessions.runId, runId))
      .get();
    if (session === undefined) return undefined;
    const before = this.#packs.last(runId);
    const after = before?.last ?? session.first - 1;
    const { upTo, count, bytes } = this.#firstOf(runId, after);
    const isFull = bytes >= limits.packBytes || count >= limits.packEventsMax;
    if (count === 0 || (!ENDED.has(session.status) && !(isFull && this.#isCold(runId, upTo)))) return undefined;
    const rows = this.#rows.all({ runId, after, upTo }).map((row) => ({ ...row, isText: row.isText === 1 }));
    const fits =
      before !== undefined &&
      before.bytes + bytes <= limits.packBytes &&
      before.last - before.first + 1 + count <= limits.packEventsMax;
    if (isFull || !fits) return { events: rows, merged: undefined };
    const open = this.#packs.open(runId, before);
    const earlier = Array.from({ length: open.count }, (_, index) => open.raw(open.first + index));
    return { events: [...earlier, ...rows], merged: before };
  }

  #firstOf(runId: string, after: number): { upTo: number; count: number; bytes: number } {
    let upTo = after;
    let count = 0;
    let total = 0;
    for (const row of this.#sizes.all({ runId, after, limit: limits.packEventsMax })) {
      upTo = row.sequence;
      count += 1;
      total += row.bytes;
      if (total >= limits.packBytes) break;
    }
    return { upTo, count, bytes: total };
  }

  /** Whether enough has come since. */
  #isCold(runId: string, upTo: number): boolean {
    const later = this.#sizes.all({ runId, after: upTo, limit: limits.hotEvents });
    return later.length === limits.hotEvents || later.reduce((sum, { bytes }) => sum + bytes, 0) >= limits.hotBytes;
  }

  #replace(runId: string, { events, merged }: Cold, bytes: number, packed: Uint8Array): void {
    const [first] = events;
    const last = events.at(-1);
    assert(first !== undefined && last !== undefined, 'a pack is not empty');
    this.#db.transaction(
      (tx) => {
        const session = tx.select({ first: sessions.firstSequence }).from(sessions).where(eq(sessions.runId, runId)).get();
        // Meanwhile deleted, or pruned: then there is nothing to pack, or something else.
        if (session === undefined || session.first > first.sequence) return;
        if (merged !== undefined) {
          const { runId: inRun, lastSequence } = sessionPacks;
          tx.delete(sessionPacks).where(and(eq(inRun, runId), eq(lastSequence, merged.last))).run();
        }
        tx.insert(sessionPacks)
          .values({
            runId,
            firstSequence: first.sequence,
            lastSequence: last.sequence,
            events: events.length,
            bytes,
            oldest: first.timestamp,
            newest: events.reduce((newest, { timestamp }) => Math.max(newest, timestamp), first.timestamp),
            kinds: kindNames(events),
            packed,
          })
          .run();
        const from = merged === undefined ? first.sequence : merged.last + 1;
        const { changes } = this.#remove.run(runId, from, last.sequence);
        assert(changes === last.sequence - from + 1, 'every row that goes is in the pack');
      },
      { behavior: 'immediate' },
    );
  }
}
