// Removes events of ended sessions that the owner keeps no longer: from the front, so that
// what is left is without a gap. Sequences are never given out again.

import type { Changes } from '../changes.ts';
import { limits } from '../limits.ts';

const DAY_MS = 24 * 3_600_000;

/** The first event that an ended session still has. */
export interface OldestEvent {
  runId: string;
  workspaceId: string;
  timestamp: number;
}

/** What retention needs of a store. */
export interface PrunedStore {
  oldestOfEnded(): OldestEvent[];
  /**
   * Removes at most `eventsMax` events older than `before` from the front of an ended session
   * and moves its first sequence, in one transaction.
   * @returns how many were removed; 0 where the session lives, or nothing is that old
   */
  pruneEnded(runId: string, before: number, eventsMax: number): number;
}

export interface RetentionParts {
  store: PrunedStore;
  /** Setting retention.eventDays as it holds in a workspace; null keeps for ever. */
  eventDays: (workspaceId: string) => number | null;
  changes: Changes;
  report: (line: string) => void;
}

export class Retention {
  readonly #parts: RetentionParts;
  #timer: ReturnType<typeof setInterval> | undefined;
  #disposed = false;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** Looks now, and then every limits.retentionIntervalMs. */
  start(): void {
    const look = (): void => {
      this.sweep(Date.now()).catch((error: unknown) => this.#parts.report(`retention: ${String(error)}`));
    };
    look();
    this.#timer = setInterval(look, limits.retentionIntervalMs);
  }

  /** @returns how many events were removed. @param now ms since the epoch */
  async sweep(now: number): Promise<number> {
    const { store, eventDays, changes } = this.#parts;
    const days = new Map<string, number | null>();
    let removed = 0;
    for (const { runId, workspaceId, timestamp } of store.oldestOfEnded()) {
      if (!days.has(workspaceId)) days.set(workspaceId, eventDays(workspaceId));
      const keep = days.get(workspaceId) ?? null;
      if (keep === null || timestamp >= now - keep * DAY_MS) continue;
      for (let count = -1; count !== 0 && !this.#disposed; removed += count) {
        count = store.pruneEnded(runId, now - keep * DAY_MS, limits.retentionEventsMax);
        await new Promise((resolve) => setImmediate(resolve));
      }
      changes.announce('sessions', runId);
    }
    return removed;
  }

  dispose(): void {
    this.#disposed = true;
    clearInterval(this.#timer);
  }
}
