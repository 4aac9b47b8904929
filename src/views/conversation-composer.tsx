// The dock below a conversation: what waits to be said, the box to say more, what is set, and
// after the end the way on. The box itself is never replaced while somebody writes.

import { Html } from '@elysiajs/html';
import type { ConfigOption } from '../agent/config.ts';
import type { Prompt } from '../agent/prompts.ts';
import type { Session } from '../sessions/session.ts';
import { plain, typed } from './text.tsx';

export interface ComposerView {
  session: Session;
  /** What ids end in: empty on a page of its own. */
  suffix: string;
  /** Of the agent, for people. */
  label: string;
  live: boolean;
  queue: readonly Prompt[];
  config: readonly ConfigOption[];
  /** Command that signs in, where the last failure was that nobody is. */
  signIn: readonly string[] | null;
  /** The line that installs what is missing, where that is why it does not go on; and what that is. */
  install: string | null;
  missing: string | null;
  /** What went wrong stands as the last word of the conversation already. */
  told: boolean;
  /** Whether the agent takes pictures, as far as we know. */
  takesPictures: boolean;
  /** What came back of a prompt that was refused. */
  typed: string;
  problem: string | undefined;
}

export function composer(view: ComposerView): JSX.Element {
  const { session, label, suffix } = view;
  const address = `/sessions/${session.id}/prompt`;
  return (
    <footer class="dock" id={`dock${suffix}`}>
      <button type="button" class="button jump needs-script" data-jump hidden>↓ New below</button>
      {waiting(view) as 'safe'}
      {standingBar(view) as 'safe'}
      <form class="composer" id={`composer${suffix}`} method="post" action={address}>
        {view.problem === undefined ? '' : <p class="field-error" role="alert" safe>{view.problem}</p> as 'safe'}
        <ul class="chips" data-attached aria-label="Attached" hidden></ul>
        <div class="complete" id={`complete${suffix}`} role="listbox" aria-label="Completions" hidden></div>
        <label class="sr-only" for={`say${suffix}`} safe>{`Message to ${label}`}</label>
        <textarea
          id={`say${suffix}`}
          name="text"
          rows="1"
          placeholder={typed(`Message ${label}`)}
          data-draft={session.id}
          {...{ autocomplete: 'off', 'aria-controls': `complete${suffix}`, 'aria-autocomplete': 'list' }}
        >{`\n${Html.escapeHtml(view.typed)}` as 'safe'}</textarea>
        <div class="composer-row">
          {attachButton(view) as 'safe'}
          {choices(view) as 'safe'}
          <span class="composer-end">
            {stopButton(view) as 'safe'}
            {sendButton(view) as 'safe'}
          </span>
        </div>
      </form>
      {choiceForm(view) as 'safe'}
      <form id={`cancel-form${suffix}`} method="post" action={`/sessions/${session.id}/cancel`} hx-post={`/sessions/${session.id}/cancel`} hx-swap="none"></form>
    </footer>
  );
}

/** All of the dock that changes by itself. */
export function dockParts(view: ComposerView): JSX.Element {
  return (
    <>
      {waiting(view) as 'safe'}
      {standingBar(view) as 'safe'}
      {choices(view) as 'safe'}
      {stopButton(view) as 'safe'}
      {sendButton(view) as 'safe'}
      {attachButton(view) as 'safe'}
    </>
  );
}

function waiting({ session, queue, live, suffix }: ComposerView): JSX.Element {
  const { state } = session.activity;
  const resting = state === 'idle';
  const words = resting || !live ? 'Not sent yet' : state === 'starting' ? 'Goes when the agent has started' : 'Goes when the agent is done';
  return (
    <section class="queue" id={`queue${suffix}`} aria-label="Prompts that wait" hidden={queue.length === 0}>
      <h2 class="overline">{words}</h2>
      <ol>{queue.map((prompt) => waitingPrompt(session.id, prompt, resting && live))}</ol>
    </section>
  );
}

function waitingPrompt(sessionId: string, { id, text }: Prompt, canGo: boolean): JSX.Element {
  const own = `/sessions/${sessionId}/prompts/${id}`;
  return (
    <li id={`q${id}`}>
      <details class="waiting" id={`e${id}`}>
        <summary><span class="clip" safe>{plain(text)}</span><span class="waiting-edit">Edit</span></summary>
        <form method="post" action={`${own}/edit`} hx-post={`${own}/edit`} hx-swap="none" class="stack">
          <label class="sr-only" for={`w${id}`}>The prompt</label>
          <textarea id={`w${id}`} name="text" rows="3">{`\n${Html.escapeHtml(text)}` as 'safe'}</textarea>
          <button class="button">Change</button>
        </form>
      </details>
      <form method="post" action={`${own}/${canGo ? 'send' : 'remove'}`} hx-post={`${own}/${canGo ? 'send' : 'remove'}`} hx-swap="none" class="cluster">
        {canGo ? <button class="button button-primary">Send now</button> : ''}
        <button class="button button-quiet" formaction={`${own}/remove`} hx-post={`${own}/remove`} hx-swap="none" aria-label="Take it back">✕</button>
      </form>
    </li>
  );
}

