// The page of a workspace's changes. Its regions are fragments with ids of their own: what an
// action or a refresh answers is the same regions, so that all ways show the same.

import { Html } from '@elysiajs/html';
import type { FileDiff } from '../git/diff.ts';
import type { Exchange } from '../git/exchanges.ts';
import type { Kept } from '../git/kept.ts';
import type { ReviewComment } from '../git/reviews.ts';
import type { Branch, ChangedFile, Status } from '../git/status.ts';
import type { Session } from '../sessions/session.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { type DiffContext, fileAnchor, fileDiff } from './changes-diff.tsx';
import { commentBox, type CommentForm, reviewPanel } from './changes-review.tsx';
import { busyButton, type FormState, NOTHING_TYPED } from './form.tsx';
import { layout, type Look } from './layout.tsx';
import { plain, typed } from './text.tsx';
import { ago } from './time.tsx';

export type Place = 'changes' | 'log' | 'branches' | 'worktrees';

export interface HeadView {
  workspace: Workspace;
  branch: Branch | null;
  exchange: Exchange | null;
  changed: number;
  look: Look;
  /** What did not work, where the page is shown again for it. */
  problem?: string | undefined;
}

export interface ChangesView extends HeadView {
  status: Status;
  staged: readonly FileDiff[];
  unstaged: readonly FileDiff[];
  cut: boolean;
  kept: readonly Kept[];
  comments: readonly ReviewComment[];
  sent: readonly ReviewComment[];
  conversations: readonly Session[];
  /** Of what is shown. */
  version: string;
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

/** The frame that all pages of git share. */
export function gitPage(view: HeadView, place: Place, title: string, children: JSX.Element): JSX.Element {
  const { workspace } = view;
  return layout({
    title: `${title} · Dispatch`,
    current: 'workspaces',
    ...view.look,
    styles: ['conversation.css', 'changes.css'],
    scripts: ['changes.js'],
    children: (
      <main class="page page-changes" data-changes={workspace.id}>
        {gitHead(view) as 'safe'}
        {view.problem === undefined ? '' : <div class="alert alert-error" role="alert"><p class="pre-line" safe>{plain(view.problem)}</p></div> as 'safe'}
        {placesNav(view, place) as 'safe'}
        {children as 'safe'}
      </main>
    ),
  });
}

function placesNav({ workspace: { id }, changed }: HeadView, place: Place): JSX.Element {
  const at = `/workspaces/${id}/changes`;
  const link = (name: Place, label: string, href: string): JSX.Element => <a href={href} aria-current={name === place ? 'page' : undefined} safe>{label}</a>;
  return (
    <nav class="tabs changes-tabs" aria-label="Git">
      {link('changes', changed === 0 ? 'Changes' : `Changes ${changed}`, at) as 'safe'}
      {link('log', 'Log', `${at}/log`) as 'safe'}
      {link('branches', 'Branches', `${at}/branches`) as 'safe'}
      {link('worktrees', 'Worktrees', `${at}/worktrees`) as 'safe'}
    </nav>
  );
}

/** Branch, what it is ahead and behind, and the exchange with its remote. */
export function gitHead(view: HeadView): JSX.Element {
  const { workspace, branch, exchange } = view;
  const working = exchange?.state === 'working';
  return (
    <div id="changes-head" class="changes-head">
      <p class="crumb"><a href="/workspaces">Workspaces</a> / <a href={`/workspaces/${workspace.id}`} class="isolate" safe>{plain(workspace.name)}</a></p>
      <div class="changes-title">
        <h1>Changes</h1>
        {branch === null ? '' : branchWords(workspace.id, branch) as 'safe'}
        {branch === null ? '' : (
          <div class="cluster changes-remote">
            {remoteForm(workspace.id, 'fetch', 'Fetch', working) as 'safe'}
            {remoteForm(workspace.id, 'pull', branch.behind ? `Pull ${branch.behind}` : 'Pull', working) as 'safe'}
            {remoteForm(workspace.id, 'push', branch.ahead ? `Push ${branch.ahead}` : 'Push', working) as 'safe'}
            {remoteMore(workspace.id) as 'safe'}
          </div>
        ) as 'safe'}
      </div>
      {exchangeView(workspace.id, exchange) as 'safe'}
    </div>
  );
}

function branchWords(id: string, { name, commit, upstream, ahead, behind }: Branch): JSX.Element {
  const level = upstream === null ? 'not pushed yet' : ahead === null ? `${upstream} is gone` : ahead === 0 && behind === 0 ? `level with ${upstream}` : `${ahead} ahead, ${behind} behind ${upstream}`;
  return (
    <p class="branch">
      <a href={`/workspaces/${id}/changes/branches`} class="mono isolate" title="Switch to another branch" safe>{name === null ? `no branch, at ${(commit ?? '').slice(0, 8)}` : plain(name)}</a>
      <span class="muted small isolate" safe>{plain(level)}</span>
    </p>
  );
}

function remoteForm(id: string, action: string, label: string, disabled: boolean): JSX.Element {
  const url = `/workspaces/${id}/changes/${action}`;
  return (
    <form method="post" action={url} hx-post={url} hx-swap="none" hx-disable="find button">
      <button class="button" disabled={disabled} safe>{label}</button>
    </form>
  );
}

function remoteMore(id: string): JSX.Element {
  const choices = [['pull', 'how', 'rebase', 'Pull, with ours on top of theirs (rebase)'], ['pull', 'how', 'merge', 'Pull and merge'], ['push', 'force', 'true', 'Push in the place of what is there (force with lease)']] as const;
  return (
    <details class="more" id="remote-more">
      <summary class="button button-quiet" aria-label="More ways to pull and push" title="More ways to pull and push">⋯</summary>
      <div class="more-body panel">
        {choices.map(([action, name, value, label]) => (
          <form method="post" action={`/workspaces/${id}/changes/${action}`} hx-post={`/workspaces/${id}/changes/${action}`} hx-swap="none">
            <input type="hidden" name={name} value={value} />
            <button class="button button-quiet">{label}</button>
          </form>
        ))}
      </div>
    </details>
  );
}

const EXCHANGE_WORDS: Readonly<Record<Exchange['state'], string>> = { working: 'under way', done: 'done', failed: 'failed', cancelled: 'cancelled' };

export function exchangeView(id: string, exchange: Exchange | null): JSX.Element {
  if (exchange === null) return <div id="exchange"></div>;
  const { kind, state, output, advice, started } = exchange;
  const at = `/workspaces/${id}/changes`;
  const look = state === 'working' ? { 'hx-get': `${at}/exchange`, 'hx-trigger': 'every 1s', 'hx-swap': 'outerMorph' } : {};
  const tone = state === 'failed' ? 'alert alert-error' : state === 'done' ? 'alert alert-good' : 'alert';
  return (
    <div id="exchange" class={`${tone} exchange`} role="status" {...look}>
      <div class="cluster">
        <strong class={state === 'working' ? 'spin' : ''} safe>{`${kind === 'push' ? 'Push' : kind === 'pull' ? 'Pull' : 'Fetch'} ${EXCHANGE_WORDS[state]}`}</strong>
        <span class="small">{ago(started) as 'safe'}</span>
        {state !== 'working' ? '' : (
          <form method="post" action={`${at}/cancel`} hx-post={`${at}/cancel`} hx-swap="none"><button class="button button-small">Cancel</button></form>
        ) as 'safe'}
      </div>
      {advice === null ? '' : <p safe>{advice}</p> as 'safe'}
      {output === '' ? '' : (
        <details id="exchange-output" open={state === 'failed' || state === 'working'}>
          <summary>What git said</summary>
          <pre class="exchange-output" safe>{plain(output)}</pre>
        </details>
      ) as 'safe'}
    </div>
  );
}

/** In a few words, for the page of the workspace. */
export function summaryWords({ branch, files }: Status): JSX.Element {
  const { name, ahead, behind } = branch;
  const words = [name ?? 'no branch', files.length === 0 ? '' : `${files.length} changed`, ahead ? `${ahead} ahead` : '', behind ? `${behind} behind` : ''];
  return <span class="isolate" safe>{plain(words.filter((word) => word !== '').join(' · '))}</span>;
}

/** What changed, by what can be done with it. */
function changesList(view: ChangesView): JSX.Element {
  const { status, workspace: { id }, kept } = view;
  const { files, counts, underway, part, stagedElsewhere, cut } = status;
  const conflicts = files.filter(({ conflict }) => conflict !== null);
  const staged = files.filter((file) => file.staged !== null);
  const unstaged = files.filter((file) => file.unstaged !== null && file.conflict === null);
  return (
    <div id="changes-list" class="changes-list" data-version={view.version}>
      {underway === null ? '' : underwayAlert(id, underway) as 'safe'}
      {part === '' ? '' : <p class="hint" safe>{`This workspace is the folder ${plain(part)} of its repository: only what changed in it is shown.`}</p> as 'safe'}
      {stagedElsewhere === 0 ? '' : <div class="alert alert-warn"><p safe>{`${stagedElsewhere} staged ${stagedElsewhere === 1 ? 'file lies' : 'files lie'} outside this workspace. A commit takes ${stagedElsewhere === 1 ? 'it' : 'them'}, too.`}</p></div> as 'safe'}
      {cut ? <div class="alert alert-warn"><p>More files changed than can be shown here. Is a folder of dependencies not ignored?</p></div> as 'safe' : ''}
      {files.length === 0 ? <div class="empty empty-list"><h3>Nothing changed</h3><p class="muted">What you or an agent change in this workspace shows up here.</p></div> as 'safe' : ''}
      {group(view, 'Conflicts', conflicts, 'conflict') as 'safe'}
      {group(view, 'Staged', staged, 'staged', counts.staged > 1 ? remoteButton(id, 'unstage', 'Unstage all') : undefined) as 'safe'}
      {group(view, 'Changes', unstaged, 'unstaged', unstaged.length > 1 ? remoteButton(id, 'stage', 'Stage all') : undefined) as 'safe'}
      {keptView(id, kept) as 'safe'}
    </div>
  );
}

function remoteButton(id: string, action: string, label: string): JSX.Element {
  const url = `/workspaces/${id}/changes/${action}`;
  return (
    <form method="post" action={url} hx-post={url} hx-swap="none" hx-disable="find button">
      <input type="hidden" name="all" value="true" />
      <button class="button button-small" safe>{label}</button>
    </form>
  );
}

function underwayAlert(id: string, underway: string): JSX.Element {
  const url = `/workspaces/${id}/changes/settle`;
  const button = (how: string, label: string): JSX.Element => (
    <form method="post" action={url} hx-post={url} hx-swap="none">
      <input type="hidden" name="how" value={how} />
      <button class="button" safe>{label}</button>
    </form>
  );
  return (
    <div class="alert alert-warn">
      <p safe>{`A ${underway} is under way. Settle the conflicts and stage the files, then ${underway === 'merge' ? 'commit' : 'go on'}; or give it up.`}</p>
      <div class="cluster">
        {underway === 'merge' || underway === 'bisect' ? '' : button('continue', 'Go on') as 'safe'}
        {button('abort', `Give up the ${underway}`) as 'safe'}
      </div>
    </div>
  );
}

type GroupKind = 'conflict' | 'staged' | 'unstaged';

function group(view: ChangesView, title: string, files: readonly ChangedFile[], kind: GroupKind, action?: JSX.Element): JSX.Element {
  if (files.length === 0) return <></>;
  return (
    <section class="changes-group" aria-label={title}>
      <div class="section-head">
        <h2 safe>{title}</h2>
        <span class="count" safe>{String(files.length)}</span>
        <span class="end">{(action ?? '') as 'safe'}</span>
      </div>
      <ul class="changed-files">{files.map((file) => fileRow(view, file, kind))}</ul>
    </section>
  );
}

const LETTERS: Readonly<Record<string, string>> = { added: 'A', modified: 'M', deleted: 'D', renamed: 'R', copied: 'C', retyped: 'T', untracked: '+' };
const LETTER_WORDS: Readonly<Record<string, string>> = { added: 'added', modified: 'modified', deleted: 'removed', renamed: 'renamed', copied: 'copied', retyped: 'became another kind', untracked: 'new' };

function fileRow(view: ChangesView, file: ChangedFile, kind: GroupKind): JSX.Element {
  const change = kind === 'staged' ? file.staged : file.unstaged;
  const letter = file.conflict === null ? (LETTERS[change ?? ''] ?? '?') : '!';
  const words = file.conflict ?? LETTER_WORDS[change ?? ''] ?? '';
  const source = kind === 'staged' ? 'staged' : 'unstaged';
  const diff = (kind === 'staged' ? view.staged : view.unstaged).find(({ path }) => path === file.path);
  const { id } = view.workspace;
  const href = diff === undefined ? `/workspaces/${id}/changes/file?source=${source}&path=${encodeURIComponent(file.path)}` : `#${fileAnchor(source, diff.id)}`;
  const slash = file.path.lastIndexOf('/') + 1;
  return (
    <li class="changed-file">
      <span class={`letter letter-${file.conflict === null ? (change ?? '') : 'conflict'}`} title={words}><span aria-hidden="true" safe>{letter}</span><span class="sr-only" safe>{words}</span></span>
      <a class="row-link changed-name" href={href} title={typed(plain(file.path))}>
        <bdi><span safe>{plain(file.path.slice(slash))}</span>{file.folder ? '/' : ''}</bdi> <bdi class="changed-folder" safe>{plain(file.path.slice(0, Math.max(0, slash - 1)))}</bdi>
      </a>
      <span class="changed-actions">
        {rowButtons(id, file, kind, diff?.id) as 'safe'}
      </span>
    </li>
  );
}

function rowButtons(id: string, { path, folder, submodule }: ChangedFile, kind: GroupKind, seen?: string): JSX.Element {
  const button = (action: string, sign: string, words: string, fields: Record<string, string> = {}): JSX.Element => {
    const url = `/workspaces/${id}/changes/${action}`;
    return (
      <form method="post" action={url} hx-post={url} hx-swap="none" hx-disable="find button">
        <input type="hidden" name="path" value={typed(path)} />
        {Object.entries(fields).map(([name, value]) => <input type="hidden" name={name} value={value} />)}
        <button class="button button-quiet button-sign" title={typed(`${words} ${plain(path)}`)} aria-label={typed(`${words} ${plain(path)}`)} safe>{sign}</button>
      </form>
    );
  };
  if (kind === 'staged') return button('unstage', '−', 'Unstage');
  const canDiscard = kind === 'unstaged' && !folder && !submodule;
  return (
    <>
      {canDiscard ? button('discard', '↺', 'Discard', seen === undefined ? {} : { seen }) as 'safe' : ''}
      {button('stage', '+', kind === 'conflict' ? 'Mark as settled:' : 'Stage') as 'safe'}
    </>
  );
}

function keptView(id: string, kept: readonly Kept[]): JSX.Element {
  if (kept.length === 0) return <></>;
  return (
    <details class="kept" id="kept">
      <summary safe>{`Discarded ${kept.length === 1 ? 'change' : 'changes'} (${kept.length})`}</summary>
      <ul>
        {kept.map((one) => (
          <li class="kept-one">
            <span class="isolate" safe>{plain(one.path)}</span> <span class="muted small">{ago(new Date(one.created).toISOString()) as 'safe'}</span>
            <form method="post" action={`/workspaces/${id}/changes/restore`} hx-post={`/workspaces/${id}/changes/restore`} hx-swap="none">
              <input type="hidden" name="id" value={one.id} />
              <button class="button button-small">Take back</button>
            </form>
          </li>
        ))}
      </ul>
    </details>
  );
}

export function commitForm(id: string, state: FormState = NOTHING_TYPED): JSX.Element {
  const url = `/workspaces/${id}/changes/commit`;
  const error = state.errors.message ?? state.message;
  return (
    <form id="commit" class="commit panel" method="post" action={url} hx-post={url} hx-swap="outerHTML" hx-disable="find button" hx-morph-skip {...{ 'hx-status:422': 'target:#commit swap:outerHTML', 'hx-status:409': 'target:#commit swap:outerHTML' }}>
      <label for="commit-message" class="label">Commit message</label>
      <textarea id="commit-message" name="message" rows="3" aria-describedby={error === undefined ? undefined : 'commit-error'} aria-invalid={error === undefined ? undefined : 'true'} safe>{`\n${state.typed.message ?? ''}`}</textarea>
      {error === undefined ? '' : <p id="commit-error" class="field-error pre-line" role="alert" safe>{plain(error)}</p> as 'safe'}
      <div class="commit-choices">
        <label class="check"><input type="checkbox" name="all" value="true" checked={state.typed.all === 'true'} /> <span>Stage everything first</span></label>
        <label class="check"><input type="checkbox" name="amend" value="true" checked={state.typed.amend === 'true'} /> <span>Replace the last commit</span></label>
        {busyButton({ rest: 'Commit', busy: 'Committing…', kind: 'button-primary' }) as 'safe'}
      </div>
    </form>
  );
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
