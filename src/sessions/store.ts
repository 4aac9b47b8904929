// What the session core needs of a store; src/db fits it by shape. All of it is synchronous:
// when `append` returns, the events are in the log.

import type { Channel, LogEvent, NewEvent } from './event.ts';
import type { KindName, SessionRow, SessionStatus } from './session.ts';

export interface EventRange {
  /** Sequences greater than this. */
  after: number;
  /** Up to and with this one. */
  upTo: number;
  limit: number;
  /** Ends the page early once this many bytes of data were read; at least one event comes. */
  bytesMax: number;
  channel?: Channel | undefined;
  type?: string | undefined;
}

export interface EventPage {
  /** In sequence order. */
  events: LogEvent[];
  /** The last sequence looked at, matched or not: `upTo` where the page was not ended early. */
  examined: number;
}

/** A change of status that is committed together with the events that tell of it. */
export interface StatusChange {
  status: SessionStatus;
  statusReason: string | null;
  exitCode: number | null;
  exitSignal: string | null;
}

/** What is committed together with events. */
export interface AppendedWith {
  change?: StatusChange;
  /** Output bytes of the run that are in the log with these events. */
  holderOffset?: number;
  /** Output up to this sequence was looked through for the events that it brings about. */
  derivedThrough?: number;
}

export interface EventStore {
  /** Gives the next sequences and inserts, in one transaction. Nothing is stored when it throws. */
  append(runId: string, events: readonly NewEvent[], also?: AppendedWith): LogEvent[];
  read(runId: string, range: EventRange): EventPage;
  /** The last event of a type, of those that are kept. */
  latest(runId: string, type: string): LogEvent | undefined;
  /** True where the error says that the disk, not the caller, is the reason: a later try can succeed. */
  isFull(error: unknown): boolean;
}

export interface SessionFilter {
  workspaceId?: string | undefined;
  kind?: KindName | undefined;
  status?: SessionStatus | undefined;
  limit: number;
  offset: number;
}

export interface SessionStore {
  insert(row: Omit<SessionRow, 'holderOffset'>): void;
  get(runId: string): SessionRow | undefined;
  list(filter: SessionFilter): { rows: SessionRow[]; total: number };
  rename(runId: string, name: string): void;
  touch(runId: string, at: number): void;
  setMeta(runId: string, meta: SessionRow['metaJson']): void;
  /** Called before anything is stopped for a deletion: it will find room, also on a full disk. @throws AppError full */
  ensureDelete(): void;
  /** The session is gone at once; its events go in the background. */
  delete(runId: string): void;
  /** Rows whose status is starting or active. */
  live(): SessionRow[];
}

