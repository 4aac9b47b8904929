// The way from the page of a workspace to its workbench: first on it, with what lies there, as
// long as something runs.

import { Html } from '@elysiajs/html';
import type { Session } from '../sessions/session.ts';
import { activitySummary, lamp } from './activity.tsx';
import { plain, typed } from './text.tsx';

const NAMED_MAX = 6;

export function benchAddress(workspaceId: string, sessionId?: string): string {
  return `/workspaces/${workspaceId}/workbench${sessionId === undefined ? '' : `?session=${sessionId}`}`;
}

/** Stays as an empty place where nothing runs, so that news can fill it. */
export function benchLead(workspaceId: string, live: readonly Session[]): JSX.Element {
  return (
    <div id="bench-lead" hx-get={`/workspaces/${workspaceId}?part=bench`} hx-trigger="dispatch:sessions from:document" hx-swap="outerMorph">
      {live.length === 0 ? '' : lead(workspaceId, live) as 'safe'}
    </div>
  );
}

function lead(workspaceId: string, live: readonly Session[]): JSX.Element {
  const named = live.slice(0, NAMED_MAX);
  const count = live.length === 1 ? 'One live session' : `${live.length} live sessions`;
  return (
    <section class="bench-lead" aria-labelledby="bench-lead-title">
      <div class="bench-lead-text">
        <h2 id="bench-lead-title" class="bench-lead-title">Workbench</h2>
        <p class="cluster"><span class="muted" safe>{live.length === 1 ? count : `${count}, side by side`}</span> {activitySummary(live) as 'safe'}</p>
      </div>
      <a class="button button-primary bench-lead-go" href={benchAddress(workspaceId)} data-enter data-action="Open the workbench" title="Enter, or g b">
        Open the workbench
      </a>
      <ul class="bench-lead-names" aria-label="Open one of them there">
        {named.map(({ id, name, activity }) => (
          <li>
            <a href={benchAddress(workspaceId, id)} title={typed(plain(name))}>{lamp(activity.state) as 'safe'} <bdi safe>{plain(name)}</bdi></a>
          </li>
        ))}
        {live.length > named.length ? <li class="muted small" safe>{`and ${live.length - named.length} more`}</li> as 'safe' : ''}
      </ul>
    </section>
  );
}
