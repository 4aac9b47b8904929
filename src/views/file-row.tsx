// A file or folder in a list: what it is, what git says of it, its size and age, and behind a
// button what can be done with it. A folder unfolds below its row.

import { Html } from '@elysiajs/html';
import type { Entry } from '../files/list.ts';
import { plain, typed } from './text.tsx';
import { ago } from './time.tsx';

export interface FileRowView {
  workspaceId: string;
  entry: Entry;
  /** Its path in addresses. */
  address: string;
  /** Its name as people read it. */
  shown: string;
  /** A short word of ours for it, for ids. */
  key: string;
  /** Git's mark: of the file, or of a folder as a whole. */
  mark: string | null;
  /** Something below this folder changed. */
  changed: boolean;
}

/** What is below comes when it is unfolded. */
const ONCE = { 'hx-trigger': 'toggle once', 'hx-target': 'find .below', 'hx-swap': 'innerHTML' } as const;

const LETTERS: Readonly<Record<string, string>> = { conflict: '!', modified: 'M', added: 'A', deleted: 'D', renamed: 'R', untracked: 'U' };

export function fileRow(row: FileRowView, hidden: boolean): JSX.Element {
  const { workspaceId, entry, address, key } = row;
  const { kind, size, modified } = entry;
  return (
    <li id={`file-${key}`} class={rowClass(row)}>
      <div class="row row-file">
        <span class="file-name">{icon(kind, entry.link !== null) as 'safe'} {nameLink(row, hidden) as 'safe'} {linkNote(entry) as 'safe'}</span>
        <span class="file-mark">{markOf(row) as 'safe'}</span>
        <span class="file-size small muted figure" safe>{size === null ? '' : sizeWords(size)}</span>
        <span class="file-when small muted">{modified === null ? '' : ago(modified) as 'safe'}</span>
      </div>
      {kind === 'folder' ? (
        <details class="fold" id={`fold-${key}`} hx-get={`/workspaces/${workspaceId}/files/${address}?part=list&nested=1${hidden ? '&hidden=1' : ''}`} {...ONCE}>
          <summary class="button button-quiet" aria-label={`Unfold ${plain(row.shown)}`}><span class="chevron" aria-hidden="true"></span></summary>
          <div class="fold-body below" hx-morph-skip>
            <a href={`/workspaces/${workspaceId}/files/${address}`} class="small">Open the folder</a>
          </div>
        </details>
      ) as 'safe' : ''}
      <details class="drawer" id={`do-${key}`} hx-get={`/workspaces/${workspaceId}/files/${address}?part=actions`} {...ONCE}>
        <summary class="button button-quiet" aria-label={`More for ${plain(row.shown)}`} title="Rename, move, duplicate, download, delete">⋯</summary>
        <div class="drawer-body below" hx-morph-skip>
          <a href={`/workspaces/${workspaceId}/files/${address}?part=actions`}>Rename, move, duplicate, download, delete</a>
        </div>
      </details>
    </li>
  );
}

/** A folder leads into it; a file is opened in the editor, where the link also works without script. */
function nameLink({ workspaceId, entry, address, shown }: FileRowView, hidden: boolean): JSX.Element {
  const { kind, path } = entry;
  if (kind === 'folder') return <a class="row-link" href={`/workspaces/${workspaceId}/files/${address}${hidden ? '?hidden=1' : ''}`} safe>{plain(shown)}</a>;
  if (kind !== 'file') return <span class="file-other" safe>{plain(shown)}</span>;
  return <a class="row-link" {...opens(workspaceId, path)} safe>{plain(shown)}</a>;
}

/** Attributes of a link that opens a file in the editor. */
export function opens(workspaceId: string, path: string, line?: number): Record<string, string> {
  const query = `path=${encodeURIComponent(path)}${line === undefined ? '' : `&line=${line}`}`;
  return {
    href: `/workspaces/${workspaceId}/open?${query}`,
    'hx-post': `/workspaces/${workspaceId}/editor`,
    'hx-vals': typed(JSON.stringify({ path, ...(line === undefined ? {} : { line: String(line) }) })),
    'hx-swap': 'none',
  };
}

function linkNote({ kind, link }: Entry): JSX.Element {
  if (kind === 'other') return <span class="small muted">no file: a pipe, a socket or a device</span>;
  if (link === null) return <></>;
  return <span class="small muted isolate" safe>{`→ ${plain(link)}${kind === 'link' ? ' · leads out, or nowhere' : ''}`}</span>;
}

function markOf({ mark, changed }: FileRowView): JSX.Element {
  const letter = mark === null ? undefined : LETTERS[mark];
  if (letter !== undefined) return <abbr class={`mark-letter mark-${mark ?? ''}`} title={`Git: ${mark ?? ''}`} safe>{letter}</abbr>;
  return changed ? <span class="mark-dot" title="Git: something in it changed"><span class="sr-only">something in it changed</span></span> : <></>;
}

function rowClass({ entry, mark }: FileRowView): string {
  return [entry.kind === 'folder' ? 'is-folder' : '', entry.hidden ? 'is-hidden' : '', mark === 'ignored' ? 'is-ignored' : ''].filter((name) => name !== '').join(' ');
}

function icon(kind: Entry['kind'], link: boolean): JSX.Element {
  const path = kind === 'folder' ? 'M1.5 3.5h4.5l1.5 2h7v7.5h-13z' : kind === 'file' ? 'M3.5 1.5h6l3 3v10h-9z M9.5 1.5v3h3' : 'M8 2v8 M8 13v1';
  const words = kind === 'folder' ? 'folder' : kind === 'file' ? 'file' : 'other';
  return (
    <svg class={`file-icon file-icon-${words}`} viewBox="0 0 16 16" width="16" height="16" role="img" aria-label={link ? `${words}, a link` : words}>
      <path d={path} fill="none" stroke="currentColor" stroke-width="1.3" stroke-linejoin="round" stroke-dasharray={link ? '2 1.5' : undefined} />
    </svg>
  );
}

export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes / 1024;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit++) size /= 1024;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit] ?? ''}`;
}
