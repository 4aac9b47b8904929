// Sessions of a workspace side by side. The page brings their names and an empty bench that
// public/workbench/bench.js fills; without script they are links.

import { Html } from '@elysiajs/html';
import type { Session } from '../sessions/session.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { lamp } from './activity.tsx';
import { layout, type Look } from './layout.tsx';
import { plain, typed } from './text.tsx';

export interface WorkbenchView {
  workspace: Workspace;
  live: readonly Session[];
  look: Look;
}

export function workbenchPage({ workspace, live, look }: WorkbenchView): JSX.Element {
  const { id, name } = workspace;
  return layout({
    ...look,
    title: `${plain(name)} side by side · Dispatch`,
    current: 'workspaces',
    styles: ['vendor/xterm.css', 'terminal.css', 'conversation.css', 'editor.css', 'workbench.css'],
    scripts: ['terminal/main.js', 'conversation.js', 'workbench/bench.js'],
    bodyClass: 'bench-body',
    children: (
      <main class="bench-page" data-workspace={id}>
        <header class="bench-bar">
          <h1 class="bench-title"><a href={`/workspaces/${id}`} safe>{plain(name)}</a></h1>
          {benchSessions(id, live) as 'safe'}
          <div class="bench-deeds needs-script">
            <button type="button" class="button button-quiet" data-deed="split-right" data-action="Split to the right" title="Split to the right">{splitIcon('M8 2v12') as 'safe'}<span class="sr-only">Split to the right</span></button>
            <button type="button" class="button button-quiet" data-deed="split-down" data-action="Split downwards" title="Split downwards">{splitIcon('M2 8h12') as 'safe'}<span class="sr-only">Split downwards</span></button>
            <details class="bench-others" data-others>
              <summary class="button button-quiet" data-action="Take over the layout of another device">Layouts</summary>
              <div class="bench-others-list" data-others-list></div>
            </details>
            {workspace.status === 'active' ? <button type="button" class="button button-primary" data-deed="new-terminal" data-action="New terminal here">New terminal</button> as 'safe' : ''}
          </div>
        </header>
        <div class="bench" data-bench aria-label="Sessions side by side"></div>
        <p class="bench-said" role="status" data-said></p>
      </main>
    ),
  });
}

/** The switcher: every live session, open here or not. */
export function benchSessions(workspaceId: string, live: readonly Session[]): JSX.Element {
  return (
    <nav
      id="bench-sessions"
      class="bench-sessions"
      aria-label="Live sessions"
      hx-get={`/workspaces/${workspaceId}/workbench?part=sessions`}
      hx-trigger="dispatch:sessions from:document"
      hx-swap="outerMorph"
    >
      {live.length === 0 ? <span class="muted small">Nothing runs here yet.</span> as 'safe' : live.map(({ id, name, kind, activity }) => (
        <a class="bench-session" id={`bench-session-${id}`} href={`/sessions/${id}`} data-session={id} data-kind={kind} title={typed(plain(name))}>
          {lamp(activity.state) as 'safe'}
          <bdi safe>{plain(name)}</bdi>
        </a>
      ))}
    </nav>
  );
}

function splitIcon(line: string): JSX.Element {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={`M2 2h12v12H2Z ${line}`} fill="none" stroke="currentColor" stroke-width="1.4" />
    </svg>
  );
}
