// The page of a file session: a slim bar, the open documents, and one of them. Its text is there
// before any script; the island public/editor/main.js makes it editable. What stands around the
// text are fragments of their own, the same on the page and when they are refreshed; in a tile
// beside others their ids end in the session's.

import { Html } from '@elysiajs/html';
import type { DocumentView } from '../editor/document.ts';
import type { Session } from '../sessions/session.ts';
import type { SettingValues } from '../settings/categories.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { fileShown, preformatted, type ShownFile } from './file-shown.tsx';
import { failuresIn, inboxCount, layout, type Look, markSvg } from './layout.tsx';
import { plain, typed } from './text.tsx';

export interface EditorView {
  session: Session;
  workspace: Workspace;
  settings: SettingValues['workspaces'];
  live: boolean;
  /** What is shown; undefined where nothing was chosen. */
  path: string | undefined;
  line: number | undefined;
  /** Of the folder that it lies in. */
  folderUrl: string;
  documents: readonly DocumentView[];
  shown: ShownFile;
  look: Look;
  /** What ids end in: empty on a page of its own. */
  suffix: string;
}

export function editorPage(view: EditorView): JSX.Element {
  const { session, workspace, path, look } = view;
  const name = path === undefined ? session.name : nameOf(path);
  return layout({
    ...look,
    title: plain(`${name} · ${workspace.name} · Dispatch`),
    current: 'workspaces',
    styles: ['editor.css'],
    scripts: view.shown.is === 'document' && view.live ? ['editor.js'] : [],
    bodyClass: 'editor-body',
    header: bar(view),
    children: (
      <main class="editor-page" data-editor-root>
        {documentList(view) as 'safe'}
        <section class="editor-main" aria-label={path === undefined ? 'No document' : typed(plain(path))}>
          {path === undefined ? nothing(view) as 'safe' : one(view, path) as 'safe'}
        </section>
        {mergeDialog(view) as 'safe'}
      </main>
    ),
  });
}

/** The same beside others, in a page of theirs: the open documents fold away. */
export function editorTile(view: EditorView): JSX.Element {
  const { session, path, suffix, documents, live } = view;
  const shown = path === undefined ? 'No document' : nameOf(path);
  return (
    <section class="editor-tile" data-editor-root data-tile data-afresh={live ? 'live' : 'ended'} aria-label={typed(plain(session.name))} {...failuresIn(`notice${suffix}`)}>
      <header class="editor-tile-bar">
        <details class="editor-tile-documents">
          <summary class="button button-quiet"><bdi safe>{plain(shown)}</bdi>{documents.length < 2 ? '' : <span class="count" safe>{`${documents.length} open`}</span>}</summary>
          {documentList(view) as 'safe'}
        </details>
        {menuButton(view) as 'safe'}
        {menu(view) as 'safe'}
      </header>
      <div id={`notice${suffix}`} class="notice" aria-live="assertive"></div>
      <div class="editor-main">{path === undefined ? nothing(view) as 'safe' : one(view, path) as 'safe'}</div>
      {mergeDialog(view) as 'safe'}
    </section>
  );
}

function one(view: EditorView, path: string): JSX.Element {
  return (
    <>
      {documentStanding(view) as 'safe'}
      {view.shown.is === 'document' && view.live ? island(view, path, view.shown.text) as 'safe' : fileShown(view.shown, `/sessions/${view.session.id}`, path) as 'safe'}
    </>
  );
}

function bar(view: EditorView): JSX.Element {
  const { session, workspace, look } = view;
  return (
    <header class="editor-bar">
      <a class="mark" href="/workspaces" aria-label="Dispatch, to the workspaces">{markSvg() as 'safe'}</a>
      <a class="editor-workspace" href={`/workspaces/${workspace.id}`} safe>{plain(workspace.name)}</a>
      <span class="editor-slash" aria-hidden="true">/</span>
      <h1 class="editor-name" safe>{plain(session.name)}</h1>
      <span class="editor-bar-end">
        <a class="button button-quiet" href="/inbox">Inbox {inboxCount(look.waiting ?? 0) as 'safe'}</a>
        <span class="link-state" id="connection" data-state="connecting" role="status" aria-live="polite">
          <span class="dot" aria-hidden="true"></span>
          <span class="sr-only" data-word>connecting</span>
        </span>
        {menuButton(view) as 'safe'}
      </span>
      {menu(view) as 'safe'}
    </header>
  );
}

