// The event log's rows. The sequence is given out by the session's own row in the
// transaction that inserts, so it has no gap and is never reused, whatever else writes.

import { and, asc, desc, eq, getTableName, gt, gte, inArray, lt, lte, sql } from 'drizzle-orm';
import type { JsonObject } from '../json.ts';
import type { LogEvent, NewEvent } from '../sessions/event.ts';
import type { OldestEvent, PrunedStore } from '../sessions/retention.ts';
import type { SessionStatus } from '../sessions/session.ts';
import type { AppendedWith, EventPage, EventRange, EventStore } from '../sessions/store.ts';
import type { Db, OpenDatabase } from './open.ts';
import { sessionEvents, sessions } from './schema.ts';
import { Snapshots } from './snapshots.ts';
import { isBusy, lacksRoom } from './sqlite-error.ts';

/** Rows fetched at first, then twice as many each time: a page that is bounded by bytes stops soon after it. */
const READ_ROWS_FIRST = 8;

const ENDED: SessionStatus[] = ['stopped', 'error'];

/** Takes the count, the holder's offset (null where it stays) and the run. */
const ADVANCE =
  `UPDATE ${getTableName(sessions)} SET ${sessions.head.name} = ${sessions.head.name} + ?, ` +
  `${sessions.holderOffset.name} = coalesce(?, ${sessions.holderOffset.name}) ` +
  `WHERE ${sessions.runId.name} = ? RETURNING ${sessions.head.name} AS head`;

/** Takes EventValues. */
const INSERT = (({ id, runId, sequence, timestamp, channel, type, data }) => {
  const names = [id, runId, sequence, timestamp, channel, type, data].map((column) => column.name);
  return `INSERT INTO ${getTableName(sessionEvents)} (${names.join()}) VALUES (${names.map(() => '?').join()})`;
})(sessionEvents);

/** One row, in the order of the statement that inserts it. */
type EventValues = [string, string, number, number, string, string, Uint8Array | string];

type Append = (runId: string, events: readonly NewEvent[], also?: AppendedWith) => LogEvent[];

export class Events implements EventStore, PrunedStore {
  readonly #db: Db;
  readonly #page;
  readonly #append: Append;

  constructor({ db, sqlite }: Pick<OpenDatabase, 'db' | 'sqlite'>) {
    this.#db = db;
    // The hot path of every byte that a program prints and every key: prepared once, and run
    // without the query builder, which would cost as much again as the rows do.
    const advance = sqlite.query<{ head: number }, [number, number | null, string]>(ADVANCE);
    const insert = sqlite.query<unknown, EventValues>(INSERT);
    const snapshots = new Snapshots(db);
    const append: Append = (runId, events, { change, holderOffset = null, derivedThrough } = {}) => {
      const advanced = advance.get(events.length, holderOffset, runId);
      if (advanced === null) throw new Error(`No session ${runId} to append to`);
      if (change !== undefined) db.update(sessions).set(change).where(eq(sessions.runId, runId)).run();
      if (derivedThrough !== undefined) snapshots.setDerivedThrough(runId, derivedThrough);
      const now = Date.now();
      let sequence = advanced.head - events.length;
      return events.map(({ timestamp = now, channel, type, data }) => {
        sequence += 1;
        const stored: LogEvent = { id: Bun.randomUUIDv7(), runId, sequence, timestamp, channel, type, data };
        const kept = data instanceof Uint8Array ? data : JSON.stringify(data);
        insert.run(stored.id, runId, sequence, timestamp, channel, type, kept);
        return stored;
      });
    };
    this.#append = sqlite.transaction(append).immediate;
    this.#page = db
      .select()
      .from(sessionEvents)
      .where(
        and(
          eq(sessionEvents.runId, sql.placeholder('runId')),
          gt(sessionEvents.sequence, sql.placeholder('after')),
          lte(sessionEvents.sequence, sql.placeholder('upTo')),
          // In one statement for both: an OR on a constant costs nothing beside the row.
          sql`(${sql.placeholder('channel')} IS NULL OR ${sessionEvents.channel} = ${sql.placeholder('channel')})`,
          sql`(${sql.placeholder('type')} IS NULL OR ${sessionEvents.type} = ${sql.placeholder('type')})`,
        ),
      )
      .orderBy(asc(sessionEvents.sequence))
      .limit(sql.placeholder('limit'))
      .prepare();
  }

