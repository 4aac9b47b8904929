// The settings' rows: one per category, JSON as it was chosen.

import { eq } from 'drizzle-orm';
import type { JsonObject } from '../json.ts';
import type { SettingStore } from '../settings/settings.ts';
import type { Db } from './open.ts';
import { settings } from './schema.ts';

export class SettingRows implements SettingStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  get(category: string): JsonObject | undefined {
    return this.#db.select().from(settings).where(eq(settings.category, category)).get()?.value;
  }

  put(category: string, value: JsonObject): void {
    const row = this.#db.insert(settings).values({ category, value });
    const put = row.onConflictDoUpdate({ target: settings.category, set: { value } });
    this.#db.space.relieve(() => put.run());
  }
}
