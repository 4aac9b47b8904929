// What changed in a list, by what can be done with it; what was discarded, to be taken back; and
// the form of a commit.

import { Html } from '@elysiajs/html';
import type { FileDiff } from '../git/diff.ts';
import type { Kept } from '../git/kept.ts';
import type { ChangedFile, Status } from '../git/status.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { fileAnchor } from './changes-diff.tsx';
import { busyButton, type FormState, NOTHING_TYPED } from './form.tsx';
import { plain, typed } from './text.tsx';
import { ago } from './time.tsx';

/** Rows of one group: who has more stages them all, or ignores a folder. */
const ROWS_MAX = 300;

export interface ListView {
  workspace: Workspace;
  status: Status;
  staged: readonly FileDiff[];
  unstaged: readonly FileDiff[];
  kept: readonly Kept[];
  /** Of what is shown. */
  version: string;
}

/** What changed, by what can be done with it. */
export function changesList(view: ListView): JSX.Element {
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

function group(view: ListView, title: string, files: readonly ChangedFile[], kind: GroupKind, action?: JSX.Element): JSX.Element {
  if (files.length === 0) return <></>;
  return (
    <section class="changes-group" aria-label={title}>
      <div class="section-head">
        <h2 safe>{title}</h2>
        <span class="count" safe>{String(files.length)}</span>
        <span class="end">{(action ?? '') as 'safe'}</span>
      </div>
      <ul class="changed-files">{files.slice(0, ROWS_MAX).map((file) => fileRow(view, file, kind))}</ul>
      {files.length > ROWS_MAX ? <p class="hint" safe>{`And ${files.length - ROWS_MAX} more.`}</p> as 'safe' : ''}
    </section>
  );
}

const LETTERS: Readonly<Record<string, string>> = { added: 'A', modified: 'M', deleted: 'D', renamed: 'R', copied: 'C', retyped: 'T', untracked: 'U' };
const LETTER_WORDS: Readonly<Record<string, string>> = { added: 'added', modified: 'modified', deleted: 'removed', renamed: 'renamed', copied: 'copied', retyped: 'became another kind', untracked: 'new' };

function fileRow(view: ListView, file: ChangedFile, kind: GroupKind): JSX.Element {
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
      {file.folder ? (
        <span class="changed-name" title={typed(plain(file.path))}><bdi safe>{`${plain(file.path)}/`}</bdi></span>
      ) as 'safe' : (
        <a class="row-link changed-name" href={href} title={typed(plain(file.path))}>
          <bdi safe>{plain(file.path.slice(slash))}</bdi> <bdi class="changed-folder" safe>{plain(file.path.slice(0, Math.max(0, slash - 1)))}</bdi>
        </a>
      ) as 'safe'}
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
