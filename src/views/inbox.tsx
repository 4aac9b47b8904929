// The inbox: all that waits on a person, over all workspaces, oldest first, to be answered in
// place.

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

export function inboxList(entries: readonly InboxEntry[]): JSX.Element {
  return (
    <div id="inbox" hx-get="/inbox?part=list" hx-trigger="dispatch:inbox from:document" hx-swap="outerMorph">
      {entries.length === 0 ? (
        <div class="empty">
          <h3>Nothing waits for you</h3>
          <p class="muted">
            What agents ask, turns that end while you are away, and terminals that ring come here, from all workspaces.
          </p>
          <a class="button" href="/workspaces">To the workspaces</a>
        </div>
      ) as 'safe' : <ol class="inbox">{entries.map((entry) => inboxItem(entry))}</ol> as 'safe'}
    </div>
  );
}

function inboxItem({ session, workspace, why, since, detail, request }: InboxEntry): JSX.Element {
  const { id, name } = session;
  return (
    <li class={`inbox-item inbox-${why}`} id={`inbox-${request?.id ?? id}`}>
      <div class="inbox-head">
        {lamp(request !== undefined ? 'needs_you' : why === 'failed' || why === 'interrupted' ? 'error' : 'idle') as 'safe'}
        <p class="inbox-what">
          <a class="row-link" href={request === undefined ? `/sessions/${id}` : `/sessions/${id}#r${request.id}`} safe>{plain(name)}</a>
          <span safe>{` ${WHY[why]}`}</span>
          <span class="muted small"> · <a class="quiet-link" href={`/workspaces/${workspace.id}`} safe>{plain(workspace.name)}</a> · {ago(since) as 'safe'}</span>
        </p>
        {request === undefined ? (
          <form method="post" action={`/inbox/${id}/seen`} hx-post={`/inbox/${id}/seen`} hx-target="#inbox" hx-swap="outerMorph" class="inbox-seen">
            <button class="button button-quiet">Seen</button>
          </form>
        ) as 'safe' : ''}
      </div>
      {request !== undefined || detail === null ? '' : <p class="inbox-detail" safe>{plain(detail)}</p> as 'safe'}
      {request === undefined ? '' : (
        <div class="inbox-request">
          {request.type === 'permission' ? about(request, workspace.path) as 'safe' : ''}
          {requestForm(request, { sessionId: id }) as 'safe'}
        </div>
      ) as 'safe'}
    </li>
  );
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
