// Choosing a folder of the machine for a workspace: one list of folders after the other, each
// with the form that takes it; those that are workspaces already lead to them.

import { Html } from '@elysiajs/html';
import type { Folder, FolderList } from '../workspaces/folders.ts';
import { layout, type Look } from './layout.tsx';
import { plain, typed } from './text.tsx';

export interface FoldersView {
  list: FolderList;
  /** More than one folder may hold workspaces: then there is a list of them above. */
  severalRoots: boolean;
  /** Ids of workspaces by the path of their folder. */
  workspaces: ReadonlyMap<string, string>;
}

export function foldersPage(view: FoldersView, look: Look): JSX.Element {
  return layout({
    title: 'Choose a folder · Dispatch',
    current: 'workspaces',
    ...look,
    styles: ['home.css'],
    children: (
      <main class="page">
        <p class="crumb"><a href="/workspaces">Workspaces</a></p>
        <h1>Choose a folder</h1>
        <p class="sub folders-about">A workspace is a folder of this machine. Go into the one that you mean, then make it a workspace.</p>
        {folderBrowser(view) as 'safe'}
      </main>
    ),
  });
}

/** Replaces itself as one walks. */
export function folderBrowser(view: FoldersView): JSX.Element {
  const { list: { path, parent, folders, more }, severalRoots } = view;
  const canGoUp = path !== null && (parent !== null || severalRoots);
  return (
    <section id="folders" class="folders" aria-label="Folders of this machine">
      <div class="folders-head">
        <p class="path"><bdi safe>{path === null ? 'Folders that workspaces may lie in' : plain(path)}</bdi></p>
        {path === null ? '' : takeForm(path, view.workspaces.get(path)) as 'safe'}
      </div>
      <ul class="rows" data-rows>
        {canGoUp ? <li>{walk(parent, 'One folder up', 'up') as 'safe'}</li> as 'safe' : ''}
        {folders.map((folder) => <li>{folderRow(folder, path === null, view.workspaces.get(folder.path)) as 'safe'}</li>)}
      </ul>
      {folders.length === 0 ? <p class="hint folders-none">No folders in here.</p> as 'safe' : ''}
      {more === 0 ? '' : <p class="hint folders-none"><span safe>{`${more} more are not shown.`}</span> <a href="/workspaces#new-workspace">Type the path instead</a></p> as 'safe'}
      {path === null ? '' : newFolderForm(path) as 'safe'}
    </section>
  );
}

function takeForm(path: string, workspaceId: string | undefined): JSX.Element {
  if (workspaceId !== undefined) return <a class="button button-primary" href={`/workspaces/${workspaceId}`}>Open this workspace</a>;
  return (
    <form method="post" action="/workspaces">
      <input type="hidden" name="path" value={typed(path)} />
      <button class="button button-primary">Make it a workspace</button>
    </form>
  );
}

function newFolderForm(path: string): JSX.Element {
  return (
    <details class="folders-new">
      <summary>A new folder in here</summary>
      <form method="post" action="/workspaces" class="cluster">
        <input type="hidden" name="path" value={typed(path)} />
        <input type="hidden" name="create" value="true" />
        <label class="sr-only" for="new-folder">Name of the new folder</label>
        <input id="new-folder" name="folder" class="mono" required placeholder="Name of the new folder" autocomplete="off" autocapitalize="off" spellcheck="false" data-first />
        <button class="button">Make it and open it</button>
      </form>
    </details>
  );
}

function folderRow({ name, path, git }: Folder, isRoot: boolean, workspaceId: string | undefined): JSX.Element {
  return (
    <>
      {walk(path, plain(name), name.startsWith('.') && !isRoot ? 'hidden' : 'folder') as 'safe'}
      <span class="folders-marks">
        {git ? <span class="badge">git</span> as 'safe' : ''}
        {workspaceId === undefined ? '' : <a class="badge badge-accent" href={`/workspaces/${workspaceId}`} aria-label={`${plain(name)} is a workspace: open it`}>workspace</a> as 'safe'}
      </span>
    </>
  );
}

const SIGNS = {
  up: 'M8 13V3.5M4 7.5l4-4 4 4',
  folder: 'M1.5 4.5v8h13v-7H8l-1.5-2h-5z',
  hidden: 'M1.5 4.5v8h13v-7H8l-1.5-2h-5z',
} as const;

function walk(path: string | null, label: string, what: 'up' | 'folder' | 'hidden'): JSX.Element {
  const address = path === null ? '/folders' : `/folders?path=${encodeURIComponent(path)}`;
  return (
    <a class={`row row-link folders-row folders-${what}`} href={address} hx-get={address} hx-target="#folders" hx-swap="outerHTML" hx-push-url={address}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"><path d={SIGNS[what]} fill="none" stroke="currentColor" stroke-width="1.4" /></svg>
      <bdi safe>{label}</bdi>
    </a>
  );
}
