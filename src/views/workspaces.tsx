// The list of workspaces: search, filter, rows, paging, and the form that makes a new one.
// `workspaceList` is the one root that searching, paging and news replace.

import { Html } from '@elysiajs/html';
import type { Session } from '../sessions/session.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { activitySummary } from './activity.tsx';
import { benchAddress } from './bench-lead.tsx';
import { busyButton, checkField, type FormState, formAlert, textField } from './form.tsx';
import { layout, type Look } from './layout.tsx';
import { plain, typed } from './text.tsx';
import { ago } from './time.tsx';
import { colorOf, pagerLink, statusBadge } from './workspace-parts.tsx';

export interface WorkspaceListView {
  workspaces: readonly Workspace[];
  pagination: { total: number; limit: number; offset: number; hasMore: boolean };
  query: WorkspaceQuery;
  /** Live sessions by workspace. */
  live: ReadonlyMap<string, readonly Session[]>;
}

export interface WorkspaceQuery {
  q: string;
  status: 'active' | 'archived';
  offset: number;
}

export interface WorkspacesView extends WorkspaceListView {
  create: FormState;
  look: Look;
}

const LIST = 'workspace-list';

export function workspacesPage(view: WorkspacesView): JSX.Element {
  const nothingYet = view.pagination.total === 0 && view.query.q === '' && view.query.status === 'active';
  const failed = view.create.message !== undefined || Object.keys(view.create.errors).length > 0;
  return layout({
    title: 'Workspaces · Dispatch',
    current: 'workspaces',
    ...view.look,
    children: (
      <main class="page">
        <div class="head-new">
          <h1>Workspaces</h1>
          <details class="new" id="new-workspace" open={nothingYet || failed}>
            <summary class="button button-primary" data-new>New workspace</summary>
            {createForm(view.create) as 'safe'}
          </details>
        </div>
        {searchForm(view.query) as 'safe'}
        {workspaceList(view) as 'safe'}
      </main>
    ),
  });
}

export function createForm(state: FormState): JSX.Element {
  const form = 'create';
  return (
    <form
      id="create-workspace"
      class="panel panel-body stack"
      method="post"
      action="/workspaces"
      hx-post="/workspaces"
      hx-swap="outerHTML"
      hx-disable="find button"
      {...{ 'hx-status:422': 'swap:outerHTML', 'hx-status:409': 'swap:outerHTML' }}
    >
      {formAlert(state) as 'safe'}
      <div class="fields">
        {textField({
          form, name: 'path', label: 'Folder', state, mono: true,
          hint: 'The absolute path of a folder on this machine.',
          control: {
            required: true, placeholder: '/home/you/project', 'data-first': true,
            autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
          },
        }) as 'safe'}
        {textField({
          form, name: 'name', label: 'Name', state,
          hint: 'Left empty, it is the folder’s own name.',
          control: { autocomplete: 'off' },
        }) as 'safe'}
      </div>
      {checkField({
        form, name: 'create', label: 'Create the folder if it is not there', checked: state.typed.create === 'true',
      }) as 'safe'}
      <div class="cluster">
        {busyButton({ rest: 'Create workspace', busy: 'Creating…', kind: 'button-primary' }) as 'safe'}
        <a class="button" href="/folders">Browse folders</a>
      </div>
    </form>
  );
}

/** Types into the list as one goes; a plain form that asks for the page otherwise. */
function searchForm({ q, status }: WorkspaceQuery): JSX.Element {
  return (
    <form
      class="bar"
      role="search"
      method="get"
      action="/workspaces"
      hx-get="/workspaces"
      hx-trigger="input delay:150ms, submit"
      hx-target={`#${LIST}`}
      hx-swap="outerMorph"
      hx-replace-url="true"
      hx-sync="this:replace"
    >
      <label class="sr-only" for="q">Search by name or path</label>
      <input
        id="q"
        type="search"
        name="q"
        value={typed(q)}
        placeholder="Search by name or path"
        autocomplete="off"
        spellcheck="false"
        maxlength="200"
        data-search
      />
      {status === 'archived' ? <input type="hidden" name="status" value="archived" /> as 'safe' : ''}
      <button type="submit" class="button without-script">Search</button>
      <div class="tabs" role="group" aria-label="Which workspaces">
        <a
          href={listUrl({ q: '', status: 'active', offset: 0 })}
          aria-current={status === 'active' ? 'true' : undefined}
        >
          Active
        </a>
        <a
          href={listUrl({ q: '', status: 'archived', offset: 0 })}
          aria-current={status === 'archived' ? 'true' : undefined}
        >
          Archived
        </a>
      </div>
    </form>
  );
}

