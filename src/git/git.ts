// Git in workspaces: where a workspace is, with what environment, one change at a time in each,
// and its exchanges with remotes. What the questions and actions are is beside it, by subject.

import type { Changes } from '../changes.ts';
import type { Ground } from '../files/open.ts';
import type { PathPolicy } from '../workspaces/path-policy.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { Exchanges } from './exchanges.ts';
import type { KeptStore } from './kept.ts';
import { Reading } from './reading.ts';
import { type GitAnswer, type GitOptions, type GitPlace, ownEnvironment, runGit } from './run.ts';

export interface GitParts {
  dataFolder: string;
  changes: Changes;
  policy: PathPolicy;
  kept: KeptStore;
  /** What programs of a workspace get. */
  environment: (workspace: Workspace) => Record<string, string>;
}

/** A workspace as git's actions need it. */
export interface GitWorkspace {
  id: string;
  place: GitPlace;
  ground: Ground;
  reading(): Reading;
  /** The person's own git; others that change this workspace wait. */
  own(args: readonly string[], options?: GitOptions): Promise<GitAnswer>;
}

export class Git {
  readonly exchanges: Exchanges;
  readonly kept: KeptStore;
  readonly policy: PathPolicy;
  readonly #parts: GitParts;
  /** Workspace to the end of what was begun last. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(parts: GitParts) {
    this.#parts = parts;
    this.kept = parts.kept;
    this.policy = parts.policy;
    this.exchanges = new Exchanges((id) => this.changed(id));
  }

  of(workspace: Workspace): GitWorkspace {
    const { id, path } = workspace;
    const place = { folder: path, environment: this.#parts.environment(workspace) };
    return {
      id,
      place,
      ground: { path, dataFolder: this.#parts.dataFolder },
      reading: () => new Reading(place),
      own: (args, options = {}) => runGit(path, args, ownEnvironment(place.environment), options),
    };
  }

  /** One after the other in each workspace; pages hear of it afterwards, whatever became of it. */
  async change<T>(id: string, act: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id) ?? Promise.resolve();
    const mine = before.then(act, act);
    const settled = mine.catch(() => undefined);
    this.#turns.set(id, settled);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(id) === settled) this.#turns.delete(id);
      this.changed(id);
    }
  }

  changed(id: string): void {
    this.#parts.changes.announce('git', id);
  }

  dispose(): void {
    this.exchanges.dispose();
  }
}
