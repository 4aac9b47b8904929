// Which keys may be ours: none that a shell, an editor or a plain field needs.

import { expect, test } from 'bun:test';
import { shortcutErrors, SHORTCUTS } from '../../src/views/shortcuts.tsx';

const refused = (id: string, keys: string): boolean => Object.hasOwn(shortcutErrors({ [id]: keys }), id);

test('our own are all allowed, and none is there twice', () => {
  expect(shortcutErrors({})).toEqual({});
  expect(new Set(SHORTCUTS.map(({ id }) => id)).size).toBe(SHORTCUTS.length);
});

test('what works inside terminals and editors takes nothing that they need', () => {
  for (const keys of ['k', 'g k', 'Ctrl+K', 'Alt+K', 'F1', 'Ctrl+Alt+K', 'Ctrl+Shift+C', 'Ctrl+Shift+V', 'Ctrl+Shift+F', 'Ctrl+Shift+Z', 'Ctrl+Shift+ArrowLeft', 'Ctrl+Shift+PageUp', 'Meta+C', 'Meta+V', 'Meta+Shift+Z', 'Meta+ArrowLeft']) {
    expect(refused('palette-inside', keys), keys).toBe(true);
  }
  for (const keys of ['Ctrl+Shift+P', 'Ctrl+Shift+Space', 'Ctrl+Alt+Shift+ArrowLeft', 'Meta+K', 'Meta+Shift+P', '']) {
    expect(refused('palette-inside', keys), keys).toBe(false);
  }
});

test('what works in fields takes neither letters nor what every field needs', () => {
  for (const keys of ['k', 'g k', 'Ctrl+C', 'Ctrl+V', 'Ctrl+Z', 'Meta+A', 'Ctrl+ArrowLeft']) expect(refused('palette', keys), keys).toBe(true);
  for (const keys of ['Ctrl+K', 'Ctrl+P', 'Alt+K', 'Meta+K']) expect(refused('palette', keys), keys).toBe(false);
});

test('the same keys twice are refused with what they do already', () => {
  expect(shortcutErrors({ inbox: 'g w' })).toEqual({ inbox: 'These are the keys of “Workspaces”.' });
  expect(refused('inbox', 'g\u00a0w')).toBe(true);
});
