// One document as a value: its text at a version, and what is known of its file. Every event
// of the log takes it one step on, the same way while it is edited, after a crash, and in a
// replay; nothing else changes it.

import type { Text } from '@codemirror/state';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { bytesOf, type Format, formatOf, hashOf } from './format.ts';
import { loggedUpdates } from './updates.ts';

/** Why the file and the document do not go together. */
export type ConflictReason = 'changed' | 'gone' | 'unreadable';

export interface DiskConflict {
  reason: ConflictReason;
  /** SHA-256 of the file as it is; null where it is not there, or no text. */
  hash: string | null;
  /** For a person: why it cannot be read, or where it went. */
  detail: string | null;
}

export interface DocumentState {
  /** From the workspace's folder down, without links. */
  readonly path: string;
  /** Updates so far. */
  readonly version: number;
  readonly text: Text;
  readonly format: Format;
  /** SHA-256 of the file that the text last equalled, or that it is based on; null while there is none. */
  readonly base: string | null;
  /** The text of that file; undefined where it is not at hand, for the present text is another. */
  readonly saved: Text | undefined;
  readonly conflict: DiskConflict | null;
}

/** A document as the API shows it. */
export interface DocumentView {
  path: string;
  version: number;
  /** It has what its file has not. */
  dirty: boolean;
  /** Between document and file; null where there is none. */
  conflict: DiskConflict | null;
  /** SHA-256 of the file that it is based on. */
  hash: string | null;
  bom: boolean;
  lineEnding: 'lf' | 'crlf' | 'kept';
  lines: number;
  /** As CodeMirror counts them: UTF-16, a line break one. */
  characters: number;
}

/** An event of a document, as far as a step needs it. */
export interface DocumentEvent {
  type: string;
  data: Uint8Array | JsonObject;
}

export const pathOfEvent = ({ data }: DocumentEvent): string | undefined =>
  !(data instanceof Uint8Array) && typeof data.path === 'string' ? data.path : undefined;

/** The document after an event; an event of another one, or of another type, changes nothing. */
export function step(state: DocumentState, event: DocumentEvent): DocumentState {
  const { type, data } = event;
  if (data instanceof Uint8Array || data.path !== state.path) return state;
  switch (type) {
    case 'change':
      return changed(state, data);
    case 'save':
      return savedAs(state, data);
    case 'conflict':
      return { ...state, conflict: conflictOf(data) };
    default:
      return state;
  }
}

/** Whether there is anything that the file does not have. */
export const isDirty = ({ saved, text }: DocumentState): boolean => saved === undefined || !text.eq(saved);

/** Finds out once whether its text is the file's: asking on every key would cost a hash of it all. */
export function withSaved(state: DocumentState): DocumentState {
  const { saved, text, format, base } = state;
  return saved === undefined && hashOf(bytesOf(text, format)) === base ? { ...state, saved: text } : state;
}

function changed(state: DocumentState, data: JsonObject): DocumentState {
  const updates = loggedUpdates(data);
  const version = Number(data.version);
  // What a checkpoint has already.
  if (version - updates.length < state.version) return state;
  let { text } = state;
  for (const { changes } of updates) text = changes.apply(text);
  const next = { ...state, version, text };
  const { hash, format } = data;
  // It follows the file, or takes the file's text: now they are the same.
  return typeof hash === 'string' ? { ...next, base: hash, saved: text, format: formatOf(format), conflict: null } : next;
}

function savedAs(state: DocumentState, { hash, version }: JsonObject): DocumentState {
  return {
    ...state,
    base: typeof hash === 'string' ? hash : null,
    saved: version === state.version ? state.text : undefined,
    conflict: null,
  };
}

function conflictOf({ reason, hash, detail }: JsonObject): DiskConflict | null {
  if (reason !== 'changed' && reason !== 'gone' && reason !== 'unreadable') return null;
  return { reason, hash: textOrNull(hash), detail: textOrNull(detail) };
}

export function viewOf(state: DocumentState): DocumentView {
  const { path, version, text, base, format, conflict } = state;
  return { path, version, dirty: isDirty(state), conflict, hash: base, ...format, lines: text.lines, characters: text.length };
}

/** What a checkpoint keeps beside the text. */
export const factsOf = ({ base, format, conflict, saved, text }: DocumentState): JsonObject => ({
  base,
  format: { ...format },
  conflict: conflict === null ? null : { ...conflict },
  clean: saved !== undefined && text.eq(saved),
});

export function stateOf(path: string, version: number, text: Text, facts: JsonObject): DocumentState {
  return {
    path,
    version,
    text,
    format: formatOf(facts.format),
    base: textOrNull(facts.base),
    saved: facts.clean === true ? text : undefined,
    conflict: isJsonObject(facts.conflict) ? conflictOf(facts.conflict) : null,
  };
}

const textOrNull = (value: JsonValue | undefined): string | null => (typeof value === 'string' ? value : null);
