// What a session is, as the API and the pages show it, and as its row holds it.

import type { JsonObject } from '../json.ts';

export const KINDS = ['terminal', 'claude', 'fileEditor'] as const;
export type KindName = (typeof KINDS)[number];

export const SESSION_STATUSES = ['starting', 'active', 'stopped', 'error'] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

export type ActivityState = 'starting' | 'working' | 'needs_you' | 'idle' | 'stopped' | 'error';

/** What a session is doing now. */
export interface Activity {
  state: ActivityState;
  /** ISO 8601 UTC. */
  since: string;
  /** The program that works, the reason it ended; null where there is nothing to add. */
  detail: string | null;
}

/** One attached connection, as everyone may see it. */
export interface ClientInfo {
  /** Device id. */
  client: string;
  name: string;
  mode: 'rw' | 'ro';
  leads: boolean;
  /** Nobody can see it now: its page is hidden. */
  away?: true;
}

export interface Session {
  id: string;
  workspaceId: string;
  kind: KindName;
  name: string;
  status: SessionStatus;
  statusReason: string | null;
  created: string;
  lastActive: string;
  currentSequence: number;
  firstSequence: number;
  exitCode: number | null;
  exitSignal: string | null;
  activity: Activity;
  clients: ClientInfo[];
  meta: JsonObject;
}

export interface SessionPage {
  sessions: Session[];
  pagination: { total: number; limit: number; offset: number; hasMore: boolean };
}

/** The row behind a session. */
export interface SessionRow {
  runId: string;
  workspaceId: string;
  kind: KindName;
  name: string;
  status: SessionStatus;
  statusReason: string | null;
  createdAt: number;
  lastActiveAt: number;
  metaJson: JsonObject;
  exitCode: number | null;
  exitSignal: string | null;
  head: number;
  firstSequence: number;
  /** Output bytes of the present run that are in the log. */
  holderOffset: number;
}

export const isLive = (status: SessionStatus): boolean => status === 'starting' || status === 'active';
