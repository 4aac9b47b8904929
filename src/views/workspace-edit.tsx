// The forms that change a workspace: its particulars, a folder that was moved, and what puts
// it away or removes it.

import { Html } from '@elysiajs/html';
import type { Workspace } from '../workspaces/workspace.ts';
import { busyButton, type FormState, formAlert, textArea, textField } from './form.tsx';
import { plain, typed } from './text.tsx';
import { ago } from './time.tsx';
import { envLines, envNames, swatch, textOf } from './workspace-parts.tsx';
import { overridesPart, type OverridesView } from './workspace-settings.tsx';

export interface EditState {
  particulars: FormState;
  moved: FormState;
  saved: boolean;
  overrides: OverridesView;
}

export function editSection(workspace: Workspace, { particulars, moved, saved, overrides }: EditState): JSX.Element {
  const open = (state: FormState): boolean => state.message !== undefined || Object.keys(state.errors).length > 0;
  return (
    <section class="section edit" id="edit" aria-labelledby="edit-title">
      <div class="section-head"><h2 id="edit-title">This workspace</h2></div>
      {workspaceFacts(workspace) as 'safe'}
      <details id="edit-particulars" open={open(particulars) || saved}>
        <summary>Name, description, colour, shell, variables</summary>
        {particularsForm(workspace, particulars, saved) as 'safe'}
      </details>
      {overridesPart(overrides) as 'safe'}
      <details id="moved" open={open(moved) || workspace.status === 'error'}>
        <summary>The folder was moved</summary>
        {movedForm(workspace, moved) as 'safe'}
      </details>
      {workspace.status === 'archived' ? '' : archiveForm(workspace) as 'safe'}
      {deleteForm(workspace) as 'safe'}
    </section>
  );
}

/** Refreshed by news: some of it is changed elsewhere. */
export function workspaceFacts(workspace: Workspace): JSX.Element {
  const names = envNames(workspace);
  const shell = textOf(workspace.metadata, 'shell');
  return (
    <dl id="workspace-facts" class="plate" hx-get={`/workspaces/${workspace.id}?part=facts`} hx-trigger="dispatch:workspaces from:document" hx-swap="outerMorph">
      <div><dt>Last used</dt><dd>{ago(workspace.lastAccessed) as 'safe'}</dd></div>
      <div><dt>Created</dt><dd>{ago(workspace.created) as 'safe'}</dd></div>
      <div><dt>Shell</dt><dd class={shell === '' ? 'muted' : 'mono'} safe>{shell === '' ? 'default' : shell}</dd></div>
      <div><dt>Variables</dt><dd class={names.length === 0 ? 'muted' : 'mono'} safe>{names.length === 0 ? 'none' : names.join(' ')}</dd></div>
      <div><dt>Id</dt><dd class="mono" safe>{workspace.id}</dd></div>
    </dl>
  );
}

