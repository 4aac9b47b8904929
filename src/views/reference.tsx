// The API on a page: every operation, collapsed to one line, with what it takes and gives.

import { Html } from '@elysiajs/html';
import { layout, type Look } from './layout.tsx';
import { typed, withCode } from './text.tsx';

export interface Operation {
  method: string;
  path: string;
  summary: string;
  description: string;
  parameters: readonly { name: string; place: string; required: boolean; schema: string }[];
  /** Schema as indented JSON; empty where there is none. */
  body: string;
  responses: readonly { status: string; description: string; schema: string }[];
}

export interface OperationGroup {
  name: string;
  operations: readonly Operation[];
}

export interface ReferenceList {
  groups: readonly OperationGroup[];
  q: string;
}

export interface ReferenceView extends ReferenceList {
  title: string;
  version: string;
  description: string;
  look: Look;
}

const LIST = 'reference-list';

export function referencePage(view: ReferenceView): JSX.Element {
  return layout({
    title: 'Reference · Dispatch',
    current: 'reference',
    ...view.look,
    children: (
      <main class="page">
        <div class="page-head">
          <div>
            <h1>Reference</h1>
            <p class="sub">{withCode(view.description) as 'safe'}</p>
            <p class="small muted">
              Version <span class="figure" safe>{view.version}</span>. Programs send{' '}
              <code>Authorization: Bearer KEY</code>. For tools: <a href="/api/openapi.json">openapi.json</a>.
            </p>
          </div>
        </div>
        <form
          class="bar"
          role="search"
          method="get"
          action="/reference"
          hx-get="/reference"
          hx-trigger="input delay:100ms, submit"
          hx-target={`#${LIST}`}
          hx-swap="outerHTML"
          hx-replace-url="true"
          hx-sync="this:replace"
        >
          <label class="sr-only" for="q">Search operations</label>
          <input
            id="q"
            type="search"
            name="q"
            value={typed(view.q)}
            placeholder="Search by path or words"
            autocomplete="off"
            spellcheck="false"
            maxlength="200"
            data-search
          />
          <button type="submit" class="button without-script">Search</button>
        </form>
        {referenceList(view) as 'safe'}
      </main>
    ),
  });
}

export function referenceList({ groups, q }: ReferenceList): JSX.Element {
  return (
    <div id={LIST}>
      {groups.length === 0 ? (
        <div class="empty">
          <h3>Nothing matches</h3>
          <p class="muted">No operation has <strong class="isolate" safe>{q}</strong> in its path, words or method.</p>
          <a class="button" href="/reference">Show all</a>
        </div>
      ) as 'safe' : ''}
      {groups.map(({ name, operations }) => (
        <section class="section" aria-label={name}>
          <div class="section-head"><h2 safe>{name}</h2></div>
          {operations.map(operationPart)}
        </section>
      ))}
    </div>
  );
}

function operationPart(operation: Operation): JSX.Element {
  const { method, path, summary, description, parameters, body, responses } = operation;
  return (
    <details class="operation">
      <summary>
        <span class={`method method-${method}`} safe>{method.toUpperCase()}</span>
        <code safe>{path}</code>
        <span class="muted">{withCode(summary) as 'safe'}</span>
      </summary>
      <div class="operation-body">
        {description === '' ? '' : <p>{withCode(description) as 'safe'}</p> as 'safe'}
        {parameters.length === 0 ? '' : parameterTable(parameters) as 'safe'}
        {body === '' ? '' : <div><h3>Body</h3><pre tabindex="0" safe>{body}</pre></div> as 'safe'}
        {responses.map(({ status, description: words, schema }) => (
          <div>
            <h3>
              <span class="figure" safe>{status}</span> <span class="muted" safe>{words}</span>
            </h3>
            {schema === '' ? '' : <pre tabindex="0" safe>{schema}</pre> as 'safe'}
          </div>
        ))}
      </div>
    </details>
  );
}

function parameterTable(parameters: Operation['parameters']): JSX.Element {
  return (
    <table class="table">
      <thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">What</th></tr></thead>
      <tbody>
        {parameters.map(({ name, place, required, schema }) => (
          <tr>
            <td><code safe>{name}</code></td>
            <td safe>{place}</td>
            <td><span safe>{schema}</span>{required ? ' · required' : ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
