// What workspaces need of a store; src/db fits it by shape. All of it is synchronous.

import type { JsonObject } from '../json.ts';
import type { SessionCounts, WorkspaceStatus } from './workspace.ts';

/** The row behind a workspace; times in ms. */
export interface WorkspaceRow {
  id: string;
  name: string;
  path: string;
  status: WorkspaceStatus;
  statusReason: string | null;
  metadata: JsonObject;
  created: number;
  lastAccessed: number;
}

export interface RowFilter {
  statuses: readonly WorkspaceStatus[];
  /** Part of the name or path, in any case and Unicode form. */
  q?: string | undefined;
  limit: number;
  offset: number;
}

export type WorkspaceChange = Partial<Pick<WorkspaceRow, 'name' | 'path' | 'status' | 'statusReason' | 'metadata'>>;

export interface WorkspaceStore {
  /** @returns false where the path is another workspace's */
  insert(row: WorkspaceRow): boolean;
  get(id: string): WorkspaceRow | undefined;
  byPath(path: string): WorkspaceRow | undefined;
  /** Latest accessed first. */
  list(filter: RowFilter): { rows: WorkspaceRow[]; total: number };
  /** All but the archived. */
  open(): WorkspaceRow[];
  /** @returns false where the path is another workspace's */
  update(id: string, change: WorkspaceChange): boolean;
  /** @returns false where the disk is full: the truth will be seen again at the next look */
  setStatus(id: string, status: WorkspaceStatus, reason: string | null): boolean;
  /** Moves lastAccessed to `at`, unless it moved within the last `intervalMs`. */
  touch(id: string, at: number, intervalMs: number): void;
  /** Called before anything is stopped for a deletion: it will find room, also on a full disk. @throws AppError full */
  ensureDelete(): void;
  /** @returns ids of the sessions that went with it; their events go in the background */
  delete(id: string): string[];
  /** Sessions by status, of many workspaces at once; one without sessions has no entry. */
  counts(ids: readonly string[]): Map<string, SessionCounts>;
}
