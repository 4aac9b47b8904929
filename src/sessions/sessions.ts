// The sessions of this server: their life from start to end, and the one place where their
// status changes. Invariant: a session is in `#running` exactly while its program may live.

import type { Changes } from '../changes.ts';
import { AppError, invalid } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { LogEvent } from './event.ts';
import type { Exit, Host, Kind, Program } from './kind.ts';
import { SessionLog } from './log.ts';
import { checkedName, remember, suggestName } from './name.ts';
import { type Running, startingNow } from './running.ts';
import type { KindName, Session, SessionPage, SessionRow } from './session.ts';
import { adoptedAt, failedStart, STARTING, statusEvent } from './status.ts';
import type { EventPage, EventRange, EventStore, SessionFilter, SessionStore, StatusChange } from './store.ts';
import { Touches } from './touches.ts';
import { sessionView } from './view.ts';

/** What the core needs of workspaces. */
export interface WorkspaceSource {
  /** @throws AppError not_found */
  get(id: string): Workspace;
  touch(id: string): void;
}

export interface CreateSession {
  workspaceId: string;
  kind: KindName;
  name?: string | undefined;
  meta?: JsonObject | undefined;
}

export interface SessionsParts {
  rows: SessionStore;
  events: EventStore;
  kinds: readonly Kind[];
  workspaces: WorkspaceSource;
  changes: Changes;
}

export class Sessions {
  readonly #rows: SessionStore;
  readonly #events: EventStore;
  readonly #kinds: Map<string, Kind>;
  readonly #workspaces: WorkspaceSource;
  readonly #changes: Changes;
  readonly #running = new Map<string, Running>();
  readonly #resuming = new Map<string, Promise<Session>>();
  readonly #logs = new Map<string, SessionLog>();
  readonly #touches: Touches;
  #closing = false;

