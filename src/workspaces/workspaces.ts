// The workspaces of this server and the one place where their status changes. Invariants: no
// two have the same path; an archived one has no live session; an answer's status is what the
// folder is at that moment.

import type { Changes } from '../changes.ts';
import { AppError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import { type FolderList, foldersIn } from './folders.ts';
import { mergePatch } from './merge-patch.ts';
import { checkedName, checkMetadata, checkMetadataSize, defaultName, withEnvNames } from './metadata.ts';
import type { PathPolicy } from './path-policy.ts';
import type { WorkspaceChange, WorkspaceRow, WorkspaceStore } from './store.ts';
import type { SessionCounts, Workspace, WorkspaceStatus } from './workspace.ts';

/** What workspaces need of sessions. */
export interface LiveSessions {
  liveIn(workspaceId: string): { id: string; name: string }[];
  /** Resolves once the session has ended. */
  stop(id: string): Promise<unknown>;
}

export interface WorkspacesParts {
  rows: WorkspaceStore;
  policy: PathPolicy;
  changes: Changes;
  /** Asked when needed: sessions need workspaces, too. */
  sessions: () => LiveSessions;
  /** Judges what the metadata says of settings. @throws AppError invalid (fields under `metadata`) */
  checkMetadata: (metadata: JsonObject) => void;
  now?: () => number;
}

export interface WorkspaceFilter {
  /** Without it all but the archived. */
  status?: WorkspaceStatus | undefined;
  q?: string | undefined;
  limit: number;
  offset: number;
}

export interface WorkspacePage {
  workspaces: Workspace[];
  pagination: { total: number; limit: number; offset: number; hasMore: boolean };
}

export interface CreateWorkspace {
  path: string;
  name?: string | undefined;
  metadata?: JsonObject | undefined;
  /** Makes the folder where it is missing. */
  create?: boolean | undefined;
}

export interface WorkspacePatch {
  name?: string | undefined;
  status?: 'active' | 'archived' | undefined;
  /** JSON merge patch. */
  metadata?: JsonObject | undefined;
  /** Where the folder is now. */
  path?: string | undefined;
}

export interface WorkspaceValue {
  name: string;
  status: 'active' | 'archived';
  metadata: JsonObject;
}

type PlanChange = (row: WorkspaceRow) => WorkspaceChange;

export class Workspaces {
  readonly #parts: WorkspacesParts;
  readonly #now: () => number;
  #watchers = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(parts: WorkspacesParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  /** Folders to choose one from: the roots, or what lies in `path`. @throws AppError invalid (field path) */
  folders(path: string | undefined): FolderList {
    return foldersIn(this.#parts.policy, path);
  }

  /** Latest accessed first; `metadata.env` as names. */
  list({ status, q, limit, offset }: WorkspaceFilter): WorkspacePage {
    const { rows } = this.#parts;
    // A filter by what folders are must know what they all are now.
    if (status === 'active' || status === 'error') this.#checkAll();
    const statuses = status === undefined ? (['active', 'error'] as const) : [status];
    const page = rows.list({ statuses, q, limit, offset });
    const counts = rows.counts(page.rows.map((row) => row.id));
    return {
      workspaces: page.rows.map((row) =>
        view({ ...this.#checked(row), metadata: withEnvNames(row.metadata) }, counts),
      ),
      pagination: { total: page.total, limit, offset, hasMore: offset + page.rows.length < page.total },
    };
  }

  /** @throws AppError not_found */
  get(id: string): Workspace {
    return view(this.#checked(this.#row(id)), this.#parts.rows.counts([id]));
  }

  /** What a walk among its files keeps to. @throws AppError not_found, conflict while the folder cannot be used */
  ground(id: string): { path: string; dataFolder: string } {
    return this.#parts.policy.ground(this.#row(id).path);
  }

  /** The one whose folder this is, archived or not. */
  at(path: string): Workspace | undefined {
    const row = this.#parts.rows.byPath(path);
    return row === undefined ? undefined : view(this.#checked(row), new Map());
  }

  /** @throws AppError invalid, conflict (the path is a workspace already), full */
  create(input: CreateWorkspace): Workspace {
    const { rows, policy, changes } = this.#parts;
    const place = policy.locate(input.path, { create: input.create ?? false });
    const name = input.name === undefined ? defaultName(place.path) : checkedName(input.name);
    const metadata = input.metadata ?? {};
    this.#checkMetadata(metadata);
    if (rows.byPath(place.path) !== undefined) throw this.#taken(place.path);
    const undo = policy.make(place);
    const now = this.#now();
    const row: WorkspaceRow = {
      id: Bun.randomUUIDv7(),
      name,
      path: place.path,
      status: 'active',
      statusReason: null,
      metadata,
      created: now,
      lastAccessed: now,
    };
    try {
      if (!rows.insert(row)) throw this.#taken(place.path);
    } catch (error) {
      undo();
      throw error;
    }
    changes.announce('workspaces', row.id);
    return view(row, new Map());
  }

  /** @throws AppError not_found, invalid, conflict (live sessions without `force`, a path that is taken) */
  async update(id: string, patch: WorkspacePatch, { force }: { force: boolean }): Promise<Workspace> {
    const { name, metadata, path, status } = patch;
    if (metadata !== undefined) checkMetadataSize(metadata);
    return this.#apply(id, force, (row) => ({
      ...(name === undefined ? {} : { name: checkedName(name) }),
      ...(metadata === undefined ? {} : { metadata: this.#checkMetadata(mergePatch(row.metadata, metadata)) }),
      ...(path === undefined ? {} : { path: this.#moved(row, path) }),
      ...(status === undefined ? {} : { status }),
    }));
  }

  /** @throws AppError as `update` */
  async replace(id: string, value: WorkspaceValue, { force }: { force: boolean }): Promise<Workspace> {
    return this.#apply(id, force, () => ({
      name: checkedName(value.name),
      status: value.status,
      metadata: this.#checkMetadata(value.metadata),
    }));
  }

  /** Removes the workspace with its history; never a file. @throws AppError not_found, conflict */
  async delete(id: string, { force }: { force: boolean }): Promise<void> {
    const { name } = this.#row(id);
    this.#parts.rows.ensureDelete(); // Before any session is stopped for it.
    const sessions = await this.#whenQuiet(id, force, `delete ${name}`, () => this.#parts.rows.delete(id));
    this.#parts.changes.announce('workspaces', id);
    for (const session of sessions) this.#parts.changes.announce('sessions', session);
  }

  /** Something happened in it: moves lastAccessed, at most once a minute, and announces nothing. */
  touch(id: string): void {
    this.#parts.rows.touch(id, this.#now(), limits.touchIntervalMs);
  }

  /** A page opened it. */
  opened(id: string): void {
    this.touch(id);
  }

  /**
   * While any watch is open, folders are looked at every limits.workspaceWatchMs.
   * @returns the function that ends this watch
   */
  watch(): () => void {
    this.#watchers += 1;
    this.#timer ??= setInterval(() => this.#checkAll(), limits.workspaceWatchMs);
    this.#timer.unref();
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.#watchers -= 1;
      if (this.#watchers === 0) this.dispose();
    };
  }

  /** Looks no more; nothing else holds a workspace open. */
  dispose(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Plans the change, stops live sessions where it needs that, plans again on the row as it
   * is then, and writes: all checks come before anything is stopped.
   */
  async #apply(id: string, force: boolean, plan: PlanChange): Promise<Workspace> {
    const before = this.#row(id);
    const planned = plan(before);
    const moves = planned.path !== undefined && planned.path !== before.path;
    const write = (): void => {
      const row = this.#row(id);
      const change = plan(row);
      const path = change.path ?? row.path;
      const archived = (change.status ?? row.status) === 'archived';
      const statusReason = archived ? null : this.#parts.policy.trouble(path);
      const status = archived ? 'archived' : statusReason === null ? 'active' : 'error';
      if (!this.#parts.rows.update(id, { ...change, status, statusReason })) throw this.#taken(path);
    };
    if (planned.status === 'archived' || moves) {
      await this.#whenQuiet(id, force, `${moves ? 'move' : 'archive'} ${before.name}`, write);
    } else {
      write();
    }
    this.#parts.changes.announce('workspaces', id);
    return this.get(id);
  }

  /** Calls `act` at a moment when no session is live; with `force` it brings that moment about. */
  async #whenQuiet<Result>(id: string, force: boolean, purpose: string, act: () => Result): Promise<Result> {
    const sessions = this.#parts.sessions();
    for (let round = 0; ; round += 1) {
      const live = sessions.liveIn(id);
      if (live.length === 0) return act(); // No await in between: nothing can be started meanwhile.
      // What was started while the others were stopped is stopped in its turn, but not for ever.
      if (!force || round === limits.stopRoundsMax) throw liveConflict(live, purpose);
      await Promise.all(live.map((session) => sessions.stop(session.id)));
    }
  }

  #checkAll(): void {
    for (const row of this.#parts.rows.open()) this.#checked(row);
  }

  /** The row with its status as the folder is now; a change is kept and announced. Archived wins. */
  #checked(row: WorkspaceRow): WorkspaceRow {
    if (row.status === 'archived') return row;
    const statusReason = this.#parts.policy.trouble(row.path);
    const status = statusReason === null ? 'active' : 'error';
    if (status === row.status && statusReason === row.statusReason) return row;
    const kept = this.#parts.rows.setStatus(row.id, status, statusReason);
    if (kept) this.#parts.changes.announce('workspaces', row.id);
    return { ...row, status, statusReason };
  }

  #moved(row: WorkspaceRow, given: string): string {
    const path = this.#parts.policy.workspacePath(given, { create: false });
    const taken = this.#parts.rows.byPath(path);
    if (taken !== undefined && taken.id !== row.id) throw this.#taken(path);
    return path;
  }

  #checkMetadata(metadata: JsonObject): JsonObject {
    checkMetadata(metadata);
    this.#parts.checkMetadata(metadata);
    return metadata;
  }

  #taken(path: string): AppError {
    const taken = this.#parts.rows.byPath(path);
    const name = taken === undefined ? '' : `: ${taken.name}`;
    const archived = taken?.status === 'archived' ? ' It is archived: restore it.' : '';
    const message = `This folder is a workspace already${name}.${archived}`;
    return new AppError('conflict', message, { fields: { path: message } });
  }

  #row(id: string): WorkspaceRow {
    const row = this.#parts.rows.get(id);
    if (row === undefined) throw new AppError('not_found', 'There is no such workspace.');
    return row;
  }
}

function view(row: WorkspaceRow, counts: ReadonlyMap<string, SessionCounts>): Workspace {
  return {
    id: row.id,
    name: row.name,
    path: row.path,
    status: row.status,
    statusReason: row.statusReason,
    metadata: row.metadata,
    created: new Date(row.created).toISOString(),
    lastAccessed: new Date(row.lastAccessed).toISOString(),
    sessionCounts: counts.get(row.id) ?? { total: 0, starting: 0, active: 0, stopped: 0, error: 0 },
  };
}

function liveConflict(live: readonly { id: string; name: string }[], purpose: string): AppError {
  const names = live.map(({ name }) => name).join(', ');
  const which = live.length === 1 ? `A session is live: ${names}.` : `${live.length} sessions are live: ${names}.`;
  const them = live.length === 1 ? 'it' : 'them';
  return new AppError('conflict', `${which} Stop ${them} first, or ${purpose} with force.`, {
    conflict: { sessions: live.map(({ id }) => id) },
  });
}
