// What the editor needs of a store for the texts that it keeps; src/db fits it by shape.

import type { JsonObject } from '../json.ts';

/** A document's text at a version. */
export interface Checkpoint {
  path: string;
  version: number;
  /** Of the event after which it was made. */
  sequence: number;
  /** Up to this event nothing changed: text and facts still hold. At least `sequence`. */
  through: number;
  /** Lines end with \n alone. */
  text: string;
  /** What is known of its file: ./document.ts. */
  facts: JsonObject;
}

export interface KnownDocument {
  path: string;
  version: number;
  through: number;
  closed: boolean;
}

export interface CheckpointStore {
  latest(runId: string, path: string): Checkpoint | undefined;
  /** The last one that is not after a version, or an event. */
  upTo(runId: string, path: string, until: { version: number } | { sequence: number }): Checkpoint | undefined;
  /** One of the same version is brought up to date. @param settled other documents that did not change up to here */
  save(runId: string, checkpoint: Omit<Checkpoint, 'sequence'>, settled: readonly string[]): void;
  /** Documents that did not change up to an event: nothing before it is needed for them. */
  settle(runId: string, paths: readonly string[], upTo: number): void;
  /** Every document of a session, by path. */
  documents(runId: string): KnownDocument[];
  setClosed(runId: string, path: string, closed: boolean): void;
}
