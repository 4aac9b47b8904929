// Wires the file editor: its kind, what it may reach of a workspace, where its texts are kept.

import type { Changes } from './changes.ts';
import { Checkpoints } from './db/checkpoints.ts';
import type { Db } from './db/open.ts';
import { documentFiles } from './editor/disk.ts';
import { FileEditorKind } from './editor/kind.ts';
import { Past } from './editor/past.ts';
import type { Sessions } from './sessions/sessions.ts';
import type { Settings } from './settings/settings.ts';
import type { Workspaces } from './workspaces/workspaces.ts';

export interface EditorsParts {
  db: Db;
  settings: Settings;
  changes: Changes;
  sessions: () => Sessions;
  workspaces: Workspaces;
  report: (line: string) => void;
}

export interface Editors {
  kind: FileEditorKind;
  past: Past;
  store: Checkpoints;
}

export function openEditors({ db, settings, changes, sessions, workspaces, report }: EditorsParts): Editors {
  const store = new Checkpoints(db);
  const past = new Past({
    store,
    read: (runId, range) => sessions().read(runId, range),
    bounds(runId) {
      const { firstSequence: first } = sessions().get(runId);
      return { head: sessions().log(runId).head, first };
    },
  });
  const kind = new FileEditorKind({
    files: (workspace) => documentFiles(workspaces.ground(workspace.id)),
    store,
    past,
    autosave: (id) => settings.effective('workspaces', workspaces.get(id).metadata).autosave,
    announce: (runId) => changes.announce('documents', runId),
    report,
  });
  return { kind, past, store };
}
