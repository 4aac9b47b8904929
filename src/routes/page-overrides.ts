// What a workspace has of its own of the settings, by the forms of its page; and who has what,
// for the page of settings.

import { Elysia, t } from 'elysia';
import { AppError, invalid } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import { CATEGORY_NAMES } from '../settings/categories.ts';
import type { FormState } from '../views/form.tsx';
import { OVERRIDABLE, type Overridable, OVERRIDE_FIELDS, type OverrideField, overrideForm, type OverridesView, type OverridingWorkspace } from '../views/workspace-settings.tsx';
import type { Workspace } from '../workspaces/workspace.ts';
import { html } from './html.ts';
import { type Form, goTo, HIDDEN, returnedForm, wantsPart } from './page-answer.ts';
import type { Parts } from './parts.ts';

const OwnForm = t.Optional(t.Record(t.String(), t.String({ maxLength: limits.pathBytesMax })));

/** @param page the workspace's whole page, with these forms as they are given */
export function overrideRoutes(parts: Parts, page: (workspace: Workspace, view: OverridesView) => JSX.Element) {
  const { workspaces } = parts;
  return new Elysia().post(
    '/workspaces/:id/settings/:category',
    async ({ request, params, body }) => {
      const workspace = workspaces.get(params.id);
      const category = overridable(params.category);
      const form: Form = body ?? {};
      try {
        const own = form.inherit === 'all' ? {} : read(category, form);
        if (own.recordInput === 'all' && ownOf(workspace, category).recordInput !== 'all' && form.recordAllConfirmed !== 'true') {
          throw invalid('recordAllConfirmed', 'Tick this to record everything, or choose another.');
        }
        const changed = await write(parts, workspace, category, own);
        if (!wantsPart(request)) return goTo(request, `/workspaces/${workspace.id}#overrides`);
        return html(overrideForm(overridesView(parts, changed, { saved: category }), category));
      } catch (error) {
        const state = returnedForm(error, form, [...OVERRIDE_FIELDS[category].map(({ name }) => name), 'recordAllConfirmed']);
        const view = overridesView(parts, workspace, { returned: { [category]: state } });
        return html(wantsPart(request) ? overrideForm(view, category) : page(workspace, view), state.status);
      }
    },
    { body: OwnForm, ...HIDDEN },
  );
}

export function overridesView(
  { settings }: Parts,
  workspace: Workspace,
  { returned = {}, saved }: { returned?: Partial<Record<Overridable, FormState>>; saved?: Overridable } = {},
): OverridesView {
  const inherited = { terminal: settings.shown('terminal'), workspaces: settings.shown('workspaces'), retention: settings.shown('retention') };
  const own = { terminal: ownOf(workspace, 'terminal'), workspaces: ownOf(workspace, 'workspaces'), retention: ownOf(workspace, 'retention') };
  return { workspaceId: workspace.id, inherited, own, returned, saved };
}

/** Every workspace that has any of its own. */
export function overridingWorkspaces({ workspaces }: Parts): OverridingWorkspace[] {
  return workspaces.list({ limit: limits.listLimitMax, offset: 0 }).workspaces.flatMap(({ id, name, metadata }) => {
    const { settings } = metadata;
    if (!isJsonObject(settings)) return [];
    const fields = CATEGORY_NAMES.flatMap((category) => {
      const own = settings[category];
      return isJsonObject(own) && Object.keys(own).length > 0 ? [[category, Object.keys(own)] as const] : [];
    });
    return fields.length === 0 ? [] : [{ id, name, fields: Object.fromEntries(fields) }];
  });
}

/** What the form does not show stays as it is. */
async function write({ workspaces }: Parts, { id, name, status, metadata }: Workspace, category: Overridable, own: JsonObject): Promise<Workspace> {
  const settings = isJsonObject(metadata.settings) ? metadata.settings : {};
  const before = isJsonObject(settings[category]) ? settings[category] : {};
  const shown = new Set(OVERRIDE_FIELDS[category].map((field) => field.name));
  const kept = Object.entries(before).filter(([field]) => !shown.has(field));
  const { [category]: _before, ...others } = settings;
  const next = { ...Object.fromEntries(kept), ...own };
  const all = Object.keys(next).length === 0 ? others : { ...others, [category]: next };
  const { settings: _settings, ...rest } = metadata;
  const value = { name, status: status === 'archived' ? 'archived' : 'active', metadata: Object.keys(all).length === 0 ? rest : { ...rest, settings: all } } as const;
  return workspaces.replace(id, value, { force: false });
}

function overridable(name: string): Overridable {
  const found = OVERRIDABLE.find((one) => one === name);
  if (found === undefined) throw new AppError('not_found', `A workspace has of its own what is of ${OVERRIDABLE.join(', ')}.`);
  return found;
}

function ownOf({ metadata }: Workspace, category: Overridable): JsonObject {
  const own = isJsonObject(metadata.settings) ? metadata.settings[category] : undefined;
  return isJsonObject(own) ? own : {};
}

/** An empty field inherits: it is not there. */
function read(category: Overridable, form: Form): JsonObject {
  const fields = OVERRIDE_FIELDS[category].flatMap((field) => {
    const text = form[field.name]?.trim() ?? '';
    return text === '' ? [] : [[field.name, valueOf(field, text)] as const];
  });
  return Object.fromEntries(fields);
}

/** What is no number stays a text: the settings say what it must be. */
function valueOf({ choices, number, none }: OverrideField, text: string): JsonValue {
  if (none !== undefined && text.toLowerCase() === 'none') return null;
  if (choices !== undefined) return text === 'true' || text === 'false' ? text === 'true' : text;
  if (number === undefined) return text;
  const value = Number(text.replace(',', '.'));
  if (!Number.isFinite(value)) return text;
  return number === 'MiB' ? Math.round(value * 1024 ** 2) : value;
}
