// Beginning a conversation from the page of a workspace: what to do first, with which agent;
// where one is not there, the line that installs it.

import { Html } from '@elysiajs/html';
import type { ApiAgent } from '../agent/agents.ts';
import { busyButton } from './form.tsx';
import { plain, typed } from './text.tsx';

export function newConversationForm(workspaceId: string, agents: readonly ApiAgent[]): JSX.Element {
  const able = agents.filter(({ available }) => available);
  const address = `/workspaces/${workspaceId}/conversations`;
  return (
    <section class="new-conversation" id="new-conversation" aria-label="New conversation">
      {able.length === 0 ? '' : (
        <form class="new-conversation-form" method="post" action={address} hx-post={address} hx-swap="none" hx-disable="find button">
          <label class="sr-only" for="first-prompt">What the agent should do</label>
          <textarea id="first-prompt" name="text" rows="1" placeholder={typed(`Tell ${able[0]?.label ?? 'the agent'} what to do…`)}></textarea>
          {able.length === 1 ? <input type="hidden" name="agent" value={able[0]?.id} /> as 'safe' : (
            <label>
              <span class="sr-only">Agent</span>
              <select name="agent">{able.map(({ id, label }) => <option value={id} safe>{plain(label)}</option>)}</select>
            </label>
          ) as 'safe'}
          {busyButton({ rest: 'New conversation', busy: 'Starting…' }) as 'safe'}
        </form>
      ) as 'safe'}
      {agents.filter(({ available }) => !available).map((agent) => missing(workspaceId, agent))}
    </section>
  );
}

function missing(workspaceId: string, { id, label, problem, install }: ApiAgent): JSX.Element {
  return (
    <details class="new-options">
      <summary safe>{`${plain(label)} is not installed`}</summary>
      <div class="panel panel-body stack">
        <p safe>{plain(problem ?? '')}</p>
        {install === null ? '' : (
          <>
            <p class="hint">Run this where the server runs, then sign in with <code>claude auth login</code>:</p>
            <pre safe>{install}</pre>
            <form method="post" action={`/workspaces/${workspaceId}/agents/${encodeURIComponent(id)}/install`}>
              <button class="button">Run it in a terminal</button>
            </form>
          </>
        ) as 'safe'}
        <p class="hint">A program elsewhere can be named in the <a href="/settings#agents">settings</a>.</p>
      </div>
    </details>
  );
}
