// Moments of a session's life: which event was the last at a time, where the axis of time runs,
// and the marks that a person looks for. Only reads, and opens as few packs as it can.

import { and, asc, desc, eq, gt, gte, inArray, lt, lte, sql } from 'drizzle-orm';
import type { JsonObject } from '../json.ts';
import type { Db } from './open.ts';
import type { Packs } from './packs.ts';
import { sessionEvents, sessionMarks, sessionPacks, sessions } from './schema.ts';

export interface Moment {
  sequence: number;
  /** ms since the epoch. */
  timestamp: number;
}

export interface Mark extends Moment {
  type: string;
  data: JsonObject;
}

export interface MarkRange {
  /** Sequences greater than this. */
  after: number;
  /** And less than this. */
  before: number;
  types?: readonly string[];
  limit: number;
  order?: 'first' | 'last';
}

/** So many packs are opened to see inside of them; of more only their ends are told. */
const PACKS_OPENED = 24;
const POINTS_PER_PACK = 24;
const POINTS_OF_ROWS = 400;

const { runId: ofRun, sequence, timestamp } = sessionEvents;
const { runId: inRun, sequence: at, timestamp: when, type, data } = sessionMarks;

export class Moments {
  readonly #db: Db;
  readonly #packs: Packs;

  constructor(db: Db, packs: Packs) {
    this.#db = db;
    this.#packs = packs;
  }

  /** First and last event that are kept; undefined where there is no session, or no event. */
  span(runId: string): { first: Moment; last: Moment } | undefined {
    const session = this.#db
      .select({ first: sessions.firstSequence, head: sessions.head })
      .from(sessions)
      .where(eq(sessions.runId, runId))
      .get();
    if (session === undefined || session.head < session.first) return undefined;
    const first = { sequence: session.first, timestamp: this.timeOf(runId, session.first) ?? 0 };
    return { first, last: { sequence: session.head, timestamp: this.timeOf(runId, session.head) ?? first.timestamp } };
  }

  /** When an event happened; undefined where it is not kept. */
  timeOf(runId: string, moment: number): number | undefined {
    const row = this.#db.select({ timestamp }).from(sessionEvents).where(and(eq(ofRun, runId), eq(sequence, moment))).get();
    if (row !== undefined) return row.timestamp;
    const pack = this.#packs.after(runId, moment - 1);
    return pack === undefined || pack.first > moment ? undefined : this.#packs.open(runId, pack).timestamp(moment);
  }

  /** The last event up to a time; the first one that is kept where all are later. */
  lastUntil(runId: string, time: number): number | undefined {
    const row = this.#db
      .select({ sequence })
      .from(sessionEvents)
      .where(and(eq(ofRun, runId), lte(timestamp, time)))
      .orderBy(desc(sequence))
      .limit(1)
      .get();
    if (row !== undefined) return row.sequence;
    const { firstSequence, lastSequence, oldest } = sessionPacks;
    const pack = this.#db
      .select({ first: firstSequence, last: lastSequence })
      .from(sessionPacks)
      .where(and(eq(sessionPacks.runId, runId), lte(oldest, time)))
      .orderBy(desc(lastSequence))
      .limit(1)
      .get();
    if (pack === undefined) return this.span(runId)?.first.sequence;
    const header = this.#packs.after(runId, pack.last - 1);
    if (header === undefined) return pack.last;
    const open = this.#packs.open(runId, header);
    let found = open.last;
    while (found > open.first && open.timestamp(found) > time) found -= 1;
    return found;
  }

