// The page of one conversation: a slim bar, what was said, and a dock to say more. Every part
// that changes is a fragment of its own with an id, refreshed by what /sessions/:id/transcript
// answers; without script the forms work and a reload shows what is new. Beside others, in a
// tile of the workbench, the same parts have ids that end in the session's.

import { Html } from '@elysiajs/html';
import type { ConfigOption } from '../agent/config.ts';
import type { Prompt } from '../agent/prompts.ts';
import type { Item } from '../agent/transcript.ts';
import type { Session } from '../sessions/session.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { lamp } from './activity.tsx';
import { composer, type ComposerView, dockParts } from './conversation-composer.tsx';
import { conversationItem } from './conversation-item.tsx';
import type { ItemContext } from './conversation-parts.tsx';
import { failuresIn, inboxCount, layout, type Look, markSvg } from './layout.tsx';
import { plain, typed } from './text.tsx';

export interface ConversationView extends ComposerView {
  session: Session;
  workspace: Workspace;
  items: readonly Item[];
  /** Sequence of the first item shown, where there are earlier ones. */
  earlier: number | undefined;
  /** Sequence up to which this is true. */
  head: number;
  usage: Readonly<Record<string, unknown>>;
  /** Whether something happened that nobody has seen. */
  unseen: boolean;
  /** What was allowed while the agent lives: the option's words and what it was about. */
  rules: readonly { words: string; about: string }[];
  /** What the workspace's own settings allow every conversation. */
  workspaceRules: readonly string[];
  queue: readonly Prompt[];
  config: readonly ConfigOption[];
  /** Whether the agent can copy a conversation. */
  canFork: boolean;
  context: ItemContext;
  look: Look;
}

export function conversationPage(view: ConversationView): JSX.Element {
  const { session, workspace, look } = view;
  return layout({
    ...look,
    title: plain(`${session.name} · ${workspace.name} · Dispatch`),
    current: 'workspaces',
    styles: ['conversation.css'],
    scripts: ['conversation.js'],
    bodyClass: 'conversation-body',
    header: bar(view),
    children: (
      <main class="conversation" data-conversation-root data-conversation={session.id} data-head={String(view.head)} data-state={session.activity.state}>
        {inside(view) as 'safe'}
      </main>
    ),
  });
}

/** The same beside others, in a page of theirs: it scrolls by itself. */
export function conversationTile(view: ConversationView): JSX.Element {
  const { session, live } = view;
  return (
    <section
      class="conversation conversation-tile"
      data-conversation-root
      data-tile
      data-conversation={session.id}
      data-head={String(view.head)}
      data-state={session.activity.state}
      aria-label={typed(plain(session.name))}
      {...failuresIn(`notice${view.suffix}`)}
    >
      <header class="talk-bar">
        {heading(view) as 'safe'}
        {standing(view) as 'safe'}
        <span class="talk-end">{menuButton(view, live ? 'Menu of this conversation' : 'Menu') as 'safe'}</span>
      </header>
      <div id={`notice${view.suffix}`} class="notice" aria-live="assertive"></div>
      {inside(view) as 'safe'}
    </section>
  );
}

/** The last of it brings the rest to life, and ends with it. */
function inside(view: ConversationView): JSX.Element {
  const { suffix } = view;
  return (
    <>
      <div class="transcript" id={`transcript${suffix}`} role="log" aria-label="The conversation" aria-live="off">
        {earlierLink(view) as 'safe'}
        {view.items.length === 0 ? beginning(view) as 'safe' : ''}
        <div id={`items${suffix}`} class="talk-items">{view.items.map((item) => conversationItem(item, view.context))}</div>
      </div>
      <p class="sr-only" id={`told${suffix}`} role="status"></p>
      {composer(view) as 'safe'}
      {menu(view) as 'safe'}
      <tag of="dispatch-conversation" hidden></tag>
    </>
  );
}

/** What a page that has everything up to a sequence needs to have everything up to now. */
export function conversationNews(view: ConversationView): JSX.Element {
  return (
    <div id="news" data-head={String(view.head)} data-unseen={String(view.unseen)} data-state={view.session.activity.state}>
      <div data-items>{view.items.map((item) => conversationItem(item, view.context))}</div>
      <div data-parts>
        {heading(view) as 'safe'}
        {standing(view) as 'safe'}
        {dockParts(view) as 'safe'}
        {rulesList(view) as 'safe'}
        {forkForm(view) as 'safe'}
        {beginning(view) as 'safe'}
      </div>
    </div>
  );
}

