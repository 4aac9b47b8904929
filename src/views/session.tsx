// The page of one terminal: a slim header, the terminal, and what a touch screen lacks. The
// island public/terminal/main.js brings it to life; without JavaScript the forms work and the
// recording can be read.

import { Html } from '@elysiajs/html';
import type { Session } from '../sessions/session.ts';
import type { SettingValues } from '../settings/categories.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { lamp } from './activity.tsx';
import { inboxCount, layout, type Look, markSvg } from './layout.tsx';
import { plain, typed } from './text.tsx';
import { exact } from './time.tsx';

/** What became of its history, and what will: told, never silent. */
export interface HistoryNotes {
  /** ISO 8601; what came before was dropped. Null where nothing was. */
  prunedBefore: string | null;
  /** Why more of it will be. */
  warning: string | null;
}

export interface SessionPage {
  session: Session;
  workspace: Workspace;
  settings: SettingValues['terminal'];
  look: Look;
  mode: 'rw' | 'ro';
  /** Whether a program runs in it. */
  live: boolean;
  history: HistoryNotes;
  /** One of several in a page: what has an id has one of its own. */
  tile?: true;
}

const RECORDED = {
  redact: ['typing recorded, secrets not', 'Output is recorded, and what is typed at a prompt or into a program that echoes it. Of the rest only the length is kept.'],
  all: ['all typing recorded', 'Output and everything that is typed are recorded, passwords too.'],
  none: ['typing not recorded', 'Output is recorded. Of what is typed only the length is kept.'],
} as const;

const KEYS = [
  ['esc', 'Esc', 'Escape'],
  ['tab', 'Tab', 'Tab'],
  ['ctrl', 'Ctrl', 'Control, for the next key'],
  ['alt', 'Alt', 'Alt, for the next key'],
  ['up', '↑', 'Up'],
  ['down', '↓', 'Down'],
  ['left', '←', 'Left'],
  ['right', '→', 'Right'],
  ['|', '|', 'Pipe'],
  ['~', '~', 'Tilde'],
  ['/', '/', 'Slash'],
  ['-', '-', 'Minus'],
] as const;

export function sessionPage(page: SessionPage): JSX.Element {
  const { session, workspace } = page;
  return layout({
    ...page.look,
    title: plain(`${session.name} · ${workspace.name} · Dispatch`),
    styles: ['vendor/xterm.css', 'terminal.css', 'commands.css'],
    scripts: ['news.js', 'notify.js', 'terminal/main.js', 'commands.js'],
    bodyClass: 'session-body',
    keys: true,
    children: (
      <main class="session" id={`session-${session.id}`} data-session-root data-workspace={workspace.id}>
        {inside(page, commandsPanel(page.session)) as 'safe'}
      </main>
    ),
  });
}

/** The same beside others, in a page of theirs. */
export function sessionTile(page: SessionPage): JSX.Element {
  return (
    <section class="session session-tile" data-session-root data-tile aria-label={typed(plain(page.session.name))}>
      {inside({ ...page, tile: true }, <></>) as 'safe'}
    </section>
  );
}

function inside(page: SessionPage, panel: JSX.Element): JSX.Element {
  return (
    <>
      {bar(page) as 'safe'}
      {searchBar() as 'safe'}
      {island(page) as 'safe'}
      {panel as 'safe'}
      {ended(page) as 'safe'}
      {touchRow() as 'safe'}
      {dialogs(page) as 'safe'}
    </>
  );
}

const idOf = ({ tile, session }: SessionPage, name: string): string => (tile === true ? `${name}-${session.id}` : name);

