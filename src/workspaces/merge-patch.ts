// JSON merge patch, RFC 7396: null removes, objects merge, all else replaces.

import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';

/** A new object; neither argument changes. */
export function mergePatch(target: JsonValue | undefined, patch: JsonObject): JsonObject {
  const merged = new Map(isJsonObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, isJsonObject(value) ? mergePatch(merged.get(key), value) : value);
  }
  return Object.fromEntries(merged); // Defines own fields, so a key named __proto__ is only a key.
}