/** After the end, or where nobody is signed in: why, what to do, and the way on. */
function standingBar(view: ComposerView): JSX.Element {
  const { session, live, signIn, install, suffix } = view;
  const { id, workspaceId, meta, status } = session;
  const agent = encodeURIComponent(typeof meta.agent === 'string' ? meta.agent : 'claude');
  const line = signIn?.map(quoted).join(' ') ?? install;
  return (
    <div class={`way-on ${status === 'error' ? 'way-on-error' : ''}`.trim()} id={`way-on${suffix}`} hidden={live && signIn === null}>
      <p safe>{standingWords(view)}</p>
      {line === null ? '' : <pre class="way-on-line" safe>{plain(line)}</pre> as 'safe'}
      <div class="cluster">
        {signIn === null ? '' : (
          <form method="post" action={`/workspaces/${workspaceId}/agents/${agent}/sign-in`}>
            <button class="button">Sign in in a terminal</button>
          </form>
        ) as 'safe'}
        {install === null ? '' : (
          <form method="post" action={`/workspaces/${workspaceId}/agents/${agent}/install`}>
            <button class="button">Install in a terminal</button>
          </form>
        ) as 'safe'}
        {live ? '' : <form method="post" action={`/sessions/${id}/resume`}><button class="button">Resume</button></form> as 'safe'}
      </div>
    </div>
  );
}

function standingWords({ session, label, live, signIn, install, missing, told }: ComposerView): string {
  if (signIn !== null) return `Nobody is signed in to ${label}. This signs you in${live ? '; then send your message again' : '; then resume'}:`;
  if (install !== null) return `${missing ?? `Something that ${label} needs may be missing.`} This installs it; then resume:`;
  if (session.status === 'error' && told) return 'It ended with the error above. The conversation stays.';
  return session.statusReason ?? 'The agent was stopped; the conversation stays.';
}

/** As one would type it into a shell. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

function sendButton({ live, suffix }: ComposerView): JSX.Element {
  return <button class="button button-primary send" id={`send${suffix}`}>{live ? 'Send' : 'Resume and send'}</button>;
}

function attachButton({ takesPictures, suffix }: ComposerView): JSX.Element {
  return (
    <label class="button button-quiet attach needs-script" id={`attach${suffix}`} title="Attach a picture; you can also paste or drop one" hidden={!takesPictures}>
      <input type="file" accept="image/png,image/jpeg,image/gif,image/webp" multiple class="sr-only" data-file />
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M13 7.5 7.6 12.9a3.2 3.2 0 0 1-4.5-4.5L8.6 2.9a2.1 2.1 0 0 1 3 3L6.2 11.3a1 1 0 0 1-1.5-1.5L9.6 5" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" /></svg>
      <span class="sr-only">Attach a picture</span>
    </label>
  );
}

function stopButton({ session, label, suffix }: ComposerView): JSX.Element {
  const { state } = session.activity;
  return (
    <button class="button cancel" id={`cancel${suffix}`} form={`cancel-form${suffix}`} formnovalidate hidden={state !== 'working' && state !== 'needs_you'} aria-label={typed(`Cancel what ${label} does`)}>
      Cancel
    </button>
  );
}

/** Mode, model and whatever else the agent offers; the form that they belong to stands beside. */
function choices({ config, live, suffix }: ComposerView): JSX.Element {
  return (
    <span class="choices" id={`choices${suffix}`}>
      {config.map((option) => choice(option, live, `choice-form${suffix}`))}
      {config.length === 0 || !live ? '' : <button class="button button-quiet without-script" form={`choice-form${suffix}`}>Set</button> as 'safe'}
    </span>
  );
}

function choice({ id, name, description, type, value, choices: offered }: ConfigOption, live: boolean, form: string): JSX.Element {
  const title = typed(plain(description === '' ? name : `${name}: ${description}`));
  if (type === 'boolean') {
    return (
      <label class="check choice-check" title={title}>
        <input type="checkbox" name={typed(id)} value="true" form={form} checked={value === true} disabled={!live} data-choice /> <span safe>{plain(name)}</span>
      </label>
    );
  }
  const groups = [...new Set(offered.map(({ group }) => group))];
  const options = (group: string): JSX.Element[] =>
    offered
      .filter((one) => one.group === group)
      .map((one) => <option value={typed(one.value)} selected={one.value === value} title={typed(plain(one.description))} safe>{plain(one.name)}</option>);
  return (
    <label class="choice-select" title={title}>
      <span class="sr-only" safe>{plain(name)}</span>
      <select name={typed(id)} form={form} disabled={!live} data-choice>
        {groups.map((group) => (group === '' ? <>{options(group)}</> : <optgroup label={typed(plain(group))}>{options(group)}</optgroup>))}
      </select>
    </label>
  );
}

function choiceForm({ session, suffix }: ComposerView): JSX.Element {
  return <form id={`choice-form${suffix}`} method="post" action={`/sessions/${session.id}/config`}></form>;
}