function bar(page: SessionPage): JSX.Element {
  const { session, workspace, settings, mode, live } = page;
  const { state, detail } = session.activity;
  const [recorded, recordedMore] = RECORDED[settings.recordInput];
  return (
    <header class="session-bar">
      <a class="mark" href="/workspaces" aria-label="Dispatch, to the workspaces">{markSvg() as 'safe'}</a>
      <a class="session-workspace" href={`/workspaces/${workspace.id}`} title={typed(plain(`Workspace ${workspace.name}`))} safe>{plain(workspace.name)}</a>
      <span class="session-slash" aria-hidden="true">/</span>
      <h1 class="session-name">
        <button type="button" class="session-rename" data-rename title="Rename"><span data-session-name safe>{plain(session.name)}</span></button>
      </h1>
      <form class="session-rename-form" method="post" action={`/sessions/${session.id}/rename`} data-rename-form hidden>
        <input name="name" value={typed(session.name)} maxlength="200" required aria-label="Name of this terminal" />
      </form>
      <span class={`state state-${state}`} data-activity>
        {lamp(state) as 'safe'}
        <span data-activity-words safe>{state === 'working' && detail !== null ? detail : stateWord(state)}</span>
      </span>
      <span class="session-title" data-title></span>
      <div class="session-bar-end">
        {mode === 'ro' ? <span class="badge">read-only</span> : ''}
        <span class="session-recorded" title={recordedMore}><i aria-hidden="true"></i><span>{recorded}</span></span>
        {page.tile === true ? '' : inboxLink(page) as 'safe'}
        <button type="button" class="button button-quiet session-people" popovertarget={idOf(page, 'people')} aria-label={`${session.clients.length} attached`} data-people-button>
          {icon('M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-6 6c0-3 2.5-4.5 6-4.5s6 1.5 6 4.5') as 'safe'}
          <span data-people-count safe>{String(session.clients.length)}</span>
        </button>
        <span class="session-connection" data-connection data-state={live ? 'connecting' : 'ended'}>
          <span class="dot" aria-hidden="true"></span>
          <span data-words>{live ? 'Connecting' : 'Ended'}</span>
          <button type="button" class="link" data-retry hidden>Retry now</button>
          <span class="sr-only" role="status" data-announce></span>
        </span>
        <button type="button" class="button button-quiet session-menu-button" popovertarget={idOf(page, 'menu')} aria-label="Menu">
          {icon('M2 4h12M2 8h12M2 12h12') as 'safe'}
        </button>
      </div>
      {people(page) as 'safe'}
      {menu(page) as 'safe'}
    </header>
  );
}

function inboxLink({ look }: SessionPage): JSX.Element {
  return (
    <a class="button button-quiet session-inbox" href="/inbox">
      {icon('M2 9.5 4 3.5h8l2 6v3.5H2Zm0 0h3.5l1 1.5h3l1-1.5H14') as 'safe'}
      <span class="sr-only">Inbox</span>
      {inboxCount(look.waiting ?? 0) as 'safe'}
    </a>
  );
}

const stateWord = (state: string): string => ({ needs_you: 'needs you', stopped: 'ended', error: 'failed' })[state] ?? state;

function people(page: SessionPage): JSX.Element {
  const { settings } = page;
  const [recorded, more] = RECORDED[settings.recordInput];
  return (
    <div class="session-popover" id={idOf(page, 'people')} popover="auto">
      <h2>Attached</h2>
      <ul class="people" data-people></ul>
      <button type="button" class="button button-wide" data-lead hidden>Take the lead</button>
      <p class="hint">Who leads sets the size of the terminal. Typing takes the lead too.</p>
      <label class="field people-name">
        <span class="label">This device is called</span>
        <input data-device-name maxlength="100" autocomplete="off" spellcheck="false" />
      </label>
      <h2>Recorded</h2>
      <p class="hint"><strong>{recorded}</strong>. <span>{more}</span> <a href="/settings#terminal">Change this</a></p>
    </div>
  );
}

