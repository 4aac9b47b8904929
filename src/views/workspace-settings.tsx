// What a workspace has otherwise than the settings: a form per category, where an empty field
// inherits, and says what. The page of settings names the workspaces in turn.

import { Html } from '@elysiajs/html';
import type { JsonObject, JsonValue } from '../json.ts';
import { busyButton, checkField, type FormState, formAlert, NOTHING_TYPED, selectField, textField } from './form.tsx';
import { THEME_NAMES } from './terminal-themes.tsx';
import { plain } from './text.tsx';

export const OVERRIDABLE = ['terminal', 'workspaces', 'retention'] as const;

export type Overridable = (typeof OVERRIDABLE)[number];

type Choices = readonly (readonly [string, string])[];

export interface OverrideField {
  name: string;
  label: string;
  /** Words for values; a field without takes text or numbers. */
  choices?: Choices;
  /** Read as a number; in MiB where the setting has bytes. */
  number?: 'plain' | 'MiB';
  /** What "none" stands for, where it may be. */
  none?: string;
}

const YES_OR_NO: Choices = [['true', 'Yes'], ['false', 'No']];

export const OVERRIDE_FIELDS: Record<Overridable, readonly OverrideField[]> = {
  terminal: [
    { name: 'theme', label: 'Colours', choices: THEME_NAMES },
    { name: 'fontFamily', label: 'Font' },
    { name: 'fontSize', label: 'Size', number: 'plain' },
    { name: 'lineHeight', label: 'Line height', number: 'plain' },
    { name: 'cursorStyle', label: 'Cursor', choices: [['block', 'Block'], ['bar', 'Bar'], ['underline', 'Underline']] },
    { name: 'cursorBlink', label: 'Cursor blinks', choices: YES_OR_NO },
    { name: 'scrollback', label: 'Scrollback', number: 'plain' },
    { name: 'bell', label: 'Bell', choices: [['visual', 'Shown'], ['none', 'Off']] },
    { name: 'shellIntegration', label: 'Shells tell of their commands', choices: YES_OR_NO },
    { name: 'recordInput', label: 'Recorded of your typing', choices: [['redact', 'What is shown anyway'], ['none', 'Nothing but lengths'], ['all', 'Everything, passwords too']] },
  ],
  workspaces: [
    { name: 'autosave', label: 'Documents are saved by themselves', choices: YES_OR_NO },
    { name: 'lineWrap', label: 'Long lines are wrapped', choices: YES_OR_NO },
    { name: 'vimKeys', label: 'Keys of Vim in the editor', choices: YES_OR_NO },
    { name: 'tabSize', label: 'Width of a tab', number: 'plain' },
  ],
  retention: [
    { name: 'eventDays', label: 'Days that events are kept', number: 'plain', none: 'for ever' },
    { name: 'sessionBytes', label: 'MiB per session', number: 'MiB', none: 'no limit' },
  ],
};

const TITLES: Record<Overridable, string> = { terminal: 'Terminal', workspaces: 'Editor', retention: 'Retention' };

export interface OverridesView {
  workspaceId: string;
  /** As they are without this workspace. */
  inherited: Record<Overridable, JsonObject>;
  /** What it has of its own. */
  own: Record<Overridable, JsonObject>;
  returned: Partial<Record<Overridable, FormState>>;
  saved: Overridable | undefined;
}

export function overridesPart(view: OverridesView): JSX.Element {
  const count = OVERRIDABLE.reduce((sum, name) => sum + fieldsOf(view, name).length, 0);
  const open = view.saved !== undefined || Object.keys(view.returned).length > 0;
  return (
    <details id="overrides" open={open}>
      <summary>
        Settings of its own {count === 0 ? '' : <span class="count" safe>{String(count)}</span> as 'safe'}
      </summary>
      <div class="stack">{OVERRIDABLE.map((name) => overrideForm(view, name))}</div>
    </details>
  );
}

const fieldsOf = ({ own }: OverridesView, name: Overridable): OverrideField[] => OVERRIDE_FIELDS[name].filter((field) => Object.hasOwn(own[name], field.name));