export function particularsForm(workspace: Workspace, state: FormState, saved: boolean): JSX.Element {
  const { id, name, metadata } = workspace;
  const form = 'edit';
  return (
    <form
      id="particulars"
      method="post"
      action={`/workspaces/${id}`}
      class="panel panel-body stack"
      {...inPlace(`/workspaces/${id}`)}
    >
      {formAlert(state) as 'safe'}
      <div class="fields fields-wide">
        {textField({
          form, name: 'name', label: 'Name', state, value: name, control: { required: true, autocomplete: 'off' },
        }) as 'safe'}
        {textField({
          form, name: 'shell', label: 'Shell', state, value: textOf(metadata, 'shell'), mono: true,
          hint: 'For new terminals here. Left empty, the default of the settings.',
          control: { placeholder: '/bin/bash', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' },
        }) as 'safe'}
        {textField({
          form, name: 'description', label: 'Description', state, value: textOf(metadata, 'description'), wide: true,
          control: { autocomplete: 'off' },
        }) as 'safe'}
        {colorField(state, textOf(metadata, 'color')) as 'safe'}
        {textArea({
          form, name: 'env', label: 'Environment variables', state, value: envLines(workspace), mono: true, wide: true,
          hint:
            'One NAME=value a line; every new session here gets them. A value with line breaks is written as a ' +
            'JSON text. They are kept in the data folder as they are.',
          control: { rows: 5, spellcheck: 'false', autocapitalize: 'off', placeholder: 'NODE_ENV=development' },
        }) as 'safe'}
      </div>
      <div class="cluster">
        {busyButton({ rest: 'Save', busy: 'Saving…', kind: 'button-primary' }) as 'safe'}
        {saved ? <span class="saved" role="status">Saved</span> as 'safe' : ''}
      </div>
    </form>
  );
}

/** Swatches and none: an input of type color cannot be empty. */
function colorField(state: FormState, current: string): JSX.Element {
  const chosen = state.typed.color ?? current;
  // A program may have set one that is not among these: it stays to be chosen.
  const known = COLORS.some(([color]) => color === chosen) ? COLORS : [...COLORS, [chosen, 'its own'] as const];
  return (
    <fieldset class="field span">
      <legend class="label legend-plain">Colour</legend>
      <div class="swatches">
        {known.map(([color, label]) => (
          <label class="swatch-choice" title={label}>
            <input type="radio" name="color" value={typed(color)} checked={color === chosen} />
            {swatch(color) as 'safe'}
            <span class="sr-only" safe>{label}</span>
          </label>
        ))}
      </div>
      {state.errors.color === undefined ? '' : <p class="field-error" safe>{state.errors.color}</p> as 'safe'}
    </fieldset>
  );
}

const COLORS: readonly (readonly [string, string])[] = [
  ['', 'none'],
  ['#2f8f7b', 'verdigris'],
  ['#3f7fb5', 'steel'],
  ['#8a9a3b', 'moss'],
  ['#c79a2c', 'brass'],
  ['#c8683c', 'copper'],
  ['#b4485c', 'madder'],
  ['#7d6a58', 'umber'],
];

export function movedForm({ id, path }: Workspace, state: FormState): JSX.Element {
  return (
    <form
      id="moved-form"
      method="post"
      action={`/workspaces/${id}/moved`}
      class="panel panel-body stack"
      {...inPlace(`/workspaces/${id}/moved`)}
    >
      {formAlert(state) as 'safe'}
      {textField({
        form: 'moved', name: 'path', label: 'Where it is now', state, value: path, mono: true,
        hint: 'The workspace and its history follow the folder. Nothing may be live here meanwhile.',
        control: { required: true, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' },
      }) as 'safe'}
      <div>{busyButton({ rest: 'Follow the folder', busy: 'Looking…' }) as 'safe'}</div>
    </form>
  );
}

function archiveForm({ id }: Workspace): JSX.Element {
  return (
    <details id="archive">
      <summary>Archive</summary>
      <form method="post" action={`/workspaces/${id}/archive`} class="panel panel-body stack">
        <p class="muted">Puts the workspace away. Its history stays, files are not touched, and it can be restored.</p>
        <div><button class="button">Archive workspace</button></div>
      </form>
    </details>
  );
}

function deleteForm({ id, name }: Workspace): JSX.Element {
  return (
    <details id="delete">
      <summary>Delete</summary>
      <form method="post" action={`/workspaces/${id}/delete`} class="panel panel-body stack">
        <p>
          Removes <strong class="isolate" safe>{plain(name)}</strong> with all its sessions and their history. This
          cannot be undone. Files in the folder are not touched.
        </p>
        <div><button class="button button-bad">Delete workspace and history</button></div>
      </form>
    </details>
  );
}

function inPlace(url: string): Record<string, string> {
  return {
    'hx-post': url,
    'hx-swap': 'outerHTML',
    'hx-disable': 'find button',
    'hx-status:422': 'swap:outerHTML',
    'hx-status:409': 'swap:outerHTML',
  };
}
