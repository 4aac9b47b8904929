// Comments on lines of a diff: the form for one, the list of those that wait, and how they go
// to an agent. The form lies outside of what is refreshed: nothing typed is ever lost to it.

import { Html } from '@elysiajs/html';
import type { ReviewComment } from '../git/reviews.ts';
import type { Session } from '../sessions/session.ts';
import { busyButton } from './form.tsx';
import { plain, typed } from './text.tsx';
import { ago } from './time.tsx';

/** A comment that is being written: a new one on a line, or one that waits. */
export interface CommentForm {
  id: string | null;
  path: string;
  source: string;
  side: 'old' | 'new';
  line: number;
  lineText: string;
  text: string;
  error?: string | undefined;
}

export interface ReviewView {
  workspaceId: string;
  comments: readonly ReviewComment[];
  sent: readonly ReviewComment[];
  /** Live conversations of the workspace. */
  conversations: readonly Session[];
}

/** Empty while no comment is being written. */
export function commentBox(workspaceId: string, form: CommentForm | null): JSX.Element {
  if (form === null) return <div id="comment" class="comment" hx-morph-skip></div>;
  const { id, path, source, side, line, lineText, text, error } = form;
  const at = `/workspaces/${workspaceId}/changes`;
  const url = id === null ? `${at}/comment` : `${at}/comment/${id}`;
  const fields = id === null ? { path, source, side, line: String(line), lineText } : {};
  return (
    <div id="comment" class="comment comment-open" hx-morph-skip>
      <form method="post" action={url} hx-post={url} hx-target="#comment" hx-swap="outerHTML" hx-disable="find button" {...{ 'hx-status:422': 'target:#comment swap:outerHTML' }}>
        {Object.entries(fields).map(([name, value]) => <input type="hidden" name={name} value={typed(value)} />)}
        <label for="comment-text" class="label"><bdi safe>{`${plain(path)}, line ${line}${side === 'old' ? ' (removed)' : ''}`}</bdi></label>
        <code class="comment-line" safe>{plain(lineText) || ' '}</code>
        <textarea id="comment-text" name="text" rows="3" placeholder="What should be different here?" autofocus aria-invalid={error === undefined ? undefined : 'true'} safe>{`\n${text}`}</textarea>
        {error === undefined ? '' : <p class="field-error" role="alert" safe>{error}</p> as 'safe'}
        <div class="cluster">
          {busyButton({ rest: id === null ? 'Add comment' : 'Save comment', busy: 'Saving…', kind: 'button-primary' }) as 'safe'}
          <a class="button" href={source === 'staged' || source === 'unstaged' ? at : `${at}/commit/${source}`} data-close-comment>Cancel</a>
          <span class="hint needs-script">Ctrl+Enter saves, Esc closes</span>
        </div>
      </form>
      {id === null ? '' : (
        <form method="post" action={`${url}/remove`} hx-post={`${url}/remove`} hx-target="#comment" hx-swap="outerHTML" class="comment-remove">
          <button class="button button-bad">Remove comment</button>
        </form>
      ) as 'safe'}
    </div>
  );
}

export function reviewPanel(view: ReviewView): JSX.Element {
  const { comments, sent } = view;
  return (
    <section id="changes-review" class="review" aria-label="Review">
      <div class="section-head">
        <h2>Review</h2>
        <span class="count" safe>{comments.length === 0 ? '' : String(comments.length)}</span>
      </div>
      {comments.length === 0 ? <p class="hint review-empty">Choose a line’s number to comment on it. The comments go to an agent together, with file and line.</p> as 'safe' : ''}
      <ul class="review-comments">
        {comments.map((one) => (
          <li>
            <a href={`?edit=${one.id}#comment`} data-comment class="isolate small" safe>{`${plain(one.path)}:${one.line}`}</a>
            <code class="comment-line" safe>{plain(one.lineText.trim())}</code>
            <p class="said-text" safe>{plain(one.text)}</p>
          </li>
        ))}
      </ul>
      {comments.length === 0 ? '' : sendForm(view) as 'safe'}
      {sent.length === 0 ? '' : sentList(sent) as 'safe'}
    </section>
  );
}

function sendForm({ workspaceId, comments, conversations }: ReviewView): JSX.Element {
  if (conversations.length === 0) {
    return <p class="hint">No conversation with an agent is live in this workspace: <a href={`/workspaces/${workspaceId}`}>begin one</a>, then send the comments to it.</p>;
  }
  const url = `/workspaces/${workspaceId}/changes/send`;
  return (
    <form method="post" action={url} hx-post={url} hx-swap="none" hx-disable="find button" class="review-send">
      <label class="label" for="review-session">Send to</label>
      <select id="review-session" name="sessionId">
        {conversations.map(({ id, name }) => <option value={id} safe>{plain(name)}</option>)}
      </select>
      <label class="sr-only" for="review-note">A word before the comments</label>
      <input id="review-note" type="text" name="note" placeholder="A word before the comments (optional)" autocomplete="off" />
      {busyButton({ rest: comments.length === 1 ? 'Send 1 comment' : `Send ${comments.length} comments`, busy: 'Sending…', kind: 'button-primary' }) as 'safe'}
    </form>
  );
}

function sentList(sent: readonly ReviewComment[]): JSX.Element {
  return (
    <details class="review-sent" id="review-sent">
      <summary safe>{`Sent (${sent.length})`}</summary>
      <ul class="review-comments">
        {sent.toReversed().map((one) => (
          <li>
            <span class="isolate small muted" safe>{`${plain(one.path)}:${one.line}`}</span>
            <p class="said-text" safe>{plain(one.text)}</p>
            <p class="small"><a href={`/sessions/${one.sentSessionId ?? ''}`}>In the conversation</a>{' '}{ago(new Date(one.sent ?? 0).toISOString()) as 'safe'}</p>
          </li>
        ))}
      </ul>
    </details>
  );
}
