// What the page of settings is made of, for the routes that answer with it.

import type { Category } from '../settings/categories.ts';
import type { MadeLink } from '../views/access.tsx';
import { type FormState, NOTHING_TYPED } from '../views/form.tsx';
import { settingsPage } from '../views/settings.tsx';
import type { ShownSettings } from '../views/settings-fields.tsx';
import type { ThemeColours } from '../views/terminal-themes.tsx';
import { THEMES } from '../pty/screen/shared.ts';
import { inBytes } from '../sessions/caps.ts';
import { linesOfAgents } from './agent-lines.ts';
import { lookOf } from './page-answer.ts';
import { overridingWorkspaces } from './page-overrides.ts';
import type { Parts } from './parts.ts';

/** What came back into one of the page's forms. */
interface Returned {
  returned?: Partial<Record<Category, FormState>>;
  saved?: Category;
  link?: MadeLink;
  key?: FormState;
  shortcuts?: FormState;
  scheme?: { state: FormState; tried: ThemeColours | undefined };
}

export function settingsView(
  parts: Parts,
  request: Request,
  { returned = {}, saved, link, key = NOTHING_TYPED, shortcuts = NOTHING_TYPED, scheme = { state: NOTHING_TYPED, tried: undefined } }: Returned,
): JSX.Element {
  const { auth, gate } = parts;
  return settingsPage({
    values: shownSettings(parts),
    returned,
    saved,
    shortcuts,
    scheme,
    overriding: overridingWorkspaces(parts),
    access: {
      devices: auth.devices(),
      here: gate.caller(request).identity?.deviceId ?? null,
      link,
      keyFixed: auth.keyFixed,
      key,
    },
    look: lookOf(parts),
  });
}

/** As anyone may see them. */
export function shownSettings({ compaction, settings }: Parts): ShownSettings {
  const { claudePath, adapterPath, apiKey, agents } = settings.get('agents');
  const terminal = settings.get('terminal');
  return {
    terminal,
    themes: { colours: THEMES, own: terminal.scheme },
    appearance: settings.get('appearance'),
    workspaces: settings.get('workspaces'),
    retention: settings.get('retention'),
    history: { size: inBytes(compaction.totalBytes), warnings: compaction.warnings().map(({ message }) => message) },
    agents: { claudePath, adapterPath, apiKeySet: apiKey !== null, others: linesOfAgents(agents) },
  };
}
