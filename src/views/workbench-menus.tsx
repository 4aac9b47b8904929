// The two menus of the workbench: what can be started in the workspace, and where else there is
// to go. Plain forms and links; public/workbench/beginning.js keeps what they start on the bench.

import { Html } from '@elysiajs/html';
import type { ApiAgent } from '../agent/agents.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { plain, typed } from './text.tsx';

interface Menus {
  workspace: Workspace;
  agents: readonly ApiAgent[];
}

export function beginMenu({ workspace: { id, status }, agents }: Menus): JSX.Element {
  if (status !== 'active') return <></>;
  return (
    <div class="bench-menu bench-begin" id="bench-begin" popover="auto" aria-label="Start here">
      <p class="field-error" role="alert" data-begin-error hidden></p>
      <form method="post" action={`/workspaces/${id}/sessions`} data-begin>
        <h2>Terminal</h2>
        <div class="bench-begin-fields">
          <label class="field"><span class="label">Command</span><input class="mono" name="command" placeholder="your shell" autocomplete="off" autocapitalize="off" spellcheck="false" /></label>
          <label class="field"><span class="label">Name</span><input name="name" placeholder="the command’s" autocomplete="off" /></label>
        </div>
        <button class="button button-primary">New terminal</button>
      </form>
      {conversation(id, agents) as 'safe'}
      <form method="post" action={`/workspaces/${id}/editor`} data-begin>
        <h2>File</h2>
        <div class="bench-begin-fields">
          <input class="mono" name="path" required aria-label="Path in this workspace" placeholder="src/main.ts" autocomplete="off" autocapitalize="off" spellcheck="false" />
        </div>
        <div class="cluster"><button class="button">Open in the editor</button> <a class="small" href={`/workspaces/${id}/files`}>Browse the files</a></div>
      </form>
    </div>
  );
}

function conversation(id: string, agents: readonly ApiAgent[]): JSX.Element {
  const able = agents.filter(({ available }) => available);
  if (able.length === 0) {
    return (
      <div class="bench-begin-none">
        <h2>Conversation</h2>
        <p class="hint">No agent is installed. <a href={`/workspaces/${id}#new-conversation`}>How to have one</a></p>
      </div>
    );
  }
  return (
    <form method="post" action={`/workspaces/${id}/conversations`} data-begin>
      <h2>Conversation</h2>
      <div class="bench-begin-fields">
        <textarea name="text" rows="2" aria-label="What the agent should do" placeholder={typed(`Tell ${able[0]?.label ?? 'the agent'} what to do…`)}></textarea>
        {able.length === 1 ? <input type="hidden" name="agent" value={typed(able[0]?.id ?? '')} /> as 'safe' : (
          <select name="agent" aria-label="Agent">{able.map((agent) => <option value={typed(agent.id)} safe>{plain(agent.label)}</option>)}</select>
        ) as 'safe'}
      </div>
      <button class="button">New conversation</button>
    </form>
  );
}

export function placesMenu({ workspace: { id } }: Menus): JSX.Element {
  const here = `/workspaces/${id}`;
  return (
    <div class="bench-menu more" id="bench-places" popover="auto">
      <nav aria-label="This workspace">
        <a href={here}>All sessions, ended ones too</a>
        <a href={`${here}/files`}>Files</a>
        <a href={`${here}/changes`}>Changes</a>
        <a href={`/search?workspaceId=${id}`}>Search in its sessions</a>
        <a href={`${here}#edit`}>Name, folder, variables</a>
        <a href={`${here}#overrides`}>Settings of its own</a>
      </nav>
      <nav aria-label="Elsewhere">
        <a href="/">Home</a>
        <a href="/workspaces">Workspaces</a>
        <a href="/inbox">Inbox</a>
        <a href="/search">Search</a>
        <a href="/settings">Settings</a>
      </nav>
      <button type="button" class="needs-script" data-palette popovertarget="bench-places" popovertargetaction="hide">Go to… <kbd>Ctrl+Shift+K</kbd></button>
      <button type="button" class="needs-script" data-keys popovertarget="bench-places" popovertargetaction="hide">Keys</button>
    </div>
  );
}