/** What comes before. */
export function conversationEarlier(view: ConversationView): JSX.Element {
  return (
    <>
      {earlierLink(view) as 'safe'}
      <div data-items>{view.items.map((item) => conversationItem(item, view.context))}</div>
    </>
  );
}

function earlierLink({ session, earlier, suffix }: ConversationView): JSX.Element {
  if (earlier === undefined) return <div id={`earlier${suffix}`}></div>;
  return (
    <p id={`earlier${suffix}`} class="earlier">
      <a href={`/sessions/${session.id}?before=${earlier}`} data-before={String(earlier)}>Show what was said before</a>
    </p>
  );
}

function beginning({ session, label, config, suffix }: ConversationView): JSX.Element {
  const asks = session.meta.agent === 'claude' && config.some(({ category, value }) => category === 'mode' && value === 'default');
  return (
    <div class="empty conversation-empty" id={`beginning${suffix}`}>
      <h3 safe>{session.activity.state === 'starting' ? `${label} is starting…` : `Tell ${label} what to do`}</h3>
      <p class="muted">
        It works in this workspace{asks ? ' and asks before it changes anything' : ''}. You can close the page: the
        conversation goes on, and waits for you on every device.
      </p>
    </div>
  );
}

function bar(view: ConversationView): JSX.Element {
  const { workspace, live } = view;
  return (
    <header class="talk-bar">
      <a class="mark" href="/workspaces" aria-label="Dispatch, to the workspaces">{markSvg() as 'safe'}</a>
      <a class="talk-workspace" href={`/workspaces/${workspace.id}`} safe>{plain(workspace.name)}</a>
      <span class="talk-slash" aria-hidden="true">/</span>
      {heading(view) as 'safe'}
      {standing(view) as 'safe'}
      <span class="talk-end">
        <a class="button button-quiet talk-inbox" href="/inbox">
          <svg viewBox="0 0 16 16" width="17" height="17" aria-hidden="true"><path d="M2 9.5 4 3.5h8l2 6v3.5H2Zm0 0h3.5l1 1.5h3l1-1.5H14" fill="none" stroke="currentColor" stroke-width="1.3" stroke-linejoin="round" /></svg>
          <span class="word">Inbox</span>
          {inboxCount(view.look.waiting ?? 0) as 'safe'}
        </a>
        <span class="link-state" id="connection" data-state="connecting" role="status" aria-live="polite">
          <span class="dot" aria-hidden="true"></span>
          <span class="sr-only" data-word>connecting</span>
        </span>
        {menuButton(view, live ? 'Menu of this conversation' : 'Menu') as 'safe'}
      </span>
    </header>
  );
}

function menuButton({ suffix }: ConversationView, label: string): JSX.Element {
  return (
    <button type="button" class="button button-quiet needs-script" popovertarget={`talk-menu${suffix}`} aria-label={label}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2 4h12M2 8h12M2 12h12" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" /></svg>
    </button>
  );
}

const STATES: Record<string, string> = { starting: 'starting', working: 'working', needs_you: 'needs you', idle: 'rests', stopped: 'ended', error: 'failed' };

/** Agents name their conversations a little later. */
function heading({ session, suffix }: ConversationView): JSX.Element {
  const name = plain(session.name);
  return suffix === '' ? <h1 class="talk-name" id="talk-name" safe>{name}</h1> : <h2 class="talk-name" id={`talk-name${suffix}`} safe>{name}</h2>;
}

/** What it does now, and what it has used. */
function standing({ session, usage, suffix }: ConversationView): JSX.Element {
  const { state, detail } = session.activity;
  const words = state === 'working' && detail !== null ? detail : (STATES[state] ?? state);
  return (
    <span class="talk-standing" id={`standing${suffix}`}>
      <span class={`state state-${state}`}>
        {lamp(state) as 'safe'}
        <span class="clip" safe>{plain(words)}</span>
      </span>
      <span class="talk-usage figure" safe>{usageWords(usage)}</span>
    </span>
  );
}

