// Wires git: whose workspaces, with what environment, where what is discarded and said of
// changes is kept.

import { realpathSync } from 'node:fs';
import type { Changes } from './changes.ts';
import type { Db } from './db/open.ts';
import { KeptRows, ReviewRows } from './db/reviews.ts';
import { Git } from './git/git.ts';
import { Reviews } from './git/reviews.ts';
import { childEnvironment } from './pty/environment.ts';
import type { PathPolicy } from './workspaces/path-policy.ts';
import type { Workspace } from './workspaces/workspace.ts';

export interface RepositoriesParts {
  dataFolder: string;
  db: Db;
  changes: Changes;
  policy: PathPolicy;
  environment: Record<string, string | undefined>;
}

export function openRepositories({ dataFolder, db, changes, policy, environment }: RepositoriesParts): { git: Git; reviews: Reviews } {
  const git = new Git({
    dataFolder: realpathSync(dataFolder),
    changes,
    policy,
    kept: new KeptRows(db),
    environment: (workspace) => environmentOf(workspace, environment),
  });
  return { git, reviews: new Reviews(new ReviewRows(db), (id) => git.changed(id)) };
}

/** As programs of the workspace have it, but for the mark of a session: git belongs to none. */
function environmentOf({ metadata }: Workspace, environment: Record<string, string | undefined>): Record<string, string> {
  const own = typeof metadata.env === 'object' && metadata.env !== null && !Array.isArray(metadata.env) ? metadata.env : {};
  const texts = Object.entries(own).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const { TERM_SESSION_ID: _, ...env } = childEnvironment('', environment, Object.fromEntries(texts));
  return env;
}
