// Files by their names, lines in files, and what was deleted: lists that lead on.

import { Html } from '@elysiajs/html';
import type { Match } from '../files/search-terms.ts';
import type { Deleted } from '../files/trash.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { opens, sizeWords } from './file-row.tsx';
import { busyButton, checkField, formAlert, type FormState, NOTHING_TYPED, textField } from './form.tsx';
import { layout, type Look } from './layout.tsx';
import { plain, typed } from './text.tsx';
import { ago, exact } from './time.tsx';

export interface FoundView {
  workspaceId: string;
  /** Paths, and how they are read. */
  paths: readonly { path: string; shown: string }[];
  complete: boolean;
  q: string;
}

export function foundFiles({ workspaceId, paths, complete, q }: FoundView): JSX.Element {
  if (paths.length === 0) return <p class="found-none muted" safe>{q === '' ? '' : `No file is called so${complete ? '' : ', among the first ones that were looked at'}.`}</p>;
  return (
    <ul class="found-list">
      {paths.map(({ path, shown }) => {
        const name = shown.slice(shown.lastIndexOf('/') + 1);
        return (
          <li>
            <a role="option" aria-selected="false" {...opens(workspaceId, path)}>
              <span class="found-name isolate" safe>{plain(name)}</span> <span class="found-folder path" safe>{plain(shown.slice(0, -name.length))}</span>
            </a>
          </li>
        );
      })}
      {complete ? '' : <li class="small muted">Only a part of this workspace was looked at.</li> as 'safe'}
    </ul>
  );
}

export function foundPage(workspace: Workspace, view: FoundView, look: Look): JSX.Element {
  return frame(workspace, 'Files found', look, (
    <>
      <form class="bar" method="get" role="search">
        <label class="sr-only" for="q">A part of its name</label>
        <input id="q" name="q" type="search" value={view.q.replaceAll('&', '&amp;')} data-search />
        <button class="button">Find</button>
      </form>
      {foundFiles(view) as 'safe'}
    </>
  ));
}

export interface FileMatches {
  path: string;
  shown: string;
  etag: string | null;
  matches: readonly Match[];
}

export interface SearchView {
  workspace: Workspace;
  form: FormState;
  regex: boolean;
  exactCase: boolean;
  preview: boolean;
}

/** Stands where what is found comes, piece by piece. */
export const MATCHES_PLACE = '<!--matches-->';
/** Ends each piece: a script that reads along shows what is before it. */
export const PIECE_END = '<!--/-->';
const MATCHES = 'file-matches';