function usageWords({ used, size, cost }: Readonly<Record<string, unknown>>): string {
  const { amount, currency } = (cost ?? {}) as { amount?: unknown; currency?: unknown };
  const share = typeof used === 'number' && typeof size === 'number' && used / size >= 0.01 ? `${Math.round((used / size) * 100)} % of context` : '';
  const money = typeof amount === 'number' && amount >= 0.005 ? `${amount.toFixed(2)} ${String(currency ?? '')}`.trim() : '';
  return [share, money].filter((part) => part !== '').join(' · ');
}

function menu(view: ConversationView): JSX.Element {
  const { session, live, suffix } = view;
  const own = `/sessions/${session.id}`;
  return (
    <div class="talk-menu" id={`talk-menu${suffix}`} popover="auto">
      <form method="post" action={`${own}/rename`} class="cluster">
        <label class="sr-only" for={`new-name${suffix}`}>Name</label>
        <input id={`new-name${suffix}`} name="name" value={typed(plain(session.name))} required maxlength="200" autocomplete="off" />
        <button class="button">Rename</button>
      </form>
      <label class="check"><input type="checkbox" data-enter-sends /> <span>Enter sends (else Ctrl+Enter)</span></label>
      {suffix === '' ? <><label class="check"><input type="checkbox" data-notify /> <span>Notify me on this device while a page is open</span></label><p class="hint" data-notify-hint role="status"></p></> as 'safe' : ''}
      {rulesList(view) as 'safe'}
      {forkForm(view) as 'safe'}
      <p class="cluster">
        <a class="button" href={`/sessions/${session.id}/replay`}>Replay</a>
        {suffix === '' && live ? <a class="button" href={`/workspaces/${session.workspaceId}/workbench?session=${session.id}`}>In the workbench</a> as 'safe' : ''}
        <a class="button" href={`/api/sessions/${session.id}/history?limit=1000`}>Events as JSON</a>
      </p>
      {live
        ? <form method="post" action={`${own}/stop`}><button class="button button-wide">Stop the agent; the conversation stays</button></form>
        : <form method="post" action={`${own}/resume`}><button class="button button-wide button-primary">Resume</button></form>}
      <details class="confirm">
        <summary>Delete this conversation</summary>
        <form method="post" action={`${own}/delete`} class="alert alert-warn">
          <p>The agent is stopped, and all that was said is removed. Files stay. This cannot be undone.</p>
          <button class="button button-bad">Delete for good</button>
        </form>
      </details>
    </div>
  );
}

function forkForm({ session, canFork, suffix }: ConversationView): JSX.Element {
  return (
    <form method="post" action={`/sessions/${session.id}/fork`} id={`fork${suffix}`} hidden={!canFork}>
      <button class="button button-wide">Copy this conversation and go on there</button>
    </form>
  );
}

function rulesList({ rules, workspaceRules, session, suffix }: ConversationView): JSX.Element {
  const own = `/sessions/${session.id}/rules`;
  const none = rules.length === 0 && workspaceRules.length === 0;
  return (
    <div id={`rules${suffix}`} class="talk-rules">
      <h2>Always allowed</h2>
      {none ? <p class="hint">Nothing: every request is asked for.</p> : ''}
      {workspaceRules.length === 0 ? '' : (
        <ul>
          {workspaceRules.map((rule) => (
            <li>
              <code safe>{plain(rule)}</code>
              <form method="post" action={`${own}/revoke`}>
                <input type="hidden" name="rule" value={typed(rule)} />
                <button class="button button-quiet" aria-label={typed(`Revoke ${plain(rule)}`)}>Revoke</button>
              </form>
            </li>
          ))}
        </ul>
      ) as 'safe'}
      {rules.length === 0 ? '' : (
        <form method="post" action={`${own}/forget`}>
          <ul>{rules.map(({ words, about }) => <li><span><strong safe>{plain(words)}</strong> <span class="muted" safe>{plain(about)}</span></span></li>)}</ul>
          <button class="button">Forget what it remembers: restart the agent</button>
        </form>
      ) as 'safe'}
    </div>
  );
}
