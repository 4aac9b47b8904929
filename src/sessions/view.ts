// A session's row and its running program as one answer.

import type { JsonObject } from '../json.ts';
import type { Program } from './kind.ts';
import { type Activity, isLive, type Session, type SessionRow, type SessionStatus } from './session.ts';

export interface RunningView {
  status: SessionStatus;
  since: number;
  program: Program | undefined;
}

/** Lists show the names of environment variables only: `env` is then a list of names. */
export function sessionView(row: SessionRow, running: RunningView | undefined, env: 'names' | 'values'): Session {
  // While the disk is full the row lags behind; what runs, or does not, is the truth.
  const status = running?.status ?? (isLive(row.status) ? 'stopped' : row.status);
  return {
    id: row.runId,
    workspaceId: row.workspaceId,
    kind: row.kind,
    name: row.name,
    status,
    statusReason: row.statusReason,
    created: new Date(row.createdAt).toISOString(),
    lastActive: new Date(row.lastActiveAt).toISOString(),
    currentSequence: row.head,
    firstSequence: row.firstSequence,
    exitCode: row.exitCode,
    exitSignal: row.exitSignal,
    activity: activityOf(row, running, status),
    clients: running?.program?.clients() ?? [],
    meta: env === 'values' ? row.metaJson : withEnvNames(row.metaJson),
  };
}

function activityOf(row: SessionRow, running: RunningView | undefined, status: SessionStatus): Activity {
  const own = running?.program?.activity();
  if (own !== undefined && isLive(status)) return { ...own, since: new Date(own.since).toISOString() };
  const state = status === 'active' ? 'idle' : status;
  const since = running?.since ?? row.lastActiveAt;
  return { state, since: new Date(since).toISOString(), detail: row.statusReason };
}

function withEnvNames(meta: JsonObject): JsonObject {
  const { env } = meta;
  return env !== null && typeof env === 'object' && !Array.isArray(env) ? { ...meta, env: Object.keys(env) } : meta;
}
