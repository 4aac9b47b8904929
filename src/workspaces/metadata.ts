// What a workspace's name and metadata may be. Keys that mean something are checked; others
// are kept as they are.

import { basename } from 'node:path';
import { invalid } from '../errors.ts';
import { isJsonObject, jsonBytes, type JsonObject, type JsonValue } from '../json.ts';
import { limits } from '../limits.ts';

/** @throws AppError invalid (field name) */
export function checkedName(name: string): string {
  const trimmed = name.trim();
  const length = [...trimmed].length;
  if (length < 1 || length > limits.workspaceNameLengthMax || /\p{Cc}/u.test(trimmed) || !trimmed.isWellFormed()) {
    throw invalid('name', `A name has 1 to ${limits.workspaceNameLengthMax} characters and no control characters.`);
  }
  return trimmed;
}

/** The last segment, cut to what a name may be. */
export function defaultName(path: string): string {
  const shown = basename(path).replace(/\p{Cc}/gu, '\ufffd').trim();
  return [...shown].slice(0, limits.workspaceNameLengthMax).join('').trim() || path.slice(0, 1);
}

/** What it says of settings is checked by those who know them. @throws AppError invalid (fields under `metadata`) */
export function checkMetadata(metadata: JsonObject): void {
  checkMetadataSize(metadata);
  for (const key of ['shell', 'color', 'description']) {
    const value = metadata[key];
    if (value === undefined) continue;
    if (typeof value === 'string' && !value.includes('\0')) continue;
    throw invalid(`metadata.${key}`, 'Must be a text without NUL.');
  }
  if (metadata.env !== undefined) checkEnv(metadata.env);
}

/** Of a patch, too, before anything walks through it. @throws AppError invalid (field metadata) */
export function checkMetadataSize(metadata: JsonObject): void {
  const { metadataBytesMax, jsonDepthMax } = limits;
  if (jsonBytes(metadata, jsonDepthMax) <= metadataBytesMax) return;
  throw invalid('metadata', `Must be at most ${metadataBytesMax} bytes of JSON, nested at most ${jsonDepthMax} deep.`);
}

/** Lists show names only: `env` is then a list of names. */
export function withEnvNames(metadata: JsonObject): JsonObject {
  return isJsonObject(metadata.env) ? { ...metadata, env: Object.keys(metadata.env) } : metadata;
}

function checkEnv(env: JsonValue): void {
  if (!isJsonObject(env)) throw invalid('metadata.env', 'Must be an object of names and texts.');
  const entries = Object.entries(env);
  if (entries.length > limits.envNamesMax) {
    throw invalid('metadata.env', `Must have at most ${limits.envNamesMax} names.`);
  }
  for (const [name, value] of entries) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.startsWith('DISPATCH_')) {
      throw invalid(`metadata.env.${name}`, 'A name has letters, digits and _, no digit first, and not DISPATCH_.');
    }
    if (typeof value !== 'string' || value.includes('\0') || Buffer.byteLength(value) > limits.envValueBytesMax) {
      throw invalid(`metadata.env.${name}`, `Must be a text of at most ${limits.envValueBytesMax} bytes without NUL.`);
    }
  }
}
