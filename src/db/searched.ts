// What the search asks of the sessions: how far their logs are, what they are called. For a
// connection that only reads.

import { eq, getTableColumns, inArray } from 'drizzle-orm';
import type { FactReader, SessionFacts } from '../search/finder.ts';
import type { LoggedSession } from '../search/indexer.ts';
import type { OpenDatabase } from './open.ts';
import { sessions, workspaces } from './schema.ts';

const { runId, workspaceId, kind, name, head, firstSequence, status } = getTableColumns(sessions);

export class SearchedSessions implements FactReader {
  readonly #database: OpenDatabase;
  #version = -1;

  constructor(database: OpenDatabase) {
    this.#database = database;
  }

  /** True where anything was committed since this was last asked. */
  changed(): boolean {
    const row = this.#database.sqlite.query<{ data_version: number }, []>('PRAGMA data_version').get();
    const version = row?.data_version ?? 0;
    if (version === this.#version) return false;
    this.#version = version;
    return true;
  }

  list(which: 'all' | 'live'): LoggedSession[] {
    const rows = this.#database.db.select({ runId, workspaceId, kind, head, firstSequence, status }).from(sessions);
    const found = which === 'all' ? rows.all() : rows.where(inArray(status, ['starting', 'active'])).all();
    return found.map(loggedSession);
  }

  one(id: string): LoggedSession | undefined {
    const row = this.#database.db.select({ runId, workspaceId, kind, head, firstSequence, status }).from(sessions).where(eq(runId, id)).get();
    return row && loggedSession(row);
  }

  session(id: string): SessionFacts | undefined {
    return this.#database.db.select({ workspaceId, kind, name, firstSequence }).from(sessions).where(eq(runId, id)).get();
  }

  heads(): { runId: string; head: number; firstSequence: number }[] {
    return this.#database.db.select({ runId, head, firstSequence }).from(sessions).all();
  }

  names(): ReturnType<FactReader['names']> {
    const { db } = this.#database;
    return {
      workspaces: db.select({ id: workspaces.id, name: workspaces.name, path: workspaces.path }).from(workspaces).all(),
      sessions: db.select({ id: runId, workspaceId, kind, name }).from(sessions).all(),
    };
  }
}

function loggedSession({ status: state, ...session }: Omit<LoggedSession, 'ended'> & { status: string }): LoggedSession {
  return { ...session, ended: state === 'stopped' || state === 'error' };
}
