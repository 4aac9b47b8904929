// The sessions of a workspace: the live ones with what they do and who is attached, the ended
// ones quieter below. One root, replaced as a whole by actions and by news.

import { Html } from '@elysiajs/html';
import type { ClientInfo, Session } from '../sessions/session.ts';
import { stateWords } from './activity.tsx';
import { busyButton } from './form.tsx';
import { plain, typed } from './text.tsx';
import { ago, exact } from './time.tsx';
import { pagerLink } from './workspace-parts.tsx';

export interface SessionListView {
  workspaceId: string;
  /** Whether a session can be started or resumed here. */
  usable: boolean;
  live: readonly Session[];
  ended: readonly Session[];
  /** Stopped ones in all, from which on they are shown, and how many failed ones stand before them. */
  endedTotal: number;
  endedOffset: number;
  failedShown: number;
  /** Histories that are near their cap, before anything of them is dropped. */
  warnings?: readonly string[];
}

const LIST = 'session-list';

export function sessionList(view: SessionListView): JSX.Element {
  const { workspaceId, live, ended, endedTotal, endedOffset, failedShown, warnings = [] } = view;
  return (
    <div
      id={LIST}
      hx-get={`/workspaces/${workspaceId}?part=sessions${endedOffset > 0 ? `&ended=${endedOffset}` : ''}`}
      hx-trigger="dispatch:sessions from:document"
      hx-swap="outerMorph"
    >
      {warnings.length === 0 ? '' : (
        <div class="alert alert-warn">
          {warnings.map((warning) => <p safe>{warning}</p>)}
          <p><a href="/settings#retention">What is kept</a></p>
        </div>
      ) as 'safe'}
      <section aria-labelledby="live-title">
        <div class="section-head">
          <h2 id="live-title">Live</h2>
          <span class="count" safe>{String(live.length)}</span>
        </div>
        {live.length === 0
          ? nothingLive(view) as 'safe'
          : <ul class="rows" data-rows>{live.map((session) => liveRow(session))}</ul> as 'safe'}
      </section>
      {ended.length === 0 && endedTotal === 0 ? '' : (
        <section class="section" aria-labelledby="ended-title">
          <div class="section-head">
            <h2 id="ended-title">Ended</h2>
            <span class="count" safe>{String(endedTotal + failedShown)}</span>
          </div>
          <ul class="rows">{ended.map((session) => endedRow(session, view.usable))}</ul>
          {endedPager(view) as 'safe'}
        </section>
      ) as 'safe'}
    </div>
  );
}

function nothingLive({ usable }: SessionListView): JSX.Element {
  return (
    <div class="empty empty-list">
      <h3>Nothing runs here</h3>
      <p class="muted">
        {usable
          ? 'Open a terminal. It keeps going when you close the page, and any of your devices can attach to it.'
          : 'Sessions can start here once the workspace is usable again.'}
      </p>
    </div>
  );
}

function liveRow(session: Session): JSX.Element {
  const { id, name, activity, clients } = session;
  return (
    <li id={`session-${id}`}>
      <div class="row row-session">
        <div class="row-state">{stateWords(activity) as 'safe'}</div>
        <div class="row-text">
          <p><a class="row-link" href={`/sessions/${id}`} safe>{plain(name)}</a></p>
          {whatRuns(session) as 'safe'}
        </div>
        <div class="row-clients small muted">{session.kind === 'terminal' ? attached(clients) as 'safe' : ''}</div>
        <div class="row-when small muted" title={`In this state since ${exact(activity.since)}`}>
          {ago(activity.since) as 'safe'}
        </div>
        <form class="row-action" {...action(id, 'stop')}>
          {busyButton({ rest: 'Stop', busy: 'Stopping…', kind: 'button-quiet' }) as 'safe'}
        </form>
      </div>
      {drawer(session) as 'safe'}
    </li>
  );
}

function endedRow(session: Session, usable: boolean): JSX.Element {
  const { id, name, activity, lastActive, statusReason } = session;
  return (
    <li id={`session-${id}`}>
      <div class="row row-ended">
        <div class="row-state">{stateWords(activity) as 'safe'}</div>
        <div class="row-text">
          <p><a class="row-link" href={`/sessions/${id}`} safe>{plain(name)}</a></p>
          <p class="small muted isolate">
            <span safe>{endOf(session)}</span>
            {statusReason === null ? '' : <span safe>{` · ${statusReason}`}</span> as 'safe'}
          </p>
        </div>
        <div class="row-when small muted">{ago(lastActive) as 'safe'}</div>
        {usable ? (
          <form class="row-action" {...action(id, 'resume')}>
            {busyButton({ rest: 'Resume', busy: 'Resuming…', kind: 'button-quiet' }) as 'safe'}
          </form>
        ) as 'safe' : ''}
      </div>
      {drawer(session) as 'safe'}
    </li>
  );
}

