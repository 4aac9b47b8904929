// The same function gives the part of the page and the answer that takes its place.

import { describe, expect, test } from 'bun:test';
import { envOfLines } from '../../src/routes/env-lines.ts';
import { deviceList, linkForm } from '../../src/views/access.tsx';
import { NOTHING_TYPED } from '../../src/views/form.tsx';
import { sessionList } from '../../src/views/session-list.tsx';
import { categoryForm, settingsPage } from '../../src/views/settings.tsx';
import { relative } from '../../src/views/time.tsx';
import { movedForm, particularsForm } from '../../src/views/workspace-edit.tsx';
import { envLines } from '../../src/views/workspace-parts.tsx';
import { newTerminalForm, workspaceHead, workspacePage } from '../../src/views/workspace.tsx';
import { createForm, listUrl, workspaceList, workspacesPage } from '../../src/views/workspaces.tsx';
import { LOOK, OVERRIDES, SCHEME, session, sessionsOf, SETTINGS, workspace } from './samples.ts';

describe('a fragment', () => {
  test('of the list of workspaces is part of its page', () => {
    const view = {
      workspaces: [workspace()],
      pagination: { total: 80, limit: 50, offset: 50, hasMore: false },
      query: { q: 'ho', status: 'active', offset: 50 } as const,
      live: new Map([[workspace().id, [session()]]]),
    };
    const page = String(workspacesPage({ ...view, create: NOTHING_TYPED, look: LOOK }));
    expect(page).toContain(String(workspaceList(view)));
    expect(page).toContain(String(createForm(NOTHING_TYPED)));
  });

  test('of a workspace is part of its page', () => {
    const one = workspace({ metadata: { env: { A: '1' } } });
    const sessions = sessionsOf({
      live: [session()],
      ended: [session({ status: 'stopped' })],
      endedTotal: 70,
      endedOffset: 50,
    });
    const edit = { particulars: NOTHING_TYPED, moved: NOTHING_TYPED, saved: true, overrides: OVERRIDES };
    const page = String(workspacePage({ workspace: one, sessions, newTerminal: NOTHING_TYPED, edit, look: LOOK }));
    for (const fragment of [
      workspaceHead(one),
      sessionList(sessions),
      newTerminalForm(one.id, NOTHING_TYPED),
      particularsForm(one, NOTHING_TYPED, true),
      movedForm(one, NOTHING_TYPED),
    ]) {
      expect(page).toContain(String(fragment));
    }
  });

  test('of the settings is part of their page', () => {
    const devices = [{ id: 'd', name: 'Firefox on Linux', created: 0, lastSeen: 0 }];
    const access = { devices, here: 'd', link: undefined, keyFixed: null, key: NOTHING_TYPED };
    const page = String(settingsPage({ values: SETTINGS, returned: {}, saved: 'terminal', scheme: SCHEME, overriding: [], shortcuts: NOTHING_TYPED, access, look: LOOK }));
    expect(page).toContain(String(categoryForm({ name: 'terminal', values: SETTINGS, state: undefined, saved: true })));
    expect(page).toContain(String(deviceList(devices, 'd')));
    expect(page).toContain(String(linkForm(undefined)));
    expect(page.match(/>this device</g)).toHaveLength(1);
  });
});

describe('what pages say', () => {
  test('gives variables back as they were when a form is saved untouched', () => {
    const env = {
      PLAIN: 'a=b c',
      EMPTY: '',
      LINES: 'one\ntwo',
      QUOTED: '"x"',
      SPACES: '  kept  ',
      RETURN: 'a\r\nb',
      BACK: 'a\\nb',
    };
    const lines = envLines(workspace({ metadata: { env } }));
    expect(envOfLines(lines, env)).toEqual(env);
  });

  test('takes a variable away that is in no line any more', () => {
    expect(envOfLines('B=2\r\n\r\n', { A: '1', B: '1' })).toEqual({ A: null, B: '2' });
  });

  test('says which line is no variable', () => {
    expect(() => envOfLines('A=1\nnonsense', {})).toThrow('Line 2 is not NAME=value.');
    expect(() => envOfLines('A=1\nA=2', {})).toThrow('Line 2: A is there already.');
    expect(() => envOfLines('A="open', {})).toThrow('Line 1: a value that begins with "');
  });

  test('tells how long ago', () => {
    const at = Date.parse('2026-03-01T00:00:00Z');
    const after = (ms: number): string => relative(at, at + ms);
    expect([after(59_999), after(60_000), after(3_600_000), after(86_400_000), after(30 * 86_400_000)]).toEqual([
      'just now',
      '1 min ago',
      '1 h ago',
      '1 d ago',
      '2026-03-01',
    ]);
    expect(relative(at + 5_000, at)).toBe('just now'); // A clock that is ahead.
  });

  test('keeps search, filter and page in the address', () => {
    expect(listUrl({ q: '', status: 'active', offset: 0 })).toBe('/workspaces');
    expect(listUrl({ q: 'a&b', status: 'archived', offset: 50 })).toBe('/workspaces?q=a%26b&status=archived&offset=50');
  });
});
