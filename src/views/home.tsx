// The first page. With nothing there yet it leads: a folder, a terminal, how to come back, the
// phone. Each part refreshes itself.

import { Html } from '@elysiajs/html';
import type { Session } from '../sessions/session.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { linkForm } from './access.tsx';
import { benchAddress } from './bench-lead.tsx';
import { stateWords } from './activity.tsx';
import { busyButton } from './form.tsx';
import { endOf } from './session-list.tsx';
import { glanceSoon } from './glance.tsx';
import { type InboxEntry, inboxList } from './inbox.tsx';
import { layout, type Look } from './layout.tsx';
import { plain } from './text.tsx';
import { ago } from './time.tsx';
import { colorOf, swatch } from './workspace-parts.tsx';

export interface Placed {
  session: Session;
  workspace: Workspace;
}

export interface HomeView {
  needs: readonly InboxEntry[];
  workspaces: readonly Workspace[];
  workspacesTotal: number;
  live: readonly Placed[];
  liveTotal: number;
  ended: readonly Placed[];
  /** That there ever were, as far as they are kept. */
  sessionsTotal: number;
  /** No other browser is signed in. */
  oneDevice: boolean;
  /** Some agent is installed. */
  agents: boolean;
  history: { size: string; limit: string | null; warnings: readonly string[] };
  look: Look;
}

export function homePage(view: HomeView): JSX.Element {
  const isNew = view.sessionsTotal === 0 && view.workspacesTotal < 2;
  return layout({
    title: view.needs.length === 0 ? 'Dispatch' : `(${view.needs.length}) Dispatch`,
    current: 'home',
    ...view.look,
    styles: ['home.css', 'conversation.css'],
    children: (
      <main class="page page-home">
        <h1 class={isNew ? '' : 'sr-only'}>{isNew ? 'Welcome' : 'Home'}</h1>
        {isNew ? <><p class="sub">Dispatch keeps what you work on running on this machine, and shows it on any of your devices.</p>{firstSteps(view) as 'safe'}</> as 'safe' : ''}
        {isNew ? '' : (
          <div class="home-parts">
            {homeNeeds(view) as 'safe'}
            {homeRunning(view) as 'safe'}
            {startAnything(view) as 'safe'}
            {homeEnded(view) as 'safe'}
            {kept(view) as 'safe'}
          </div>
        ) as 'safe'}
      </main>
    ),
  });
}

export function homeNeeds({ needs }: HomeView): JSX.Element {
  return (
    <section id="home-needs" class="section" hx-get="/?part=needs" hx-trigger="dispatch:inbox from:document" hx-swap="outerMorph" aria-labelledby={needs.length === 0 ? undefined : 'needs-title'}>
      {needs.length === 0 ? '' : (
        <>
          <div class="section-head">
            <h2 id="needs-title">Needs you</h2>
            <span class="count" safe>{String(needs.length)}</span>
          </div>
          {inboxList(needs) as 'safe'}
        </>
      ) as 'safe'}
    </section>
  );
}

/** A terminal or a conversation in any workspace used lately, with one click; in any other with two. */
function startAnything({ workspaces, workspacesTotal, agents }: HomeView): JSX.Element {
  return (
    <section class="section home-starts" aria-labelledby="start-title">
      <div class="section-head">
        <h2 id="start-title">Start</h2>
        <a class="end small" href="/workspaces" safe>{workspacesTotal === 1 ? 'All workspaces' : `All ${workspacesTotal} workspaces`}</a>
      </div>
      <ul class="rows home-start">
        {workspaces.map((workspace) => (
          <li>
            <div class="row home-start-row">
              <p class="cluster">
                {colorOf(workspace) === undefined ? '' : swatch(colorOf(workspace) ?? '') as 'safe'}
                <a class="row-link" href={`/workspaces/${workspace.id}`} safe>{plain(workspace.name)}</a>
              </p>
              {workspace.status === 'active' ? startForms(workspace, agents) as 'safe' : <span class="badge badge-bad">folder unavailable</span> as 'safe'}
            </div>
          </li>
        ))}
      </ul>
      <p class="home-more"><a class="button" href="/folders">New workspace…</a></p>
    </section>
  );
}

function startForms({ id, name }: Workspace, agents: boolean): JSX.Element {
  const url = `/workspaces/${id}/sessions`;
  return (
    <div class="home-start-with">
      <form method="post" action={url} hx-post={url} hx-swap="none" hx-disable="find button" aria-label={`Start in ${plain(name)}`}>
        {busyButton({ rest: 'Terminal', busy: 'Starting…' }) as 'safe'}
      </form>
      {agents ? <a class="button" href={`/workspaces/${id}#new-conversation`}>Conversation</a> as 'safe' : ''}
    </div>
  );
}

