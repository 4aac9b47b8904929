// Facts about this installation, each a name and a text: the key's hash, the epoch.

import { eq } from 'drizzle-orm';
import type { Db } from './open.ts';
import { server } from './schema.ts';

/** When the backup was made that was restored, in ms; until the next start has told of it. */
export const RESTORED = 'restored';

export class Facts {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  get(name: string): string | undefined {
    return this.#db.select().from(server).where(eq(server.name, name)).get()?.value;
  }

  set(name: string, value: string): void {
    const put = this.#db.insert(server).values({ name, value });
    const replaced = put.onConflictDoUpdate({ target: server.name, set: { value } });
    this.#db.space.relieve(() => replaced.run());
  }

  delete(name: string): void {
    this.#db.space.relieve(() => this.#db.delete(server).where(eq(server.name, name)).run());
  }
}
