// The event log's rows. The sequence is given out by the session's own row in the
// transaction that inserts, so it has no gap and is never reused, whatever else writes.

import { and, asc, eq, gt, gte, inArray, lt, lte, sql } from 'drizzle-orm';
import type { JsonObject } from '../json.ts';
import type { LogEvent, NewEvent } from '../sessions/event.ts';
import type { OldestEvent, PrunedStore } from '../sessions/retention.ts';
import type { SessionStatus } from '../sessions/session.ts';
import type { EventPage, EventRange, EventStore, StatusChange } from '../sessions/store.ts';
import { type Db, sqliteCode } from './open.ts';
import { sessionEvents, sessions } from './schema.ts';

/** Rows fetched at first, then twice as many each time: a page that is bounded by bytes stops soon after it. */
const READ_ROWS_FIRST = 8;

const ENDED: SessionStatus[] = ['stopped', 'error'];

/** Full, failing, or held by another for longer than busy_timeout: a later try can succeed. */
const DISK_ERRORS = /^SQLITE_(FULL|IOERR|BUSY|LOCKED)/;

export class Events implements EventStore, PrunedStore {
  readonly #db: Db;
  readonly #advance;
  readonly #insert;
  readonly #page;

  constructor(db: Db) {
    this.#db = db;
    // Prepared once: this is the hot path of every byte that a program prints.
    this.#advance = db
      .update(sessions)
      .set({ head: sql`${sessions.head} + ${sql.placeholder('count')}` })
      .where(eq(sessions.runId, sql.placeholder('runId')))
      .returning({ head: sessions.head })
      .prepare();
    this.#insert = db
      .insert(sessionEvents)
      .values({
        id: sql.placeholder('id'),
        runId: sql.placeholder('runId'),
        sequence: sql.placeholder('sequence'),
        timestamp: sql.placeholder('timestamp'),
        channel: sql.placeholder('channel'),
        type: sql.placeholder('type'),
        data: sql.placeholder('data'),
      })
      .prepare();
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

  append(runId: string, events: readonly NewEvent[], change?: StatusChange): LogEvent[] {
    return this.#db.transaction(
      (tx) => {
        const advanced = this.#advance.get({ runId, count: events.length });
        if (advanced === undefined) throw new Error(`No session ${runId} to append to`);
        if (change !== undefined) tx.update(sessions).set(change).where(eq(sessions.runId, runId)).run();
        const now = Date.now();
        let sequence = advanced.head - events.length;
        return events.map((event) => {
          sequence += 1;
          const stored: LogEvent = {
            id: Bun.randomUUIDv7(),
            runId,
            sequence,
            timestamp: event.timestamp ?? now,
            channel: event.channel,
            type: event.type,
            data: event.data,
          };
          const data = event.data instanceof Uint8Array ? event.data : JSON.stringify(event.data);
          this.#insert.run({ ...stored, data });
          return stored;
        });
      },
      { behavior: 'immediate' },
    );
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
        events.push({ ...row, data: typeof row.data === 'string' ? (JSON.parse(row.data) as JsonObject) : row.data });
        bytes += row.data.length;
        examined = row.sequence;
        if (bytes >= bytesMax) break;
      }
      if (rows.length < most && bytes < bytesMax) return { events, examined: Math.max(upTo, after) };
    }
    return { events, examined };
  }

  oldestOfEnded(): OldestEvent[] {
    return this.#db
      .select({ runId: sessions.runId, workspaceId: sessions.workspaceId, timestamp: sessionEvents.timestamp })
      .from(sessions)
      .innerJoin(sessionEvents, and(eq(sessionEvents.runId, sessions.runId), eq(sessionEvents.sequence, sessions.firstSequence)))
      .where(inArray(sessions.status, ENDED))
      .all();
  }

  pruneEnded(runId: string, before: number, eventsMax: number): number {
    return this.#db.transaction(
      (tx) => {
        const ended = and(eq(sessions.runId, runId), inArray(sessions.status, ENDED));
        const row = tx.select({ first: sessions.firstSequence, head: sessions.head }).from(sessions).where(ended).get();
        if (row === undefined) return 0;
        const ofRun = eq(sessionEvents.runId, runId);
        const kept = tx
          .select({ sequence: sessionEvents.sequence })
          .from(sessionEvents)
          .where(and(ofRun, gte(sessionEvents.sequence, row.first), gte(sessionEvents.timestamp, before)))
          .orderBy(asc(sessionEvents.sequence))
          .limit(1)
          .get();
        const first = Math.min(kept?.sequence ?? row.head + 1, row.first + eventsMax);
        tx.delete(sessionEvents).where(and(ofRun, lt(sessionEvents.sequence, first))).run();
        tx.update(sessions).set({ firstSequence: first }).where(eq(sessions.runId, runId)).run();
        return first - row.first;
      },
      { behavior: 'immediate' },
    );
  }

  isFull(error: unknown): boolean {
    const code = sqliteCode(error);
    return DISK_ERRORS.test(code);
  }
}
