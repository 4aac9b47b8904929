// The floor plan, kept by a test: which room may import which, how large a file may be, what
// names there are none of, and that every file is used.

import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dir, '..');
const LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;

/** Rooms that a room's files may import besides itself. Root files are `root`. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  root: ['root'],
  db: ['root', 'types'],
  auth: ['root'],
  sessions: ['root', 'types'],
  pty: ['root', 'sessions', 'types'],
  agent: ['root', 'sessions', 'types'],
  editor: ['root', 'sessions', 'files', 'types'],
  git: ['root', 'files', 'workspaces', 'types'],
  workspaces: ['root', 'types'],
  files: ['root', 'workspaces', 'types'],
  settings: ['root', 'types'],
  views: ['assets', 'types'],
  cli: ['root', 'pty', 'db'],
  routes: ['root', 'agent', 'auth', 'db', 'editor', 'files', 'git', 'pty', 'search', 'sessions', 'settings', 'views', 'workspaces'],
  search: ['root', 'sessions', 'types'],
};
/** Composes everything. */
const WIRING = new Set(['src/app.ts', 'src/conversations.ts', 'src/editors.ts', 'src/keeping.ts', 'src/repositories.ts', 'src/server.ts', 'src/index.ts', 'src/boot.ts', 'src/screens.ts', 'src/screen-worker.ts', 'src/past.ts', 'src/past-worker.ts', 'src/searching.ts', 'src/search-worker.ts', 'src/file-search-worker.ts', 'src/file-search-process.ts']);
/** Where a process or a thread begins: nothing imports them. */
const ENTRIES = new Set(['src/index.ts', 'src/screen-worker.ts', 'src/past-worker.ts', 'src/search-worker.ts', 'src/file-search-worker.ts']);
const BANNED_NAMES = /(^|[-/])(utils?|helpers?|common|managers?|services?|handlers?|types|index)\.tsx?$/;
const BANNED_WORDS = /\b(TODO|FIXME|XXX|HACK)\b|@ts-ignore|@ts-expect-error|: any\b|<any>|\bas any\b/;

function filesOf(folder: string, ending: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

const source = filesOf('src', /\.tsx?$/);
const code = [...source, ...filesOf('tests', /\.tsx?$/), ...filesOf('bench', /\.tsx?$/), ...filesOf('public', /\.js$/)];
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const roomOf = (file: string): string => /^src\/([^/]+)\//.exec(file)?.[1] ?? 'root';

interface Import {
  target: string;
  typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const found: Import[] = [];
  for (const [, typeOnly, names, from] of textOf(file).matchAll(/^(?:import|export)\s+(type\s+)?([^'"]*?from\s+)?['"](\.[^'"]+)['"]/gm)) {
    const named = /\{([\s\S]*)\}/.exec(names ?? '')?.[1];
    const allTypes = named !== undefined && named.split(',').filter((name) => name.trim() !== '').every((name) => /^\s*type\s/.test(name));
    found.push({ target: relative(ROOT, resolve(ROOT, dirname(file), from ?? '')), typeOnly: typeOnly !== undefined || allTypes });
  }
  for (const [, from = ''] of textOf(file).matchAll(/\bawait import\('(\.[^']+)'\)/g)) {
    found.push({ target: relative(ROOT, resolve(ROOT, dirname(file), from)), typeOnly: false });
  }
  return found;
}

describe('the house', () => {
  test('has rooms that import only what they may', () => {
    const wrong: string[] = [];
    for (const file of source) {
      if (WIRING.has(file)) continue;
      const room = roomOf(file);
      const allowed = MAY_IMPORT[room];
      if (allowed === undefined) wrong.push(`${file}: the room ${room} is not in the table`);
      for (const { target, typeOnly } of importsOf(file)) {
        if (!target.startsWith('src/')) continue;
        const other = roomOf(target);
        const fine =
          other === room ||
          allowed?.includes(other) ||
          (typeOnly && allowed?.includes('types')) ||
          (target === 'src/assets.ts' && allowed?.includes('assets'));
        if (!fine) wrong.push(`${file} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('has no cycle of imports', () => {
    const cycles: string[] = [];
    const done = new Set<string>();
    const walk = (file: string, path: string[]): void => {
      if (path.includes(file)) return void cycles.push([...path.slice(path.indexOf(file)), file].join(' > '));
      if (done.has(file)) return;
      for (const { target, typeOnly } of importsOf(file)) if (!typeOnly && source.includes(target)) walk(target, [...path, file]);
      done.add(file);
    };
    for (const file of source) walk(file, []);
    expect(cycles).toEqual([]);
  });

  test('uses every file', () => {
    const imported = new Set(code.flatMap((file) => importsOf(file).map(({ target }) => target)));
    const dead = source.filter((file) => !imported.has(file) && !ENTRIES.has(file) && !file.endsWith('.d.ts'));
    const islands = filesOf('public', /\./).filter((file) => !imported.has(file) && !textOf('src/assets.ts').includes(`../${file}`) && !textOf('package.json').includes(file));
    expect([...dead, ...islands]).toEqual([]);
  });

  test('keeps files and functions short enough to read', () => {
    const long = code.filter((file) => textOf(file).split('\n').length > LINES_MAX + 1);
    for (const file of source) {
      let start: { line: number; indent: string } | undefined;
      for (const [index, line] of textOf(file).split('\n').entries()) {
        const opening = /^(\s*)(?:export |async |static |private |#)*(?:function[ *]+\w+|#?\w+)\s*(?:<[^>]*>)?\([^;]*\{$/.exec(line);
        if (opening !== null && !/^\s*(if|for|while|switch|catch)\b/.test(line)) start = { line: index, indent: opening[1] ?? '' };
        if (start !== undefined && line === `${start.indent}}`) {
          if (index - start.line > FUNCTION_LINES_MAX && !/Routes\(|startServer|createApp/.test(textOf(file).split('\n')[start.line] ?? '')) {
            long.push(`${file}:${start.line + 1}`);
          }
          start = undefined;
        }
      }
    }
    expect(long).toEqual([]);
  });

  test('has no file whose name says nothing', () => {
    expect(code.filter((file) => BANNED_NAMES.test(file) && file !== 'src/index.ts')).toEqual([]);
  });

  test('has no loose ends in the source', () => {
    expect(source.filter((file) => BANNED_WORDS.test(textOf(file)))).toEqual([]);
  });

  test('opens every file with what it owns', () => {
    const mute = code.filter((file) => !/^(#!.*\n)?(\/\/|\/\*)/.test(textOf(file)) && !file.endsWith('.d.ts'));
    expect(mute).toEqual([]);
  });
});
