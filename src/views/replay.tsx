// The page of a moment of a session's past: what it showed then, and the way to other moments. The
// island public/replay/main.js plays it; without script links and a form lead from one to the next.

import { Html } from '@elysiajs/html';
import type { Session } from '../sessions/session.ts';
import type { SettingValues } from '../settings/categories.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { layout, type Look, markSvg } from './layout.tsx';
import { plain, typed } from './text.tsx';
import { exact } from './time.tsx';

/** A mark before or after the moment, in words. */
export interface Neighbour {
  sequence: number;
  label: string;
}

export interface ReplayView {
  session: Session;
  workspace: Workspace;
  settings: SettingValues['terminal'];
  look: Look;
  /** What is shown; where it was pruned, the reason. */
  moment: ReplayMoment | { gone: string; kept: number | undefined };
  before: Neighbour | undefined;
  after: Neighbour | undefined;
}

export interface ReplayMoment {
  sequence: number;
  /** ms since the epoch. */
  timestamp: number;
  /** Of the last event so far. */
  head: number;
  /** As it is: escaped by whoever made it. */
  content: JSX.Element;
}

const SPEEDS = [0.5, 1, 2, 4, 8, 16, 32];
const FOLDS = [
  [0, 'Keep idle time'],
  [1, 'Fold idle over 1 s'],
  [3, 'Fold idle over 3 s'],
  [10, 'Fold idle over 10 s'],
] as const;
const FOLD_USUAL = 3;

export function replayPage(view: ReplayView): JSX.Element {
  const { session, workspace, look } = view;
  const isTerminal = session.kind === 'terminal';
  return layout({
    ...look,
    title: plain(`Replay of ${session.name} · ${workspace.name} · Dispatch`),
    styles: [...(isTerminal ? ['vendor/xterm.css'] : ['conversation.css']), 'terminal.css', 'replay.css'],
    scripts: ['replay/main.js'],
    bodyClass: 'session-body',
    keys: true,
    children: (
      <main class="session replay" data-workspace={workspace.id}>
        {bar(view) as 'safe'}
        {island(view) as 'safe'}
      </main>
    ),
  });
}

/** What changes with the moment: the same for the page and for a script that asks for another. */
export function momentFragment({ moment, session }: ReplayView): JSX.Element {
  if ('gone' in moment) {
    return (
      <div id="moment" class="replay-moment replay-gone">
        <div class="alert alert-warn">
          <p safe>{moment.gone}</p>
          {moment.kept === undefined ? '' : <a class="button" href={momentHref(session.id, moment.kept)}>Go to the first moment that is kept</a> as 'safe'}
        </div>
      </div>
    );
  }
  const { sequence, timestamp, head, content } = moment;
  return (
    <div id="moment" class={`replay-moment replay-${session.kind}`} data-sequence={String(sequence)} data-time={String(timestamp)} data-head={String(head)}>
      {content as 'safe'}
    </div>
  );
}

export const momentHref = (id: string, sequence: number): string => `/sessions/${id}/replay?sequence=${sequence}`;

function bar({ session, workspace, moment }: ReplayView): JSX.Element {
  const shown = 'gone' in moment ? undefined : moment;
  const iso = shown === undefined ? '' : new Date(shown.timestamp).toISOString();
  return (
    <header class="session-bar replay-bar">
      <a class="mark" href="/workspaces" aria-label="Dispatch, to the workspaces">{markSvg() as 'safe'}</a>
      <a class="session-workspace" href={`/workspaces/${workspace.id}`} safe>{plain(workspace.name)}</a>
      <span class="session-slash" aria-hidden="true">/</span>
      <h1 class="session-name"><a class="replay-name" href={`/sessions/${session.id}`} safe>{plain(session.name)}</a></h1>
      <span class="badge replay-badge">replay</span>
      <p class="replay-when">
        <time data-when datetime={iso} safe>{iso === '' ? 'not kept' : exact(iso)}</time>
        <span class="replay-sequence" data-place safe>{shown === undefined ? '' : `event ${shown.sequence} of ${shown.head}`}</span>
      </p>
      <div class="replay-bar-end">
        {session.kind === 'terminal' ? <a class="button button-quiet" href={`/sessions/${session.id}/commands`}>Commands</a> : ''}
        <a class="button" href={`/sessions/${session.id}`}>Back to now</a>
      </div>
    </header>
  );
}

