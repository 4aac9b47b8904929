// The packs of a session: the older part of its log, many events to a row. Packs follow one
// another without a gap, from the first event that is kept; what comes after the last of them
// are rows of their own.

import { and, asc, desc, eq, gt, sql } from 'drizzle-orm';
import { assert } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Channel, LogEvent } from '../sessions/event.ts';
import type { EventPage, EventRange } from '../sessions/store.ts';
import type { Db } from './open.ts';
import { OpenPack } from './pack.ts';
import { sessionPacks } from './schema.ts';

/** A pack without what is in it. */
export interface PackHeader {
  first: number;
  last: number;
  /** Unpacked. */
  bytes: number;
  /** ms; of its first event. */
  oldest: number;
  /** ms; the highest of its events. */
  newest: number;
  /** What there is in it. */
  kinds: [Channel, string][];
}

/** A page that is being read. */
export interface PageSoFar extends EventPage {
  bytes: number;
}

const { runId: ofRun, firstSequence, lastSequence, packed } = sessionPacks;
const HEADER = {
  first: firstSequence,
  last: lastSequence,
  bytes: sessionPacks.bytes,
  oldest: sessionPacks.oldest,
  newest: sessionPacks.newest,
  kinds: sessionPacks.kinds,
};

export class Packs {
  /** By session and range: the same range is always the same events. The latest used is last. */
  readonly #open = new Map<string, OpenPack>();
  #openBytes = 0;
  readonly #lastOf;
  readonly #after;
  readonly #latest;
  readonly #packed;

  constructor(db: Db) {
    const inRun = eq(ofRun, sql.placeholder('runId'));
    this.#lastOf = db.select(HEADER).from(sessionPacks).where(inRun).orderBy(desc(lastSequence)).limit(1).prepare();
    this.#after = db
      .select(HEADER)
      .from(sessionPacks)
      .where(and(inRun, gt(lastSequence, sql.placeholder('after'))))
      .orderBy(asc(lastSequence))
      .limit(1)
      .prepare();
    const hasType = sql`EXISTS (SELECT 1 FROM json_each(${sessionPacks.kinds}) AS kind WHERE kind.value ->> 1 = ${sql.placeholder('type')})`;
    this.#latest = db
      .select(HEADER)
      .from(sessionPacks)
      .where(and(inRun, hasType))
      .orderBy(desc(lastSequence))
      .limit(1)
      .prepare();
    this.#packed = db
      .select({ packed })
      .from(sessionPacks)
      .where(and(inRun, eq(lastSequence, sql.placeholder('last'))))
      .prepare();
  }

  last(runId: string): PackHeader | undefined {
    return this.#lastOf.get({ runId });
  }

  /** The pack that holds the event after `after`, or the first one behind it. */
  after(runId: string, after: number): PackHeader | undefined {
    return this.#after.get({ runId, after });
  }

  /** Adds to the page what packs have for it. @returns whether the page has ended */
  read(runId: string, range: EventRange, page: PageSoFar): boolean {
    const { upTo, channel, type } = range;
    const isFiltered = channel !== undefined || type !== undefined;
    let opened = 0;
    while (page.examined < upTo) {
      const header = this.after(runId, page.examined);
      if (header === undefined) return false;
      if (header.first > upTo) page.examined = upTo;
      else if (!header.kinds.some(([ofIts, its]) => (channel ?? ofIts) === ofIts && (type ?? its) === its)) {
        page.examined = Math.min(header.last, upTo);
      } else {
        if (take(runId, this.open(runId, header), range, page)) return true;
        opened += header.bytes;
        if (isFiltered && opened >= limits.packsExaminedBytesMax) return true;
      }
    }
    return true;
  }

  /** The last event of a type. */
  latest(runId: string, type: string): LogEvent | undefined {
    const header = this.#latest.get({ runId, type });
    if (header === undefined) return undefined;
    const pack = this.open(runId, header);
    for (let sequence = pack.last; sequence >= pack.first; sequence -= 1) {
      if (pack.fits(sequence, undefined, type)) return pack.event(runId, sequence);
    }
    return undefined;
  }

  open(runId: string, { first, last }: PackHeader): OpenPack {
    const key = `${runId} ${first} ${last}`;
    const known = this.#open.get(key);
    const pack = known ?? this.#unpack(runId, last);
    assert(pack.first === first && pack.last === last, 'a pack holds what its row says');
    if (known === undefined) this.#openBytes += pack.memoryBytes;
    this.#open.delete(key);
    this.#open.set(key, pack);
    for (const [oldest, { memoryBytes }] of this.#open) {
      if (this.#openBytes <= limits.packsOpenBytesMax || oldest === key) break;
      this.#open.delete(oldest);
      this.#openBytes -= memoryBytes;
    }
    return pack;
  }

  #unpack(runId: string, last: number): OpenPack {
    const row = this.#packed.get({ runId, last });
    assert(row !== undefined, 'a pack that was found is there');
    return new OpenPack(Bun.zstdDecompressSync(row.packed));
  }
}

/** @returns whether the page is full */
function take(runId: string, pack: OpenPack, range: EventRange, page: PageSoFar): boolean {
  const { upTo, limit, bytesMax, channel, type } = range;
  const last = Math.min(pack.last, upTo);
  for (let sequence = Math.max(pack.first, page.examined + 1); sequence <= last; sequence += 1) {
    page.examined = sequence;
    if (!pack.fits(sequence, channel, type)) continue;
    page.events.push(pack.event(runId, sequence));
    page.bytes += pack.bytes(sequence);
    if (page.events.length >= limit || page.bytes >= bytesMax) return true;
  }
  return false;
}
