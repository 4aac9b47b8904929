// Follows the logs of all sessions, in a thread of its own, and keeps the index. Sessions take
// turns by slices of their logs. What was read, the text that came of it and where its reader
// stands are one commit: killed at any point, it goes on from there and does nothing twice.

import { limits } from '../limits.ts';
import type { LogEvent } from '../sessions/event.ts';
import { decodeBlock, linesOf } from './block.ts';
import type { IndexFile } from './index-file.ts';
import type { Line, TextReader } from './text-reader.ts';
import type { JsonObject } from '../json.ts';

/** A session, as far as the index is concerned. */
export interface LoggedSession {
  runId: string;
  workspaceId: string;
  kind: string;
  head: number;
  firstSequence: number;
  ended: boolean;
}

/** What the indexer needs of the log; it is given one that has the database open for reading. */
export interface LogReader {
  /** True where anything was committed since this was last asked. */
  changed(): boolean;
  /** Of all sessions, or of those that live. */
  sessions(which: 'all' | 'live'): LoggedSession[];
  session(runId: string): LoggedSession | undefined;
  /** Events after `after` up to `upTo`, in order; ends early past `bytesMax`. */
  read(runId: string, range: { after: number; upTo: number; limit: number; bytesMax: number }): { events: LogEvent[]; examined: number };
}

export interface IndexerParts {
  file: IndexFile;
  log: LogReader;
  /** A reader for the session's kind that goes on from a state; from the beginning where that is empty. */
  openReader: (session: LoggedSession, state: JsonObject) => TextReader;
  report: (line: string) => void;
}

interface Followed {
  source: number;
  session: LoggedSession;
  /** Last event that was read. */
  cursor: number;
  /** Of the index. */
  committed: number;
  first: number;
  reader: TextReader | undefined;
  /** Lines that are settled and in no closed block. */
  pending: Line[];
  pendingBytes: number;
  /** performance.now() of the last commit, and of the last event. */
  committedAt: number;
  readAt: number;
  /** The open block is in the full text index, or there is none. */
  rests: boolean;
  /** Its log could not be read: not before then. */
  retryAt: number;
}

export class Indexer {
  readonly #parts: IndexerParts;
  readonly #followed = new Map<string, Followed>();
  readonly #turns = new Set<Followed>();
  #live = new Set<string>();
  #allAt = -Infinity;
  #restAt = -Infinity;

