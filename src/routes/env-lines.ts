// Environment variables as a person writes them: `NAME=value`, a line each. The inverse of
// what the form shows, so that saving an untouched form changes nothing.

import { invalid } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';

/**
 * As a merge patch on what there was: names that are gone become null.
 * @throws AppError invalid (field env)
 */
export function envOfLines(text: string, before: JsonValue | undefined): JsonObject {
  const patch: JsonObject = {};
  if (before !== null && typeof before === 'object' && !Array.isArray(before)) {
    for (const name of Object.keys(before)) patch[name] = null;
  }
  const seen = new Set<string>();
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (line.trim() === '') continue;
    const at = line.indexOf('=');
    if (at < 1) throw invalid('env', `Line ${index + 1} is not NAME=value.`);
    const name = line.slice(0, at).trim();
    if (seen.has(name)) throw invalid('env', `Line ${index + 1}: ${name} is there already.`);
    seen.add(name);
    patch[name] = valueOf(line.slice(at + 1), index);
  }
  return patch;
}

function valueOf(text: string, index: number): string {
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string') return value;
  } catch {
    // Told below: what begins with a quote must be a whole JSON text.
  }
  throw invalid('env', `Line ${index + 1}: a value that begins with " must be a JSON text, as "like this".`);
}
