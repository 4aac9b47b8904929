// The search over everything: what is looked for, where, and what was found, session by session,
// each find a link to its moment. `searchResults` is the one root that typing replaces.

import { Html } from '@elysiajs/html';
import type { Part } from '../search/matching.ts';
import type { Indexed, NamedResult, Result } from '../search/protocol.ts';
import { layout, type Look } from './layout.tsx';
import { plain, typed } from './text.tsx';
import { ago } from './time.tsx';

export interface SearchFields {
  q: string;
  sessionId: string;
  workspaceId: string;
  kind: string;
  channel: string;
  since: string;
  until: string;
}

export interface SearchView {
  fields: SearchFields;
  /** Absent before anything is looked for. */
  found: { results: readonly Result[]; names: readonly NamedResult[]; next: string | null; perSession: number } | undefined;
  indexed: Indexed | undefined;
  /** Why nothing can be looked for. */
  problem: string | undefined;
  /** What is typed is only too short. */
  tooShort: boolean;
  /** A page after the first. */
  isMore: boolean;
  workspaces: readonly { id: string; name: string }[];
  /** Name of the session that is searched alone. */
  sessionName: string | undefined;
}

const RESULTS = 'search-results';

const KINDS = [['', 'Any kind'], ['terminal', 'Terminals'], ['claude', 'Conversations'], ['fileEditor', 'Files']] as const;
const CHANNELS = [['', 'Printed or typed'], ['stdout', 'Printed or said'], ['stdin', 'Typed or asked'], ['stderr', 'Error output'], ['system', 'Told by Dispatch']] as const;

const WHAT: Record<string, string> = {
  input: 'typed', prompt: 'prompt', message: 'message', thought: 'thought', tool: 'tool', permission: 'permission', question: 'question',
  answer: 'answer', plan: 'plan', open: 'opened', change: 'edited', save: 'saved', file: 'file', error: 'error', notice: 'notice',
};

export function searchPage(view: SearchView, look: Look): JSX.Element {
  const { q } = view.fields;
  return layout({
    title: q === '' ? 'Search · Dispatch' : `${q} · Search · Dispatch`,
    current: 'search',
    ...look,
    styles: ['search.css'],
    scripts: ['search.js'],
    children: (
      <main class="page page-search">
        <div class="page-head"><h1>Search</h1></div>
        {searchForm(view) as 'safe'}
        {searchResults(view) as 'safe'}
      </main>
    ),
  });
}

function searchForm({ fields, workspaces, sessionName }: SearchView): JSX.Element {
  const isNarrowed = [fields.workspaceId, fields.kind, fields.channel, fields.since, fields.until].some((value) => value !== '');
  return (
    <form
      class="search-form"
      role="search"
      method="get"
      action="/search"
      hx-get="/search"
      hx-trigger="input delay:200ms, change, submit"
      hx-target={`#${RESULTS}`}
      hx-swap="outerMorph"
      hx-replace-url="true"
      hx-sync="this:replace"
    >
      <div class="bar">
        <label class="sr-only" for="q">Search everything</label>
        <input
          id="q"
          class="search-box"
          type="search"
          name="q"
          value={typed(fields.q)}
          placeholder="Printed, typed, said or edited…"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          maxlength="200"
          autofocus
          data-search
          aria-describedby="search-help"
        />
        <button type="submit" class="button without-script">Search</button>
      </div>
      {sessionName === undefined ? '' : (
        <p class="search-within">
          <input type="hidden" name="sessionId" value={typed(fields.sessionId)} />
          <span>Only in <strong safe>{plain(sessionName)}</strong></span>
          <a class="quiet-link" href={urlOf({ ...fields, sessionId: '' })}>Search everywhere</a>
        </p>
      ) as 'safe'}
      <details class="search-filters" open={isNarrowed}>
        <summary>Filters</summary>
        <div class="fields">
          {choice('workspaceId', 'Workspace', fields.workspaceId, [['', 'All workspaces'], ...workspaces.map(({ id, name }) => [id, name] as const)]) as 'safe'}
          {choice('kind', 'Kind', fields.kind, KINDS) as 'safe'}
          {choice('channel', 'What', fields.channel, CHANNELS) as 'safe'}
          {day('since', 'From', fields.since) as 'safe'}
          {day('until', 'Until', fields.until) as 'safe'}
        </div>
      </details>
      <p id="search-help" class="hint">
        <code>"a phrase"</code> as it stands · <code>word*</code> from its beginning · <code>-word</code> without · all words must be near each other
      </p>
    </form>
  );
}

