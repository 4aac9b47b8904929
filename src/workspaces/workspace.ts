// What a workspace is, as the API and the pages show it.

import type { JsonObject } from '../json.ts';

export type WorkspaceStatus = 'active' | 'archived' | 'error';

export interface SessionCounts {
  total: number;
  starting: number;
  active: number;
  stopped: number;
  error: number;
}

export interface Workspace {
  id: string;
  name: string;
  /** Absolute and real: no symlink in it when it was made. */
  path: string;
  status: WorkspaceStatus;
  statusReason: string | null;
  metadata: JsonObject;
  /** ISO 8601 UTC. */
  created: string;
  lastAccessed: string;
  sessionCounts: SessionCounts;
}