/** The form; below it `MATCHES_PLACE`. */
export function searchFilesPage({ workspace, form, regex, exactCase, preview }: SearchView, look: Look): JSX.Element {
  const name = 'search';
  const control = { autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' };
  return frame(workspace, 'Search in files', look, (
    <>
      <form class="panel panel-body file-search" method="get" action={`/workspaces/${workspace.id}/search-files`} role="search" data-file-search>
        {textField({ form: name, name: 'q', label: 'Search for', state: form, mono: true, control: { ...control, required: true, autofocus: true, 'data-search': true } }) as 'safe'}
        {textField({ form: name, name: 'glob', label: 'In files', state: form, mono: true, hint: 'All of them, or only such as *.ts, src/**. One with ! is left out: !*.test.ts', control }) as 'safe'}
        <div class="search-checks">
          {checkField({ form: name, name: 'case', label: 'Match case', checked: exactCase }) as 'safe'}
          {checkField({ form: name, name: 'regex', label: 'Regular expression', checked: regex }) as 'safe'}
          {checkField({ form: name, name: 'preview', label: 'Replace what is found', checked: preview }) as 'safe'}
        </div>
        <div class="replace-with">
          {textField({ form: name, name: 'replacement', label: 'Replace with', state: form, mono: true, hint: 'Shown first, line by line; nothing is changed before you say so.', control }) as 'safe'}
        </div>
        {busyButton({ rest: 'Search', busy: 'Searching…', kind: 'button-primary' }) as 'safe'}
      </form>
      <p class="sr-only" role="status" data-matches-said></p>
      {MATCHES_PLACE as 'safe'}
    </>
  ), ['file-search.js']);
}

/** Before anything was searched for. */
export const noMatches = (): JSX.Element => <section id={MATCHES}></section>;

/** The first piece: what is found comes below, and at last `matchesEnd`. */
export function matchesBegin(): string {
  const waiting = (
    <p class="matches-wait">
      <span class="spin" aria-hidden="true"></span>
      <span data-matches-count>Searching…</span>
      <button type="button" class="button needs-script" data-matches-stop>Stop</button>
    </p>
  );
  return `<section id="${MATCHES}" class="section file-matches" aria-label="Found">${waiting}${PIECE_END}`;
}

export function matchesOfFile(workspaceId: string, file: FileMatches, preview: boolean): string {
  return `${matchesOf(workspaceId, file, preview)}${PIECE_END}`;
}

/** The last piece. Its head comes after what it counts, and is shown above it. */
export function matchesEnd({ workspace, form, regex, exactCase, preview }: SearchView, note: string, files: number): string {
  const url = `/workspaces/${workspace.id}/search-files/replace`;
  const hidden = Object.entries({ q: form.typed.q ?? '', replacement: form.typed.replacement ?? '', regex: String(regex), case: String(exactCase) });
  const replace = (
    <form id={REPLACE} class="cluster replace-do" method="post" action={url} hx-post={url} hx-target={`#${MATCHES}`} hx-swap="outerHTML">
      {hidden.map(([name, value]) => <input type="hidden" name={name} value={typed(value)} />)}
      {busyButton({ rest: 'Replace in the chosen files', busy: 'Replacing…', kind: 'button-primary' }) as 'safe'}
    </form>
  );
  const head = <div class="section-head matches-head"><h2>Found</h2><span class="count" safe>{note}</span></div>;
  return `${preview && files > 0 ? replace : ''}${head}${PIECE_END}</section>`;
}

/** In the place of the end: why there are no more. */
export function matchesFailed(message: string): string {
  return `<div class="matches-head">${formAlert({ ...NOTHING_TYPED, message })}</div>${PIECE_END}</section>`;
}

/** Links among the lines are no part of the form, so it stands beside them. */
const REPLACE = 'replace';

function matchesOf(workspaceId: string, { path, shown, etag, matches }: FileMatches, preview: boolean): JSX.Element {
  return (
    <div class="match-file">
      <p class="match-path">
        {preview && etag !== null ? <label class="check"><input type="checkbox" name="file" form={REPLACE} value={`${etag} ${path}`.replaceAll('&', '&amp;')} checked /><span class="isolate mono" safe>{plain(shown)}</span></label> as 'safe' : <a class="isolate mono" {...opens(workspaceId, path)} safe>{plain(shown)}</a> as 'safe'}
        <span class="count" safe>{String(matches.length)}</span>
      </p>
      <ol class="match-lines">{matches.map((match) => lineOf(workspaceId, path, match))}</ol>
    </div>
  );
}

function lineOf(workspaceId: string, path: string, { line, before, text, ranges, replaced }: Match): JSX.Element {
  const pieces: JSX.Element[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    if (from < at) continue;
    pieces.push(<span safe>{plain(text.slice(at, from))}</span>, <mark safe>{plain(text.slice(from, to))}</mark>);
    at = to;
  }
  pieces.push(<span safe>{plain(text.slice(at))}</span>);
  return (
    <li>
      <a class="match-line" {...opens(workspaceId, path, line)}>
        <span class="match-number figure" safe>{String(line)}</span>
        <code class={replaced === undefined ? 'match-text' : 'match-text match-old'}>{before > 0 ? '…' : ''}{pieces.join('') as 'safe'}</code>
        {replaced === undefined ? '' : <code class="match-text match-new" safe>{plain(replaced)}</code> as 'safe'}
      </a>
    </li>
  );
}

/** What became of each file. */
export function replacedNote(results: readonly { shown: string; count: number; reason: string | null }[]): JSX.Element {
  const done = results.filter(({ reason }) => reason === null);
  const left = results.filter(({ reason }) => reason !== null);
  const places = done.reduce((sum, { count }) => sum + count, 0);
  return (
    <section id="file-matches" class="section stack" aria-live="polite">
      <div class={`alert ${done.length === 0 ? 'alert-warn' : 'alert-good'}`} role="status">
        <p safe>{`Replaced in ${places} ${places === 1 ? 'place' : 'places'}, in ${done.length} ${done.length === 1 ? 'file' : 'files'}.`}</p>
      </div>
      {left.length === 0 ? '' : (
        <div class="alert alert-warn">
          <p>Left as they were:</p>
          <ul>{left.map(({ shown, reason }) => <li class="isolate" safe>{`${plain(shown)}: ${reason ?? ''}`}</li>)}</ul>
        </div>
      ) as 'safe'}
    </section>
  );
}

export function replacedPage(workspace: Workspace, results: Parameters<typeof replacedNote>[0], look: Look): JSX.Element {
  return frame(workspace, 'Replaced', look, replacedNote(results));
}

export interface TrashView {
  workspace: Workspace;
  deleted: readonly (Deleted & { shown: string })[];
  look: Look;
}

export function trashPage({ workspace, deleted, look }: TrashView): JSX.Element {
  return frame(workspace, 'Trash', look, (
    <>
      <p class="sub">What was deleted from the files of this workspace. Each can be put back for 30 days.</p>
      <div id="files-done" aria-live="polite"></div>
      {deleted.length === 0 ? <div class="empty"><h3>The trash is empty</h3><p class="muted">What you delete from the files of this workspace is kept here for 30 days.</p></div> as 'safe' : (
        <ul class="rows section">{deleted.map((item) => trashRow(workspace.id, item))}</ul>
      ) as 'safe'}
    </>
  ));
}

function trashRow(id: string, { id: item, shown, kind, size, deleted, expires }: Deleted & { shown: string }): JSX.Element {
  const url = `/workspaces/${id}/trash/${item}`;
  return (
    <li>
      <div class="row row-trash">
        <span class="isolate trash-path" safe>{`${plain(shown)}${kind === 'folder' ? '/' : ''}`}</span>
        <span class="small muted figure" safe>{size === null ? '' : sizeWords(size)}</span>
        <span class="small muted" title={`Kept until ${exact(expires)}`}>{ago(deleted) as 'safe'}</span>
        <span class="cluster trash-actions">
          <form method="post" action={`${url}/restore`}>{busyButton({ rest: 'Put back', busy: '…' }) as 'safe'}</form>
          <details class="files-menu">
            <summary class="button button-quiet">Remove for ever…</summary>
            <form class="files-menu-body panel" method="post" action={`${url}/remove`}>
              <p class="small">It cannot be put back then.</p>
              {busyButton({ rest: 'Remove for ever', busy: 'Removing…', kind: 'button-bad' }) as 'safe'}
            </form>
          </details>
        </span>
      </div>
    </li>
  );
}

/** A page about the files of a workspace, beside its list. */
export function frame(workspace: Workspace, title: string, look: Look, children: JSX.Element, scripts: readonly string[] = []): JSX.Element {
  const { id, name } = workspace;
  return layout({
    title: `${title} · ${plain(name)} · Dispatch`,
    current: 'workspaces',
    styles: ['files.css'],
    scripts: ['files.js', ...scripts],
    ...look,
    children: (
      <main class="page page-files">
        <p class="crumb"><a href="/workspaces">Workspaces</a> / <a class="isolate" href={`/workspaces/${id}`} safe>{plain(name)}</a> / <a href={`/workspaces/${id}/files/`}>Files</a></p>
        <h1 safe>{title}</h1>
        {children as 'safe'}
      </main>
    ),
  });
}