function choice(name: string, label: string, value: string, choices: readonly (readonly [string, string])[]): JSX.Element {
  return (
    <div class="field">
      <label for={`search-${name}`} safe>{label}</label>
      <select id={`search-${name}`} name={name}>
        {choices.map(([key, words]) => <option value={typed(key)} selected={key === value} safe>{plain(words)}</option>)}
      </select>
    </div>
  );
}

function day(name: string, label: string, value: string): JSX.Element {
  return (
    <div class="field">
      <label for={`search-${name}`} safe>{label}</label>
      <input id={`search-${name}`} type="date" name={name} value={typed(value.slice(0, 10))} />
    </div>
  );
}

export function searchResults(view: SearchView): JSX.Element {
  return (
    <section id={RESULTS} class="search-results" aria-label="Results" aria-live="polite" data-results>
      {indexedNote(view) as 'safe'}
      {listOf(view) as 'safe'}
    </section>
  );
}

/** What is not yet searched; looks again by itself, for it comes. */
function indexedNote({ indexed, fields, isMore }: SearchView): JSX.Element {
  if (indexed === undefined || indexed.complete) return <p id="search-indexed" class="search-indexed" hidden></p>;
  const again = isMore ? {} : { 'hx-get': urlOf(fields), 'hx-trigger': 'load delay:2s', 'hx-target': `#${RESULTS}`, 'hx-swap': 'outerMorph' };
  const count = indexed.behindEvents;
  return (
    <p id="search-indexed" class="search-indexed" {...again} data-behind={String(count)}>
      <span class="spin" aria-hidden="true"></span>
      <span safe>{`The latest ${count === 1 ? 'event is' : `${count.toLocaleString('en')} events are`} not searched yet.`}</span>
    </p>
  );
}

function listOf(view: SearchView): JSX.Element {
  const { found, problem, tooShort, fields, isMore, indexed } = view;
  if (problem !== undefined) {
    return tooShort
      ? <p class="muted search-short" safe>{problem}</p>
      : <p class="alert alert-error" role="alert" safe>{problem}</p>;
  }
  if (found === undefined) return intro();
  const { results, names, next } = found;
  if (results.length === 0 && names.length === 0 && next === null && !isMore) return nothing(fields, indexed);
  return (
    <>
      {names.length === 0 ? '' : namedList(names) as 'safe'}
      {foundList(found, view) as 'safe'}
    </>
  );
}

/** Groups of one page and the way to the next; also what comes in the place of that way. */
export function foundList({ results, next, perSession }: NonNullable<SearchView['found']>, view: SearchView): JSX.Element {
  const { fields, isMore } = view;
  return (
    <>
      {isMore && results.length === 0 && next === null ? <p class="muted">Nothing further back.</p> as 'safe' : ''}
      {groups(results).map((group) => sessionGroup(group, perSession, view))}
      {next === null ? '' : (
        <p class="search-more">
          <a
            class="button"
            href={urlOf(fields, next)}
            hx-get={`${urlOf(fields, next)}&part=more`}
            hx-target="closest .search-more"
            hx-swap="outerHTML"
            hx-trigger={results.length === 0 ? 'load, click' : 'click'}
          >
            {results.length === 0 ? 'Look further back' : 'Older results'}
          </a>
        </p>
      ) as 'safe'}
    </>
  );
}

