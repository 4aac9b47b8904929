// What an agent was allowed for good. For the length of its process it remembers by itself; of
// what Claude Code writes down for a workspace (.claude/settings.local.json) a rule can be
// taken out again, and nothing else of that file is touched.

import { AppError } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import { type FilePolicy, readTextFile, writeTextFile } from './files.ts';
import type { Transcript } from './transcript.ts';

const FILE = '.claude/settings.local.json';

/** Allowed while the agent's process lives. */
export interface SessionRule {
  /** The option's words. */
  words: string;
  /** What it was chosen for. */
  about: string;
}

export function sessionRules(transcript: Transcript): SessionRule[] {
  return transcript.requests().flatMap(({ requested, decision, options, title }) => {
    const option = options.find(({ optionId }) => optionId === decision?.optionId);
    if (requested < transcript.begun || option?.kind !== 'allow_always') return [];
    return [{ words: option.name, about: title }];
  });
}

/** Rules that hold in the workspace for every conversation. */
export function workspaceRules(policy: FilePolicy): string[] {
  return allowedIn(settingsIn(policy));
}

/** @throws AppError not_found */
export function revoke(policy: FilePolicy, rule: string): void {
  const settings = settingsIn(policy);
  const allowed = allowedIn(settings);
  if (!allowed.includes(rule)) throw new AppError('not_found', 'There is no such rule any more.');
  const permissions = isJsonObject(settings.permissions) ? settings.permissions : {};
  const changed = { ...settings, permissions: { ...permissions, allow: allowed.filter((one) => one !== rule) } };
  writeTextFile(policy, FILE, `${JSON.stringify(changed, null, 2)}\n`);
}

function settingsIn(policy: FilePolicy): JsonObject {
  try {
    const settings = JSON.parse(readTextFile(policy, FILE, undefined, undefined)) as JsonValue;
    return isJsonObject(settings) ? settings : {};
  } catch (error) {
    // Not there, or not to be read: then there is no rule that we could show.
    if (error instanceof AppError || error instanceof SyntaxError) return {};
    throw error;
  }
}

function allowedIn({ permissions }: JsonObject): string[] {
  const allow = isJsonObject(permissions) && Array.isArray(permissions.allow) ? permissions.allow : [];
  return allow.filter((rule) => typeof rule === 'string').slice(0, limits.agentListMax);
}
