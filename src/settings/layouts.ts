// How each client has arranged each workspace: an object of the page's own, kept as it is.

import { invalid } from '../errors.ts';
import { jsonBytes, type JsonObject } from '../json.ts';
import { limits } from '../limits.ts';

/** What layouts need of a store; src/db fits it by shape. */
export interface LayoutStore {
  get(workspaceId: string, clientId: string): JsonObject | undefined;
  /** Latest first. */
  list(workspaceId: string): { client: string; layout: JsonObject; updated: number }[];
  /** Keeps the `keep` latest of the workspace, this one among them. */
  put(workspaceId: string, clientId: string, layout: JsonObject, updated: number, keep: number): void;
}

export interface LayoutsParts {
  rows: LayoutStore;
  /** `get` throws AppError not_found. */
  workspaces: { get(id: string): unknown };
}

export class Layouts {
  readonly #parts: LayoutsParts;

  constructor(parts: LayoutsParts) {
    this.#parts = parts;
  }

  /** Empty for a client that has stored none. @throws AppError not_found, invalid */
  get(workspaceId: string, client: string): JsonObject {
    this.#parts.workspaces.get(workspaceId);
    return this.#parts.rows.get(workspaceId, checkedClient(client)) ?? {};
  }

  /** Of every client, latest first; times ISO 8601 UTC. @throws AppError not_found */
  list(workspaceId: string): { client: string; layout: JsonObject; updated: string }[] {
    this.#parts.workspaces.get(workspaceId);
    return this.#parts.rows.list(workspaceId).map((row) => ({ ...row, updated: new Date(row.updated).toISOString() }));
  }

  /** @throws AppError not_found, invalid */
  put(workspaceId: string, client: string, layout: JsonObject): JsonObject {
    this.#parts.workspaces.get(workspaceId);
    if (jsonBytes(layout, limits.jsonDepthMax) > limits.layoutBytesMax) {
      const { layoutBytesMax, jsonDepthMax } = limits;
      throw invalid('layout', `Must be at most ${layoutBytesMax} bytes of JSON, nested at most ${jsonDepthMax} deep.`);
    }
    this.#parts.rows.put(workspaceId, checkedClient(client), layout, Date.now(), limits.layoutsPerWorkspaceMax);
    return layout;
  }
}

/** A device id. @throws AppError invalid */
function checkedClient(client: string): string {
  const length = [...client].length;
  const fits = length >= 1 && length <= limits.clientIdLengthMax;
  if (fits && !/\p{Cc}/u.test(client) && client.isWellFormed()) return client;
  throw invalid('client', `Must have 1 to ${limits.clientIdLengthMax} characters and no control characters.`);
}