function namedList(names: readonly NamedResult[]): JSX.Element {
  return (
    <section class="search-group" aria-labelledby="search-names">
      <div class="section-head"><h2 id="search-names">By name</h2></div>
      <ul class="search-names">
        {names.map(({ sessionId, workspaceId, kind, name }) => (
          <li>
            <a class="search-hit search-name" href={sessionId === null ? `/workspaces/${workspaceId}` : `/sessions/${sessionId}`} data-hit>
              <span class="badge" safe>{sessionId === null ? 'workspace' : kindWord(kind ?? '')}</span> <span class="isolate">{marked(name) as 'safe'}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function sessionGroup(results: readonly Result[], perSession: number, { fields, workspaces }: SearchView): JSX.Element {
  const [first] = results;
  if (first === undefined) return <></>;
  const { sessionId, workspaceId, name, kind } = first;
  const workspace = fields.workspaceId === '' && fields.sessionId === '' ? workspaces.find(({ id }) => id === workspaceId) : undefined;
  const within = urlOf({ ...fields, sessionId });
  return (
    <section class="search-group" aria-label={plain(name)}>
      <div class="section-head search-group-head">
        <h2 class="search-group-name"><a class="quiet-link" href={`/sessions/${sessionId}`} safe>{plain(name)}</a></h2>
        <span class="badge" safe>{kindWord(kind)}</span>
        {workspace === undefined ? '' : <span class="search-group-workspace small muted isolate" safe>{plain(workspace.name)}</span> as 'safe'}
        {fields.sessionId === '' && results.length >= perSession
          ? <a class="quiet-link small search-group-all" href={within}>All in this session</a> as 'safe'
          : ''}
      </div>
      <ol class="search-hits">{results.map((result) => hit(result))}</ol>
    </section>
  );
}

function hit({ sessionId, sequence, timestamp, type, context, before, after }: Result): JSX.Element {
  const what = WHAT[type];
  return (
    <li>
      <a class="search-hit" href={momentUrl(sessionId, sequence)} data-hit>
        <span class="search-when small muted">
          {ago(new Date(timestamp).toISOString()) as 'safe'}
          {what === undefined ? '' : <span class="search-what" safe>{what}</span> as 'safe'}
        </span>
        <span class="search-lines mono">
          {before.map((line) => <span class="search-line search-around">{marked(line) as 'safe'}</span>)}
          <span class="search-line search-here">{marked(context) as 'safe'}</span>
          {after.map((line) => <span class="search-line search-around">{marked(line) as 'safe'}</span>)}
        </span>
      </a>
    </li>
  );
}

function marked(parts: readonly Part[]): JSX.Element {
  return <>{parts.map(({ text, match }) => (match ? <mark safe>{plain(text)}</mark> : <span safe>{plain(text)}</span>))}</>;
}

function intro(): JSX.Element {
  return (
    <div class="empty">
      <h3>Find anything that was ever here</h3>
      <p class="muted">
        What programs printed, as it was on the screen; what you typed; what you and agents said and did; files that were edited.
        Each result opens the moment that it comes from.
      </p>
    </div>
  );
}

function nothing(fields: SearchFields, indexed: Indexed | undefined): JSX.Element {
  const isNarrowed = Object.entries(fields).some(([name, value]) => name !== 'q' && value !== '');
  return (
    <div class="empty">
      <h3>Nothing found</h3>
      <p class="muted">
        {indexed?.complete === false ? 'Not everything is searched yet: it may still turn up. ' : ''}
        {isNarrowed ? 'Filters narrow the search.' : 'Try fewer words, or a part of one. What was deleted, or dropped by the retention in the settings, cannot be found.'}
      </p>
      {isNarrowed ? <a class="button" href={`/search?q=${encodeURIComponent(fields.q)}`}>Search without filters</a> as 'safe' : ''}
    </div>
  );
}

/** Results of one session together, sessions in the order of their first. */
function groups(results: readonly Result[]): Result[][] {
  return [...Map.groupBy(results, ({ sessionId }) => sessionId).values()];
}

const kindWord = (kind: string): string => (kind === 'claude' ? 'conversation' : kind === 'fileEditor' ? 'files' : kind);

export const momentUrl = (sessionId: string, sequence: number): string => `/sessions/${sessionId}/moment?sequence=${sequence}`;

function urlOf(fields: SearchFields, cursor?: string): string {
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== ''));
  if (cursor !== undefined) query.set('cursor', cursor);
  return `/search?${query}`;
}
