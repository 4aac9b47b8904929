// Reads what somebody else's JSON holds, whatever it holds: what is not of the kind that is
// asked for counts as absent, and what is too long is cut and says so.

import { isJsonObject, type JsonObject, jsonBytes, type JsonValue } from '../json.ts';
import { limits } from '../limits.ts';

type Maybe = JsonValue | undefined;

export const textIn = (value: Maybe): string | undefined => (typeof value === 'string' ? value : undefined);
export const numberIn = (value: Maybe): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
export const objectIn = (value: Maybe): JsonObject | undefined => (isJsonObject(value) ? value : undefined);
export const objectsIn = (value: Maybe): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

/** One line for a person: no control characters, bounded. */
export function lineIn(value: Maybe, lengthMax: number = limits.agentTitleLengthMax): string | undefined {
  const text = textIn(value)?.replace(/\p{Cc}+/gu, ' ').trim();
  if (text === undefined || text.length <= lengthMax) return text;
  return `${text.slice(0, lengthMax - 1).toWellFormed()}…`;
}

/** `{ text }`, and `cut` (characters left out) where it was longer than an event may be. */
export function cutText(text: string): { text: string; cut?: number } {
  const most = limits.agentTextLengthMax;
  if (text.length <= most) return { text };
  return { text: text.slice(0, most).toWellFormed(), cut: text.length - most };
}

/** Any JSON as far as it fits an event; else the beginning of its text. */
export function smallJson(value: JsonValue): JsonValue {
  const bytes = jsonBytes(value, limits.jsonDepthMax);
  if (bytes <= limits.agentRawBytesMax) return value;
  if (bytes === Infinity) return 'It nests too deep to be kept.';
  return cutText(typeof value === 'string' ? value : JSON.stringify(value)).text.slice(0, limits.agentRawBytesMax);
}

/** Without fields that are absent. */
export function present(fields: Record<string, Maybe>): JsonObject {
  const object: JsonObject = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) object[name] = value;
  return object;
}
