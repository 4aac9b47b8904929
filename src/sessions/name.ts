// What a session is called, and what its program wants kept of it.

import { invalid } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import type { Kind } from './kind.ts';
import type { SessionStore } from './store.ts';

/** 1–100 characters on one line. @throws AppError invalid */
export function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed.length === 0 || [...trimmed].length > limits.sessionNameLengthMax || /\p{Cc}/u.test(trimmed)) {
    throw invalid('name', `A name has 1 to ${limits.sessionNameLengthMax} characters and no control characters.`);
  }
  return trimmed;
}

/** Adds to the session's meta. */
export function remember(rows: SessionStore, id: string, meta: JsonObject): void {
  const row = rows.get(id);
  if (row === undefined) return;
  const metaJson = { ...row.metaJson, ...meta };
  if (!Bun.deepEquals(metaJson, row.metaJson)) rows.setMeta(id, metaJson);
}

/** What somebody called it stays. @returns whether the name is another now */
export function suggestName(rows: SessionStore, id: string, kind: Kind, name: string): boolean {
  const row = rows.get(id);
  if (row === undefined || name.trim() === '' || row.name !== kind.defaultName(row.metaJson)) return false;
  rows.rename(id, checkedName(name));
  return true;
}
