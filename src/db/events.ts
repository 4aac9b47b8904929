// The event log. The sequence is given out by the session's own row in the transaction that
// inserts, so it has no gap and is never reused, whatever else writes. What has gone cold lies
// in packs (./packs.ts): readers see one log.

import { and, asc, desc, eq, getTableName, gt, lte, sql } from 'drizzle-orm';
import type { JsonObject } from '../json.ts';
import type { LogEvent, NewEvent } from '../sessions/event.ts';
import type { AppendedWith, EventPage, EventRange, EventStore } from '../sessions/store.ts';
import type { Db, OpenDatabase } from './open.ts';
import { type PageSoFar, Packs } from './packs.ts';
import { sessionEvents, sessions } from './schema.ts';
import { Snapshots } from './snapshots.ts';
import { isBusy, lacksRoom } from './sqlite-error.ts';

/** Rows fetched at first, then twice as many each time: a page that is bounded by bytes stops soon after it. */
const READ_ROWS_FIRST = 8;

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

export class Events implements EventStore {
  readonly #db: Db;
  readonly #packs: Packs;
  readonly #page;
  readonly #append: Append;
  readonly #read: (runId: string, range: EventRange) => EventPage;
  readonly #latest: (runId: string, type: string) => LogEvent | undefined;
  readonly #grown = new Set<string>();

  constructor({ db, sqlite }: Pick<OpenDatabase, 'db' | 'sqlite'>, packs = new Packs(db)) {
    this.#db = db;
    this.#packs = packs;
    // On one state of the database: events that are packed meanwhile would be in neither place.
    this.#read = sqlite.transaction((runId, range) => this.#readLog(runId, range));
    this.#latest = sqlite.transaction((runId, type) => this.#latestRow(runId, type) ?? packs.latest(runId, type));
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
    const stored = this.#append(runId, events, also);
    this.#grown.add(runId);
    return stored;
  }

  read(runId: string, range: EventRange): EventPage {
    return this.#read(runId, range);
  }

  latest(runId: string, type: string): LogEvent | undefined {
    return this.#latest(runId, type);
  }

  /** Sessions whose log grew since this was last asked. */
  takeGrown(): string[] {
    const grown = [...this.#grown];
    this.#grown.clear();
    return grown;
  }

  isFull(error: unknown): boolean {
    return lacksRoom(error) || isBusy(error); // Held by another for longer than busy_timeout counts, too.
  }

  #readLog(runId: string, range: EventRange): EventPage {
    const { after, upTo, limit, bytesMax, channel, type } = range;
    const page: PageSoFar = { events: [], examined: after, bytes: 0 };
    const { events } = page;
    if (this.#packs.read(runId, range, page)) return { events, examined: page.examined };
    for (let rowsMax = READ_ROWS_FIRST; events.length < limit && page.bytes < bytesMax; rowsMax *= 2) {
      const most = Math.min(rowsMax, limit - events.length);
      const wanted = { channel: channel ?? null, type: type ?? null };
      const rows = this.#page.all({ runId, after: page.examined, upTo, limit: most, ...wanted });
      for (const row of rows) {
        events.push(fromRow(row));
        page.bytes += row.data.length;
        page.examined = row.sequence;
        if (page.bytes >= bytesMax) break;
      }
      if (rows.length < most && page.bytes < bytesMax) return { events, examined: Math.max(upTo, after) };
    }
    return { events, examined: page.examined };
  }

  #latestRow(runId: string, type: string): LogEvent | undefined {
    const row = this.#db
      .select()
      .from(sessionEvents)
      .where(and(eq(sessionEvents.runId, runId), eq(sessionEvents.type, type)))
      .orderBy(desc(sessionEvents.sequence))
      .limit(1)
      .get();
    return row && fromRow(row);
  }
}

function fromRow(row: typeof sessionEvents.$inferSelect): LogEvent {
  return { ...row, data: typeof row.data === 'string' ? (JSON.parse(row.data) as JsonObject) : row.data };
}
