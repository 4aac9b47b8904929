// A file that is looked at, not edited: text of any encoding in pages, pictures, bytes as hex; or
// why there is nothing to show.

import { Html } from '@elysiajs/html';
import type { DocumentView } from '../editor/document.ts';
import { plain } from './text.tsx';

export type ShownFile =
  | { is: 'nothing' }
  /** A document of the session. */
  | { is: 'document'; document: DocumentView; text: string }
  | { is: 'text'; text: string; editable: boolean; note: string | null; pages: Pages | null }
  | { is: 'picture'; url: string; size: string }
  | { is: 'pdf'; url: string; size: string }
  | { is: 'bytes'; rows: readonly HexRow[]; note: string; url: string; pages: Pages }
  | { is: 'missing'; message: string };

/** Where in the file, in bytes. */
export interface Pages {
  from: number;
  to: number;
  size: number;
  before: number | null;
  after: number | null;
}

export interface HexRow {
  at: string;
  hex: string;
  text: string;
}

export function fileShown(shown: ShownFile, own: string, path: string): JSX.Element {
  switch (shown.is) {
    case 'nothing':
      return <></>;
    case 'missing':
      return (
        <div class="editor-empty">
          <div class="empty">
            <h2>Nothing to show</h2>
            <p safe>{plain(shown.message)}</p>
            <p class="muted">It may have been moved or deleted: look in its folder, or in the trash of the files.</p>
          </div>
        </div>
      );
    case 'document':
      return <div class="editor"><pre class="editor-text editor-wrap" tabindex="0" aria-label="Text" safe>{preformatted(shown.text)}</pre></div>;
    case 'text':
      return (
        <div class="editor">
          {shown.note === null ? '' : <p class="file-note" safe>{shown.note}</p>}
          {shown.pages === null ? '' : pager(shown.pages, own, path) as 'safe'}
          <pre class="editor-text editor-wrap" tabindex="0" aria-label="Text" safe>{preformatted(shown.text)}</pre>
        </div>
      );
    case 'picture':
      return (
        <div class="editor file-picture">
          <p class="file-note"><span safe>{shown.size}</span> · <a href={shown.url}>Open alone</a> · <a href={`${shown.url}?download=true`}>Download</a></p>
          <img src={shown.url} alt="The picture in this file" />
        </div>
      );
    case 'pdf':
      return (
        <div class="editor-empty">
          <div class="empty">
            <h2>A PDF document</h2>
            <p class="muted" safe>{shown.size}</p>
            <div class="cluster">
              <a class="button button-primary" href={shown.url} target="_blank" rel="noopener">Open it in the browser</a>
              <a class="button" href={`${shown.url}?download=true`}>Download</a>
            </div>
            <p class="hint">A browser without a viewer of its own shows nothing: download it then.</p>
          </div>
        </div>
      );
    case 'bytes':
      return (
        <div class="editor">
          <p class="file-note"><span safe>{shown.note}</span> <a href={shown.url} download="">Download</a></p>
          {pager(shown.pages, own, path) as 'safe'}
          {hexTable(shown.rows) as 'safe'}
        </div>
      );
  }
}

/** The newline after the tag is dropped by the parser: without it a first empty line would be lost. */
export const preformatted = (text: string): string => `\n${text}`;

function hexTable(rows: readonly HexRow[]): JSX.Element {
  const text = rows.map(({ at, hex, text: shown }) => `${at}  ${hex.padEnd(49)} ${shown}`).join('\n');
  return <pre class="editor-text hex" tabindex="0" aria-label="Bytes: place, hex, text" safe>{text}</pre>;
}

function pager({ from, to, size, before, after }: Pages, own: string, path: string): JSX.Element {
  const link = (at: number): string => `${own}?path=${encodeURIComponent(path)}&at=${at}`;
  const words = `Bytes ${from.toLocaleString('en')} to ${to.toLocaleString('en')} of ${size.toLocaleString('en')}`;
  return (
    <nav class="pager file-pager" aria-label="Pages of the file">
      <span class="figure" safe>{words}</span>
      <span class="end">
        {before === null ? '' : <a class="button" href={link(0)}>First</a>}
        {before === null ? '' : <a class="button" href={link(before)} rel="prev">Before</a>}
        {after === null ? '' : <a class="button" href={link(after)} rel="next">Next</a>}
      </span>
    </nav>
  );
}
