// Facts about this installation, each a name and a text: the key's hash, the epoch.

import { eq } from 'drizzle-orm';
import type { Db } from './open.ts';
import { server } from './schema.ts';

export class Facts {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  get(name: string): string | undefined {
    return this.#db.select().from(server).where(eq(server.name, name)).get()?.value;
  }

  set(name: string, value: string): void {
    this.#db.insert(server).values({ name, value }).onConflictDoUpdate({ target: server.name, set: { value } }).run();
  }

  delete(name: string): void {
    this.#db.delete(server).where(eq(server.name, name)).run();
  }
}
