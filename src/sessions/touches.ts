// When sessions and workspaces were last used: written at most once a minute, for a write per
// key would be waste, and never at the cost of a program.

import { limits } from '../limits.ts';
import type { SessionRow } from './session.ts';

export interface TouchesParts {
  active: (runId: string, at: number) => void;
  used: (workspaceId: string) => void;
  /** Does a write that may be left out where the disk is full. */
  unlessFull: (write: () => void) => void;
}

export class Touches {
  readonly #parts: TouchesParts;
  /** performance.now() when each was last written. */
  readonly #last = new Map<string, { active: number; used: number }>();

  constructor(parts: TouchesParts) {
    this.#parts = parts;
  }

  touch({ runId, workspaceId }: SessionRow, byPerson: boolean): void {
    const now = performance.now();
    const last = this.#last.get(runId) ?? { active: -Infinity, used: -Infinity };
    const active = now - last.active >= limits.touchIntervalMs;
    const used = byPerson && now - last.used >= limits.touchIntervalMs;
    if (!active && !used) return;
    this.#last.set(runId, { active: active ? now : last.active, used: used ? now : last.used });
    this.#parts.unlessFull(() => {
      if (used) this.#parts.used(workspaceId);
      if (active) this.#parts.active(runId, Date.now());
    });
  }

  forget(runId: string): void {
    this.#last.delete(runId);
  }
}