function menuButton({ suffix }: EditorView): JSX.Element {
  return (
    <button type="button" class="button button-quiet needs-script" popovertarget={`editor-menu${suffix}`} aria-label="Menu of this file session">
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2 4h12M2 8h12M2 12h12" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" /></svg>
    </button>
  );
}

function menu({ session, live, suffix }: EditorView): JSX.Element {
  const own = `/sessions/${session.id}`;
  return (
    <div class="editor-menu" id={`editor-menu${suffix}`} popover="auto">
      <form method="post" action={`${own}/rename`} class="cluster">
        <label class="sr-only" for={`new-name${suffix}`}>Name</label>
        <input id={`new-name${suffix}`} name="name" value={typed(session.name)} required maxlength="200" autocomplete="off" />
        <button class="button">Rename</button>
      </form>
      <dl class="editor-keys">
        <div><dt><kbd>Ctrl S</kbd></dt><dd>Save</dd></div>
        <div><dt><kbd>Ctrl F</kbd></dt><dd>Search and replace</dd></div>
        <div><dt><kbd>Ctrl Alt ↓</kbd></dt><dd>One more caret below; Ctrl D, at the next same word</dd></div>
        <div><dt><kbd>Esc Tab</kbd></dt><dd>Leave the text by keys</dd></div>
      </dl>
      <p class="hint"><a href="/settings#workspaces">Autosave, vim keys, wrapping, tabs</a></p>
      {suffix === '' && live ? <a class="button button-wide" href={`/workspaces/${session.workspaceId}/workbench?session=${session.id}`}>Open in the workbench</a> as 'safe' : ''}
      <a class="button button-wide" href={`/sessions/${session.id}/replay`}>Replay</a>
      <a class="button button-wide" href={`/api/sessions/${session.id}/history?limit=1000`}>Events as JSON</a>
      <form method="post" action={`${own}/${live ? 'stop' : 'resume'}`}>
        <button class="button button-wide">{live ? 'End this session; unsaved text is kept' : 'Resume'}</button>
      </form>
      <details class="confirm">
        <summary>Delete this session</summary>
        <form method="post" action={`${own}/delete`} class="alert alert-warn">
          <p>Its history goes, and text that was not saved. Files stay. This cannot be undone.</p>
          <button class="button button-bad">Delete for good</button>
        </form>
      </details>
    </div>
  );
}

/** Refreshed a moment after the last news: while somebody types it changes nothing. */
export function documentList({ session, documents, path, live, suffix }: EditorView): JSX.Element {
  const own = `/sessions/${session.id}`;
  const here = new URLSearchParams({ ...(path === undefined ? {} : { path }), ...tileQuery(suffix) });
  return (
    <nav
      class="documents"
      id={`document-list${suffix}`}
      aria-label="Open documents"
      hx-get={`${own}/documents?${here}`}
      hx-trigger="dispatch:documents from:document delay:400ms, editor:standing from:document"
      hx-swap="outerMorph"
    >
      <ul>
        {documents.map((document) => listed(document, own, document.path === path, live))}
      </ul>
      {live ? (
        <form class="open-file" method="post" action={`${own}/documents/open`}>
          <label class="sr-only" for={`open-path${suffix}`}>Path of a file to open</label>
          <input id={`open-path${suffix}`} class="mono" name="path" required maxlength="4096" placeholder="path/to/file" autocomplete="off" autocapitalize="off" spellcheck="false" />
          <button class="button">Open</button>
        </form>
      ) as 'safe' : ''}
    </nav>
  );
}

