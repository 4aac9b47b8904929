// A link to a file of a workspace in which no file session lives yet: one button begins it. A
// link alone changes nothing.

import { Html } from '@elysiajs/html';
import type { Workspace } from '../workspaces/workspace.ts';
import { layout, type Look } from './layout.tsx';
import { plain, typed } from './text.tsx';

export interface OpenPage {
  workspace: Workspace;
  path: string;
  line: number | undefined;
  look: Look;
}

export function openPage({ workspace, path, line, look }: OpenPage): JSX.Element {
  return layout({
    ...look,
    title: plain(`Open ${path} · ${workspace.name} · Dispatch`),
    current: 'workspaces',
    children: (
      <main class="page page-narrow">
        <p class="crumb"><a href={`/workspaces/${workspace.id}`} safe>{plain(workspace.name)}</a></p>
        <h1>Open a file</h1>
        <p class="path" safe>{plain(path)}</p>
        <form method="post" action={`/workspaces/${workspace.id}/editor`}>
          <input type="hidden" name="path" value={typed(path)} />
          <input type="hidden" name="line" value={String(line ?? '')} />
          <button class="button button-primary" autofocus>Open in the editor</button>
        </form>
        <p class="hint">This begins a file session in the workspace. What you type in it is kept as you type it.</p>
      </main>
    ),
  });
}
