// The files of a workspace: a folder as a list whose folders unfold in place, what can be done
// in it, and files by their names. Each folder's list is one root that refreshes itself.

import { Html } from '@elysiajs/html';
import type { Workspace } from '../workspaces/workspace.ts';
import { fileRow, type FileRowView } from './file-row.tsx';
import { busyButton } from './form.tsx';
import { layout, type Look } from './layout.tsx';
import { plain, typed } from './text.tsx';

export interface FolderView {
  workspaceId: string;
  /** Of the folder, in addresses; empty for the workspace's own. */
  address: string;
  /** A short word of ours for it, for ids. */
  key: string;
  rows: readonly FileRowView[];
  offset: number;
  limit: number;
  total: number;
  hidden: boolean;
  hiddenTotal: number;
  /** Git was not done looking: the list asks once more. */
  marksLate: boolean;
  /** Lists of this page are nested so deep. */
  nested: boolean;
}

export interface FilesView {
  workspace: Workspace;
  /** Names above the folder and its own, with their addresses. */
  crumbs: readonly { name: string; address: string }[];
  folder: FolderView;
  /** What was done last, where the page comes after a form. */
  done?: DoneView | undefined;
  look: Look;
}

/** What was done, said above the list. */
export interface DoneView {
  workspaceId: string;
  text: string;
  /** In the trash: can be undone. */
  item?: string | undefined;
}

export function filesPage({ workspace, crumbs, folder, done, look }: FilesView): JSX.Element {
  const here = crumbs.at(-1);
  return layout({
    title: `${plain(here?.name ?? 'Files')} · ${plain(workspace.name)} · Dispatch`,
    current: 'workspaces',
    styles: ['files.css'],
    scripts: ['files.js'],
    ...look,
    children: (
      <main class="page page-files" data-files={workspace.id} data-folder={folder.address}>
        <p class="crumb"><a href="/workspaces">Workspaces</a> / <a href={`/workspaces/${workspace.id}`} class="isolate" safe>{plain(workspace.name)}</a></p>
        <nav class="files-path" aria-label="Folders above">
          <h1>
            {here === undefined ? <span>Files</span> : <a href={folderUrl(workspace.id, '', folder.hidden)}>Files</a>}
            {crumbs.map(({ name, address }, index) => (
              <>
                <span class="files-slash" aria-hidden="true">/</span>
                {index === crumbs.length - 1
                  ? <span class="isolate" aria-current="page" safe>{plain(name)}</span> as 'safe'
                  : <a class="isolate" href={folderUrl(workspace.id, address, folder.hidden)} safe>{plain(name)}</a> as 'safe'}
              </>
            ))}
          </h1>
        </nav>
        {finder(workspace.id) as 'safe'}
        {toolbar(folder) as 'safe'}
        <div id="files-done" aria-live="polite">{done === undefined ? '' : doneNote(done) as 'safe'}</div>
        <ul id="uploads" class="uploads" aria-label="Uploads"></ul>
        {folderList(folder) as 'safe'}
      </main>
    ),
  });
}

export const folderUrl = (id: string, address: string, hidden: boolean): string => `/workspaces/${id}/files/${address}${hidden ? '?hidden=1' : ''}`;

/** One folder's list: what a page shows, what unfolds in it, what refreshes. */
export function folderList(view: FolderView): JSX.Element {
  const { workspaceId, address, key, rows, offset, limit, total, marksLate, nested } = view;
  const url = `/workspaces/${workspaceId}/files/${address}?part=list${nested ? '&nested=1' : ''}${hiddenPart(view)}`;
  return (
    <div
      id={`folder-${key}`}
      class="folder"
      data-folder={address}
      hx-get={offset > 0 ? `${url}&offset=${offset}` : url}
      hx-trigger={`dispatch:files from:document, dispatch:git from:document${marksLate ? ', load delay:800ms' : ''}`}
      hx-swap="outerMorph"
    >
      {rows.length === 0 ? empty(view) as 'safe' : (
        <ul class="rows" data-rows>
          {rows.map((row) => fileRow(row, view.hidden))}
          {offset + rows.length < total ? more(view, `${url}&offset=${offset + limit}`) as 'safe' : ''}
        </ul>
      ) as 'safe'}
      {nested ? '' : <p class="small muted folder-count" safe>{countOf(view)}</p> as 'safe'}
    </div>
  );
}

