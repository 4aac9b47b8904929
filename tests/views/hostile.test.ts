// Whatever a name, path, title or error says, a page shows it and never obeys it.

import { describe, expect, test } from 'bun:test';
import { deviceList, linkForm, newKeyPage } from '../../src/views/access.tsx';
import { confirmPage } from '../../src/views/confirm.tsx';
import { errorFragment, errorPage } from '../../src/views/error.tsx';
import { type FormState, NOTHING_TYPED } from '../../src/views/form.tsx';
import { linkPage, loginPage } from '../../src/views/login.tsx';
import { referencePage } from '../../src/views/reference.tsx';
import { settingsPage } from '../../src/views/settings.tsx';
import { workspacePage } from '../../src/views/workspace.tsx';
import { workspacesPage } from '../../src/views/workspaces.tsx';
import { LOOK, OVERRIDES, session, sessionsOf, SETTINGS, workspace } from './samples.ts';

const HOSTILE = `"'></textarea></title><img src=x onerror=alert(1)><script>alert(2)</script>&amp;\u202egnp.exe`;
const WRONG: FormState = {
  typed: { path: HOSTILE, name: HOSTILE, env: HOSTILE, color: HOSTILE, command: HOSTILE, fontFamily: HOSTILE },
  errors: { path: HOSTILE, name: HOSTILE, env: HOSTILE, color: HOSTILE, command: HOSTILE, fontFamily: HOSTILE },
  message: HOSTILE,
};
const hostileWorkspace = workspace({
  name: HOSTILE,
  path: `/${HOSTILE}`,
  status: 'error',
  statusReason: HOSTILE,
  metadata: { description: HOSTILE, shell: HOSTILE, color: HOSTILE, env: { [HOSTILE]: HOSTILE } },
});
const hostileSession = session({
  name: HOSTILE,
  statusReason: HOSTILE,
  exitSignal: HOSTILE,
  activity: { state: 'working', since: '2026-01-02T10:00:00.000Z', detail: HOSTILE },
  clients: [{ client: HOSTILE, name: HOSTILE, mode: 'rw', leads: true }],
  meta: { command: [HOSTILE] },
});
const devices = [{ id: HOSTILE, name: HOSTILE, created: 0, lastSeen: 0 }];
const access = { devices, here: null, link: { url: HOSTILE, qr: '', minutes: 10 }, keyFixed: HOSTILE, key: WRONG };
const operation = {
  method: 'get',
  path: HOSTILE,
  summary: HOSTILE,
  description: `\`${HOSTILE}\` ${HOSTILE}`,
  parameters: [{ name: HOSTILE, place: HOSTILE, required: true, schema: HOSTILE }],
  body: HOSTILE,
  responses: [{ status: HOSTILE, description: HOSTILE, schema: HOSTILE }],
};
const list = {
  pagination: { total: 1, limit: 50, offset: 0, hasMore: false },
  live: new Map([[hostileWorkspace.id, [hostileSession]]]),
};

const VIEWS: Record<string, JSX.Element> = {
  'sign-in': loginPage({ next: HOSTILE, error: HOSTILE }),
  link: linkPage({ token: HOSTILE, next: HOSTILE, error: HOSTILE }),
  error: errorPage({ status: 500, message: HOSTILE }),
  'error as a fragment': errorFragment({ status: 500, message: HOSTILE }),
  confirmation: confirmPage(
    { title: HOSTILE, message: HOSTILE, names: [HOSTILE], action: '/x', button: HOSTILE, back: '/y' },
    LOOK,
  ),
  workspaces: workspacesPage({
    ...list,
    workspaces: [hostileWorkspace],
    query: { q: HOSTILE, status: 'active', offset: 0 },
    create: WRONG,
    look: LOOK,
  }),
  'an empty search': workspacesPage({
    ...list,
    workspaces: [],
    query: { q: HOSTILE, status: 'archived', offset: 0 },
    create: NOTHING_TYPED,
    look: LOOK,
  }),
  workspace: workspacePage({
    workspace: hostileWorkspace,
    sessions: sessionsOf({ live: [hostileSession], ended: [hostileSession], endedTotal: 1 }),
    newTerminal: WRONG,
    edit: { particulars: WRONG, moved: WRONG, saved: false, overrides: { ...OVERRIDES, own: { ...OVERRIDES.own, terminal: { fontFamily: HOSTILE } }, returned: { terminal: WRONG } } },
    look: LOOK,
  }),
  'workspace as it is': workspacePage({
    workspace: { ...hostileWorkspace, status: 'active' },
    sessions: sessionsOf(),
    newTerminal: NOTHING_TYPED,
    edit: { particulars: NOTHING_TYPED, moved: NOTHING_TYPED, saved: false, overrides: OVERRIDES },
    look: LOOK,
  }),
  settings: settingsPage({ values: SETTINGS, returned: { terminal: WRONG }, saved: undefined, scheme: { state: WRONG, tried: { red: HOSTILE } }, overriding: [{ id: HOSTILE, name: HOSTILE, fields: { terminal: [HOSTILE] } }], shortcuts: NOTHING_TYPED, access, look: LOOK }),
  devices: deviceList(devices, HOSTILE),
  'a made link': linkForm({ url: HOSTILE, qr: '', minutes: 10 }),
  'a new key': newKeyPage(HOSTILE),
  reference: referencePage({
    groups: [{ name: HOSTILE, operations: [operation] }],
    q: HOSTILE,
    title: HOSTILE,
    version: HOSTILE,
    description: HOSTILE,
    look: LOOK,
  }),
};

/** What a parser finds that only the hostile text could have brought. */
async function intruders(html: string): Promise<string[]> {
  const found: string[] = [];
  const rewriter = new HTMLRewriter().on('*', {
    element(element) {
      if (['img', 'iframe', 'object'].includes(element.tagName)) found.push(element.tagName);
      if (element.tagName === 'script' && !/^\/assets\//.test(element.getAttribute('src') ?? ''))
        found.push('inline script');
      for (const [name, value] of element.attributes) {
        if (name.startsWith('on')) found.push(name);
        if (['href', 'action', 'src'].includes(name) && !/^(\/|#)/.test(value)) found.push(`${name}=${value}`);
        if (name === 'style' && !/^(--tick: (#[0-9a-f]+)?|(background:|;?color:|#[0-9a-f]{6})+)$/i.test(value)) found.push(`style=${value}`);
      }
    },
  });
  await rewriter.transform(new Response(html)).text();
  return found;
}

describe('hostile text', () => {
  for (const [name, view] of Object.entries(VIEWS)) {
    test(`stays text on the page of ${name}`, async () => {
      const html = String(view);
      expect(html).toContain('onerror=alert(1)'); // Shown, so that the test looks at what it means to.
      expect(await intruders(html)).toEqual([]);
    });
  }

  test('shows a direction override for what it is', () => {
    const shown = String(VIEWS.workspaces);
    expect(shown).toContain('\ufffdgnp.exe</a>');
  });

  test('keeps no colour but a plain one out of a style', () => {
    const view = (color: string) =>
      String(
        workspacesPage({
          ...list,
          workspaces: [workspace({ metadata: { color } })],
          query: { q: '', status: 'active', offset: 0 },
          create: NOTHING_TYPED,
          look: LOOK,
        }),
      );
    expect(view('#2f8f7b')).toContain('--tick: #2f8f7b');
    expect(view('red; background: url(//evil.example)')).not.toContain('evil.example');
  });
});