  /** Points of the way from the first event to the last, by which one turns a time into a place. */
  points(runId: string): Moment[] {
    const { firstSequence, lastSequence, oldest, newest } = sessionPacks;
    const packs = this.#db
      .select({ first: firstSequence, last: lastSequence, oldest, newest })
      .from(sessionPacks)
      .where(eq(sessionPacks.runId, runId))
      .orderBy(asc(lastSequence))
      .all();
    const found: Moment[] = [];
    const every = Math.max(1, Math.ceil((packs.length * 2) / (PACKS_OPENED * POINTS_PER_PACK)));
    for (const [index, pack] of packs.entries()) {
      if (packs.length <= PACKS_OPENED) found.push(...this.#within(runId, pack.first));
      else if (index % every === 0) found.push({ sequence: pack.first, timestamp: pack.oldest }, { sequence: pack.last, timestamp: pack.newest });
    }
    const first = (packs.at(-1)?.last ?? 0) + 1;
    found.push(...this.#rows(runId, first));
    const span = this.span(runId);
    return span === undefined ? [] : rising([span.first, ...found, span.last]);
  }

  marks(runId: string, { after, before, types, limit, order = 'first' }: MarkRange): Mark[] {
    const wanted = types === undefined ? undefined : inArray(type, [...types]);
    const found = this.#db
      .select({ sequence: at, timestamp: when, type, data })
      .from(sessionMarks)
      .where(and(eq(inRun, runId), gt(at, after), lt(at, before), wanted))
      .orderBy(order === 'first' ? asc(at) : desc(at))
      .limit(limit)
      .all();
    return order === 'first' ? found : found.reverse();
  }

  /** All of them, where they are few; else at most one of each type in each of `parts` equal parts of the time. */
  thinnedMarks(runId: string, from: number, until: number, parts: number): { marks: Mark[]; thinned: boolean } {
    // A command counts from its start; how it ended is told where its end is looked at.
    const seen = sql`${type} <> 'cwd' AND NOT (${type} = 'command' AND ${data} ->> '$.phase' <> 'output')`;
    const range = and(eq(inRun, runId), gte(at, from), lte(at, until), seen);
    const { total, oldest, newest } = this.#db
      .select({ total: sql<number>`count(*)`, oldest: sql<number>`coalesce(min(${when}), 0)`, newest: sql<number>`coalesce(max(${when}), 0)` })
      .from(sessionMarks)
      .where(range)
      .get() ?? { total: 0, oldest: 0, newest: 0 };
    const width = Math.max(1, (newest - oldest + 1) / parts);
    const thinned = total > parts * 2;
    // A clock may be set back: what is not thinned must not depend on it.
    const place = thinned ? sql`CAST((${when} - ${oldest}) / ${width} AS INTEGER)` : at;
    const marks = this.#db
      .select({ sequence: sql<number>`min(${at})`, timestamp: when, type, data })
      .from(sessionMarks)
      .where(range)
      .groupBy(type, place)
      .orderBy(sql`min(${at})`)
      .all();
    return { marks, thinned };
  }

  #within(runId: string, first: number): Moment[] {
    const header = this.#packs.after(runId, first - 1);
    if (header === undefined) return [];
    const open = this.#packs.open(runId, header);
    const step = Math.max(1, Math.ceil(open.count / POINTS_PER_PACK));
    const found: Moment[] = [];
    for (let moment = open.first; moment <= open.last; moment += step) found.push({ sequence: moment, timestamp: open.timestamp(moment) });
    return found;
  }

  #rows(runId: string, first: number): Moment[] {
    const last = this.#db.select({ head: sessions.head }).from(sessions).where(eq(sessions.runId, runId)).get()?.head ?? 0;
    const step = Math.max(1, Math.ceil((last - first + 1) / POINTS_OF_ROWS));
    const wanted = Array.from({ length: Math.max(0, Math.ceil((last - first + 1) / step)) }, (_, index) => first + index * step);
    return this.#db
      .select({ sequence, timestamp })
      .from(sessionEvents)
      .where(and(eq(ofRun, runId), inArray(sequence, wanted)))
      .orderBy(asc(sequence))
      .all();
  }
}

/** A clock may be set back; an axis goes one way. */
function rising(points: Moment[]): Moment[] {
  const sorted = points.toSorted((one, other) => one.sequence - other.sequence);
  const kept: Moment[] = [];
  for (const point of sorted) {
    const last = kept.at(-1);
    if (last?.sequence === point.sequence) continue;
    kept.push({ sequence: point.sequence, timestamp: Math.max(point.timestamp, last?.timestamp ?? 0) });
  }
  return kept;
}
