// The page of a workspace's changes. Its regions are fragments with ids of their own: what an
// action or a refresh answers is the same regions, so that all ways show the same.

import { Html } from '@elysiajs/html';
import type { FileDiff } from '../git/diff.ts';
import type { ReviewComment } from '../git/reviews.ts';
import type { Session } from '../sessions/session.ts';
import { type DiffContext, fileDiff } from './changes-diff.tsx';
import { gitHead, gitPage, type HeadView } from './changes-head.tsx';
import { changesList, commitForm, type ListView } from './changes-list.tsx';
import { commentBox, type CommentForm, reviewPanel } from './changes-review.tsx';
import type { FormState } from './form.tsx';
import { plain } from './text.tsx';

export interface ChangesView extends HeadView, ListView {
  cut: boolean;
  comments: readonly ReviewComment[];
  sent: readonly ReviewComment[];
  conversations: readonly Session[];
  comment: CommentForm | null;
  commit: FormState;
}

/** Lines of one file that are shown at once, and of all. */
const FILE_LINES = 500;
const PAGE_LINES = 3_000;

export function changesPage(view: ChangesView): JSX.Element {
  return gitPage(view, 'changes', `Changes · ${plain(view.workspace.name)}`, (
    <div class="changes-body">
      <div class="changes-side">
        {changesList(view) as 'safe'}
        {commitForm(view.workspace.id, view.commit) as 'safe'}
        {reviewRegion(view) as 'safe'}
      </div>
      <div class="changes-main">
        {diffsRegion(view) as 'safe'}
        {commentBox(view.workspace.id, view.comment) as 'safe'}
      </div>
    </div>
  ));
}

/** What an action or a refresh answers. */
export function changesRegions(view: ChangesView): JSX.Element {
  return (
    <>
      {region('changes-head', gitHead(view)) as 'safe'}
      {region('changes-list', changesList(view)) as 'safe'}
      {region('changes-review', reviewRegion(view)) as 'safe'}
      {region('changes-diffs', diffsRegion(view)) as 'safe'}
    </>
  );
}

export function region(id: string, content: JSX.Element): JSX.Element {
  return <tag of="hx-partial" {...{ 'hx-target': `#${id}`, 'hx-swap': 'outerMorph' }}>{content as 'safe'}</tag>;
}

function reviewRegion(view: ChangesView): JSX.Element {
  return reviewPanel({ workspaceId: view.workspace.id, comments: view.comments, sent: view.sent, conversations: view.conversations });
}

function diffsRegion(view: ChangesView): JSX.Element {
  const shared = { workspaceId: view.workspace.id, comments: view.comments, editable: true };
  let left = PAGE_LINES;
  const shown = (file: FileDiff, source: string): JSX.Element => {
    const lines = file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
    const linesMax = Math.min(FILE_LINES, left);
    if (lines <= linesMax) left -= lines;
    const context: DiffContext = { ...shared, source, linesMax };
    return fileDiff(file, context);
  };
  return (
    <div id="changes-diffs" class="diffs">
      {view.unstaged.map((file) => shown(file, 'unstaged'))}
      {view.staged.map((file) => shown(file, 'staged'))}
      {view.cut ? <p class="file-note">The rest is too much to be shown at once: open a file from the list.</p> as 'safe' : ''}
    </div>
  );
}