  append(runId: string, events: readonly NewEvent[], also?: AppendedWith): LogEvent[] {
    return this.#append(runId, events, also);
  }

  read(runId: string, { after, upTo, limit, bytesMax, channel, type }: EventRange): EventPage {
    const events: LogEvent[] = [];
    let bytes = 0;
    let examined = after;
    for (let rowsMax = READ_ROWS_FIRST; events.length < limit && bytes < bytesMax; rowsMax *= 2) {
      const most = Math.min(rowsMax, limit - events.length);
      const range = { runId, after: examined, upTo, limit: most, channel: channel ?? null, type: type ?? null };
      const rows = this.#page.all(range);
      for (const row of rows) {
        events.push(fromRow(row));
        bytes += row.data.length;
        examined = row.sequence;
        if (bytes >= bytesMax) break;
      }
      if (rows.length < most && bytes < bytesMax) return { events, examined: Math.max(upTo, after) };
    }
    return { events, examined };
  }

  latest(runId: string, type: string): LogEvent | undefined {
    const row = this.#db
      .select()
      .from(sessionEvents)
      .where(and(eq(sessionEvents.runId, runId), eq(sessionEvents.type, type)))
      .orderBy(desc(sessionEvents.sequence))
      .limit(1)
      .get();
    return row && fromRow(row);
  }

  oldestOfEnded(): OldestEvent[] {
    const first = and(eq(sessionEvents.runId, sessions.runId), eq(sessionEvents.sequence, sessions.firstSequence));
    return this.#db
      .select({ runId: sessions.runId, workspaceId: sessions.workspaceId, timestamp: sessionEvents.timestamp })
      .from(sessions)
      .innerJoin(sessionEvents, first)
      .where(inArray(sessions.status, ENDED))
      .all();
  }

  pruneEnded(runId: string, before: number, eventsMax: number): number {
    const removed = this.#db.space.relieve(() => this.#prune(runId, before, eventsMax));
    if (removed > 0) this.#db.space.reclaim();
    return removed;
  }

  isFull(error: unknown): boolean {
    return lacksRoom(error) || isBusy(error); // Held by another for longer than busy_timeout counts, too.
  }

  #prune(runId: string, before: number, eventsMax: number): number {
    return this.#db.transaction(
      (tx) => {
        const ended = and(eq(sessions.runId, runId), inArray(sessions.status, ENDED));
        const row = tx.select({ first: sessions.firstSequence, head: sessions.head }).from(sessions).where(ended).get();
        if (row === undefined) return 0;
        const ofRun = eq(sessionEvents.runId, runId);
        const end = Math.min(row.head + 1, row.first + eventsMax);
        const among = and(gte(sessionEvents.sequence, row.first), lt(sessionEvents.sequence, end));
        const kept = tx
          .select({ sequence: sessionEvents.sequence })
          .from(sessionEvents)
          .where(and(ofRun, among, gte(sessionEvents.timestamp, before)))
          .orderBy(asc(sessionEvents.sequence))
          .limit(1)
          .get();
        const first = kept?.sequence ?? end;
        tx.delete(sessionEvents).where(and(ofRun, lt(sessionEvents.sequence, first))).run();
        tx.update(sessions).set({ firstSequence: first }).where(eq(sessions.runId, runId)).run();
        return first - row.first;
      },
      { behavior: 'immediate' },
    );
  }
}

function fromRow(row: typeof sessionEvents.$inferSelect): LogEvent {
  return { ...row, data: typeof row.data === 'string' ? (JSON.parse(row.data) as JsonObject) : row.data };
}
