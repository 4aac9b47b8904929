// Signed-in browsers. Of a cookie's token only the hash is here.

import { asc, desc, eq, lt } from 'drizzle-orm';
import type { Device, DeviceStore } from '../auth/devices.ts';
import type { Db } from './open.ts';
import { devices } from './schema.ts';
import { lacksRoom } from './sqlite-error.ts';

export class DeviceRows implements DeviceStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  insert(device: Device & { tokenHash: string }): void {
    this.#db.space.relieve(() => this.#db.insert(devices).values(device).run());
  }

  byToken(tokenHash: string): Device | undefined {
    return this.#db.select().from(devices).where(eq(devices.tokenHash, tokenHash)).get();
  }

  list(): Device[] {
    const { id, name, created, lastSeen } = devices;
    return this.#db.select({ id, name, created, lastSeen }).from(devices).orderBy(desc(lastSeen)).all();
  }

  seen(id: string, at: number): void {
    try {
      this.#db.update(devices).set({ lastSeen: at }).where(eq(devices.id, id)).run();
    } catch (error) {
      if (!lacksRoom(error)) throw error; // Who is signed in gets in on a full disk, too.
    }
  }

  delete(id: string): boolean {
    const remove = this.#db.delete(devices).where(eq(devices.id, id)).returning({ id: devices.id });
    return this.#db.space.relieve(() => remove.all()).length > 0;
  }

  deleteAll(): void {
    this.#db.space.relieve(() => this.#db.delete(devices).run());
  }

  /** Those not seen since `before`, and the oldest beyond `keep`. */
  prune(before: number, keep: number): void {
    this.#db.space.relieve(() => this.#db.delete(devices).where(lt(devices.lastSeen, before)).run());
    const rows = this.#db.select({ id: devices.id }).from(devices).orderBy(asc(devices.lastSeen)).all();
    for (const { id } of rows.slice(0, Math.max(0, rows.length - keep))) this.delete(id);
  }
}