/** The rows that come after those that are shown, in the place of the button that asks for them. */
export function furtherRows(view: FolderView): JSX.Element {
  const { workspaceId, address, rows, offset, limit, total, nested } = view;
  const url = `/workspaces/${workspaceId}/files/${address}?part=list${nested ? '&nested=1' : ''}${hiddenPart(view)}`;
  return (
    <>
      {rows.map((row) => fileRow(row, view.hidden))}
      {offset + rows.length < total ? more(view, `${url}&offset=${offset + limit}`) as 'safe' : ''}
    </>
  );
}

export function doneNote({ workspaceId, text, item }: DoneView): JSX.Element {
  return (
    <div class="alert alert-good files-done" role="status">
      <p safe>{plain(text)}</p>
      {item === undefined ? '' : (
        <form method="post" action={`/workspaces/${workspaceId}/files/`} hx-post={`/workspaces/${workspaceId}/files/`} hx-target="#files-done" hx-swap="innerHTML">
          <input type="hidden" name="action" value="restore" />
          <input type="hidden" name="item" value={item} />
          {busyButton({ rest: 'Undo', busy: 'Restoring…' }) as 'safe'}
        </form>
      ) as 'safe'}
    </div>
  );
}

function finder(id: string): JSX.Element {
  const url = `/workspaces/${id}/find-files`;
  return (
    <div class="files-find">
      <form class="bar" role="search" method="get" action={url}>
        <label class="sr-only" for="find">Open a file by its name</label>
        <input
          id="find"
          name="q"
          type="search"
          placeholder="Find a file by its name"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          role="combobox"
          aria-expanded="false"
          aria-controls="found"
          data-search
          data-find
          hx-get={url}
          hx-trigger="input changed delay:120ms, search"
          hx-target="#found"
          hx-swap="innerHTML"
          hx-sync="this:replace"
        />
        <noscript><button class="button">Find</button></noscript>
        <a class="button" href={`/workspaces/${id}/search-files`}>Search in files</a>
      </form>
      <div id="found" class="found" role="listbox" aria-label="Files found"></div>
    </div>
  );
}

function toolbar(view: FolderView): JSX.Element {
  const { workspaceId, address, hidden, hiddenTotal } = view;
  const archive = `/api/workspaces/${workspaceId}/files/${address}`;
  return (
    <div class="cluster files-tools">
      {create(view, 'file', 'New file') as 'safe'}
      {create(view, 'folder', 'New folder') as 'safe'}
      <label class="button needs-script">
        Upload
        <input type="file" class="sr-only" multiple data-upload />
      </label>
      <details class="files-menu">
        <summary class="button">Download</summary>
        <div class="files-menu-body panel">
          <a class="button button-quiet" href={`${archive}?format=zip`}>This folder as zip</a>
          <a class="button button-quiet" href={`${archive}?format=tar`}>This folder as tar</a>
        </div>
      </details>
      <span class="end cluster">
        <a class="button button-quiet" href={folderUrl(workspaceId, address, !hidden)} safe>
          {hidden ? 'Hide names with a dot' : `Show hidden${hiddenTotal === 0 ? '' : ` (${hiddenTotal})`}`}
        </a>
        <label class="check needs-script files-ignored"><input type="checkbox" data-ignored checked /> <span>Show ignored</span></label>
        <a class="button button-quiet" href={`/workspaces/${workspaceId}/trash`}>Trash</a>
      </span>
    </div>
  );
}

