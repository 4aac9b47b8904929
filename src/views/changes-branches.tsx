// Branches to switch to and to make, and the worktrees of the repository; where there is no
// repository, why, and how to make one.

import { Html } from '@elysiajs/html';
import type { BranchList, BranchRow } from '../git/branches.ts';
import type { Absence } from '../git/trouble.ts';
import type { Worktree } from '../git/worktrees.ts';
import { gitPage, type HeadView } from './changes-head.tsx';
import { checkField, type FormState, formAlert, textField } from './form.tsx';
import { layout } from './layout.tsx';
import { plain, typed } from './text.tsx';
import { ago } from './time.tsx';

export function branchesPage(view: HeadView, { branches, cut }: BranchList, state: FormState): JSX.Element {
  const { id, name } = view.workspace;
  const own = branches.filter(({ remote }) => !remote);
  const theirs = branches.filter(({ remote, name: one }) => remote && !own.some(({ upstream }) => upstream === one));
  return gitPage(view, 'branches', `Branches · ${plain(name)}`, (
    <div class="stack section-plain">
      <form class="panel panel-body fields" method="post" action={`/workspaces/${id}/changes/switch`}>
        {formAlert(state) as 'safe'}
        <input type="hidden" name="create" value="true" />
        {textField({ form: 'branch', name: 'name', label: 'New branch', state, mono: true, control: { autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', required: true } }) as 'safe'}
        {textField({ form: 'branch', name: 'start', label: 'Begins at', state, mono: true, hint: 'A branch or a hash. Left empty, where you are.', control: { autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' } }) as 'safe'}
        <div class="span"><button class="button button-primary">Make it and switch</button></div>
      </form>
      {branchRows(id, 'Branches', own) as 'safe'}
      {branchRows(id, 'Only at a remote', theirs) as 'safe'}
      {cut ? <p class="hint">There are more, with older commits.</p> as 'safe' : ''}
    </div>
  ));
}

function branchRows(id: string, title: string, rows: readonly BranchRow[]): JSX.Element {
  if (rows.length === 0) return <></>;
  return (
    <section aria-label={title}>
      <div class="section-head"><h2 safe>{title}</h2><span class="count" safe>{String(rows.length)}</span></div>
      <ul class="rows">
        {rows.map(({ name, current, commit, upstream, track, committed, subject, elsewhere }) => (
          <li class="branch-row">
            <div class="row-text">
              <div class="cluster row-title">
                <strong class="mono isolate" safe>{plain(name)}</strong>
                {current ? <span class="badge badge-accent">here</span> as 'safe' : ''}
                {elsewhere ? <span class="badge">in another worktree</span> as 'safe' : ''}
                {upstream === null || track === '' ? '' : <span class="muted small isolate" safe>{plain(`${track} of ${upstream}`)}</span> as 'safe'}
              </div>
              <a class="muted small isolate" href={`/workspaces/${id}/changes/commit/${commit}`} safe>{plain(subject) || commit.slice(0, 8)}</a>
            </div>
            <span class="row-when small muted">{ago(committed) as 'safe'}</span>
            {current || elsewhere ? '' : (
              <form method="post" action={`/workspaces/${id}/changes/switch`}>
                <input type="hidden" name="name" value={typed(name)} />
                <button class="button" aria-label={typed(`Switch to ${plain(name)}`)}>Switch</button>
              </form>
            ) as 'safe'}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function worktreesPage(view: HeadView, trees: readonly (Worktree & { workspaceId: string | null })[], state: FormState): JSX.Element {
  const { id, name } = view.workspace;
  return gitPage(view, 'worktrees', `Worktrees · ${plain(name)}`, (
    <div class="stack section-plain">
      <p class="hint">A worktree is another folder of this repository with a branch of its own: an agent can work there while you go on here.</p>
      <form class="panel panel-body fields" method="post" action={`/workspaces/${id}/changes/worktrees`}>
        {formAlert(state) as 'safe'}
        {textField({ form: 'worktree', name: 'branch', label: 'Branch', state, mono: true, control: { autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', required: true } }) as 'safe'}
        {textField({ form: 'worktree', name: 'path', label: 'Folder', state, mono: true, hint: 'Left empty, beside the repository.', control: { autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' } }) as 'safe'}
        {checkField({ form: 'worktree', name: 'create', label: 'Make the branch, it is new', checked: state.typed.branch === undefined || state.typed.create === 'true' }) as 'safe'}
        <div class="span"><button class="button button-primary">Make it and open it as a workspace</button></div>
      </form>
      <ul class="rows">{trees.map((tree) => worktreeRow(id, tree))}</ul>
    </div>
  ));
}

function worktreeRow(id: string, { path, branch, commit, main, current, locked, gone, workspaceId }: Worktree & { workspaceId: string | null }): JSX.Element {
  const at = `/workspaces/${id}/changes/worktrees`;
  return (
    <li class="branch-row">
      <div class="row-text">
        <div class="cluster row-title">
          <strong class="mono isolate" safe>{branch === null ? `at ${(commit ?? '').slice(0, 8)}` : plain(branch)}</strong>
          {current ? <span class="badge badge-accent">here</span> as 'safe' : ''}
          {main ? <span class="badge">the repository itself</span> as 'safe' : ''}
          {locked ? <span class="badge">locked</span> as 'safe' : ''}
          {gone ? <span class="badge badge-bad">folder gone</span> as 'safe' : ''}
        </div>
        <span class="path" safe>{plain(path)}</span>
      </div>
      <span class="cluster">
        {current || gone ? '' : workspaceId === null ? (
          <form method="post" action={`${at}/open`}><input type="hidden" name="path" value={typed(path)} /><button class="button">Open as a workspace</button></form>
        ) as 'safe' : <a class="button" href={`/workspaces/${workspaceId}`}>Open</a> as 'safe'}
        {main || current ? '' : (
          <form method="post" action={`${at}/remove`}><input type="hidden" name="path" value={typed(path)} /><button class="button button-bad" aria-label={typed(`Remove the worktree ${plain(path)}`)}>Remove</button></form>
        ) as 'safe'}
      </span>
    </li>
  );
}

/** Where there is nothing to see: why, and what can be done. */
export function noRepositoryPage(view: HeadView, absence: Absence, message: string): JSX.Element {
  const { id, name } = view.workspace;
  return layout({
    title: `Changes · ${plain(name)} · Dispatch`,
    current: 'workspaces',
    ...view.look,
    children: (
      <main class="page">
        <div class="workspace-head">
          <p class="crumb"><a href="/workspaces">Workspaces</a> / <a href={`/workspaces/${id}`} class="isolate" safe>{plain(name)}</a></p>
          <h1>Changes</h1>
        </div>
        <div class="empty section">
          <h3>{absence === 'none' ? 'No repository here' : 'Nothing to show'}</h3>
          <p class="pre-line isolate" safe>{plain(message)}</p>
          {absence !== 'none' ? '' : (
            <>
              <p class="muted">With one, what you and your agents change can be seen, taken back and kept.</p>
              <form method="post" action={`/workspaces/${id}/changes/init`}><button class="button button-primary">Make a repository (git init)</button></form>
            </>
          ) as 'safe'}
        </div>
      </main>
    ),
  });
}

/** Asks before something is lost for good. */
export function loseForm(view: HeadView, message: string, action: string, fields: Readonly<Record<string, string>>, button: string): JSX.Element {
  const { id } = view.workspace;
  return gitPage(view, 'changes', 'Confirm', loseAlert(id, message, action, fields, button));
}

export function loseAlert(id: string, message: string, action: string, fields: Readonly<Record<string, string>>, button: string): JSX.Element {
  return (
    <div class="alert alert-warn section-plain" role="alert">
      <p class="isolate" safe>{plain(message)}</p>
      <form method="post" action={action} class="cluster">
        {Object.entries(fields).map(([name, value]) => <input type="hidden" name={name} value={typed(value)} />)}
        <button class="button button-bad" safe>{button}</button>
        <a class="button" href={`/workspaces/${id}/changes`}>Leave it as it is</a>
      </form>
    </div>
  );
}