  constructor(parts: IndexerParts) {
    this.#parts = parts;
    for (const { id, runId, cursor, first, rests } of parts.file.sources()) {
      this.#followed.set(runId, {
        source: id,
        session: { runId, workspaceId: '', kind: '', head: cursor, firstSequence: first, ended: true },
        cursor,
        committed: cursor,
        first,
        reader: undefined,
        pending: [],
        pendingBytes: 0,
        committedAt: 0,
        readAt: -Infinity,
        rests,
        retryAt: 0,
      });
    }
  }

  /** Looks what is new, then does one slice. @returns ms until there is more to do; 0 at once */
  work(now: number, lookAtAll = false): number {
    this.#look(now, lookAtAll);
    const next = this.#next(now);
    if (next !== undefined) {
      this.#turns.delete(next);
      this.#advance(next, now);
      if (next.cursor < next.session.head) this.#turns.add(next);
      this.#commitDue(next, now);
      return 0;
    }
    return this.#rest(now);
  }

  /** Writes down what was read. */
  flush(): void {
    for (const followed of this.#followed.values()) {
      if (followed.reader !== undefined && followed.cursor > followed.committed) this.#commit(followed, performance.now(), followed.rests);
    }
  }

  dispose(): void {
    for (const { reader } of this.#followed.values()) reader?.dispose();
    this.#followed.clear();
  }

  #look(now: number, lookAtAll: boolean): void {
    const { log } = this.#parts;
    const all = lookAtAll || now - this.#allAt >= limits.searchLookAtAllMs;
    if (!all && !log.changed()) return;
    if (all) log.changed();
    const sessions = log.sessions(all ? 'all' : 'live');
    const live = new Set(sessions.filter(({ ended }) => !ended).map(({ runId }) => runId));
    // What lived a moment ago and does not now has a last word, too.
    for (const runId of this.#live) {
      if (live.has(runId) || all) continue;
      const session = log.session(runId);
      if (session === undefined) this.#forget(runId);
      else sessions.push(session);
    }
    this.#live = live;
    for (const session of sessions) this.#reached(session);
    if (!all) return;
    this.#allAt = now;
    const there = new Set(sessions.map(({ runId }) => runId));
    for (const runId of [...this.#followed.keys()]) if (!there.has(runId)) this.#forget(runId);
  }

  #next(now: number): Followed | undefined {
    for (const followed of this.#turns) if (followed.retryAt <= now) return followed;
    return undefined;
  }

  #reached(session: LoggedSession): void {
    const { runId, head, firstSequence } = session;
    if (head === 0) return;
    let followed = this.#followed.get(runId);
    // Behind the log's own end: it is another log under the same name.
    if (followed !== undefined && followed.cursor > head) {
      this.#forget(runId);
      followed = undefined;
    }
    followed ??= this.#begin(session);
    followed.session = session;
    if (firstSequence > followed.first) this.#prune(followed);
    if (followed.cursor < head || (!followed.rests && (session.ended || followed.reader === undefined))) this.#turns.add(followed);
  }

  #begin(session: LoggedSession): Followed {
    const { runId, workspaceId, kind, firstSequence } = session;
    const { id, cursor, first } = this.#parts.file.addSource({ runId, workspaceId, kind, first: firstSequence });
    const reader = this.#parts.openReader(session, {});
    const followed: Followed = {
      source: id, session, cursor, committed: cursor, first, reader, pending: [], pendingBytes: 0, committedAt: 0, readAt: 0, rests: true, retryAt: 0,
    };
    this.#followed.set(runId, followed);
    return followed;
  }

  /** Its reader, made again where it was put away. */
  #readerOf(followed: Followed): TextReader {
    if (followed.reader !== undefined) return followed.reader;
    const { settled, state, packed } = this.#parts.file.stateOf(followed.source);
    followed.pending = packed === undefined ? [] : linesOf(decodeBlock(packed)).slice(0, settled);
    followed.pendingBytes = sizeOf(followed.pending);
    try {
      followed.reader = this.#parts.openReader(followed.session, state);
    } catch (error) {
      this.#parts.report(`search: ${followed.session.runId} goes on without what it showed: ${error instanceof Error ? error.message : String(error)}`);
      followed.reader = this.#parts.openReader(followed.session, {});
    }
    return followed.reader;
  }

  #advance(followed: Followed, now: number): void {
    const { runId, head } = followed.session;
    const reader = this.#readerOf(followed);
    followed.readAt = now;
    if (followed.cursor >= head) return;
    const { searchSliceEvents: limit, searchSliceBytes: bytesMax } = limits;
    let page: ReturnType<LogReader['read']>;
    try {
      page = this.#parts.log.read(runId, { after: followed.cursor, upTo: head, limit, bytesMax });
    } catch (error) {
      followed.retryAt = now + limits.searchLookAtAllMs;
      return this.#parts.report(`search: the log of ${runId} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    const { events, examined } = page;
    for (const event of events) this.#take(reader, event);
    // Where there are none, they were dropped before they were read.
    followed.cursor = events.length === 0 ? Math.max(examined, head) : Math.max(followed.cursor, events.at(-1)?.sequence ?? 0);
    const settled = reader.settled();
    followed.pending.push(...settled);
    followed.pendingBytes += sizeOf(settled);
    followed.rests = false;
  }

  /** What a reader cannot stand costs that event alone: all others must still be found. */
  #take(reader: TextReader, event: LogEvent): void {
    try {
      reader.take(event);
    } catch (error) {
      this.#parts.report(`search: event ${event.sequence} of ${event.runId} is not searched: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #commitDue(followed: Followed, now: number): void {
    const isAtHead = followed.cursor >= followed.session.head;
    const rests = isAtHead && followed.session.ended;
    const waited = now - followed.committedAt >= limits.searchCommitMs;
    if (rests || (isAtHead && waited) || followed.pendingBytes >= limits.searchBlockBytes * 2 || (waited && now - followed.committedAt >= limits.searchCommitMs * 5)) {
      this.#commit(followed, now, rests);
    }
  }

  #commit(followed: Followed, now: number, rests: boolean): void {
    const reader = this.#readerOf(followed);
    const closed = this.#closed(followed);
    const kept = ({ sequence }: Line): boolean => sequence >= followed.first;
    const pending = followed.pending.filter(kept);
    this.#parts.file.commit({
      source: followed.source,
      cursor: followed.cursor,
      closed,
      open: [...pending, ...reader.open().filter(kept)],
      settled: pending.length,
      state: reader.state(),
      rests,
    });
    followed.pending = pending;
    followed.pendingBytes = sizeOf(pending);
    followed.committed = followed.cursor;
    followed.committedAt = now;
    followed.rests = rests;
    if (rests && followed.session.ended) this.#putAway(followed);
  }

  /** Takes full blocks off the front of what is pending. */
  #closed(followed: Followed): Line[][] {
    const closed: Line[][] = [];
    if (followed.pendingBytes < limits.searchBlockBytes) return closed;
    let lines: Line[] = [];
    let bytes = 0;
    for (const line of followed.pending) {
      if (line.sequence < followed.first) continue;
      lines.push(line);
      bytes += bytesOf(line);
      if (bytes < limits.searchBlockBytes) continue;
      closed.push(lines);
      lines = [];
      bytes = 0;
    }
    followed.pending = lines;
    return closed;
  }

  /** Nothing is behind: what was not written yet is, what rests is put away. */
  #rest(now: number): number {
    let wait: number = limits.searchLookMs;
    for (const followed of this.#followed.values()) {
      if (followed.reader === undefined) continue;
      const dueIn = followed.committedAt + limits.searchCommitMs - now;
      if (followed.cursor > followed.committed) {
        if (dueIn <= 0) this.#commit(followed, now, false);
        else wait = Math.min(wait, dueIn);
      } else if (now - followed.readAt >= limits.searchRestMs) {
        if (!followed.rests) this.#commit(followed, now, true);
        this.#putAway(followed);
      }
    }
    if (now - this.#restAt < limits.searchLookMs) return wait;
    this.#restAt = now;
    this.#parts.file.tidy();
    return wait;
  }

  #putAway(followed: Followed): void {
    followed.reader?.dispose();
    followed.reader = undefined;
    followed.pending = [];
    followed.pendingBytes = 0;
  }

  #prune(followed: Followed): void {
    const { firstSequence } = followed.session;
    this.#parts.file.prune(followed.source, firstSequence, (packed) => linesOf(decodeBlock(packed)).filter(({ sequence }) => sequence >= firstSequence));
    followed.first = firstSequence;
    followed.cursor = Math.max(followed.cursor, firstSequence - 1);
    this.#readerOf(followed);
    this.#commit(followed, performance.now(), followed.rests && followed.session.ended);
  }

  #forget(runId: string): void {
    const followed = this.#followed.get(runId);
    if (followed === undefined) return;
    this.#parts.file.deleteSource(followed.source);
    followed.reader?.dispose();
    this.#followed.delete(runId);
    this.#turns.delete(followed);
  }
}

/** As good as UTF-8's, for how much goes into a block. */
const bytesOf = ({ text }: Line): number => text.length + 1;
const sizeOf = (lines: readonly Line[]): number => lines.reduce((sum, line) => sum + bytesOf(line), 0);
