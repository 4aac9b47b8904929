// The page of settings and its forms. Forms know texts only: here they become values, and
// what the core refuses goes back into the form.

import { Elysia, t } from 'elysia';
import { invalid } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Category } from '../settings/categories.ts';
import { categoryNamed } from '../settings/settings.ts';
import { deviceList } from '../views/access.tsx';
import { categoryForm } from '../views/settings.tsx';
import { agentsOfLines } from './agent-lines.ts';
import { html } from './html.ts';
import { type Form, goTo, HIDDEN, returnedForm, wantsPart } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { schemeRoutes } from './page-scheme.ts';
import { queryOf } from './query.ts';
import { settingsView, shownSettings } from './settings-view.ts';

const PageQuery = queryOf({ part: t.Optional(t.Literal('devices')), saved: t.Optional(t.String()) });
const SettingForm = t.Optional(t.Record(t.String(), t.String()));

export function settingsPageRoutes(parts: Parts) {
  return new Elysia()
    .use(schemeRoutes(parts))
    .get(
      '/settings',
      ({ request, query }) => {
        if (wantsPart(request))
          return html(deviceList(parts.auth.devices(), parts.gate.caller(request).identity?.deviceId ?? null));
        return html(
          settingsView(parts, request, query.saved === undefined ? {} : { saved: categoryNamed(query.saved) }),
        );
      },
      { query: PageQuery, ...HIDDEN },
    )
    .post(
      '/settings/:category',
      ({ request, params, body }) => {
        const name = categoryNamed(params.category);
        const form = body ?? {};
        try {
          parts.settings.patch(name, READ[name](form, parts));
        } catch (error) {
          const state = returnedForm(error, form, FIELD_NAMES[name]);
          if (!wantsPart(request))
            return html(settingsView(parts, request, { returned: { [name]: state } }), state.status);
          return html(categoryForm({ name, values: shownSettings(parts), state, saved: false }), state.status);
        }
        if (!wantsPart(request)) return goTo(request, `/settings?saved=${name}#${name}`);
        const saved = categoryForm({ name, values: shownSettings(parts), state: undefined, saved: true });
        return html(saved, 200, { 'hx-trigger': JSON.stringify({ 'dispatch:settings': { id: name } }) });
      },
      { body: SettingForm, ...HIDDEN },
    );
}

const FIELD_NAMES: Record<Category, readonly string[]> = {
  terminal: [
    'fontFamily',
    'fontSize',
    'lineHeight',
    'theme',
    'cursorStyle',
    'scrollback',
    'recordInput',
    'recordAllConfirmed',
    'bell',
  ],
  appearance: ['theme', 'density', 'textSize', 'contrast', 'motion'],
  workspaces: ['defaultShell', 'autosave', 'vimKeys', 'lineWrap', 'tabSize'],
  agents: ['claudePath', 'adapterPath', 'apiKey', 'agents'],
  retention: ['eventDays', 'sessionBytes', 'totalBytes'],
};

const READ: Record<Category, (form: Form, parts: Parts) => JsonObject> = {
  terminal(form, { settings }) {
    if (
      form.recordInput === 'all' &&
      settings.get('terminal').recordInput !== 'all' &&
      form.recordAllConfirmed !== 'true'
    ) {
      throw invalid('recordAllConfirmed', 'Tick this to record everything, or choose another.');
    }
    if (form.theme === 'own' && settings.get('terminal').scheme === undefined) {
      throw invalid('theme', 'There is no scheme of your own yet: give one below.');
    }
    return {
      ...texts(form, ['fontFamily', 'theme', 'cursorStyle', 'recordInput', 'bell']),
      ...numbers(form, ['fontSize', 'lineHeight', 'scrollback']),
      cursorBlink: form.cursorBlink === 'true',
      optionIsMeta: form.optionIsMeta === 'true',
      shellIntegration: form.shellIntegration === 'true',
      screenReader: form.screenReader === 'true',
    };
  },
  appearance: (form) => texts(form, ['theme', 'density', 'textSize', 'contrast', 'motion']),
  workspaces: (form) => ({
    ...(form.defaultShell === undefined ? {} : { defaultShell: textOrNull(form.defaultShell) }),
    ...numbers(form, ['tabSize']),
    autosave: form.autosave === 'true',
    vimKeys: form.vimKeys === 'true',
    lineWrap: form.lineWrap === 'true',
  }),
  agents: (form, { settings }) => ({
    ...(form.agents === undefined ? {} : { agents: agentsOfLines(form.agents, settings.get('agents').agents) }),
    claudePath: textOrNull(form.claudePath),
    adapterPath: textOrNull(form.adapterPath),
    ...(form.removeApiKey === 'true'
      ? { apiKey: null }
      : textOrNull(form.apiKey) === null
        ? {}
        : { apiKey: textOrNull(form.apiKey) }),
  }),
  retention: (form) => ({
    ...(form.eventDays === undefined ? {} : { eventDays: numberOrNull(form.eventDays) }),
    ...(form.sessionBytes === undefined ? {} : { sessionBytes: mebibytes(form.sessionBytes) }),
    ...(form.totalBytes === undefined ? {} : { totalBytes: mebibytes(form.totalBytes) }),
  }),
};

function texts(form: Form, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (form[name] === undefined ? [] : [[name, form[name].trim()]])));
}

function numbers(form: Form, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (form[name] === undefined ? [] : [[name, numberOf(form[name])]])));
}

function textOrNull(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}

const numberOrNull = (text: string): JsonValue => (textOrNull(text) === null ? null : numberOf(text));

/** The form counts in MiB, the setting in bytes. */
function mebibytes(text: string): JsonValue {
  const value = numberOrNull(text);
  return typeof value === 'number' ? Math.round(value * 1024 ** 2) : value;
}

/** What is no number stays a text: the settings say what it must be. */
function numberOf(text: string | undefined): JsonValue {
  const trimmed = text?.trim().replace(',', '.') ?? '';
  return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
}
