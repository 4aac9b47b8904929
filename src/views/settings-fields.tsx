// What each category of settings shows, in words that say what a choice does.

import { Html } from '@elysiajs/html';
import type { Category, SettingValues } from '../settings/categories.ts';
import { checkField, type FormState, selectField, textArea, textField } from './form.tsx';
import { themeChoice, type TerminalThemes } from './terminal-themes.tsx';

/** As anyone may see them: of the API key only whether there is one. */
export type ShownSettings = Omit<SettingValues, 'agents'> & {
  agents: Omit<SettingValues['agents'], 'apiKey' | 'agents'> & { apiKeySet: boolean; /** `name: program arguments`, a line each. */ others: string };
  /** What all history takes, and what is said of it. */
  history: { size: string; warnings: readonly string[] };
  themes: TerminalThemes;
};

export interface CategoryForm {
  name: Category;
  values: ShownSettings;
  state: FormState | undefined;
  saved: boolean;
}

interface CategoryFields {
  title: string;
  about?: string;
  fields: (values: ShownSettings, state: FormState) => JSX.Element;
}

export const FIELDS: Record<Category, CategoryFields> = {
  terminal: {
    title: 'Terminal',
    about: 'How terminals look and what is recorded of them. A workspace may say otherwise for itself.',
    fields: terminalFields,
  },
  appearance: { title: 'Appearance', fields: appearanceFields },
  workspaces: { title: 'Workspaces', fields: workspaceFields },
  agents: {
    title: 'Agents',
    about: 'Where the programs are that a Claude session needs. Left empty, they are looked for on the PATH. Any other agent that speaks the Agent Client Protocol is a line.',
    fields: agentFields,
  },
  retention: { title: 'Retention', fields: retentionFields },
};

