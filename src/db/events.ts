// The event log's rows. The sequence is given out by the session's own row in the
// transaction that inserts, so it has no gap and is never reused, whatever else writes.

import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { JsonObject } from '../json.ts';
import type { LogEvent, NewEvent } from '../sessions/event.ts';
import type { EventRange, EventStore, StatusChange } from '../sessions/store.ts';
import { type Db, sqliteCode } from './open.ts';
import { sessionEvents, sessions } from './schema.ts';

/** Rows fetched at a time where a page is bounded by bytes: few enough to stop soon after it. */
const READ_ROWS = 64;

export class Events implements EventStore {
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
      .where(and(eq(sessionEvents.runId, sql.placeholder('runId')), gt(sessionEvents.sequence, sql.placeholder('after'))))
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

  read(runId: string, range: EventRange): LogEvent[] {
    const found: LogEvent[] = [];
    let bytes = 0;
    let after = range.after;
    while (found.length < range.limit) {
      const limit = Math.min(READ_ROWS, range.limit - found.length);
      const rows = this.#page.all({ runId, after, limit });
      for (const row of rows) {
        found.push({ ...row, data: typeof row.data === 'string' ? (JSON.parse(row.data) as JsonObject) : row.data });
        bytes += row.data.length;
        after = row.sequence;
        if (bytes >= range.bytesMax) return found;
      }
      if (rows.length < limit) break;
    }
    return found;
  }

  isFull(error: unknown): boolean {
    const code = sqliteCode(error);
    return code === 'SQLITE_FULL' || code.startsWith('SQLITE_IOERR');
  }
}
