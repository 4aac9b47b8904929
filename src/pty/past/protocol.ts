// What the server's thread and the worker that looks into the past say to each other. Events do
// not pass: the worker reads them, and the screens near a moment, from the database.

import type { JsonObject } from '../../json.ts';
import type { Snapshot } from '../screen/screen.ts';
import type { StoredSnapshot } from '../screen/protocol.ts';
import type { Command, CommandOutput, CommandQuery } from './commands.ts';

/** An event's place and time. */
export interface Moment {
  sequence: number;
  /** ms since the epoch. */
  timestamp: number;
}

/** An event that a person looks for. */
export interface Mark extends Moment {
  type: string;
  data: JsonObject;
}

/** Where one goes for a mark: of a command that is the output with which it began, a little before the mark of it. */
export function placeOf({ sequence, timestamp, data }: Mark): Moment {
  const { of, at } = data;
  return { sequence: typeof of === 'number' ? of : sequence, timestamp: typeof at === 'number' ? at : timestamp };
}

/** A session's whole life, for an axis of time. */
export interface Life {
  first: Moment;
  last: Moment;
  /** From first to last; between two of them time runs evenly enough. */
  points: Moment[];
  marks: Mark[];
  /** Some marks are left out, for they lie too close. */
  thinned: boolean;
}

export type PastQuestion =
  | { what: 'text' | 'ansi' | 'html'; sequence: number }
  | { what: 'snapshot'; sequence: number; bytesMax: number }
  | { what: 'life' }
  /** The last event up to a time (ms). */
  | { what: 'moment'; time: number }
  /** The marks right before and after a moment. */
  | { what: 'beside'; sequence: number }
  | ({ what: 'commands' } & CommandQuery)
  | { what: 'output'; sequence: number };

export type PastAnswer =
  | { what: 'shown'; moment: Moment; shown: string }
  | { what: 'snapshot'; moment: Moment; snapshot: Snapshot }
  | { what: 'life'; life: Life | undefined }
  | { what: 'moment'; moment: Moment | undefined }
  | { what: 'beside'; before: Mark | undefined; after: Mark | undefined }
  | { what: 'commands'; commands: Command[]; hasMore: boolean }
  | { what: 'output'; output: CommandOutput | undefined };

export type ToPast = { kind: 'ask'; id: number; runId: string; question: PastQuestion } | { kind: 'cancel'; id: number };

export type FromPast =
  /** It listens. */
  | { kind: 'ready' }
  | { kind: 'answered'; id: number; answer: PastAnswer }
  /** What the moment is made from was dropped; `kept` is the first that can be shown. */
  | { kind: 'gone'; id: number; kept: Moment | undefined }
  /** Nobody foresaw it: for our own log, never for who asked. */
  | { kind: 'failed'; id: number; stack: string }
  /** Made on the way, where none was near: it would be needed again. */
  | { kind: 'keyframe'; runId: string; keyframe: StoredSnapshot };
