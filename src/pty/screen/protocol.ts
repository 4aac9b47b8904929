// What the server's thread and the worker with the screens say to each other. The events
// themselves do not pass: the worker reads them from the log.

import type { JsonObject } from '../../json.ts';
import type { Winsize } from '../winsize.ts';
import type { Scrollback, Snapshot } from './screen.ts';

/** A snapshot as it is kept: compressed. */
export interface StoredSnapshot extends Winsize {
  sequence: number;
  /** zstd. */
  vt: Uint8Array;
}

export type Question =
  | { what: 'snapshot'; scrollback: number; bytesMax: number }
  | { what: 'text' }
  | { what: 'ansi' }
  | { what: 'html' }
  | { what: 'scrollback'; before: number | undefined; limit: number };

export type ToWorker =
  /** The session lives: its screen follows the log from now on, answers and tells of events. */
  | { kind: 'follow'; runId: string; head: number; scrollback: number; answersAfter: number; derivedAfter: number }
  /** Latest sequences, of sessions whose logs grew. */
  | { kind: 'heads'; heads: [runId: string, head: number][] }
  /** A good moment to keep a snapshot. */
  | { kind: 'keep'; runId: string }
  /** The session ended at `head`: a last snapshot, then its screen may go. */
  | { kind: 'ended'; runId: string; head: number }
  | { kind: 'deleted'; runId: string }
  /** The screen at `head` or later; after `waitMs` as far as it is. */
  | { kind: 'ask'; id: number; runId: string; head: number; scrollback: number; waitMs: number; question: Question };

export type Answer =
  | { what: 'snapshot'; snapshot: Snapshot }
  | { what: 'shown'; sequence: number; shown: string }
  | { what: 'scrollback'; scrollback: Scrollback };

/** An event to record, with the sequence of the output that brought it about. */
export interface DerivedEvent {
  type: string;
  data: JsonObject;
  sequence: number;
}

export type FromWorker =
  /** It listens. */
  | { kind: 'ready' }
  | { kind: 'answer'; runId: string; sequence: number; bytes: string }
  /** In order; nothing before is to come, up to and with the last one's sequence. */
  | { kind: 'derived'; runId: string; events: DerivedEvent[] }
  /** How far screens are. */
  | { kind: 'positions'; positions: [runId: string, sequence: number][] }
  /** Of a session that ended all has been told. */
  | { kind: 'settled'; runId: string }
  | { kind: 'stored'; runId: string; snapshot: StoredSnapshot }
  | { kind: 'keyframe'; runId: string; keyframe: StoredSnapshot }
  | { kind: 'answered'; id: number; answer: Answer }
  | { kind: 'refused'; id: number; message: string }
  /** Nobody foresaw it: for our own log, never for who asked. */
  | { kind: 'failed'; id: number; stack: string };
