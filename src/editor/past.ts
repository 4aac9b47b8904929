// The past of documents, from the kept texts and the log: a document as it is now, its text at
// any moment, and the edits that somebody missed.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { LogEvent } from '../sessions/event.ts';
import type { EventPage, EventRange } from '../sessions/store.ts';
import type { CheckpointStore } from './checkpoints.ts';
import { type DocumentState, pathOfEvent, stateOf, step, withSaved } from './document.ts';
import { textOf } from './format.ts';
import { textAt, type TextAt, type Until } from './replay.ts';
import { loggedUpdates, type Update } from './updates.ts';

export interface PastParts {
  store: CheckpointStore;
  /** A page of a session's log. @throws AppError not_found */
  read(runId: string, range: Omit<EventRange, 'bytesMax'>): EventPage;
  /** Its latest sequence, and the first that is kept. */
  bounds(runId: string): { head: number; first: number };
}

export interface LoadedDocument {
  state: DocumentState;
  closed: boolean;
  /** What the state is made from. */
  start: TextAt;
  updates: Update[];
  /** Events since then. */
  events: number;
}

export class Past {
  readonly #parts: PastParts;

  constructor(parts: PastParts) {
    this.#parts = parts;
  }

  /** As it is after the last event; undefined where the session has no such document. */
  load(runId: string, path: string): LoadedDocument | undefined {
    const { store } = this.#parts;
    const kept = store.latest(runId, path);
    if (kept === undefined) return undefined;
    const text = textOf(kept.text);
    let state = stateOf(path, kept.version, text, kept.facts);
    const updates: Update[] = [];
    let events = 0;
    for (const event of this.#events(runId, kept.through)) {
      if (pathOfEvent(event) !== path || event.data instanceof Uint8Array) continue;
      const before = state.version;
      state = step(state, event);
      if (state.version > before) updates.push(...loggedUpdates(event.data));
      events += 1;
    }
    const closed = store.documents(runId).some((known) => known.path === path && known.closed);
    return { state: withSaved(state), closed, start: { path, version: kept.version, sequence: kept.through, text }, updates, events };
  }

  /** Those on the list of open ones, as they are. */
  documents(runId: string): DocumentState[] {
    const open = this.#parts.store.documents(runId).filter(({ closed }) => !closed);
    return open.flatMap(({ path }) => this.load(runId, path)?.state ?? []);
  }

  /** @throws AppError not_found: no such document, or not yet; gone: no longer kept */
  textAt(runId: string, path: string, until: Until): TextAt {
    const { store } = this.#parts;
    const { head, first } = this.#parts.bounds(runId);
    if ('sequence' in until && until.sequence > head) throw new AppError('not_found', 'There is no such event yet.');
    const kept = store.upTo(runId, path, until);
    if (kept === undefined) {
      if (store.latest(runId, path) === undefined) throw new AppError('not_found', 'This session has no such document.');
      throw first > 1 ? goneText() : new AppError('not_found', 'The document was not open then.');
    }
    const { version, sequence, through } = kept;
    const found = textAt({ path, version, sequence, text: textOf(kept.text) }, this.#events(runId, through, 'change'), until);
    if ('version' in until && found.version < until.version) {
      throw first <= through + 1 ? new AppError('not_found', 'There is no such version yet.') : goneText();
    }
    if ('sequence' in until && first > through + 1 && until.sequence > through) throw goneText();
    return found;
  }

  /** The edits after a version, so many at most; undefined where they are no longer kept. */
  updatesSince(runId: string, path: string, version: number): Update[] | undefined {
    const kept = this.#parts.store.upTo(runId, path, { version });
    if (kept === undefined) return undefined;
    const updates: Update[] = [];
    let at = kept.version;
    for (const event of this.#events(runId, kept.through, 'change')) {
      if (pathOfEvent(event) !== path || event.data instanceof Uint8Array) continue;
      const own = loggedUpdates(event.data);
      const before = Number(event.data.version) - own.length;
      if (before < at) continue;
      if (before > at) return undefined;
      updates.push(...own.slice(Math.max(0, version - before)));
      at = before + own.length;
      if (updates.length >= limits.changesPerPullMax) break;
    }
    return updates;
  }

  *#events(runId: string, after: number, type?: string): Generator<LogEvent> {
    const { head } = this.#parts.bounds(runId);
    for (let examined = after; examined < head; ) {
      const page = this.#parts.read(runId, { after: examined, upTo: head, limit: limits.historyLimitMax, type });
      yield* page.events;
      if (page.examined <= examined) return;
      examined = page.examined;
    }
  }
}

const goneText = (): AppError => new AppError('gone', 'The history does not go back so far any more.');
