// Data for views, as the core would give it.

import type { Session } from '../../src/sessions/session.ts';
import type { SessionListView } from '../../src/views/session-list.tsx';
import type { ShownSettings } from '../../src/views/settings-fields.tsx';
import type { OverridesView } from '../../src/views/workspace-settings.tsx';
import type { Workspace } from '../../src/workspaces/workspace.ts';

export const LOOK = { theme: 'system', density: 'comfortable' } as const;

export function workspace(changes: Partial<Workspace> = {}): Workspace {
  return {
    id: '01900000-0000-7000-8000-000000000001',
    name: 'house',
    path: '/home/me/house',
    status: 'active',
    statusReason: null,
    metadata: {},
    created: '2026-01-01T10:00:00.000Z',
    lastAccessed: '2026-01-02T10:00:00.000Z',
    sessionCounts: { total: 0, starting: 0, active: 0, stopped: 0, error: 0 },
    ...changes,
  };
}

export function session(changes: Partial<Session> = {}): Session {
  return {
    id: '01900000-0000-7000-8000-000000000002',
    workspaceId: workspace().id,
    kind: 'terminal',
    name: 'shell',
    status: 'active',
    statusReason: null,
    created: '2026-01-01T10:00:00.000Z',
    lastActive: '2026-01-02T10:00:00.000Z',
    currentSequence: 5,
    firstSequence: 1,
    exitCode: null,
    exitSignal: null,
    activity: { state: 'idle', since: '2026-01-02T10:00:00.000Z', detail: null },
    clients: [],
    meta: {},
    ...changes,
  };
}

export function sessionsOf(changes: Partial<SessionListView> = {}): SessionListView {
  return {
    workspaceId: workspace().id,
    usable: true,
    live: [],
    ended: [],
    endedTotal: 0,
    endedOffset: 0,
    failedShown: 0,
    ...changes,
  };
}

export const OVERRIDES: OverridesView = {
  workspaceId: workspace().id,
  inherited: { terminal: { theme: 'auto', fontSize: 14 }, workspaces: { tabSize: 4 }, retention: { eventDays: null } },
  own: { terminal: { fontSize: 12 }, workspaces: {}, retention: { eventDays: null } },
  returned: {},
  saved: undefined,
};

export const SCHEME = { state: { typed: {}, errors: {} }, tried: undefined };

export const SETTINGS: ShownSettings = {
  terminal: {
    fontFamily: 'monospace',
    fontSize: 14,
    lineHeight: 1.2,
    theme: 'auto',
    cursorStyle: 'block',
    cursorBlink: false,
    scrollback: 10_000,
    recordInput: 'redact',
    optionIsMeta: false,
    shellIntegration: true,
    bell: 'visual',
    screenReader: false,
  },
  appearance: { ...LOOK, textSize: 'normal', contrast: 'system', motion: 'system' },
  workspaces: { defaultShell: null, autosave: false, vimKeys: false, lineWrap: true, tabSize: 4 },
  agents: { claudePath: null, adapterPath: null, apiKeySet: false, others: '' },
  retention: { eventDays: null, sessionBytes: 1024 ** 3, totalBytes: null },
  history: { size: '2 MiB', warnings: [] },
  themes: { colours: {}, own: undefined },
};