const PLAIN = { autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' } as const;

/** A box that is not ticked is not sent: after an error it is off, not at its value. */
function ticked(state: FormState, name: string, value: boolean): boolean {
  return Object.keys(state.typed).length > 0 ? state.typed[name] === 'true' : value;
}

function terminalFields({ terminal, themes }: ShownSettings, state: FormState): JSX.Element {
  const form = 'terminal';
  return (
    <>
      <div class="fields">
        {textField({
          form, name: 'fontFamily', label: 'Font', state, value: terminal.fontFamily, mono: true, wide: true,
          hint: 'Names in order of preference; the first that this device has is used.', control: PLAIN,
        }) as 'safe'}
        {textField({
          form, name: 'fontSize', label: 'Size', state, value: String(terminal.fontSize), hint: '6 to 40 px',
          control: { inputmode: 'decimal', ...PLAIN },
        }) as 'safe'}
        {textField({
          form, name: 'lineHeight', label: 'Line height', state, value: String(terminal.lineHeight), hint: '1 to 2',
          control: { inputmode: 'decimal', ...PLAIN },
        }) as 'safe'}
        {themeChoice(themes, state.typed.theme ?? terminal.theme, state.errors.theme) as 'safe'}
        {selectField({
          form, name: 'cursorStyle', label: 'Cursor', state, value: terminal.cursorStyle,
          choices: [['block', 'Block'], ['bar', 'Bar'], ['underline', 'Underline']],
        }) as 'safe'}
        {textField({
          form, name: 'scrollback', label: 'Scrollback', state, value: String(terminal.scrollback),
          hint: 'Lines kept above the screen, up to 100,000. The history keeps all.',
          control: { inputmode: 'numeric', ...PLAIN },
        }) as 'safe'}
        {selectField({
          form, name: 'bell', label: 'Bell', state, value: terminal.bell,
          choices: [['visual', 'Shown'], ['none', 'Off']],
        }) as 'safe'}
      </div>
      <div>
        {checkField({
          form, name: 'cursorBlink', label: 'Cursor blinks',
          checked: ticked(state, 'cursorBlink', terminal.cursorBlink),
        }) as 'safe'}
        {checkField({
          form, name: 'optionIsMeta', label: 'Option key of a Mac is Meta',
          checked: ticked(state, 'optionIsMeta', terminal.optionIsMeta),
        }) as 'safe'}
        {checkField({
          form, name: 'screenReader', label: 'Keep the screen as text for a screen reader (slower under much output)',
          checked: ticked(state, 'screenReader', terminal.screenReader),
        }) as 'safe'}
        {checkField({
          form, name: 'shellIntegration', label: 'New shells (bash, zsh, fish) tell of their commands: a list with exit and duration',
          checked: ticked(state, 'shellIntegration', terminal.shellIntegration),
        }) as 'safe'}
      </div>
      {recordFields(state.typed.recordInput ?? terminal.recordInput, terminal.recordInput, state) as 'safe'}
    </>
  );
}

const RECORDING: readonly (readonly [string, string, string])[] = [
  [
    'redact',
    'What is shown anyway',
    'The text is kept while the program echoes it, or at the shell’s own prompt. In anything else ' +
      '(ssh, editors, password prompts) only its length.',
  ],
  ['none', 'Nothing but lengths', 'Who typed, when, and how much; never the text.'],
  [
    'all',
    'Everything',
    'Every key that is pressed, in every program, passwords and passphrases included, readable in the ' +
      'history and in backups.',
  ],
];

function recordFields(chosen: string, current: string, state: FormState): JSX.Element {
  const error = state.errors.recordAllConfirmed ?? state.errors.recordInput;
  return (
    <fieldset class="stack record" id="terminal-record">
      <legend>What is recorded of your typing</legend>
      {RECORDING.map(([value, label, meaning]) => (
        <label class="check">
          <input type="radio" name="recordInput" value={value} checked={value === chosen} />
          <span><strong safe>{label}</strong><br /><span class="hint" safe>{meaning}</span></span>
        </label>
      ))}
      {current === 'all' ? '' : (
        <div class="record-all alert alert-warn">
          {checkField({
            form: 'terminal', name: 'recordAllConfirmed',
            label: 'Record everything: I know that passwords I type will be stored as text.', checked: false, error,
          }) as 'safe'}
        </div>
      ) as 'safe'}
    </fieldset>
  );
}

function appearanceFields({ appearance }: ShownSettings, state: FormState): JSX.Element {
  const form = 'appearance';
  return (
    <div class="fields">
      {selectField({
        form, name: 'theme', label: 'Theme', state, value: appearance.theme,
        choices: [['system', 'As the system'], ['light', 'Light'], ['dark', 'Dark']],
      }) as 'safe'}
      {selectField({
        form, name: 'density', label: 'Density', state, value: appearance.density,
        choices: [['comfortable', 'Comfortable'], ['compact', 'Compact']],
      }) as 'safe'}
      {selectField({
        form, name: 'textSize', label: 'Text size', state, value: appearance.textSize,
        choices: [['small', 'Small'], ['normal', 'Normal'], ['large', 'Large'], ['larger', 'Larger']],
        hint: 'Of pages and the editor; terminals have a size of their own.',
      }) as 'safe'}
      {selectField({
        form, name: 'contrast', label: 'Contrast', state, value: appearance.contrast,
        choices: [['system', 'As the system'], ['more', 'More']],
      }) as 'safe'}
      {selectField({
        form, name: 'motion', label: 'Motion', state, value: appearance.motion,
        choices: [['system', 'As the system'], ['less', 'Less']],
      }) as 'safe'}
    </div>
  );
}

function workspaceFields({ workspaces }: ShownSettings, state: FormState): JSX.Element {
  const form = 'workspaces';
  return (
    <>
      <div class="fields">
        {textField({
          form, name: 'defaultShell', label: 'Shell of new terminals', state, mono: true,
          value: workspaces.defaultShell ?? '',
          hint: 'Left empty, the login shell of the account that the server runs as.',
          control: { placeholder: '/bin/bash', ...PLAIN },
        }) as 'safe'}
        {textField({
          form, name: 'tabSize', label: 'Width of a tab in the editor', state, value: String(workspaces.tabSize),
          hint: '1 to 16', control: { inputmode: 'numeric', ...PLAIN },
        }) as 'safe'}
      </div>
      <div>
        {checkField({
          form, name: 'autosave', label: 'Save documents by themselves, a second after the last edit',
          checked: ticked(state, 'autosave', workspaces.autosave),
        }) as 'safe'}
        {checkField({
          form, name: 'lineWrap', label: 'Wrap long lines in the editor', checked: ticked(state, 'lineWrap', workspaces.lineWrap),
        }) as 'safe'}
        {checkField({
          form, name: 'vimKeys', label: 'Vim keys in the editor', checked: ticked(state, 'vimKeys', workspaces.vimKeys),
        }) as 'safe'}
      </div>
    </>
  );
}

function agentFields({ agents }: ShownSettings, state: FormState): JSX.Element {
  const form = 'agents';
  return (
    <>
      <div class="fields">
        {textField({
          form, name: 'claudePath', label: 'claude', state, value: agents.claudePath ?? '', mono: true,
          control: { placeholder: 'on the PATH', ...PLAIN },
        }) as 'safe'}
        {textField({
          form, name: 'adapterPath', label: 'ACP adapter', state, value: agents.adapterPath ?? '', mono: true,
          control: { placeholder: 'on the PATH', ...PLAIN },
        }) as 'safe'}
        {textField({
          form, name: 'apiKey', label: 'API key', state: { ...state, typed: {} }, mono: true,
          hint: agents.apiKeySet
            ? 'One is set; it is never shown again. Type another to replace it.'
            : 'None is set: the agent signs in by itself.',
          control: { type: 'password', ...PLAIN, autocomplete: 'new-password' },
        }) as 'safe'}
        {textArea({
          form, name: 'agents', label: 'Other agents', state, value: agents.others, mono: true, wide: true,
          hint: 'A line each: a short name, a colon, and the command that starts it. It then stands beside Claude where conversations begin.',
          control: { rows: 2, placeholder: 'gemini: gemini --experimental-acp', ...PLAIN },
        }) as 'safe'}
      </div>
      {agents.apiKeySet
        ? checkField({ form, name: 'removeApiKey', label: 'Remove the API key', checked: false }) as 'safe'
        : ''}
    </>
  );
}

function retentionFields({ retention, history }: ShownSettings, state: FormState): JSX.Element {
  const form = 'retention';
  const numeric = { inputmode: 'numeric', ...PLAIN };
  const inMiB = (bytes: number | null): string => (bytes === null ? '' : String(bytes / 1024 ** 2));
  return (
    <>
      {history.warnings.map((warning) => <div class="alert alert-warn"><p safe>{warning}</p></div>)}
      <div class="fields">
        {textField({
          form, name: 'eventDays', label: 'Days that events are kept', state,
          value: retention.eventDays === null ? '' : String(retention.eventDays),
          hint: 'Left empty, history is kept for ever. Sessions and workspaces stay either way.',
          control: { ...numeric, placeholder: 'for ever' },
        }) as 'safe'}
        {textField({
          form, name: 'sessionBytes', label: 'MiB per session', state, value: inMiB(retention.sessionBytes),
          hint: 'Past it the oldest of its history is dropped.', control: { ...numeric, placeholder: 'no limit' },
        }) as 'safe'}
        {textField({
          form, name: 'totalBytes', label: 'MiB of all sessions', state, value: inMiB(retention.totalBytes),
          hint: `Past it the oldest is dropped, of ended sessions first. All history takes ${history.size} now, packed.`,
          control: { ...numeric, placeholder: 'no limit' },
        }) as 'safe'}
      </div>
    </>
  );
}
