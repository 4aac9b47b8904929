// What the command palette offers: every place, what can be made where, and what can be done
// with what lives. All of it at once: it is small, and choosing is then as quick as typing.

import { Elysia, t } from 'elysia';
import { limits } from '../limits.ts';
import type { Session } from '../sessions/session.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { NOTHING_TYPED } from '../views/form.tsx';
import { STATE_WORDS } from '../views/activity.tsx';
import { shortcutErrors, SHORTCUTS, shortcutsForm } from '../views/shortcuts.tsx';
import { html } from './html.ts';
import { goTo, HIDDEN, wantsPart } from './page-answer.ts';
import { liveSessions } from './page-workspaces.ts';
import { PLACES } from './palette-places.ts';
import type { Parts } from './parts.ts';
import { settingsView } from './settings-view.ts';

interface Item {
  title: string;
  /** Beside it, and found too. */
  detail: string;
  group: 'session' | 'workspace' | 'place' | 'setting' | 'do';
  /** The workspace that it is of. */
  workspace?: string;
  /** Where it goes; else what is sent by POST. */
  href?: string;
  post?: string;
  /** Asked for before it is sent, as this field, with what it is now. */
  ask?: { field: string; value: string };
  /** Enter must be pressed again: it takes something away. */
  confirm?: true;
}

const KeysForm = t.Record(t.String(), t.String({ maxLength: limits.settingTextLengthMax }));

export function paletteRoutes(parts: Parts) {
  return new Elysia()
    .get('/palette', () => Response.json({ items: itemsOf(parts) }, { headers: { 'cache-control': 'no-store' } }), HIDDEN)
    .post(
      '/settings/shortcuts',
      ({ request, body }) => {
        const chosen = Object.fromEntries(
          SHORTCUTS.flatMap(({ id, keys }) => {
            const wanted = body[id]?.trim() ?? keys;
            return wanted === keys ? [] : [[id, wanted]];
          }),
        );
        const errors = shortcutErrors(chosen);
        if (Object.keys(errors).length > 0) {
          const state = { typed: body, errors };
          return html(wantsPart(request) ? shortcutsForm(chosen, state, false) : settingsView(parts, request, { shortcuts: state }), 422);
        }
        parts.settings.replace('appearance', { ...parts.settings.get('appearance'), shortcuts: chosen });
        return wantsPart(request) ? html(shortcutsForm(chosen, NOTHING_TYPED, true)) : goTo(request, '/settings#shortcuts');
      },
      { body: KeysForm, ...HIDDEN },
    );
}

function itemsOf(parts: Parts): Item[] {
  const { workspaces, sessions } = parts;
  const named = new Map<string, Workspace>();
  for (const status of [undefined, 'archived'] as const) {
    for (const one of workspaces.list({ status, limit: limits.listLimitMax, offset: 0 }).workspaces) named.set(one.id, one);
  }
  const live = liveSessions(parts);
  const ended = sessions.list({ status: 'stopped', limit: limits.paletteEndedMax, offset: 0 }).sessions;
  const where = ({ workspaceId }: Session): string => named.get(workspaceId)?.name ?? '';
  return [
    ...[...live, ...ended].map((session): Item => ({ title: session.name, detail: `${where(session)} · ${STATE_WORDS[session.activity.state]}`, group: 'session', workspace: session.workspaceId, href: `/sessions/${session.id}` })),
    ...[...named.values()].flatMap(ofWorkspace),
    ...PLACES,
    ...live.flatMap((session) => ofLive(session, where(session))),
    ...ended.map((session): Item => ({ title: `Resume ${session.name}`, detail: where(session), group: 'do', workspace: session.workspaceId, post: `/sessions/${session.id}/resume` })),
    { title: 'Sign out', detail: 'this browser', group: 'do', post: '/logout' },
  ];
}

function ofWorkspace({ id, name, path, status }: Workspace): Item[] {
  const go: Item[] = [
    { title: name, detail: path, group: 'workspace', workspace: id, href: `/workspaces/${id}` },
    { title: `Workbench of ${name}`, detail: 'its sessions side by side', group: 'workspace', workspace: id, href: `/workspaces/${id}/workbench` },
    { title: `Files of ${name}`, detail: path, group: 'workspace', workspace: id, href: `/workspaces/${id}/files` },
    { title: `Changes in ${name}`, detail: 'git', group: 'workspace', workspace: id, href: `/workspaces/${id}/changes` },
  ];
  if (status !== 'active') return go.slice(0, 1);
  return [
    ...go,
    { title: `New terminal in ${name}`, detail: path, group: 'do', workspace: id, post: `/workspaces/${id}/sessions` },
    { title: `New conversation in ${name}`, detail: path, group: 'do', workspace: id, href: `/workspaces/${id}#new-conversation` },
    { title: `Rename workspace ${name}`, detail: path, group: 'do', workspace: id, href: `/workspaces/${id}#edit` },
  ];
}

function ofLive({ id, name, workspaceId: workspace }: Session, where: string): Item[] {
  return [
    { title: `Stop ${name}`, detail: where, group: 'do', workspace, post: `/sessions/${id}/stop`, confirm: true },
    { title: `Rename ${name}`, detail: where, group: 'do', workspace, post: `/sessions/${id}/rename`, ask: { field: 'name', value: name } },
  ];
}