/** Below the row: rename, and delete with what it takes away. */
function drawer({ id, name, status }: Session): JSX.Element {
  const field = `name-${id}`;
  const live = status === 'active' || status === 'starting';
  return (
    <details class="drawer" id={`more-${id}`}>
      <summary class="button button-quiet" aria-label={`More for ${plain(name)}`} title="Rename, delete">⋯</summary>
      <div class="drawer-body">
        <form class="cluster" {...action(id, 'rename')}>
          <label class="sr-only" for={field}>New name</label>
          <input
            id={field}
            class="drawer-name"
            name="name"
            value={typed(name)}
            required
            maxlength="200"
            autocomplete="off"
          />
          {busyButton({ rest: 'Rename', busy: 'Renaming…' }) as 'safe'}
        </form>
        <details class="confirm" id={`delete-${id}`}>
          <summary>Delete this session</summary>
          <form class="alert alert-warn" {...action(id, 'delete')}>
            <p>
              {live ? 'The program is stopped, and its' : 'Its'} whole history goes with it. This cannot be undone.
            </p>
            {busyButton({ rest: 'Delete with its history', busy: 'Deleting…', kind: 'button-bad' }) as 'safe'}
          </form>
        </details>
      </div>
    </details>
  );
}

function whatRuns({ kind, activity, meta }: Session): JSX.Element {
  const command = Array.isArray(meta.command) ? meta.command.map(String).join(' ') : kind === 'claude' ? 'conversation' : kind === 'fileEditor' ? 'files' : '';
  const text = activity.detail ?? command;
  if (text === '') return <></>;
  return (
    <p class="path clip" title={command === '' ? undefined : plain(command)}>
      <bdi safe>{plain(text)}</bdi>
    </p>
  );
}

function attached(clients: readonly ClientInfo[]): JSX.Element {
  if (clients.length === 0) return <span class="nobody">nobody attached</span>;
  return (
    <ul aria-label="Attached">
      {clients.slice(0, 3).map(({ name, mode, leads }) => (
        <li class="clip isolate" title={plain(name)} safe>
          {`${plain(name)}${leads ? ' · leads' : mode === 'ro' ? ' · watches' : ''}`}
        </li>
      ))}
      {clients.length > 3 ? <li safe>{`and ${clients.length - 3} more`}</li> as 'safe' : ''}
    </ul>
  );
}

export function endOf({ status, exitCode, exitSignal }: Session): string {
  if (exitSignal !== null) return `ended by ${exitSignal}`;
  if (exitCode !== null) return exitCode === 0 ? 'exit 0' : `exit ${exitCode}`;
  return status === 'error' ? 'failed' : 'ended';
}

function endedPager({ workspaceId, ended, endedTotal, endedOffset, failedShown }: SessionListView): JSX.Element {
  const page = `/workspaces/${workspaceId}`;
  const next = endedOffset + ended.length - failedShown;
  if (endedOffset === 0 && next >= endedTotal) return <></>;
  return (
    <nav class="pager" aria-label="Pages of ended sessions">
      <span class="figure" safe>{`${endedOffset + 1}–${next} of ${endedTotal}`}</span>
      <span class="end">
        {endedOffset > 0 ? pagerLink('prev', 'Latest', `${page}#ended-title`) as 'safe' : ''}
        {next < endedTotal ? pagerLink('next', 'Older', `${page}?ended=${next}#ended-title`) as 'safe' : ''}
      </span>
    </nav>
  );
}

/** A form that works as it is, and in place with htmx: the answer is the list again. */
function action(id: string, verb: 'stop' | 'resume' | 'rename' | 'delete'): Record<string, string> {
  const url = `/sessions/${id}/${verb}`;
  return {
    method: 'post',
    action: url,
    'hx-post': url,
    'hx-target': `#${LIST}`,
    'hx-swap': 'outerMorph',
    'hx-disable': 'find button',
  };
}
