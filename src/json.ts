// JSON as a type.

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

/** Bytes of a value as JSON text; Infinity where it nests deeper than `depthMax`, which could exhaust the stack. */
export function jsonBytes(value: JsonValue, depthMax: number): number {
  return nestsWithin(value, depthMax) ? Buffer.byteLength(JSON.stringify(value)) : Infinity;
}

/** Whether lists and objects nest at most so deep. */
export function nestsWithin(value: JsonValue, depth: number): boolean {
  if (value === null || typeof value !== 'object') return true;
  return depth > 0 && Object.values(value).every((inner) => nestsWithin(inner, depth - 1));
}

/** An object, not a list and not null. */
export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