function listed({ path, dirty, conflict }: DocumentView, own: string, isHere: boolean, live: boolean): JSX.Element {
  const state = conflict !== null ? 'conflict' : dirty ? 'dirty' : 'saved';
  const words = { conflict: 'not as on disk', dirty: 'not saved', saved: 'saved' }[state];
  const folder = path.slice(0, Math.max(0, path.length - nameOf(path).length - 1));
  return (
    <li class="document" data-state={state}>
      <a href={`${own}?path=${encodeURIComponent(path)}`} aria-current={isHere ? 'page' : undefined} title={typed(plain(path))}>
        <span class="document-mark" aria-hidden="true"></span>
        <span class="document-name" safe>{plain(nameOf(path))}</span>
        {folder === '' ? '' : <span class="document-folder" safe>{plain(folder)}</span>}
        <span class="sr-only" safe>{words}</span>
      </a>
      {live ? closing(path, dirty, own) as 'safe' : ''}
    </li>
  );
}

function closing(path: string, dirty: boolean, own: string): JSX.Element {
  const action = `${own}/documents/close`;
  const label = typed(`Close ${plain(nameOf(path))}`);
  if (!dirty) {
    return (
      <form method="post" action={action}>
        <input type="hidden" name="path" value={typed(path)} />
        <button class="button button-quiet document-close" aria-label={label}>×</button>
      </form>
    );
  }
  return (
    <details class="confirm document-discard">
      <summary class="button button-quiet document-close" aria-label={label}>×</summary>
      <form method="post" action={action} class="alert alert-warn">
        <p>There are unsaved edits.</p>
        <input type="hidden" name="path" value={typed(path)} />
        <input type="hidden" name="discard" value="true" />
        <button class="button button-bad">Close and give them up</button>
      </form>
    </details>
  );
}

/** The document's name, how it stands beside its file, and what can be done about it. */
export function documentStanding(view: EditorView): JSX.Element {
  const { session, path = '', live, shown, workspace, suffix } = view;
  const own = `/sessions/${session.id}`;
  const document = shown.is === 'document' ? shown.document : undefined;
  const editable = document !== undefined && live;
  return (
    <div class="standing" id={`document-standing${suffix}`}>
      <div class="standing-line">
        <p class="path standing-path" safe>{plain(path)}</p>
        {editable ? chip(document, suffix) as 'safe' : ''}
        <span class="standing-end">
          <a class="button button-quiet" href={view.folderUrl}>Folder</a>
          <a class="button button-quiet" href={`/workspaces/${workspace.id}/changes`}>Changes</a>
          {editable ? (
            <form method="post" action={`${own}/documents/save`} data-document-act="save">
              <input type="hidden" name="path" value={typed(path)} />
              <button class="button button-primary" title="Ctrl+S">Save</button>
            </form>
          ) as 'safe' : ''}
          {live && shown.is === 'text' && shown.editable ? (
            <form method="post" action={`${own}/documents/open`}>
              <input type="hidden" name="path" value={typed(path)} />
              <button class="button button-primary">Edit</button>
            </form>
          ) as 'safe' : ''}
        </span>
      </div>
      {editable && document.conflict !== null ? conflictForms(own, document, document.conflict) as 'safe' : ''}
      {live ? '' : ended(own) as 'safe'}
    </div>
  );
}

function chip({ dirty, conflict }: DocumentView, suffix: string): JSX.Element {
  const [state, words] = conflict !== null ? ['conflict', CONFLICTS[conflict.reason]] : dirty ? ['dirty', 'Not saved'] : ['saved', 'Saved'];
  return (
    <span class="document-chip" id={`document-chip${suffix}`} data-state={state} role="status" hx-morph-skip>
      <span class="document-mark" aria-hidden="true"></span>
      <span data-words safe>{words}</span>
    </span>
  );
}

const CONFLICTS = { changed: 'Changed on disk', gone: 'Gone from the disk', unreadable: 'No longer a text on disk' } as const;

