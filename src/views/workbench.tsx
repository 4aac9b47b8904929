// Sessions of a workspace side by side. The page brings one bar and an empty bench that
// public/workbench/bench.js fills; without script the sessions are links and the menus work.

import { Html } from '@elysiajs/html';
import type { ApiAgent } from '../agent/agents.ts';
import type { Session } from '../sessions/session.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { lamp } from './activity.tsx';
import { inboxCount, layout, type Look, markSvg } from './layout.tsx';
import { plain, typed } from './text.tsx';
import { beginMenu, placesMenu } from './workbench-menus.tsx';

export interface WorkbenchView {
  workspace: Workspace;
  live: readonly Session[];
  /** With whom a conversation can be begun. */
  agents: readonly ApiAgent[];
  look: Look;
}

export function workbenchPage(view: WorkbenchView): JSX.Element {
  const { workspace, look } = view;
  return layout({
    ...look,
    title: `${plain(workspace.name)} · Workbench · Dispatch`,
    current: 'workspaces',
    styles: ['vendor/xterm.css', 'terminal.css', 'conversation.css', 'editor.css', 'workbench.css'],
    scripts: ['terminal/main.js', 'workbench/bench.js'],
    bodyClass: 'bench-body',
    header: <></>,
    children: (
      <main class="bench-page" data-workspace={workspace.id}>
        {bar(view) as 'safe'}
        <p class="bench-said" role="status" data-said></p>
        <div class="bench" data-bench aria-label="Sessions side by side">{emptyBench(view) as 'safe'}</div>
      </main>
    ),
  });
}

function bar(view: WorkbenchView): JSX.Element {
  const { workspace: { id, name, status }, live, look } = view;
  return (
    <header class="bench-bar">
      <a class="mark" href="/" aria-label="Dispatch, home">{markSvg() as 'safe'}</a>
      <h1 class="bench-title"><a href={`/workspaces/${id}`} title={typed(plain(`${name}: all of this workspace`))} safe>{plain(name)}</a></h1>
      <nav class="bench-places" aria-label="In this workspace">
        <a class="button button-quiet" href={`/workspaces/${id}/files`}>Files</a>
        <a class="button button-quiet" href={`/workspaces/${id}/changes`}>Changes</a>
      </nav>
      {benchSessions(id, live) as 'safe'}
      <div class="bench-deeds">
        {status !== 'active' ? '' : (
          <div class="bench-new">
            <button type="button" class="button button-primary needs-script" data-deed="new-terminal" data-action="New terminal here">New terminal</button>
            <button type="button" class="button button-primary" popovertarget="bench-begin" aria-label="More to start" data-action="Start a conversation, a file or a command here">{icon('M8 3v10M3 8h10') as 'safe'}</button>
          </div>
        ) as 'safe'}
        <button type="button" class="button button-quiet bench-wide needs-script" data-deed="split-right" data-action="Split to the right" title="Split to the right">{icon('M2 2h12v12H2Z M8 2v12') as 'safe'}<span class="sr-only">Split to the right</span></button>
        <button type="button" class="button button-quiet bench-wide needs-script" data-deed="split-down" data-action="Split downwards" title="Split downwards">{icon('M2 2h12v12H2Z M2 8h12') as 'safe'}<span class="sr-only">Split downwards</span></button>
        <button type="button" class="button button-quiet bench-wide needs-script" popovertarget="bench-layouts" data-others data-action="Take over the layout of another device" title="Layouts of other devices">{icon('M2 3h8v6H2Zm4 3h8v7H6Z') as 'safe'}<span class="sr-only">Layouts of other devices</span></button>
        <a class="button button-quiet session-inbox" href="/inbox">{icon('M2 9.5 4 3.5h8l2 6v3.5H2Zm0 0h3.5l1 1.5h3l1-1.5H14') as 'safe'}<span class="sr-only">Inbox</span>{inboxCount(look.waiting ?? 0) as 'safe'}</a>
        <span class="link-state" id="connection" data-state="connecting" role="status" aria-live="polite" title="Whether this page hears of changes as they happen">
          <span class="dot" aria-hidden="true"></span>
          <span class="link-word" data-word>connecting</span>
        </span>
        <button type="button" class="button button-quiet" popovertarget="bench-places" aria-label="Menu">{icon('M2 4h12M2 8h12M2 12h12') as 'safe'}</button>
      </div>
      <div class="bench-menu bench-others-list" id="bench-layouts" popover="auto" data-others-list></div>
      {beginMenu(view) as 'safe'}
      {placesMenu(view) as 'safe'}
    </header>
  );
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
      {live.map(({ id, name, kind, activity }) => (
        <a class="bench-session" id={`bench-session-${id}`} href={`/sessions/${id}`} data-session={id} data-kind={kind} title={typed(plain(name))}>
          {lamp(activity.state) as 'safe'}
          <bdi safe>{plain(name)}</bdi>
        </a>
      ))}
    </nav>
  );
}

/** Shown while nothing lies on the bench. */
function emptyBench({ workspace: { id, status } }: WorkbenchView): JSX.Element {
  if (status !== 'active') {
    return (
      <div class="bench-empty">
        <h2>{status === 'archived' ? 'This workspace is archived' : 'Its folder cannot be used now'}</h2>
        <p class="muted">Nothing new starts here meanwhile.</p>
        <a class="button" href={`/workspaces/${id}`}>What can be done</a>
      </div>
    );
  }
  return (
    <div class="bench-empty">
      <h2>Nothing lies here yet</h2>
      <p class="muted">Choose a session in the bar, or start one. Sessions go on when you close them here, and when you leave.</p>
      <p class="cluster">
        <button type="button" class="button button-primary" data-deed="new-terminal">New terminal</button>
        <button type="button" class="button" popovertarget="bench-begin">Something else…</button>
      </p>
    </div>
  );
}

function icon(path: string): JSX.Element {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={path} fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" />
    </svg>
  );
}