  constructor(parts: SessionsParts) {
    this.#rows = parts.rows;
    this.#events = parts.events;
    this.#kinds = new Map(parts.kinds.map((kind) => [kind.name, kind]));
    this.#workspaces = parts.workspaces;
    this.#changes = parts.changes;
    this.#touches = new Touches({
      active: (id, at) => this.#rows.touch(id, at),
      used: (id) => this.#workspaces.touch(id),
      unlessFull: (write) => this.#unlessFull(write),
    });
    // A workspace takes its sessions' rows with it: whoever still follows one is let go.
    parts.changes.listen((name) => {
      if (name !== 'workspaces') return;
      for (const id of [...this.#logs.keys()]) if (this.#rows.get(id) === undefined) this.#closeLog(id);
    });
  }

  /**
   * To be called once, before serving. What the last server left as live goes on where its kind
   * finds its program; else it has ended, and why: `lost` for those that should have been found.
   */
  recover(reason: string, lost: string | null = null): void {
    for (const row of this.#rows.live()) {
      const kind = this.#kinds.get(row.kind);
      if (kind !== undefined && this.#adopt(row, kind)) continue;
      const missed = kind?.adopt === undefined ? null : lost;
      const change: StatusChange = { ...STARTING, status: missed === null ? 'stopped' : 'error', statusReason: missed ?? reason };
      this.log(row.runId).append([statusEvent(change)], { change });
    }
  }

  list(filter: SessionFilter): SessionPage {
    const { rows, total } = this.#rows.list(filter);
    const { limit, offset } = filter;
    return {
      sessions: rows.map((row) => sessionView(row, this.#running.get(row.runId), 'names')),
      pagination: { total, limit, offset, hasMore: offset + rows.length < total },
    };
  }

  /** @throws AppError not_found */
  get(id: string): Session {
    return sessionView(this.#row(id), this.#running.get(id), 'values');
  }

  /** Attached clients of all sessions. */
  clientCount(): number {
    return [...this.#running.values()].reduce((sum, { program }) => sum + (program?.clients().length ?? 0), 0);
  }

  liveIn(workspaceId: string): { id: string; name: string }[] {
    return this.#rows
      .live()
      .filter((row) => row.workspaceId === workspaceId && this.#running.has(row.runId))
      .map((row) => ({ id: row.runId, name: row.name }));
  }

  /** A failed start is no exception here: the session is there, `error`, with its reason. */
  async create(input: CreateSession): Promise<Session> {
    const workspace = this.#usable(input.workspaceId);
    const kind = this.#kind(input.kind);
    const meta = kind.meta(input.meta ?? {}, workspace);
    const name = input.name === undefined ? kind.defaultName(meta) : checkedName(input.name);
    this.#roomForOne();
    const now = Date.now();
    const row: SessionRow = {
      runId: Bun.randomUUIDv7(),
      workspaceId: workspace.id,
      kind: input.kind,
      name,
      status: 'starting',
      statusReason: null,
      createdAt: now,
      lastActiveAt: now,
      metaJson: meta,
      exitCode: null,
      exitSignal: null,
      head: 0,
      firstSequence: 1,
      holderOffset: 0,
    };
    this.#orFull(() => this.#rows.insert(row));
    this.#workspaces.touch(workspace.id);
    await this.#start(row, kind, workspace, false);
    return this.get(row.runId);
  }

  rename(id: string, name: string): Session {
    this.#row(id);
    const checked = checkedName(name);
    this.#orFull(() => this.#rows.rename(id, checked));
    this.#changed(id);
    return this.get(id);
  }

  /** Resolves once the program has ended and its end is in the log. Stopping twice is no error. */
  async stop(id: string): Promise<Session> {
    this.#row(id);
    await this.#stop(id);
    return this.get(id);
  }

  /** Starts the program again: same id, same history, next sequence. @throws AppError conflict while live */
  async resume(id: string): Promise<Session> {
    const underWay = this.#resuming.get(id);
    if (underWay !== undefined) return underWay;
    const row = this.#row(id);
    if (this.#running.has(id)) {
      const conflict = { sessions: [id] };
      throw new AppError('conflict', 'The session is live: stop it before you resume it.', { conflict });
    }
    const workspace = this.#usable(row.workspaceId);
    const kind = this.#kind(row.kind);
    this.#roomForOne();
    const started = this.#resume(row, kind, workspace).finally(() => this.#resuming.delete(id));
    this.#resuming.set(id, started);
    return started;
  }

  /** Stops, then removes the session with its history. */
  async delete(id: string): Promise<void> {
    this.#row(id);
    const live = this.#running.get(id);
    this.#rows.ensureDelete(); // Nobody is told, and nothing stopped, for a deletion that cannot be done.
    live?.program?.release('deleted');
    await this.#stop(id);
    this.#orFull(() => this.#rows.delete(id), live && 'The session was stopped; the disk is too full to delete it.');
    this.#closeLog(id);
    this.#changed(id);
  }

  /** @throws AppError not_found; conflict when the session is not live */
  input(id: string, bytes: Uint8Array, client: string): void | Promise<void> {
    return this.program(id).input(bytes, client);
  }

  /** The live program of a session. @throws AppError not_found, conflict */
  program(id: string): Program {
    this.#row(id);
    const program = this.#running.get(id)?.program;
    if (program === undefined) {
      throw new AppError('conflict', 'The session has ended: resume it first.', { conflict: { sessions: [id] } });
    }
    return program;
  }

  /** The log of a session, one object as long as anyone follows it. @throws AppError not_found */
  log(id: string): SessionLog {
    const known = this.#logs.get(id);
    if (known !== undefined) return known;
    const log = new SessionLog(id, this.#row(id).head, this.#events);
    for (const [other, idle] of this.#logs) {
      if (idle.idle && !this.#running.has(other)) this.#logs.delete(other);
    }
    this.#logs.set(id, log);
    return log;
  }

  /** A page of the log, in bytes at most limits.historyBytesMax where nothing is said. @throws AppError not_found */
  read(id: string, range: Omit<EventRange, 'bytesMax'> & { bytesMax?: number }): EventPage {
    this.#row(id);
    return this.#events.read(id, { bytesMax: limits.historyBytesMax, ...range });
  }

  /** The last event of a type. @throws AppError not_found */
  latest(id: string, type: string): LogEvent | undefined {
    this.#row(id);
    return this.#events.latest(id, type);
  }

  /** Leaves the programs that live on without a server, and ends the others; nothing starts any more. */
  async shutdown(): Promise<void> {
    this.#closing = true;
    for (const running of this.#running.values()) running.program?.release('restarting');
    await Promise.all([...this.#running].map(async ([id, running]) => {
      await running.started;
      if (running.program?.leave === undefined) await this.#stop(id);
      else running.program.leave();
    }));
    for (const log of this.#logs.values()) log.dispose('restarting');
  }

  async #resume(row: SessionRow, kind: Kind, workspace: Workspace): Promise<Session> {
    await this.#start(row, kind, workspace, true);
    this.#workspaces.touch(workspace.id);
    const session = this.get(row.runId);
    await Bun.sleep(limits.resumeTogetherMs);
    return session;
  }

  async #stop(id: string): Promise<void> {
    const running = this.#running.get(id);
    if (running === undefined) return;
    await running.started;
    await running.program?.stop();
    await running.ended;
  }

  async #start(row: SessionRow, kind: Kind, workspace: Workspace, resumed: boolean): Promise<void> {
    const id = row.runId;
    const log = this.log(id);
    const begun = Promise.withResolvers<void>();
    const running = startingNow(begun.promise);
    this.#running.set(id, running);
    try {
      const opening = [...kind.opening(row.metaJson, resumed, log), statusEvent(STARTING)];
      log.append(opening, { change: STARTING, holderOffset: 0 });
      this.#changed(id);
      running.program = await kind.start(this.#host(row, kind, workspace));
      this.#setStatus(id, running, { ...STARTING, status: 'active' });
      void running.program.exited.then((exit) => this.#ended(id, running, exit));
    } catch (error) {
      await running.program?.stop();
      this.#leave(id, running);
      const { events, change } = failedStart(error);
      log.append(events, { change });
      this.#changed(id);
      if (!(error instanceof AppError)) throw error;
    } finally {
      begun.resolve();
    }
  }

  /** @returns whether its program was found */
  #adopt(row: SessionRow, kind: Kind): boolean {
    const program = kind.adopt?.(this.#host(row, kind, this.#workspaces.get(row.workspaceId)), row.holderOffset);
    if (program === undefined) return false;
    const running = startingNow(Promise.resolve());
    running.program = program;
    this.#running.set(row.runId, running);
    this.#setStatus(row.runId, running, { ...STARTING, status: 'active', statusReason: adoptedAt(Date.now()) });
    void program.exited.then((exit) => this.#ended(row.runId, running, exit));
    return true;
  }

  #host(row: SessionRow, kind: Kind, workspace: Workspace): Host {
    const id = row.runId;
    return {
      runId: id,
      log: this.log(id),
      meta: row.metaJson,
      workspace,
      touch: (by) => this.#touches.touch(row, by === 'person'),
      changed: () => this.#changed(id),
      remember: (meta) => this.#unlessFull(() => remember(this.#rows, id, meta)),
      suggestName: (name) => this.#unlessFull(() => suggestName(this.#rows, id, kind, name) && this.#changed(id)),
    };
  }

  #ended(id: string, running: Running, exit: Exit): void {
    const { exitCode, exitSignal, reason, failed = false } = exit;
    const statusReason = reason ?? (this.#closing ? 'the server was stopped' : null);
    try {
      const change: StatusChange = { status: failed ? 'error' : 'stopped', statusReason, exitCode, exitSignal };
      this.#setStatus(id, running, change, () => running.program?.endStored?.());
    } finally {
      this.#leave(id, running);
    }
  }

  #setStatus(id: string, running: Running, change: StatusChange, stored: () => void = () => {}): void {
    running.status = change.status;
    running.since = Date.now();
    this.log(id).append([statusEvent(change)], { change, stored });
    this.#changed(id);
  }

  #leave(id: string, running: Running): void {
    this.#running.delete(id);
    this.#touches.forget(id);
    running.resolveEnded();
    this.#changed(id);
  }

  #closeLog(id: string): void {
    this.#logs.get(id)?.dispose('deleted');
    this.#logs.delete(id);
  }

  /** A full disk must not end a program for the sake of a time, or of what it would like to keep. */
  #unlessFull(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!this.#events.isFull(error)) throw error;
    }
  }

  #row(id: string): SessionRow {
    const row = this.#rows.get(id);
    if (row === undefined) throw new AppError('not_found', 'There is no such session.');
    return row;
  }

  #kind(name: string): Kind {
    const kind = this.#kinds.get(name);
    if (kind === undefined) throw invalid('kind', `Sessions of kind ${name} are not available yet.`);
    return kind;
  }

  #usable(workspaceId: string): Workspace {
    if (this.#closing) throw new AppError('unavailable', 'The server is stopping: try again when it is back.');
    const workspace = this.#workspaces.get(workspaceId);
    if (workspace.status === 'active') return workspace;
    const unusable = `cannot be used: ${(workspace.statusReason ?? 'its folder is gone').replace(/\.$/, '')}`;
    const why = workspace.status === 'archived' ? 'is archived: restore it first' : unusable;
    throw new AppError('conflict', `The workspace ${why}.`);
  }

  #roomForOne(): void {
    if (this.#running.size < limits.liveSessionsMax) return;
    const message = `${limits.liveSessionsMax} sessions are live, the most there may be: stop one first.`;
    throw new AppError('conflict', message, { conflict: { limit: 'liveSessionsMax' } });
  }

  #orFull(write: () => void, message = 'The disk is full: nothing was changed. Free some space and try again.'): void {
    try {
      write();
    } catch (error) {
      if (!this.#events.isFull(error)) throw error;
      throw new AppError('full', message);
    }
  }

  #changed(id: string): void {
    this.#changes.announce('sessions', id);
  }
}
