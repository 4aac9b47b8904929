// Commits: the log page by page, and one commit with what it changed.

import { Html } from '@elysiajs/html';
import type { Commit, LogPage } from '../git/commits.ts';
import type { Diff } from '../git/diff.ts';
import type { ReviewComment } from '../git/reviews.ts';
import { gitPage, type HeadView } from './changes-head.tsx';
import { fileAnchor, fileDiff } from './changes-diff.tsx';
import { commentBox, type CommentForm } from './changes-review.tsx';
import { plain } from './text.tsx';
import { ago } from './time.tsx';
import { pagerLink } from './workspace-parts.tsx';

const FILE_LINES = 800;

export function logPage(view: HeadView, { commits, hasMore }: LogPage, offset: number, limit: number): JSX.Element {
  const { id, name } = view.workspace;
  const at = `/workspaces/${id}/changes/log`;
  return gitPage(view, 'log', `Log · ${plain(name)}`, (
    <section class="section-plain" aria-label="Commits">
      {commits.length === 0 ? <div class="empty"><h3>No commits</h3><p class="muted">The first one begins the history of this repository.</p></div> as 'safe' : ''}
      <ul class="rows">{commits.map((commit) => commitRow(id, commit))}</ul>
      {offset === 0 && !hasMore ? '' : (
        <nav class="pager" aria-label="Pages">
          <span class="end">
            {offset === 0 ? '' : pagerLink('prev', 'Newer', `${at}?offset=${Math.max(0, offset - limit)}`) as 'safe'}
            {hasMore ? pagerLink('next', 'Older', `${at}?offset=${offset + limit}`) as 'safe' : ''}
          </span>
        </nav>
      ) as 'safe'}
    </section>
  ));
}

function commitRow(id: string, { hash, subject, author, authored, refs }: Commit): JSX.Element {
  return (
    <li>
      <div class="row row-commit">
        <div class="row-text">
          <div class="cluster row-title">
            <a class="row-link" href={`/workspaces/${id}/changes/commit/${hash}`} safe>{plain(subject) || '(no message)'}</a>
            {refs.map((ref) => <span class="badge badge-accent isolate" safe>{plain(ref)}</span>)}
          </div>
          <span class="muted small isolate" safe>{plain(author.name)}</span>
        </div>
        <span class="row-when small muted">{ago(authored) as 'safe'}</span>
        <code class="small muted" safe>{hash.slice(0, 8)}</code>
      </div>
    </li>
  );
}

export interface CommitView {
  commit: Commit;
  diff: Diff;
  comments: readonly ReviewComment[];
  comment: CommentForm | null;
}

export function commitPage(view: HeadView, { commit, diff, comments, comment }: CommitView): JSX.Element {
  const { id } = view.workspace;
  const { hash, parents, subject, body, author, authored } = commit;
  const waiting = comments.length;
  return gitPage(view, 'log', `${plain(subject)} · ${plain(view.workspace.name)}`, (
    <div class="changes-main changes-commit">
      <div class="commit-head">
        <h2 class="commit-subject" safe>{plain(subject) || '(no message)'}</h2>
        {body === '' ? '' : <p class="pre-line commit-body" safe>{plain(body)}</p> as 'safe'}
        <p class="muted small">
          <span class="isolate" safe>{plain(author.name)}</span> {ago(authored) as 'safe'} <code safe>{hash.slice(0, 12)}</code>
          {parents.map((parent) => <a href={`/workspaces/${id}/changes/commit/${parent}`} class="mono" safe>{`after ${parent.slice(0, 8)}`}</a>)}
        </p>
        {parents.length > 1 ? <p class="hint">A merge: what it brought to its first parent.</p> as 'safe' : ''}
        {waiting === 0 ? '' : <p class="small"><a href={`/workspaces/${id}/changes#changes-review`} safe>{`${waiting} ${waiting === 1 ? 'comment waits' : 'comments wait'} to be sent`}</a></p> as 'safe'}
        <ul class="commit-files">
          {diff.files.map((file) => <li><a href={`#${fileAnchor(hash, file.id)}`} class="isolate" safe>{plain(file.path)}</a> <span class="count" safe>{file.binary ? '' : `+${file.came} −${file.went}`}</span></li>)}
        </ul>
      </div>
      <div id="changes-diffs" class="diffs">
        {diff.files.map((file) => fileDiff(file, { workspaceId: id, source: hash, comments, editable: false, linesMax: FILE_LINES }))}
        {diff.cut ? <p class="file-note">The rest is too much to be shown.</p> as 'safe' : ''}
        {diff.files.length === 0 ? <p class="file-note">It changed no file here.</p> as 'safe' : ''}
      </div>
      {commentBox(id, comment) as 'safe'}
    </div>
  ));
}
