// What keeps the logs to the size and the age that the owner wants, wired: packing, caps,
// retention.

import type { Changes } from './changes.ts';
import type { Events } from './db/events.ts';
import type { OpenDatabase } from './db/open.ts';
import { Packing } from './db/packing.ts';
import type { Packs } from './db/packs.ts';
import { Pruning } from './db/pruning.ts';
import { WorkspaceRows } from './db/workspaces.ts';
import { Compaction } from './sessions/compaction.ts';
import { Retention } from './sessions/retention.ts';
import type { Settings } from './settings/settings.ts';

export interface KeepingParts {
  database: OpenDatabase;
  events: Events;
  packs: Packs;
  settings: Settings;
  changes: Changes;
  report: (line: string) => void;
}

export function openKeeping({ database, events, packs, settings, changes, report }: KeepingParts): {
  compaction: Compaction;
  retention: Retention;
} {
  const pruning = new Pruning(database.db, packs);
  const workspaces = new WorkspaceRows(database.db);
  // A workspace that was deleted a moment ago takes its sessions with it: no cap of theirs matters.
  const ofWorkspace = (id: string) => settings.effective('retention', workspaces.get(id)?.metadata ?? {});
  const compaction = new Compaction({
    packing: new Packing(database, packs),
    pruning,
    grown: () => events.takeGrown(),
    reclaim: () => database.db.space.reclaim(),
    caps: { session: (id) => ofWorkspace(id).sessionBytes, total: () => settings.get('retention').totalBytes },
    isFull: (error) => events.isFull(error),
    changes,
    report,
  });
  const retention = new Retention({ store: pruning, eventDays: (id) => ofWorkspace(id).eventDays, changes, report });
  return { compaction, retention };
}