export function homeRunning({ live, liveTotal }: HomeView): JSX.Element {
  return (
    <section
      id="home-running"
      class="section"
      hx-get="/?part=running"
      hx-trigger="dispatch:sessions from:document"
      hx-swap="outerMorph"
      aria-labelledby="running-title"
    >
      <div class="section-head">
        <h2 id="running-title">Running</h2>
        <span class="count" safe>{String(liveTotal)}</span>
      </div>
      {live.length === 0 ? (
        <div class="empty empty-list">
          <h3>Nothing runs now</h3>
          <p class="muted">Start a terminal in one of your workspaces. It goes on when you leave, and shows here as it is.</p>
        </div>
      ) as 'safe' : (
        <>
          <ul class="cards">{live.map((placed) => card(placed))}</ul>
          {liveTotal > live.length ? <p class="hint" safe>{`${liveTotal - live.length} more run in the workspaces.`}</p> as 'safe' : ''}
        </>
      ) as 'safe'}
    </section>
  );
}

function card({ session, workspace }: Placed): JSX.Element {
  const { id, name, activity } = session;
  return (
    <li class="card" id={`card-${id}`}>
      <div class="card-head">
        <a class="row-link" href={`/sessions/${id}`} safe>{plain(name)}</a>
        {stateWords(activity) as 'safe'}
      </div>
      <p class="small muted card-where">
        <a class="quiet-link clip" href={`/workspaces/${workspace.id}`} safe>{plain(workspace.name)}</a>
        <a class="quiet-link end" href={benchAddress(workspace.id, id)} aria-label={`${plain(name)} in the workbench`}>in the workbench</a>
      </p>
      <div hx-morph-skip id={`view-${id}`}>{glanceSoon(id) as 'safe'}</div>
    </li>
  );
}

export function homeEnded({ ended }: HomeView): JSX.Element {
  return (
    <section
      id="home-ended"
      class="section"
      hx-get="/?part=ended"
      hx-trigger="dispatch:sessions from:document"
      hx-swap="outerMorph"
      aria-labelledby={ended.length === 0 ? undefined : 'home-ended-title'}
    >
      {ended.length === 0 ? '' : (
        <>
          <div class="section-head"><h2 id="home-ended-title">Ended lately</h2></div>
          <ul class="rows">
            {ended.map(({ session, workspace }) => (
              <li>
                <div class="row home-ended-row">
                  <p><a class="row-link" href={`/sessions/${session.id}`} safe>{plain(session.name)}</a> <span class="small muted" safe>{endOf(session)}</span></p>
                  <span class="small muted clip" safe>{plain(workspace.name)}</span>
                  <span class="small muted">{ago(session.lastActive) as 'safe'}</span>
                  <form class="home-resume" method="post" action={`/sessions/${session.id}/resume`}>
                    <button class="button button-quiet" aria-label={`Resume ${plain(session.name)}`}>Resume</button>
                  </form>
                </div>
              </li>
            ))}
          </ul>
        </>
      ) as 'safe'}
    </section>
  );
}

function kept({ history, oneDevice }: HomeView): JSX.Element {
  return (
    <section class="section" aria-labelledby="kept-title">
      <div class="section-head"><h2 id="kept-title">History</h2></div>
      <p class="home-kept">
        <span safe>{history.limit === null ? `${history.size} kept, without a limit.` : `${history.size} of ${history.limit} used.`}</span>
        {' '}<a href="/settings#retention">What is kept</a>
      </p>
      {!oneDevice ? '' : <p class="home-kept muted">Only this browser is signed in. <a href="/settings#devices">Take your phone along</a></p> as 'safe'}
      {history.warnings.map((warning) => <p class="alert alert-warn" safe>{plain(warning)}</p>)}
    </section>
  );
}

/** From an empty Dispatch to sessions that one comes back to: what is done has its mark. */
function firstSteps({ workspaces: [first], agents }: HomeView): JSX.Element {
  const marked = (isDone: boolean, isNext: boolean): string => (isDone ? 'is-done' : isNext ? 'is-next' : '');
  return (
    <ol class="first-steps">
      <li class={marked(first !== undefined, true)}>
        <h2>Choose a folder</h2>
        <p>A workspace is a folder of this machine with the sessions that you keep in it.</p>
        {first === undefined
          ? <a class="button button-primary" href="/folders">Choose a folder</a>
          : <p><a class="isolate" href={`/workspaces/${first.id}`} safe>{plain(first.name)}</a></p>}
      </li>
      <li class={marked(false, first !== undefined)}>
        <h2>Open a terminal there</h2>
        <p>Or talk to an agent, or edit a file. Every session keeps going when you close the page, and when the server restarts.</p>
        {first?.status !== 'active' ? '' : startForms(first, agents) as 'safe'}
      </li>
      <li>
        <h2>Leave, and come back</h2>
        <p>Just close the page. From any device the session is as you left it: the same screen, with all that came meanwhile.</p>
      </li>
      <li>
        <h2>Take your phone along</h2>
        <p>Make a sign-in link and point the phone’s camera at its code. Who is signed in, the <a href="/settings#devices">settings</a> say.</p>
        {linkForm(undefined) as 'safe'}
      </li>
    </ol>
  );
}
