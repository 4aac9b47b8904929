// Keeps the logs small, in the background: packs what has gone cold, and drops the oldest of
// it where the owner's caps say so. Works in small pieces with rests between them, so that no
// stream waits for it; what it has begun a crash cannot harm.

import type { Changes } from '../changes.ts';
import { limits } from '../limits.ts';
import { type HistoryWarning, sessionWarning, totalWarning } from './caps.ts';

/** What a session's history takes on the disk. */
export interface HistorySize {
  runId: string;
  workspaceId: string;
  name: string;
  live: boolean;
  bytes: number;
}

export interface CompactionParts {
  packing: {
    /** Packs some of what is cold. @returns false where nothing is */
    pack(runId: string): Promise<boolean>;
  };
  pruning: {
    /** Every session there is. */
    ids(): string[];
    /** Undefined where the session is gone. */
    sizeOf(runId: string): HistorySize | undefined;
    /** ms since the epoch; how old the oldest is that may be dropped. Undefined where nothing may. */
    oldestCold(runId: string): number | undefined;
    /** Drops a piece of the oldest, unless the present screen needs it. @returns bytes that it took; 0 at the end */
    dropOldest(runId: string): number;
  };
  /** Sessions whose log grew since it was last asked. */
  grown: () => string[];
  /** Gives back to the file system what has become free. */
  reclaim: () => void;
  /** As they hold now; null is without end. */
  caps: { session: (workspaceId: string) => number | null; total: () => number | null };
  /** True where an error says that the disk is the reason: later it may go. */
  isFull: (error: unknown) => boolean;
  changes: Changes;
  report: (line: string) => void;
}

export class Compaction {
  readonly #parts: CompactionParts;
  readonly #unlisten: () => void;
  /** Not looked at since they grew. */
  readonly #pending = new Set<string>();
  readonly #sizes = new Map<string, HistorySize>();
  #isDue = true;
  /** Something became free that was not given back yet. */
  #freed = false;
  #notBefore = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #working: Promise<void> | undefined;
  #disposed = false;

  constructor(parts: CompactionParts) {
    this.#parts = parts;
    for (const id of parts.pruning.ids()) this.#pending.add(id);
    // Deleted sessions count no more, and a cap may be another now.
    this.#unlisten = parts.changes.listen((name) => {
      if (name === 'sessions' || name === 'workspaces' || name === 'settings') this.#isDue = true;
    });
  }

  /** Looks now, and then every limits.compactionIntervalMs. */
  start(): void {
    const look = (): void => {
      if (performance.now() >= this.#notBefore) void this.sweep();
    };
    look();
    this.#timer = setInterval(look, limits.compactionIntervalMs);
  }

  /** Resolves once nothing more can be packed, or must be dropped, now. */
  sweep(): Promise<void> {
    for (const id of this.#parts.grown()) this.#pending.add(id);
    if (this.#disposed || (this.#pending.size === 0 && !this.#isDue)) return this.#working ?? Promise.resolve();
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
    return this.#working;
  }

  /** On the disk; of a session that was not measured yet nothing. */
  bytesOf(runId: string): number {
    return this.#sizes.get(runId)?.bytes ?? 0;
  }

  get totalBytes(): number {
    return [...this.#sizes.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** What is near its cap, told before anything is dropped; of one workspace's sessions, and of all history, where it is named. */
  warnings(ofWorkspace?: string): HistoryWarning[] {
    const capOf = this.#caps();
    const asked = [...this.#sizes.values()].filter(({ workspaceId }) => (ofWorkspace ?? workspaceId) === workspaceId);
    const near = asked.map((size) => sessionWarning(size, capOf(size.workspaceId)));
    return [totalWarning(this.totalBytes, this.#parts.caps.total()), ...near].filter((warning) => warning !== undefined);
  }

  /** Resolves once nothing of it is under way. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    clearInterval(this.#timer);
    this.#unlisten();
    await this.#working;
  }

  async #work(): Promise<void> {
    try {
      while (!this.#disposed && (this.#pending.size > 0 || this.#isDue)) {
        this.#isDue = false;
        await this.#packAll();
        await this.#keepCaps();
      }
      if (this.#freed && !this.#disposed) this.#parts.reclaim();
      this.#freed = false;
    } catch (error) {
      this.#isDue = true;
      this.#notBefore = performance.now() + limits.diskRetryMs;
      if (!this.#parts.isFull(error)) this.#parts.report(`compaction: ${String(error)}`);
    }
  }

  /** One pack of each in turn: a flood in one session keeps no other waiting. */
  async #packAll(): Promise<void> {
    const { packing, pruning } = this.#parts;
    let packs = 0;
    while (this.#pending.size > 0) {
      for (const id of [...this.#pending]) {
        if (this.#disposed) return;
        const begun = performance.now();
        // Taken out first: it may grow meanwhile, and what cannot be packed must not stop the others.
        this.#pending.delete(id);
        if (await packing.pack(id)) {
          packs += 1;
          this.#freed = true;
          this.#pending.add(id);
        } else {
          const size = pruning.sizeOf(id);
          if (size === undefined) this.#sizes.delete(id);
          else this.#sizes.set(id, size);
        }
        await rest(performance.now() - begun, packs);
      }
      for (const id of this.#parts.grown()) this.#pending.add(id);
    }
  }

  async #keepCaps(): Promise<void> {
    const { caps, pruning } = this.#parts;
    const there = new Set(pruning.ids());
    for (const id of [...this.#sizes.keys()]) if (!there.has(id)) this.#sizes.delete(id);
    const capOf = this.#caps();
    for (const size of [...this.#sizes.values()]) {
      const most = capOf(size.workspaceId);
      while (most !== null && size.bytes > most && (await this.#drop(size)));
    }
    // Of those that ended first; of those that live what must go then.
    for (const live of [false, true]) {
      const left = new Set([...this.#sizes.values()].filter((size) => size.live === live));
      for (let most = caps.total(); most !== null && this.totalBytes > most && left.size > 0; most = caps.total()) {
        const size = this.#oldest(left);
        if (size === undefined || !(await this.#drop(size))) break;
      }
    }
  }

  /** Sessions are many, workspaces few: each is asked for its cap once. */
  #caps(): (workspaceId: string) => number | null {
    const known = new Map<string, number | null>();
    return (workspaceId) => {
      if (!known.has(workspaceId)) known.set(workspaceId, this.#parts.caps.session(workspaceId));
      return known.get(workspaceId) ?? null;
    };
  }

  #oldest(among: Set<HistorySize>): HistorySize | undefined {
    let found: { size: HistorySize; at: number } | undefined;
    for (const size of among) {
      const at = this.#parts.pruning.oldestCold(size.runId);
      if (at === undefined) among.delete(size);
      else if (found === undefined || at < found.at) found = { size, at };
    }
    return found?.size;
  }

  /** @returns whether there was anything to drop */
  async #drop(size: HistorySize): Promise<boolean> {
    if (this.#disposed) return false;
    const begun = performance.now();
    const freed = this.#parts.pruning.dropOldest(size.runId);
    if (freed === 0) return false;
    size.bytes -= freed;
    this.#freed = true;
    this.#parts.changes.announce('sessions', size.runId);
    await rest(performance.now() - begun, 0);
    return true;
  }
}

/** Most of the time is others'. Far behind a flood it rests less, or it would never catch up. */
function rest(workedMs: number, packs: number): Promise<void> {
  const part = packs > limits.compactionPatience ? limits.compactionRestBehind : limits.compactionRest;
  return Bun.sleep(workedMs * part);
}
