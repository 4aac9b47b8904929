// The layouts' rows: one per workspace and client, the oldest of a workspace go first.

import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import type { JsonObject } from '../json.ts';
import type { LayoutStore } from '../settings/layouts.ts';
import type { Db } from './open.ts';
import { workspaceLayout } from './schema.ts';

export class LayoutRows implements LayoutStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  get(workspaceId: string, clientId: string): JsonObject | undefined {
    return this.#db.select().from(workspaceLayout).where(of(workspaceId, clientId)).get()?.layout;
  }

  list(workspaceId: string): { client: string; layout: JsonObject; updated: number }[] {
    const { workspaceId: workspace, clientId: client, layout, updated } = workspaceLayout;
    return this.#db.select({ client, layout, updated }).from(workspaceLayout).where(eq(workspace, workspaceId)).orderBy(desc(updated), desc(sql`rowid`)).all();
  }

  put(workspaceId: string, clientId: string, layout: JsonObject, updated: number, keep: number): void {
    const { workspaceId: workspace, clientId: client, updated: at } = workspaceLayout;
    this.#db.transaction((tx) => {
      // Removed first: then the order of rows is that of their writing, also within a millisecond.
      tx.delete(workspaceLayout).where(of(workspaceId, clientId)).run();
      const others = tx
        .select({ client })
        .from(workspaceLayout)
        .where(eq(workspace, workspaceId))
        .orderBy(desc(at), desc(sql`rowid`))
        .all();
      const gone = others.slice(keep - 1).map((row) => row.client);
      const those = and(eq(workspace, workspaceId), inArray(client, gone));
      if (gone.length > 0) tx.delete(workspaceLayout).where(those).run();
      tx.insert(workspaceLayout).values({ workspaceId, clientId, layout, updated }).run();
    });
  }
}

const of = (workspaceId: string, clientId: string) =>
  and(eq(workspaceLayout.workspaceId, workspaceId), eq(workspaceLayout.clientId, clientId));