export function workspaceList(view: WorkspaceListView): JSX.Element {
  const { workspaces, query } = view;
  return (
    <section
      id={LIST}
      aria-label="Workspaces"
      hx-get={listUrl(query)}
      hx-trigger="dispatch:workspaces from:document, dispatch:sessions from:document"
      hx-swap="outerMorph"
    >
      {workspaces.length === 0
        ? emptyState(query) as 'safe'
        : <ul class="rows" data-rows>{workspaces.map((one) => row(one, view.live.get(one.id) ?? []))}</ul> as 'safe'}
      {pager(view) as 'safe'}
    </section>
  );
}

function row(workspace: Workspace, live: readonly Session[]): JSX.Element {
  const { id, name, path, status, statusReason, lastAccessed } = workspace;
  const archived = status === 'archived';
  const color = colorOf(workspace);
  return (
    <li id={`workspace-${id}`}>
      <div class="row row-workspace">
        <span class="tick" style={color === undefined ? undefined : `--tick: ${color}`} aria-hidden="true"></span>
        <div class="row-text">
          <p class="cluster row-title">
            <a class="row-link" href={`/workspaces/${id}`} safe>{plain(name)}</a>
            {statusBadge(status) as 'safe'}
          </p>
          <p class="path clip" title={plain(path)}><bdi safe>{plain(path)}</bdi></p>
          {status === 'error'
            ? <p class="field-error" safe>{statusReason ?? 'The folder cannot be used.'}</p> as 'safe'
            : ''}
        </div>
        <div class="row-live">
          {live.length === 0 ? <span class="sr-only">nothing runs</span> as 'safe' : (
            <a href={benchAddress(id)} title="Open its workbench">{activitySummary(live) as 'safe'}<span class="sr-only">: its workbench</span></a>
          ) as 'safe'}
        </div>
        <div class="muted small row-when">{ago(lastAccessed) as 'safe'}</div>
        <form
          class="row-action"
          method="post"
          action={`/workspaces/${id}/${archived ? 'restore' : 'archive'}`}
          {...inPlace(id, archived)}
        >
          <button
            type="submit"
            class="button button-quiet"
            aria-label={`${archived ? 'Restore' : 'Archive'} ${plain(name)}`}
          >
            {archived ? 'Restore' : 'Archive'}
          </button>
        </form>
      </div>
    </li>
  );
}

/** The answer is the list again, or above the page what stands in the way. */
function inPlace(id: string, archived: boolean): Record<string, string> {
  return {
    'hx-post': `/workspaces/${id}/${archived ? 'restore' : 'archive'}`,
    'hx-target': `#${LIST}`,
    'hx-swap': 'outerMorph',
    'hx-disable': 'find button',
  };
}

function emptyState({ q, status }: WorkspaceQuery): JSX.Element {
  if (q !== '') {
    return (
      <div class="empty">
        <h3>Nothing matches</h3>
        <p class="muted">
          No {status === 'archived' ? 'archived' : ''} workspace has <strong class="isolate" safe>{q}</strong> in its
          name or path.
        </p>
        <a class="button" href={listUrl({ q: '', status, offset: 0 })}>Show all</a>
      </div>
    );
  }
  if (status === 'archived') {
    return (
      <div class="empty">
        <h3>Nothing is archived</h3>
        <p class="muted">Archive a workspace to put it away. Its history stays, and it can be restored here.</p>
      </div>
    );
  }
  return (
    <div class="empty">
      <h3>No workspace yet</h3>
      <p class="muted">
        A workspace is a folder of this machine with the sessions you keep in it. Name a folder above, then open a
        terminal there: it goes on when you leave.
      </p>
    </div>
  );
}

function pager({ workspaces, pagination, query }: WorkspaceListView): JSX.Element {
  const { total, limit, offset, hasMore } = pagination;
  if (total === 0) return <></>;
  const first = offset + 1;
  const last = offset + workspaces.length;
  const before = Math.max(0, offset - limit);
  const onePage = total === workspaces.length;
  const words = onePage || workspaces.length === 0 ? `${total} in all` : `${first}–${last} of ${total}`;
  return (
    <nav class="pager" aria-label="Pages of the list">
      <span class="figure" safe>{words}</span>
      <span class="end">
        {offset > 0 ? pagerLink('prev', 'Newer', listUrl({ ...query, offset: before })) as 'safe' : ''}
        {hasMore ? pagerLink('next', 'Older', listUrl({ ...query, offset: offset + limit })) as 'safe' : ''}
      </span>
    </nav>
  );
}

export function listUrl({ q, status, offset }: WorkspaceQuery): string {
  const query = new URLSearchParams();
  if (q !== '') query.set('q', q);
  if (status !== 'active') query.set('status', status);
  if (offset > 0) query.set('offset', String(offset));
  const text = query.toString();
  return text === '' ? '/workspaces' : `/workspaces?${text}`;
}