function island(view: ReplayView): JSX.Element {
  const { session, settings, before, after } = view;
  return (
    <tag of="dispatch-replay" data-session={session.id} data-kind={session.kind} data-name={typed(session.name)} data-settings={JSON.stringify(settings)}>
      <div class="replay-stage" data-stage tabindex="-1">
        {momentFragment(view) as 'safe'}
      </div>
      <section class="replay-controls" aria-label="Replay">
        <p class="replay-note" data-note role="status" hidden></p>
        <div class="scrubber needs-script" data-scrubber role="slider" tabindex="0" aria-label="Moment" aria-valuemin="0" aria-valuemax="1000" aria-valuenow="0">
          <canvas data-canvas aria-hidden="true"></canvas>
          <output class="scrubber-tip" data-tip hidden></output>
        </div>
        <div class="replay-row">
          <div class="replay-transport">
            {neighbour('previous', 'Previous command or mark', 'M11 3 5 8l6 5M4 3v10', session.id, before) as 'safe'}
            {control('back', 'One event back (comma)', 'M10 3 5 8l5 5') as 'safe'}
            <button type="button" class="button button-primary replay-play needs-script" data-act="play" aria-pressed="false">
              <span data-when-paused>{icon('M5 3v10l8-5z') as 'safe'}<span>Play</span></span>
              <span data-when-playing>{icon('M5 3v10M11 3v10') as 'safe'}<span>Pause</span></span>
            </button>
            {control('forward', 'One event on (full stop)', 'M6 3l5 5-5 5') as 'safe'}
            {neighbour('next', 'Next command or mark', 'M5 3l6 5-6 5M12 3v10', session.id, after) as 'safe'}
          </div>
          {choices() as 'safe'}
          {goTo(view) as 'safe'}
          {actions(session) as 'safe'}
        </div>
      </section>
    </tag>
  );
}

function choices(): JSX.Element {
  return (
    <div class="replay-choices needs-script">
      <select data-speed aria-label="Speed">
        {SPEEDS.map((speed) => <option value={String(speed)} selected={speed === 1} safe>{`${speed}×`}</option>)}
      </select>
      <select data-fold aria-label="Idle time">
        {FOLDS.map(([seconds, words]) => <option value={String(seconds * 1000)} selected={seconds === FOLD_USUAL}>{words}</option>)}
      </select>
    </div>
  );
}

/** By its time: in UTC for those without script, else as the browser's clock has it. */
function goTo({ session, moment }: ReplayView): JSX.Element {
  const at = 'gone' in moment ? '' : new Date(moment.timestamp).toISOString().slice(0, 19);
  return (
    <form class="replay-goto" method="get" action={`/sessions/${session.id}/replay`} data-goto>
      <label><span data-zone>Time (UTC)</span> <input type="datetime-local" name="at" step="1" value={at} /></label>
      <button class="button">Go</button>
    </form>
  );
}

function actions({ id, kind }: Session): JSX.Element {
  const recording = `/api/sessions/${id}/recording?format=asciicast-v3`;
  return (
    <div class="replay-actions needs-script">
      <button type="button" class="button button-quiet" data-act="link">Copy link</button>
      <button type="button" class="button button-quiet" data-act="text">Copy text</button>
      {kind === 'terminal' ? (
        <details class="replay-part" data-part>
          <summary class="button button-quiet">Export…</summary>
          <div class="replay-part-body">
            <p class="hint" data-part-words>All of it, from the first event that is kept to the last.</p>
            <div class="cluster">
              <button type="button" class="button" data-act="part-from">Begin here</button>
              <button type="button" class="button" data-act="part-until">End here</button>
              <button type="button" class="button button-quiet" data-act="part-all">All</button>
            </div>
            <a class="button button-primary" href={recording} download={`${id}.cast`} data-download>Download asciicast</a>
          </div>
        </details>
      ) as 'safe' : ''}
    </div>
  );
}

/** A link to the moment of a mark; a script goes there without loading another page. */
function neighbour(act: string, words: string, path: string, id: string, to: Neighbour | undefined): JSX.Element {
  const label = to === undefined ? words : `${words}: ${plain(to.label)}`;
  return (
    <a class="button button-quiet" data-act={act} href={to === undefined ? undefined : momentHref(id, to.sequence)} aria-disabled={to === undefined ? 'true' : undefined} role={to === undefined ? 'link' : undefined} aria-label={typed(label)} title={typed(label)}>
      {icon(path) as 'safe'}
      <span class="replay-neighbour" safe>{to === undefined ? '' : plain(to.label)}</span>
    </a>
  );
}

function control(act: string, words: string, path: string): JSX.Element {
  return (
    <button type="button" class="button button-quiet needs-script" data-act={act} aria-label={words} title={words}>{icon(path) as 'safe'}</button>
  );
}

function icon(path: string): JSX.Element {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={path} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
