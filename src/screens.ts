// Wires the screens to the program: their thread, the setting that says how much they keep, and
// what comes of them. What a screen brings about after its session is gone goes nowhere.

import { Worker } from 'node:worker_threads';
import type { Changes } from './changes.ts';
import type { Keyframes } from './db/keyframes.ts';
import type { Snapshots } from './db/snapshots.ts';
import { AppError } from './errors.ts';
import type { DerivedEvent, StoredSnapshot } from './pty/screen/protocol.ts';
import { Screens } from './pty/screen/screens.ts';
import type { Terminal } from './pty/terminal.ts';
import type { Sessions } from './sessions/sessions.ts';
import type { Settings } from './settings/settings.ts';
import type { Workspaces } from './workspaces/workspaces.ts';

export interface ScreensParts {
  dataFolder: string;
  snapshots: Snapshots;
  keyframes: Keyframes;
  settings: Settings;
  workspaces: Workspaces;
  sessions: Sessions;
  changes: Changes;
  terminal: (runId: string) => Terminal | undefined;
  report: (line: string) => void;
}

export function openScreens({ dataFolder, snapshots, keyframes, settings, workspaces, sessions, changes, terminal, report }: ScreensParts): Screens {
  return new Screens({
    spawn: () => new Worker(new URL('./screen-worker.ts', import.meta.url), { workerData: { dataFolder } }),
    scrollback: (runId) => {
      const { metadata } = workspaces.get(sessions.get(runId).workspaceId);
      return settings.effective('terminal', metadata).scrollback;
    },
    onAnswer: (runId, bytes) => terminal(runId)?.answer(bytes),
    onDerived: (runId, events) => unlessGone(() => record(sessions, changes, runId, events), report),
    onStored: (runId, snapshot: StoredSnapshot) => unlessGone(() => snapshots.save(runId, snapshot), report),
    onKeyframe: (runId, keyframe) => unlessGone(() => keyframes.save(runId, keyframe), report),
    report,
  });
}

function record(sessions: Sessions, changes: Changes, runId: string, events: DerivedEvent[]): void {
  const derivedThrough = events.at(-1)?.sequence;
  if (derivedThrough === undefined) return;
  sessions.log(runId).append(
    events.map(({ type, data }) => ({ channel: 'system', type, data })),
    { derivedThrough },
  );
  // Whoever shows its commands looks again.
  if (events.some(({ type, data }) => type === 'command' && data.phase !== 'input')) changes.announce('sessions', runId);
}

/** A word of the thread must never end the server: what could not be kept is made anew from the log. */
function unlessGone(act: () => void, report: (line: string) => void): void {
  try {
    act();
  } catch (error) {
    const isGone = error instanceof AppError && error.code === 'not_found';
    if (!isGone) report(`screens: ${error instanceof Error ? error.message : String(error)}`);
  }
}
