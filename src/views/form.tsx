// The parts of every form: a field with its label, hint and error tied to it, and the alert
// above a form that did not go through. What was typed is given back as it was.

import { Html } from '@elysiajs/html';
import { typed } from './text.tsx';

/** A form that comes back: what was typed, and what is wrong, by field. */
export interface FormState {
  typed: Readonly<Record<string, string>>;
  errors: Readonly<Record<string, string>>;
  /** What is wrong with the whole, where no field is to blame. */
  message?: string | undefined;
}

export const NOTHING_TYPED: FormState = { typed: {}, errors: {} };

export interface FieldOptions {
  /** Prefix of ids, one per form of a page. */
  form: string;
  name: string;
  label: string;
  state: FormState;
  /** Shown where nothing was typed. */
  value?: string;
  hint?: string;
  mono?: boolean;
  wide?: boolean;
  /** Further attributes of the control. */
  control?: Attributes;
}

type Attributes = Record<string, string | number | boolean | undefined>;

export function textField(options: FieldOptions): JSX.Element {
  const attributes = controlAttributes(options);
  return frame(options, <input type="text" value={typed(valueOf(options))} {...attributes} />);
}

export function textArea(options: FieldOptions): JSX.Element {
  // The newline after the tag is dropped by the parser: without it a first empty line would be lost.
  const { rows = 4, ...attributes } = controlAttributes(options);
  const text = `\n${Html.escapeHtml(valueOf(options))}`;
  return frame(options, <textarea rows={String(rows)} {...attributes}>{text as 'safe'}</textarea>);
}

export function selectField(options: FieldOptions & { choices: readonly (readonly [string, string])[] }): JSX.Element {
  const chosen = valueOf(options);
  return frame(options, (
    <select {...controlAttributes(options)}>
      {options.choices.map(([value, label]) => <option value={value} selected={value === chosen} safe>{label}</option>)}
    </select>
  ));
}

export interface CheckOptions {
  form: string;
  name: string;
  label: string;
  checked: boolean;
  error?: string | undefined;
}

export function checkField({ form, name, label, checked, error }: CheckOptions): JSX.Element {
  const id = `${form}-${name}`;
  return (
    <div class="field">
      <label class="check" for={id}>
        <input
          type="checkbox"
          id={id}
          name={name}
          value="true"
          checked={checked}
          aria-describedby={error === undefined ? undefined : `${id}-error`}
        />
        <span safe>{label}</span>
      </label>
      {error === undefined ? '' : <p class="field-error" id={`${id}-error`} role="alert" safe>{error}</p> as 'safe'}
    </div>
  );
}

/** Says above the fields that the form did not go through, and why where no field says it. */
export function formAlert(state: FormState): JSX.Element {
  if (state.message === undefined) return <></>;
  return (
    <div class="alert alert-error span" role="alert">
      <p safe>{state.message}</p>
    </div>
  );
}

/** A button whose words change while its form is under way. */
export function busyButton({ rest, busy, kind = '' }: { rest: string; busy: string; kind?: string }): JSX.Element {
  return (
    <button type="submit" class={`button ${kind}`.trim()}>
      <span class="rest" safe>{rest}</span>
      <span class="busy" safe>{busy}</span>
    </button>
  );
}

function frame({ form, name, label, state, hint, wide }: FieldOptions, control: JSX.Element): JSX.Element {
  const id = `${form}-${name}`;
  const error = state.errors[name];
  return (
    <div class={wide === true ? 'field span' : 'field'}>
      <label for={id} safe>{label}</label>
      {control as 'safe'}
      {error === undefined ? '' : <p class="field-error" id={`${id}-error`} role="alert" safe>{error}</p> as 'safe'}
      {hint === undefined ? '' : <p class="hint" id={`${id}-hint`} safe>{hint}</p> as 'safe'}
    </div>
  );
}

const valueOf = ({ state, name, value }: FieldOptions): string => state.typed[name] ?? value ?? '';

function controlAttributes({ form, name, state, hint, mono, control }: FieldOptions): Attributes {
  const id = `${form}-${name}`;
  const failed = state.errors[name] !== undefined;
  const described = [...(failed ? [`${id}-error`] : []), ...(hint === undefined ? [] : [`${id}-hint`])].join(' ');
  return {
    id,
    name,
    class: mono === true ? 'mono' : undefined,
    'aria-invalid': failed ? 'true' : undefined,
    'aria-describedby': described === '' ? undefined : described,
    ...control,
  };
}