function menu(page: SessionPage): JSX.Element {
  const { session, mode, live, history } = page;
  const recording = `/api/sessions/${session.id}/recording`;
  return (
    <div class="session-popover session-menu" id={idOf(page, 'menu')} popover="auto" data-menu>
      <button type="button" data-act="search">Search <kbd>Ctrl+Shift+F</kbd></button>
      <button type="button" data-act="copy">Copy selection <kbd>Ctrl+Shift+C</kbd></button>
      <button type="button" data-act="paste">Paste <kbd>Ctrl+Shift+V</kbd></button>
      <button type="button" data-act="text">Show as plain text</button>
      <div class="menu-row"><span>Text size</span>
        <button type="button" data-act="smaller" aria-label="Smaller text">−</button>
        <output data-font-size></output>
        <button type="button" data-act="larger" aria-label="Larger text">+</button>
      </div>
      <button type="button" data-act="keys">Key row and compose box</button>
      <hr />
      <a href={`/sessions/${session.id}/commands`} data-commands-open>Commands</a>
      <a href={`/sessions/${session.id}/replay`}>Replay</a>
      {page.tile === true || !live ? '' : <a href={`/workspaces/${page.workspace.id}/workbench?session=${session.id}`}>Open in the workbench</a> as 'safe'}
      <a href={`${recording}?format=asciicast-v3`} download={`${session.id}.cast`}>Download recording (asciicast)</a>
      <a href={`${recording}?format=text`} download={`${session.id}.txt`}>Download as text</a>
      {history.prunedBefore === null ? '' : (
        <p class="hint" data-pruned>History before <time datetime={history.prunedBefore} safe>{exact(history.prunedBefore)}</time> was pruned.</p>
      ) as 'safe'}
      {history.warning === null ? '' : <p class="hint" safe>{history.warning}</p> as 'safe'}
      <hr />
      <button type="button" data-act="lead" hidden>Take the lead</button>
      {mode === 'ro'
        ? <a href={`/sessions/${session.id}`}>Allow typing here</a>
        : <a href={`/sessions/${session.id}?mode=ro`}>Only read here</a>}
      <button type="button" data-act="rename">Rename…</button>
      <hr />
      <button type="button" data-open={idOf(page, 'confirm-stop')} data-when="live" hidden={!live} class="danger">Stop…</button>
      <button type="button" data-open={idOf(page, 'confirm-delete')} class="danger">Delete…</button>
      <p class="hint">While the terminal has the keyboard, <kbd>Ctrl+Shift+↑</kbd> leaves it for this header.</p>
    </div>
  );
}

/** Settings and names reach the island as data: no script is ever written by us. */
function island({ session, settings, mode, live }: SessionPage): JSX.Element {
  return (
    <tag
      of="dispatch-terminal"
      data-session={session.id}
      data-name={typed(session.name)}
      data-status={session.status}
      data-head={String(session.currentSequence)}
      data-mode={mode}
      data-settings={JSON.stringify(settings)}
    >
      <div class="stage" data-stage>
        <div class="frame" data-frame></div>
      </div>
      <div class="stage-progress" data-progress aria-hidden="true"></div>
      <div class="session-notices" role="status" aria-live="polite" data-notices></div>
      <div class="lead-bar" data-lead-bar hidden>
        <span data-lead-words></span>
        <button type="button" class="link" data-lead>Take the lead</button>
      </div>
      <noscript>
        <div class="page page-narrow">
          <div class="alert">
            <p>The terminal itself needs JavaScript. What it printed can be read without.</p>
            <a class="button" href={`/api/sessions/${session.id}/recording?format=text`}>Read the recording as text</a>
          </div>
          {plainForms(session, live) as 'safe'}
        </div>
      </noscript>
    </tag>
  );
}

function plainForms({ id, name }: Session, live: boolean): JSX.Element {
  return (
    <div class="stack">
      <form method="post" action={`/sessions/${id}/rename`} class="cluster">
        <input name="name" value={typed(name)} maxlength="200" required aria-label="Name" />
        <button class="button">Rename</button>
      </form>
      <form method="post" action={`/sessions/${id}/${live ? 'stop' : 'resume'}`}>
        <button class="button">{live ? 'Stop' : 'Resume'}</button>
      </form>
      <form method="post" action={`/sessions/${id}/delete`}>
        <button class="button button-bad">Delete with its history</button>
      </form>
    </div>
  );
}

/** Filled when it is opened. */
function commandsPanel({ id }: Session): JSX.Element {
  return (
    <aside class="commands-panel" aria-label="Commands" data-commands-panel hidden>
      <div class="commands-panel-head">
        <h2>Commands</h2>
        <a class="button button-quiet" href={`/sessions/${id}/replay`}>Replay</a>
        <button type="button" class="button button-quiet" data-commands-close aria-label="Close the commands">✕</button>
      </div>
      <section id="commands" class="commands" data-session={id}><p class="muted">Loading…</p></section>
    </aside>
  );
}

