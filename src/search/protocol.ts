// What the server's thread and the two workers of the search say to each other.

import type { Channel } from '../sessions/event.ts';
import type { Part } from './matching.ts';
import type { Query } from './query.ts';

export interface SearchRequest {
  query: Query;
  sessionId?: string | undefined;
  workspaceId?: string | undefined;
  kind?: string | undefined;
  channel?: Channel | undefined;
  /** ms; from and with, up to and with. */
  since?: number | undefined;
  until?: number | undefined;
  limit: number;
  /** Of one session no more than that. */
  perSession?: number | undefined;
  /** A hit that is shown beside another is none of its own. */
  spread?: boolean | undefined;
  cursor?: Position | undefined;
}

/** Where an answer ended: in a block, of whose hits so many were given; whether any had its words near each other. */
export interface Position {
  /** ms; of the block. */
  newest: number;
  block: number;
  given: number;
  near: 0 | 1;
}

export interface Result {
  sessionId: string;
  workspaceId: string;
  kind: string;
  name: string;
  channel: Channel;
  type: string;
  sequence: number;
  /** ms. */
  timestamp: number;
  context: Part[];
  /** Lines around it, in order. */
  before: Part[][];
  after: Part[][];
}

/** A session or a workspace whose name has what was looked for. */
export interface NamedResult {
  sessionId: string | null;
  workspaceId: string;
  kind: string | null;
  name: Part[];
}

export interface Indexed {
  /** Nothing is missing. */
  complete: boolean;
  /** Events that were recorded and not yet read. */
  behindEvents: number;
}

export interface SearchAnswer {
  results: Result[];
  names: NamedResult[];
  next: Position | null;
  indexed: Indexed;
}

export type ToFinder = { id: number; request: SearchRequest };
export type FromFinder =
  | { kind: 'ready' }
  | { kind: 'found'; id: number; answer: SearchAnswer }
  /** The index is not to be read. */
  | { kind: 'unusable'; id: number; message: string; answer: SearchAnswer }
  | { kind: 'refused'; id: number; message: string };

export type ToIndexer =
  /** Something came or went. */
  | { kind: 'look' }
  /** The index cannot be read: make it anew. */
  | { kind: 'anew' }
  /** Write down what was read, and leave. */
  | { kind: 'stop' };
export type FromIndexer = { kind: 'ready' } | { kind: 'stopped' } | { kind: 'report'; line: string };
