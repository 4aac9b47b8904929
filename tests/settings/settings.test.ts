// Settings over a real database: defaults, bounds, overrides, and secrets that stay.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Changes } from '../../src/changes.ts';
import { openDatabase, type OpenDatabase } from '../../src/db/open.ts';
import { SettingRows } from '../../src/db/settings.ts';
import { AppError } from '../../src/errors.ts';
import type { JsonObject, JsonValue } from '../../src/json.ts';
import { type Category, CATEGORY_NAMES } from '../../src/settings/categories.ts';
import { Settings } from '../../src/settings/settings.ts';
import { temporaryFolder } from '../support/server.ts';

let folder: string;
let database: OpenDatabase;
let settings: Settings;
let announced: string[];

beforeEach(() => {
  folder = temporaryFolder();
  database = openDatabase(join(folder, 'data'));
  announced = [];
  settings = again();
});

afterEach(() => {
  database.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** As the next start of the server sees them. */
function again(): Settings {
  const changes = new Changes();
  changes.listen((name, id) => announced.push(`${name} ${id}`));
  return new Settings({ rows: new SettingRows(database.db), changes });
}

function fieldsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe('invalid');
    return Object.keys(error.detail.fields ?? {});
  }
  throw new Error('nothing was refused');
}

describe('settings', () => {
  test('have their defaults before anything is chosen', () => {
    const { terminal, ...others } = settings.all();
    expect(terminal).toMatchObject({
      fontSize: 14,
      lineHeight: 1.2,
      theme: 'auto',
      cursorStyle: 'block',
      cursorBlink: false,
      scrollback: 10_000,
      recordInput: 'redact',
      optionIsMeta: false,
      shellIntegration: true,
      bell: 'visual',
    });
    expect(others).toEqual({
      agents: { claudePath: null, adapterPath: null, apiKey: null },
      retention: { eventDays: null, sessionBytes: 1024 ** 3, totalBytes: 10 * 1024 ** 3 },
      appearance: { theme: 'system', density: 'comfortable', textSize: 'normal', contrast: 'system', motion: 'system' },
      workspaces: { defaultShell: null, autosave: false, vimKeys: false, lineWrap: true, tabSize: 4 },
    });
    for (const category of CATEGORY_NAMES) {
      const shown = settings.shown(category);
      expect(settings.replace(category, shown)).toEqual(shown);
    }
  });

  test('are replaced as a whole, or changed field by field', () => {
    expect(settings.replace('terminal', { fontSize: 20, bell: 'none' })).toMatchObject({ fontSize: 20, bell: 'none' });
    const patched = settings.patch('terminal', { theme: 'dark', bell: null });
    expect(patched).toMatchObject({ fontSize: 20, bell: 'visual', theme: 'dark' });
    expect(settings.replace('terminal', {})).toMatchObject({ fontSize: 14, theme: 'auto' });
    settings.replace('retention', { eventDays: 30 });
    expect(settings.patch('retention', { eventDays: null })).toMatchObject({ eventDays: null });
    const [terminal, retention] = ['settings terminal', 'settings retention'];
    expect(announced).toEqual([terminal, terminal, terminal, retention, retention] as string[]);
  });

  test('outlive the server', () => {
    settings.patch('terminal', { fontSize: 9 });
    expect(again().get('terminal').fontSize).toBe(9);
  });

  test('that another version kept and this one cannot use count as not chosen', () => {
    new SettingRows(database.db).put('terminal', { fontSize: 900, bell: 'none', gone: true });
    expect(again().get('terminal')).toMatchObject({ fontSize: 14, bell: 'none' });
    expect(again().shown('terminal')).not.toHaveProperty('gone');
    expect(again().patch('terminal', { theme: 'dark' })).toMatchObject({ fontSize: 14, bell: 'none', theme: 'dark' });
  });

  const BOUNDS: [Category, string, JsonValue[], JsonValue[]][] = [
    ['terminal', 'fontSize', [6, 40, 13.5], [5.9, 40.1, '14', true, {}]],
    ['terminal', 'lineHeight', [1, 2], [0.99, 2.01]],
    ['terminal', 'scrollback', [0, 100_000], [-1, 100_001, 1.5]],
    ['terminal', 'fontFamily', ['x', 'x'.repeat(200)], ['', 'x'.repeat(201), 'a\nb']],
    ['terminal', 'theme', ['auto', 'dark', 'light', 'high-contrast'], ['Dark', '']],
    ['terminal', 'recordInput', ['redact', 'all', 'none'], ['some']],
    ['terminal', 'cursorBlink', [true, false], [1, 'true']],
    ['retention', 'eventDays', [1, 3650, null], [0, 3651, 1.5]],
    ['retention', 'sessionBytes', [16 * 1024 ** 2, 1024 ** 4, null], [16 * 1024 ** 2 - 1, 1024 ** 4 + 1, 2e7 + 0.5]],
    ['retention', 'totalBytes', [64 * 1024 ** 2, 16 * 1024 ** 4, null], [64 * 1024 ** 2 - 1, 16 * 1024 ** 4 + 1, '1 GB']],
    ['agents', 'claudePath', ['/usr/bin/claude', null], ['', 'a\0', 'x'.repeat(4097)]],
    ['agents', 'apiKey', ['k', 'k'.repeat(512), null], ['', 'k'.repeat(513), 'a\nb', 5]],
    ['workspaces', 'defaultShell', ['/bin/bash', null], ['', 'a\0', []]],
    ['workspaces', 'autosave', [true, false], ['yes', 1]],
    ['workspaces', 'tabSize', [1, 16], [0, 17, 2.5]],
    ['appearance', 'density', ['compact'], ['dense']],
  ];

  test.each(BOUNDS)('%s.%s keeps its bounds', (category, field, right, wrong) => {
    for (const value of right) {
      settings.replace(category, { [field]: value });
      expect((settings.get(category) as unknown as JsonObject)[field]).toEqual(value);
    }
    const before = settings.shown(category);
    for (const value of wrong) {
      expect(fieldsOf(() => settings.replace(category, { [field]: value }))).toEqual([field]);
      expect(fieldsOf(() => settings.patch(category, { [field]: value }))).toEqual([field]);
    }
    expect(settings.shown(category)).toEqual(before);
  });

  test('name every field that is wrong, and refuse those there are not', () => {
    const wrong = JSON.parse('{"fontSize":1,"fontSizes":1,"__proto__":{},"constructor":null,"toString":1}');
    const fields = ['fontSize', 'fontSizes', '__proto__', 'constructor', 'toString'];
    expect(fieldsOf(() => settings.replace('terminal', wrong)).sort()).toEqual(fields.sort());
    expect(fieldsOf(() => settings.patch('terminal', wrong)).sort()).toEqual(fields.sort());
    expect(fieldsOf(() => settings.patch('terminal', { gone: null }))).toEqual(['gone']);
  });
});