function ended({ session, live }: SessionPage): JSX.Element {
  return (
    <div class="ended-bar" data-when="ended" hidden={live}>
      <span class={`lamp lamp-${session.status === 'error' ? 'error' : 'stopped'}`} aria-hidden="true"></span>
      <p data-ending safe>{session.statusReason ?? ''}</p>
      <form method="post" action={`/sessions/${session.id}/resume`} data-resume>
        <button class="button button-primary">{session.status === 'error' ? 'Try again' : 'Resume'}</button>
      </form>
      <a class="button" href={`/sessions/${session.id}/replay`}>Replay</a>
    </div>
  );
}

function searchBar(): JSX.Element {
  return (
    <form class="search-bar" role="search" data-search hidden>
      <input type="search" placeholder="Find in this terminal" aria-label="Find in this terminal" autocomplete="off" spellcheck="false" />
      <span class="search-count" role="status" data-count></span>
      <label><input type="checkbox" name="case" /> Aa</label>
      <label><input type="checkbox" name="regex" /> .*</label>
      <button type="button" class="button button-quiet" data-previous aria-label="Previous match">↑</button>
      <button type="button" class="button button-quiet" data-next aria-label="Next match">↓</button>
      <button type="button" class="button button-quiet" data-close aria-label="Close the search">✕</button>
    </form>
  );
}

function touchRow(): JSX.Element {
  return (
    <div class="touch" data-touch hidden>
      <form class="compose" data-compose hidden>
        <textarea rows="1" placeholder="Compose a line" aria-label="Compose a line" enterkeyhint="send" autocapitalize="off"></textarea>
        <button class="button button-primary">Send</button>
      </form>
      <div class="key-row" role="toolbar" aria-label="Keys" data-keys>
        <button type="button" class="key" data-compose-toggle aria-expanded="false" aria-label="Compose box">✎</button>
        {KEYS.map(([key, label, name]) => (
          <button type="button" class="key" data-key={key} aria-label={name} aria-pressed={key === 'ctrl' || key === 'alt' ? 'false' : undefined}>
            {label}
          </button>
        ))}
        <button type="button" class="key key-wide" data-paste>Paste</button>
      </div>
    </div>
  );
}

function dialogs(page: SessionPage): JSX.Element {
  const { session } = page;
  return (
    <>
      <dialog id={idOf(page, 'confirm-stop')} class="dialog" aria-labelledby={idOf(page, 'confirm-stop-title')}>
        <h2 id={idOf(page, 'confirm-stop-title')}>Stop this terminal?</h2>
        <p>Its programs are told to end, and after 3 seconds they are made to. What they had not saved is lost. The history stays, and the terminal can be resumed.</p>
        <form method="post" action={`/sessions/${session.id}/stop`} class="cluster" data-stop>
          <button class="button button-bad">Stop</button>
          <button type="button" class="button" data-dismiss autofocus>Leave it running</button>
        </form>
      </dialog>
      <dialog id={idOf(page, 'confirm-delete')} class="dialog" aria-labelledby={idOf(page, 'confirm-delete-title')}>
        <h2 id={idOf(page, 'confirm-delete-title')}>Delete this terminal?</h2>
        <p>It is stopped first. Its whole history and recording are removed for good; files in the workspace stay.</p>
        <form method="post" action={`/sessions/${session.id}/delete`} class="cluster">
          <button class="button button-bad">Delete with its history</button>
          <button type="button" class="button" data-dismiss autofocus>Keep it</button>
        </form>
      </dialog>
      <dialog id={idOf(page, 'plain-text')} class="dialog plain-text" aria-labelledby={idOf(page, 'plain-text-title')}>
        <div class="plain-text-head">
          <h2 id={idOf(page, 'plain-text-title')}>As plain text</h2>
          <button type="button" class="button" data-copy-text>Copy all</button>
          <button type="button" class="button" data-dismiss>Close</button>
        </div>
        <pre tabindex="0" data-plain-text></pre>
      </dialog>
    </>
  );
}

function icon(path: string): JSX.Element {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={path} fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" />
    </svg>
  );
}