function conflictForms(own: string, { path, dirty }: DocumentView, { reason, hash, detail }: NonNullable<DocumentView['conflict']>): JSX.Element {
  const form = (take: 'mine' | 'theirs', words: string, look: string): JSX.Element => (
    <form method="post" action={`${own}/documents/resolve`} data-document-act={take}>
      <input type="hidden" name="path" value={typed(path)} />
      <input type="hidden" name="take" value={take} />
      <input type="hidden" name="hash" value={hash ?? ''} />
      <button class={`button ${look}`} safe>{words}</button>
    </form>
  );
  if (reason === 'gone') {
    const moved = detail === null ? 'It was deleted, or moved to another folder.' : `It is ${plain(detail)} now.`;
    return (
      <div class="alert alert-warn conflict" role="status">
        <p>The file is not there any more. <span safe>{moved}</span> The text below is kept here.</p>
        <div class="cluster">
          {form('mine', 'Save it anew', '') as 'safe'}
          {detail === null ? '' : (
            <form method="post" action={`${own}/documents/open`}>
              <input type="hidden" name="path" value={typed(detail)} />
              <button class="button" safe>{`Open ${plain(nameOf(detail))}`}</button>
            </form>
          ) as 'safe'}
        </div>
      </div>
    );
  }
  if (reason === 'unreadable') {
    return <div class="alert alert-warn conflict" role="status"><p>What is on the disk cannot be edited: <span safe>{detail ?? ''}</span> The text below is kept here.</p></div>;
  }
  return (
    <div class="alert alert-warn conflict" role="status">
      <p>{dirty ? 'Another program changed this file while you had unsaved edits. Nothing was overwritten.' : 'Another program changed this file.'}</p>
      <div class="cluster">
        <button type="button" class="button button-primary needs-script" data-merge-open>Compare and merge</button>
        {form('mine', 'Take mine', '') as 'safe'}
        {form('theirs', 'Take theirs', '') as 'safe'}
      </div>
    </div>
  );
}

function ended(own: string): JSX.Element {
  return (
    <div class="alert conflict">
      <p>This session has ended. Its text is kept, unsaved edits too.</p>
      <form method="post" action={`${own}/resume`}><button class="button button-primary">Resume</button></form>
    </div>
  );
}

function island({ session, settings, line, suffix }: EditorView, path: string, text: string): JSX.Element {
  return (
    <tag
      of="dispatch-editor"
      class="editor"
      id={`editor${suffix}`}
      data-session={session.id}
      data-path={typed(path)}
      data-line={String(line ?? '')}
      data-vim={String(settings.vimKeys)}
      data-wrap={String(settings.lineWrap)}
      data-tab={String(settings.tabSize)}
      data-url={`/sessions/${session.id}/documents?${new URLSearchParams({ part: 'standing', path, ...tileQuery(suffix) })}`}
    >
      <pre class={settings.lineWrap ? 'editor-text editor-wrap' : 'editor-text'} tabindex="0" aria-label="Text" safe>{preformatted(text)}</pre>
    </tag>
  );
}

function nothing({ live, session }: EditorView): JSX.Element {
  return (
    <div class="editor-empty">
      <div class="empty">
        <h2>No document is shown</h2>
        <p class="muted">{live ? 'Open a file by its path, or from the list of files of the workspace. What you type is kept as you type it, on every device, saved or not.' : 'This session has ended; its documents are kept.'}</p>
        {live ? '' : ended(`/sessions/${session.id}`) as 'safe'}
      </div>
    </div>
  );
}

const tileQuery = (suffix: string): { tile?: 'true' } => (suffix === '' ? {} : { tile: 'true' });

function mergeDialog({ suffix }: EditorView): JSX.Element {
  return (
    <dialog id={`merge${suffix}`} class="merge" aria-labelledby={`merge-title${suffix}`}>
      <form method="dialog" class="merge-frame">
        <header class="merge-head">
          <h2 id={`merge-title${suffix}`}>Theirs, on disk · mine, to be saved</h2>
          <span class="cluster">
            <button class="button" value="cancel">Back</button>
            <button class="button button-primary" value="save">Save what is here</button>
          </span>
        </header>
        <div class="merge-place" data-merge></div>
      </form>
    </dialog>
  );
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