describe('a secret', () => {
  const SECRET = 'sk-ant-very-secret';

  test('never comes back, only that it is set', () => {
    const shown = settings.patch('agents', { apiKey: SECRET });
    expect(shown).toEqual({ claudePath: null, adapterPath: null, apiKey: 'set' });
    expect(JSON.stringify([settings.all(), settings.shown('agents')])).not.toContain(SECRET);
    expect(settings.get('agents').apiKey).toBe(SECRET);
  });

  test('stays when what was shown is sent back, and goes with null', () => {
    settings.patch('agents', { apiKey: SECRET });
    settings.replace('agents', { ...settings.shown('agents'), claudePath: '/opt/claude' });
    expect(settings.get('agents')).toMatchObject({ apiKey: SECRET, claudePath: '/opt/claude' });
    settings.patch('agents', { apiKey: 'set' });
    expect(again().get('agents').apiKey).toBe(SECRET);
    expect(settings.patch('agents', { apiKey: null })).toMatchObject({ apiKey: null });
    settings.patch('agents', { apiKey: 'set' });
    expect(settings.get('agents').apiKey).toBeNull();
  });

  test('is not in what is said of a wrong one', () => {
    try {
      settings.patch('agents', { apiKey: `${SECRET}\n` });
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect(JSON.stringify(error) + String(error)).not.toContain(SECRET);
      return;
    }
    throw new Error('nothing was refused');
  });
});

describe('overrides in the metadata of a workspace', () => {
  test('come before what the server has', () => {
    settings.patch('terminal', { fontSize: 20, theme: 'dark' });
    const metadata = { settings: { terminal: { fontSize: 9 } } };
    expect(settings.effective('terminal', metadata)).toMatchObject({ fontSize: 9, theme: 'dark', bell: 'visual' });
    expect(settings.effective('terminal', {})).toMatchObject({ fontSize: 20 });
    const shell = { settings: { workspaces: { defaultShell: '/bin/fish' } } };
    expect(settings.effective('workspaces', shell).defaultShell).toBe('/bin/fish');
  });

  test('that do not fit are refused by name, and ignored should they be there all the same', () => {
    const wrong: [JsonValue, string][] = [
      ['x', 'metadata.settings'],
      [[], 'metadata.settings'],
      [null, 'metadata.settings'],
      [{ sound: {} }, 'metadata.settings.sound'],
      [{ terminal: 5 }, 'metadata.settings.terminal'],
      [{ terminal: { fontSize: 1 } }, 'metadata.settings.terminal.fontSize'],
      [{ terminal: { fontSize: null } }, 'metadata.settings.terminal.fontSize'],
      [{ terminal: { fonts: 1 } }, 'metadata.settings.terminal.fonts'],
      [{ agents: { apiKey: 'sk-x' } }, 'metadata.settings.agents.apiKey'],
      [{ agents: { apiKey: null } }, 'metadata.settings.agents.apiKey'],
      [{ retention: { totalBytes: null } }, 'metadata.settings.retention.totalBytes'],
    ];
    for (const [value, field] of wrong) {
      expect(fieldsOf(() => settings.checkOverrides({ settings: value }))).toEqual([field]);
      expect(settings.effective('terminal', { settings: value })).toEqual(settings.get('terminal'));
      expect(settings.effective('agents', { settings: value }).apiKey).toBeNull();
    }
    settings.checkOverrides({});
    const right = { terminal: { fontSize: 9 }, retention: { eventDays: null }, agents: { claudePath: '/c' } };
    settings.checkOverrides({ settings: right });
  });
});
