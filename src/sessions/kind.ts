// What a kind of session is to the core: how its program starts, takes input and ends. The
// core knows no terminal; a kind knows no row.

import type { JsonObject } from '../json.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { NewEvent } from './event.ts';
import type { SessionLog } from './log.ts';
import type { ActivityState, ClientInfo, KindName } from './session.ts';

export interface Exit {
  exitCode: number | null;
  /** Signal's name where one ended it (`SIGKILL`). */
  exitSignal: string | null;
  /** What a person should know of it; null where the code says all. */
  reason: string | null;
  /** The program was of no use: it never began, or could not go on. The session is in error then. */
  failed?: true;
}

/** What a kind is given to work for one session. */
export interface Host {
  runId: string;
  log: SessionLog;
  meta: JsonObject;
  workspace: Workspace;
  /** Something happened here: moves lastActive; what a person did also the workspace's lastAccessed. */
  touch(by: 'person' | 'program'): void;
  /** What a page shows of the session changed. */
  changed(): void;
  /** Adds to the session's meta, for the next start. */
  remember(meta: JsonObject): void;
  /** A name for a session that nobody has named. */
  suggestName(name: string): void;
}

/** A started program. Output that it appends comes before `exited` resolves. */
export interface Program {
  readonly exited: Promise<Exit>;
  /** Takes bytes for a device (its id, or `api`). @throws AppError rate_limited when too much is undrained */
  input(bytes: Uint8Array, client: string): void | Promise<void>;
  /** SIGHUP, a grace, SIGKILL; `exited` resolves soon after. Calling it again changes nothing. */
  stop(): Promise<void>;
  activity(): { state: ActivityState; since: number; detail: string | null };
  clients(): ClientInfo[];
  /** Lets clients go: the server leaves (they come back), or the session was deleted. */
  release(why: 'restarting' | 'deleted'): void;
  /** Lets go of a program that lives on without this server; absent where it cannot. Nothing is appended any more. */
  readonly leave?: () => void;
  /** Its end is in the log: whoever keeps it for us may forget it. */
  endStored?(): void;
}

export interface Kind {
  readonly name: KindName;
  /** Checks what a caller gave. @throws AppError invalid, fields under `meta.` */
  meta(given: JsonObject, workspace: Workspace): JsonObject;
  /** A name for a session that was given none. */
  defaultName(meta: JsonObject): string;
  /** Events that open a run, appended before its program starts. */
  opening(meta: JsonObject, resumed: boolean, log: SessionLog): NewEvent[];
  /** @throws AppError whose message says why the program could not start */
  start(host: Host): Promise<Program>;
  /**
   * The program that another server left alive, if it is there; its output comes from `offset` on,
   * not before this returns. Absent where no program of this kind outlives its server.
   */
  adopt?(host: Host, offset: number): Program | undefined;
}
