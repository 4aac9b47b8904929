// Choosing a folder of the machine for a workspace: one list of folders after the other, each
// with the form that takes it.

import { Html } from '@elysiajs/html';
import type { Folder, FolderList } from '../workspaces/folders.ts';
import { layout, type Look } from './layout.tsx';
import { plain, typed } from './text.tsx';

export function foldersPage(list: FolderList, look: Look): JSX.Element {
  return layout({
    title: 'Choose a folder · Dispatch',
    current: 'workspaces',
    ...look,
    styles: ['home.css'],
    children: (
      <main class="page">
        <p class="crumb"><a href="/workspaces">Workspaces</a></p>
        <h1>Choose a folder</h1>
        {folderBrowser(list) as 'safe'}
      </main>
    ),
  });
}

/** Replaces itself as one walks. */
export function folderBrowser(list: FolderList): JSX.Element {
  const { path, parent, folders, more } = list;
  return (
    <section id="folders" class="folders" aria-label="Folders of this machine">
      <div class="folders-head">
        <p class="path"><bdi safe>{path === null ? 'Folders that workspaces may lie in' : plain(path)}</bdi></p>
        {path === null ? '' : (
          <form method="post" action="/workspaces">
            <input type="hidden" name="path" value={typed(path)} />
            <button class="button button-primary">Make it a workspace</button>
          </form>
        ) as 'safe'}
      </div>
      <ul class="rows" data-rows>
        {path === null ? '' : <li>{walk(parent, '..', 'up') as 'safe'}</li> as 'safe'}
        {folders.map((folder) => <li>{folderRow(folder, path === null) as 'safe'}</li>)}
      </ul>
      {folders.length === 0 ? <p class="hint folders-none">No folders in here.</p> as 'safe' : ''}
      {more === 0 ? '' : <p class="hint" safe>{`${more} more are not shown: type the path instead.`}</p> as 'safe'}
    </section>
  );
}

function folderRow({ name, path, git }: Folder, isRoot: boolean): JSX.Element {
  return (
    <>
      {walk(path, plain(name), name.startsWith('.') && !isRoot ? 'hidden' : 'folder') as 'safe'}
      {git ? <span class="badge folders-git">git</span> as 'safe' : ''}
    </>
  );
}

function walk(path: string | null, label: string, what: 'up' | 'folder' | 'hidden'): JSX.Element {
  const address = path === null ? '/folders' : `/folders?path=${encodeURIComponent(path)}`;
  return (
    <a
      class={`row row-link folders-row folders-${what}`}
      href={address}
      hx-get={address}
      hx-target="#folders"
      hx-swap="outerHTML"
      hx-push-url={address}
      aria-label={what === 'up' ? 'One folder up' : undefined}
      safe
    >
      {label}
    </a>
  );
}