export function overrideForm(view: OverridesView, name: Overridable): JSX.Element {
  const { workspaceId, inherited, own, returned, saved } = view;
  const state = returned[name] ?? NOTHING_TYPED;
  const url = `/workspaces/${workspaceId}/settings/${name}`;
  return (
    <form id={`overrides-${name}`} method="post" action={url} class="panel panel-body stack record" hx-post={url} hx-swap="outerHTML" hx-disable="find button" {...{ 'hx-status:422': 'swap:outerHTML' }}>
      <h3 safe>{TITLES[name]}</h3>
      {formAlert(state) as 'safe'}
      <div class="fields">{OVERRIDE_FIELDS[name].map((field) => fieldView(name, field, inherited[name][field.name] ?? null, own[name], state))}</div>
      {name !== 'terminal' || own.terminal.recordInput === 'all' ? '' : (
        <div class="record-all alert alert-warn">
          {checkField({
            form: 'own-terminal', name: 'recordAllConfirmed', checked: false, error: state.errors.recordAllConfirmed,
            label: 'Record everything: I know that passwords I type here will be stored as text.',
          }) as 'safe'}
        </div>
      ) as 'safe'}
      <div class="cluster">
        {busyButton({ rest: 'Save', busy: 'Saving…', kind: 'button-primary' }) as 'safe'}
        {fieldsOf(view, name).length === 0 ? '' : <button class="button" name="inherit" value="all">Inherit all again</button> as 'safe'}
        {saved === name ? <span class="saved" role="status">Saved</span> as 'safe' : ''}
        <a class="end small" href={`/settings#${name}`}>The same for all workspaces</a>
      </div>
    </form>
  );
}

function fieldView(category: Overridable, field: OverrideField, inherited: JsonValue, own: JsonObject, state: FormState): JSX.Element {
  const { name, label, choices, none } = field;
  const isOwn = Object.hasOwn(own, name);
  const value = isOwn ? textOf(field, own[name] ?? null) : '';
  const words = wordsOf(field, inherited);
  const shared = { form: `own-${category}`, name, label, state, value, ...(isOwn ? { hint: `Its own; inherited: ${words}.` } : {}) };
  if (choices !== undefined) return selectField({ ...shared, choices: [['', `Inherited: ${words}`], ...choices.filter(([one]) => one !== 'own')] });
  const more = none === undefined ? '' : ` “none”: ${none}.`;
  return textField({ ...shared, hint: `${isOwn ? `Its own; inherited: ${words}. Empty it to inherit.` : 'Inherited while empty.'}${more}`, control: { placeholder: words, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' } });
}

/** As it is typed. */
function textOf({ number }: OverrideField, value: JsonValue): string {
  if (value === null) return 'none';
  return number === 'MiB' && typeof value === 'number' ? String(value / 1024 ** 2) : String(value);
}

function wordsOf(field: OverrideField, value: JsonValue): string {
  if (value === null) return field.none ?? 'none';
  return field.choices?.find(([one]) => one === String(value))?.[1] ?? textOf(field, value);
}

/** A workspace that has settings of its own, and which, by category. */
export interface OverridingWorkspace {
  id: string;
  name: string;
  fields: Partial<Record<string, readonly string[]>>;
}

/** On the page of settings: who has it otherwise. */
export function overriddenIn(category: string, workspaces: readonly OverridingWorkspace[]): JSX.Element {
  const those = workspaces.flatMap(({ id, name, fields }) => (fields[category] === undefined ? [] : [{ id, name, words: labelsOf(category, fields[category]) }]));
  if (those.length === 0) return <></>;
  return (
    <p class="hint about">
      Otherwise in{' '}
      {those.map(({ id, name, words }, index) => (
        <>
          {index === 0 ? '' : '; '}
          <a class="isolate" href={`/workspaces/${id}#overrides`} safe>{plain(name)}</a> <span safe>{`(${words})`}</span>
        </>
      ))}
    </p>
  );
}

function labelsOf(category: string, names: readonly string[]): string {
  const fields = OVERRIDABLE.flatMap((one) => (one === category ? OVERRIDE_FIELDS[one] : []));
  return names.map((name) => (fields.find((field) => field.name === name)?.label ?? name).toLowerCase()).join(', ');
}