function create({ workspaceId, address }: FolderView, kind: 'file' | 'folder', label: string): JSX.Element {
  const url = `/workspaces/${workspaceId}/files/${address}`;
  const field = `new-${kind}`;
  return (
    <details class="files-menu" id={`menu-${kind}`}>
      <summary class="button" data-new={kind === 'file'} safe>{label}</summary>
      <form class="files-menu-body panel" method="post" action={url} hx-post={url} hx-target="#files-done" hx-swap="innerHTML">
        <input type="hidden" name="action" value={kind} />
        <label for={field} class="label">Name</label>
        <div class="cluster">
          <input id={field} name="name" class="mono" required maxlength="1000" autocomplete="off" autocapitalize="off" spellcheck="false" data-first placeholder={kind === 'file' ? 'notes.md' : 'notes'} />
          {busyButton({ rest: 'Make', busy: 'Making…', kind: 'button-primary' }) as 'safe'}
        </div>
        <p class="hint">With / in it, the folders on the way are made, too.</p>
      </form>
    </details>
  );
}

function empty({ hiddenTotal, hidden, nested, offset }: FolderView): JSX.Element {
  const words = hiddenTotal > 0 && !hidden ? 'Only hidden names are in it.' : offset > 0 ? 'There are no more.' : 'Nothing is in it.';
  if (nested) return <p class="small muted folder-empty">{words}</p>;
  return (
    <div class="empty">
      <h3>This folder is empty</h3>
      <p class="muted" safe>{`${words} Make a file, or drop some here.`}</p>
    </div>
  );
}

function more({ key, limit }: FolderView, url: string): JSX.Element {
  return (
    <li class="folder-more" id={`more-${key}`}>
      <a class="button" href={url.replace('?part=list&', '?').replace('&nested=1', '')} hx-get={`${url}&rows=1`} hx-target={`#more-${key}`} hx-swap="outerHTML" safe>{`Show ${limit} more`}</a>
    </li>
  );
}

function countOf({ rows, offset, total, hidden, hiddenTotal }: FolderView): string {
  const shown = offset === 0 && rows.length === total ? `${total}` : `${offset + 1}–${offset + rows.length} of ${total}`;
  return `${shown} ${total === 1 ? 'entry' : 'entries'}${hidden || hiddenTotal === 0 ? '' : `, ${hiddenTotal} hidden`}`;
}

const hiddenPart = ({ hidden }: FolderView): string => (hidden ? '&hidden=1' : '');

/** What can be done with one file or folder: below its row, or as a page of its own. */
export interface ActionsView {
  workspaceId: string;
  address: string;
  path: string;
  folder: boolean;
}

export function fileActions({ workspaceId, address, path, folder }: ActionsView): JSX.Element {
  const url = `/workspaces/${workspaceId}/files/${address}`;
  const form = { method: 'post', action: url, 'hx-post': url, 'hx-target': '#files-done', 'hx-swap': 'innerHTML' } as const;
  const raw = `/api/workspaces/${workspaceId}/files/${address}`;
  const field = `to-${Bun.hash(address).toString(36)}`;
  return (
    <div class="file-actions">
      <form class="cluster" {...form}>
        <input type="hidden" name="action" value="move" />
        <label for={field} class="sr-only">New path</label>
        <input id={field} class="mono file-to" name="to" value={typed(path)} required autocomplete="off" autocapitalize="off" spellcheck="false" />
        {busyButton({ rest: 'Rename or move', busy: 'Moving…' }) as 'safe'}
      </form>
      <div class="cluster">
        <form {...form}>
          <input type="hidden" name="action" value="duplicate" />
          {busyButton({ rest: 'Duplicate', busy: 'Copying…' }) as 'safe'}
        </form>
        {folder
          ? <a class="button" href={`${raw}?format=zip`}>Download as zip</a> as 'safe'
          : <a class="button" href={`${raw}?download=true`}>Download</a> as 'safe'}
        {folder ? '' : <a class="button button-quiet" href={raw} target="_blank" rel="noopener">Open alone</a> as 'safe'}
        <form class="end" {...form}>
          <input type="hidden" name="action" value="delete" />
          {busyButton({ rest: 'Delete', busy: 'Deleting…', kind: 'button-bad' }) as 'safe'}
        </form>
      </div>
    </div>
  );
}
