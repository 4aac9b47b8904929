// What the routes are given: the parts of the program, wired by src/server.ts.

import type { Auth } from '../auth/auth.ts';
import type { OwnOrigins } from '../auth/origin.ts';
import type { Changes } from '../changes.ts';
import type { Conversations } from '../conversations.ts';
import type { Editors } from '../editors.ts';
import type { FileSearch } from '../files/search.ts';
import type { Trash } from '../files/trash.ts';
import type { Git } from '../git/git.ts';
import type { Reviews } from '../git/reviews.ts';
import type { TerminalKind } from '../pty/kind.ts';
import type { Past } from '../pty/past/past.ts';
import type { StoredSnapshot } from '../pty/screen/protocol.ts';
import type { Screens } from '../pty/screen/screens.ts';
import type { Search } from '../search/search.ts';
import type { Compaction } from '../sessions/compaction.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Layouts } from '../settings/layouts.ts';
import type { Settings } from '../settings/settings.ts';
import type { Workspaces } from '../workspaces/workspaces.ts';
import type { Gate } from './gate.ts';

/** The last screen of a session that is kept, for when it cannot be had otherwise. */
export interface KeptScreens {
  latest(runId: string): StoredSnapshot | undefined;
}

export interface Parts {
  version: string;
  /** ms since the epoch. */
  started: number;
  dataFolder: string;
  /** Changes when a boot follows an unclean machine stop or a restored backup. */
  epoch: number;
  auth: Auth;
  gate: Gate;
  changes: Changes;
  workspaces: Workspaces;
  sessions: Sessions;
  terminals: TerminalKind;
  screens: Screens;
  past: Past;
  snapshots: KeptScreens;
  conversations: Conversations;
  editors: Editors;
  fileSearch: FileSearch;
  /** What was deleted from workspaces. */
  trash: Trash;
  git: Git;
  /** What was said of changes. */
  reviews: Reviews;
  search: Search;
  /** What histories take, and what is near its cap. */
  compaction: Compaction;
  settings: Settings;
  layouts: Layouts;
  /** Known once the port is. */
  origins: () => OwnOrigins;
  /** A line for the operator; levels as DISPATCH_LOG. */
  report: (level: 'error' | 'warn' | 'info' | 'debug', line: string) => void;
}
