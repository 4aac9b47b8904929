// A second connection to the database, for reading only: for a thread that follows the log
// while the server's own connection writes it. Readers and the writer never wait for each other.

import { Database } from 'bun:sqlite';
import { drizzle } from 'drizzle-orm/bun-sqlite';
import { join } from 'node:path';
import type { OpenDatabase } from './open.ts';
import * as schema from './schema.ts';
import { NO_RELIEF } from './space.ts';

const PRAGMAS = [
  'PRAGMA busy_timeout = 5000', // a checkpoint that resets the log is over in a moment
  'PRAGMA query_only = ON',
  'PRAGMA cache_size = -4000', // rows are read once, soon after they were written
] as const;

/** The database of `folder`, which the server has opened. */
export function openForReading(folder: string): OpenDatabase {
  const sqlite = new Database(join(folder, 'dispatch.db'), { readonly: true });
  for (const pragma of PRAGMAS) sqlite.run(pragma);
  const db = Object.assign(drizzle(sqlite, { schema }), { space: NO_RELIEF });
  return { db, sqlite, dispose: () => sqlite.close() };
}
