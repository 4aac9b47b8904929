// The inbox: all that waits on a person, over all workspaces, each kind oldest first, to be
// answered in place.

import { Html } from '@elysiajs/html';
import type { AgentRequest } from '../agent/requests.ts';
import type { Session } from '../sessions/session.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { lamp } from './activity.tsx';
import { diffFrom } from './conversation-parts.tsx';
import { requestForm } from './conversation-request.tsx';
import { diffView } from './diff.tsx';
import { codeBlock } from './markdown.ts';
import { layout, type Look } from './layout.tsx';
import { plain } from './text.tsx';
import { ago } from './time.tsx';

export interface InboxEntry {
  session: Session;
  workspace: Workspace;
  why: 'permission' | 'question' | 'finished' | 'interrupted' | 'failed' | 'bell' | 'ended';
  since: string;
  /** What is worth knowing before one looks. */
  detail: string | null;
  request: AgentRequest | undefined;
}

const WHY: Record<InboxEntry['why'], string> = {
  permission: 'asks whether it may',
  question: 'has a question',
  finished: 'is done',
  interrupted: 'was interrupted',
  failed: 'failed',
  bell: 'rang',
  ended: 'ended',
};

export function inboxPage(entries: readonly InboxEntry[], look: Look): JSX.Element {
  return layout({
    title: entries.length === 0 ? 'Inbox · Dispatch' : `(${entries.length}) Inbox · Dispatch`,
    current: 'inbox',
    ...look,
    styles: ['conversation.css'],
    children: (
      <main class="page page-inbox">
        <div class="page-head">
          <h1>Inbox</h1>
          <div>
            <label class="check needs-script"><input type="checkbox" data-notify /> <span>Notify me on this device while a page is open</span></label>
            <p class="hint" data-notify-hint role="status"></p>
          </div>
        </div>
        {inboxList(entries) as 'safe'}
      </main>
    ),
  });
}

/** What asks first, whole; below it, a line each, what only wants to be known. */
export function inboxList(entries: readonly InboxEntry[]): JSX.Element {
  const asking = entries.filter(({ request }) => request !== undefined);
  const told = entries.filter(({ request }) => request === undefined);
  return (
    <div id="inbox" hx-get="/inbox?part=list" hx-trigger="dispatch:inbox from:document" hx-swap="outerMorph">
      {entries.length > 0 ? '' : nothingWaits() as 'safe'}
      {asking.length === 0 ? '' : <ol class="inbox">{asking.map((entry) => askingItem(entry))}</ol> as 'safe'}
      {told.length === 0 ? '' : <ol class="inbox-told">{told.map((entry) => toldItem(entry))}</ol> as 'safe'}
      {told.length < 2 ? '' : (
        <form class="inbox-all" method="post" action="/inbox/seen" hx-post="/inbox/seen" hx-target="#inbox" hx-swap="outerMorph" hx-disable="find button">
          <button class="button button-quiet" safe>{`Mark all ${told.length} as seen`}</button>
        </form>
      ) as 'safe'}
    </div>
  );
}

function nothingWaits(): JSX.Element {
  return (
    <div class="empty">
      <h3>Nothing waits for you</h3>
      <p class="muted">
        What agents ask, turns that end while you are away, and terminals that ring or end come here, from all workspaces.
      </p>
      <a class="button" href="/workspaces">To the workspaces</a>
    </div>
  );
}

function askingItem({ session, workspace, why, since, request }: InboxEntry): JSX.Element {
  const { id, name } = session;
  if (request === undefined) return <></>;
  return (
    <li class={`inbox-item inbox-${why}`} id={`inbox-${request.id}`}>
      <div class="inbox-head">
        {lamp('needs_you') as 'safe'}
        <p class="inbox-what"><a class="row-link" href={`/sessions/${id}#r${request.id}`} safe>{plain(name)}</a> <span safe>{WHY[why]}</span></p>
        <p class="inbox-where">{whereAndWhen(workspace, since) as 'safe'}</p>
      </div>
      <div class="inbox-request">
        {request.type === 'permission' ? about(request, workspace.path) as 'safe' : ''}
        {requestForm(request, { sessionId: id }) as 'safe'}
      </div>
    </li>
  );
}

function toldItem({ session, workspace, why, since, detail }: InboxEntry): JSX.Element {
  const { id, name } = session;
  const failed = why === 'failed' || why === 'interrupted' || (why === 'ended' && session.activity.state === 'stopped' && session.exitCode !== 0);
  return (
    <li class={`inbox-item inbox-${why}`} id={`inbox-${id}`}>
      <div class="inbox-head">
        {lamp(failed ? 'error' : why === 'ended' ? 'stopped' : 'idle') as 'safe'}
        <p class="inbox-what">
          <a class="row-link" href={`/sessions/${id}`} safe>{plain(name)}</a> <span safe>{WHY[why]}</span>
          {detail === null ? '' : <span class="inbox-detail" title={plain(detail)} safe>{plain(detail)}</span> as 'safe'}
        </p>
        <p class="inbox-where">{whereAndWhen(workspace, since) as 'safe'}</p>
        <form method="post" action={`/inbox/${id}/seen`} hx-post={`/inbox/${id}/seen`} hx-target="#inbox" hx-swap="outerMorph" class="inbox-seen">
          <button class="button button-quiet" aria-label={`Seen: ${plain(name)}`}>Seen</button>
        </form>
      </div>
    </li>
  );
}

function whereAndWhen({ id, name }: Workspace, since: string): JSX.Element {
  return <><a class="quiet-link" href={`/workspaces/${id}`} safe>{plain(name)}</a><span>{ago(since) as 'safe'}</span></>;
}

/** Enough of it to decide here. */
function about({ title, toolCall }: AgentRequest, folder: string): JSX.Element {
  const contents = Array.isArray(toolCall.content) ? toolCall.content : [];
  const input = toolCall.rawInput;
  const command = typeof input === 'object' && input !== null && 'command' in input && typeof input.command === 'string' ? input.command : undefined;
  return (
    <>
      {command === undefined
        ? <p class="inbox-title" safe>{plain(title).replaceAll(`${folder}/`, '')}</p> as 'safe'
        : codeBlock(plain(command), 'bash') as 'safe'}
      {contents.map((content) => {
        if (typeof content !== 'object' || content === null || !('type' in content) || content.type !== 'diff') return '';
        const { path, before, after } = content as { path?: unknown; before?: unknown; after?: unknown };
        return diffView(typeof before === 'string' ? before : null, typeof after === 'string' ? after : '', diffFrom(toolCall, path));
      })}
    </>
  );
}
