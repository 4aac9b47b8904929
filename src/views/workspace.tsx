// The page of one workspace: what it is and whether its folder is there, the way to its
// workbench, a new terminal or conversation, its sessions, and the forms that change it.

import { Html } from '@elysiajs/html';
import type { ApiAgent } from '../agent/agents.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { benchAddress, benchLead } from './bench-lead.tsx';
import { busyButton, type FormState, formAlert, textField } from './form.tsx';
import { layout, type Look } from './layout.tsx';
import { newConversationForm } from './new-conversation.tsx';
import { sessionList, type SessionListView } from './session-list.tsx';
import { plain } from './text.tsx';
import { editSection, type EditState } from './workspace-edit.tsx';
import { colorOf, statusBadge, swatch, textOf } from './workspace-parts.tsx';

export interface WorkspaceView {
  workspace: Workspace;
  sessions: SessionListView;
  newTerminal: FormState;
  /** With whom a conversation can be had. */
  agents?: readonly ApiAgent[];
  edit: EditState;
  look: Look;
}

export function workspacePage(view: WorkspaceView): JSX.Element {
  const { workspace, sessions } = view;
  return layout({
    title: `${plain(workspace.name)} · Dispatch`,
    current: 'workspaces',
    ...view.look,
    styles: ['workspace.css'],
    children: (
      <main class="page">
        {workspaceHead(workspace) as 'safe'}
        {sessions.usable ? benchLead(workspace.id, sessions.live) as 'safe' : ''}
        {sessions.usable ? newTerminalForm(workspace.id, view.newTerminal) as 'safe' : ''}
        {sessions.usable ? newConversationForm(workspace.id, view.agents ?? []) as 'safe' : ''}
        {sessionList(sessions) as 'safe'}
        {editSection(workspace, view.edit) as 'safe'}
      </main>
    ),
  });
}

/** Name, path, and what is wrong: refreshed when the folder goes or returns. */
export function workspaceHead(workspace: Workspace): JSX.Element {
  const { id, name, path, status } = workspace;
  const color = colorOf(workspace);
  const description = textOf(workspace.metadata, 'description');
  return (
    <div
      id="workspace-head"
      class="workspace-head"
      hx-get={`/workspaces/${id}?part=head`}
      hx-trigger="dispatch:workspaces from:document"
      hx-swap="outerMorph"
    >
      <p class="crumb"><a href="/workspaces">Workspaces</a></p>
      <div class="cluster">
        <h1>{color === undefined ? '' : swatch(color) as 'safe'}<bdi safe>{plain(name)}</bdi></h1>
        {statusBadge(status) as 'safe'}
      </div>
      <p class="path"><bdi safe>{plain(path)}</bdi></p>
      {description === '' ? '' : <p class="sub" safe>{plain(description)}</p> as 'safe'}
      {status === 'active' ? places(id) as 'safe' : ''}
      {statusAlert(workspace) as 'safe'}
    </div>
  );
}

/** What else there is to see of it. */
function places(id: string): JSX.Element {
  return (
    <nav class="cluster workspace-places" aria-label="In this workspace">
      <a class="button to-bench" href={benchAddress(id)}>Workbench</a>
      <a class="button" href={`/workspaces/${id}/files`}>Files</a>
      <a class="button" href={`/workspaces/${id}/changes`}>
        Changes
        <span id="git-summary" class="count" hx-get={`/workspaces/${id}/changes/summary`} hx-trigger="load, dispatch:git from:document" hx-swap="innerHTML" hx-morph-skip></span>
      </a>
    </nav>
  );
}

function statusAlert({ id, status, statusReason }: Workspace): JSX.Element {
  if (status === 'error') {
    return (
      <div class="alert alert-error" role="alert">
        <p><strong safe>{statusReason ?? 'The folder cannot be used.'}</strong></p>
        <p>
          Put the folder back and this goes away by itself. If it was moved, <a href="#moved">say where it is now</a>. The
          history is kept either way.
        </p>
      </div>
    );
  }
  if (status === 'archived') {
    return (
      <form class="alert" method="post" action={`/workspaces/${id}/restore`}>
        <p>This workspace is archived: its history can be read, nothing new starts here.</p>
        <button class="button">Restore</button>
      </form>
    );
  }
  return <></>;
}

export function newTerminalForm(workspaceId: string, state: FormState): JSX.Element {
  const form = 'terminal';
  const url = `/workspaces/${workspaceId}/sessions`;
  const failed = state.message !== undefined || Object.keys(state.errors).length > 0;
  return (
    <form
      id="new-terminal"
      class="new-terminal"
      method="post"
      action={url}
      hx-post={url}
      hx-swap="outerHTML"
      hx-disable="find button"
      {...{ 'hx-status:422': 'swap:outerHTML', 'hx-status:409': 'swap:outerHTML' }}
    >
      {formAlert(state) as 'safe'}
      {busyButton({ rest: 'New terminal', busy: 'Starting…', kind: 'button-primary' }) as 'safe'}
      <details class="new-options" id="new-terminal-options" open={failed}>
        <summary>With a name or a command</summary>
        <div class="fields panel panel-body">
          {textField({
            form, name: 'command', label: 'Command', state, mono: true,
            hint: 'Run by the login shell, so pipes and variables work. Left empty, the shell itself.',
            control: { placeholder: 'npm run dev', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' },
          }) as 'safe'}
          {textField({
            form, name: 'name', label: 'Name', state, hint: 'Left empty, the command’s own.',
            control: { autocomplete: 'off' },
          }) as 'safe'}
        </div>
      </details>
    </form>
  );
}
