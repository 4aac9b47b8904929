// Workspaces over a real database and real folders; only the clock is set by hand.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Changes } from '../../src/changes.ts';
import { openDatabase, type OpenDatabase } from '../../src/db/open.ts';
import { SessionRows } from '../../src/db/sessions.ts';
import { WorkspaceRows } from '../../src/db/workspaces.ts';
import { AppError } from '../../src/errors.ts';
import type { JsonObject } from '../../src/json.ts';
import type { SessionStatus } from '../../src/sessions/session.ts';
import { PathPolicy } from '../../src/workspaces/path-policy.ts';
import { type LiveSessions, Workspaces } from '../../src/workspaces/workspaces.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const MINUTE = 60_000;

let top: string;
let root: string;
let database: OpenDatabase;
let rows: WorkspaceRows;
let workspaces: Workspaces;
let announced: string[];
let clock: number;

beforeEach(() => {
  top = temporaryFolder();
  root = join(top, 'root');
  mkdirSync(root);
  database = openDatabase(join(top, 'data'));
  rows = new WorkspaceRows(database.db);
  clock = Date.UTC(2030, 0, 1);
  announced = [];
  workspaces = open(rows);
});

afterEach(() => {
  workspaces.dispose();
  database.dispose();
  rmSync(top, { recursive: true, force: true });
});

const QUIET: LiveSessions = { liveIn: () => [], stop: async () => undefined };

function open(store: WorkspaceRows, sessions = QUIET): Workspaces {
  const changes = new Changes();
  changes.listen((name, id) => announced.push(`${name} ${id}`));
  return new Workspaces({
    rows: store,
    policy: new PathPolicy({ roots: [root], dataFolder: join(top, 'data') }),
    changes,
    sessions: () => sessions,
    checkMetadata: () => undefined,
    now: () => clock,
  });
}

const create = (name: string, metadata: JsonObject = {}) =>
  workspaces.create({ path: join(root, name), create: true, metadata });
const all = (filter = {}) => workspaces.list({ limit: 50, offset: 0, ...filter });
const names = (filter = {}) => all(filter).workspaces.map((workspace) => workspace.name);

async function refusal(act: () => unknown): Promise<AppError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a new workspace', () => {
  test('has the last segment as its name, cut and made harmless', () => {
    expect(create('plain').name).toBe('plain');
    expect([...create('é'.repeat(120)).name].length).toBe(100);
    expect([...create('👍'.repeat(60)).name].length).toBe(60);
    mkdirSync(join(root, 'two\nlines\x1b[31m'));
    expect(create('two\nlines\x1b[31m').name).toBe('two\ufffdlines\ufffd[31m');
    mkdirSync(join(root, ' '));
    expect(create(' ').name).toBe('/');
  });

  test('has a name of 1 to 100 characters, counted as people do', async () => {
    const named = (name: string) => workspaces.create({ path: join(root, 'n'), create: true, name });
    const controls = ['a\nb', 'a\0b', 'a\x7fb', 'a\u009bb', '\ud800'];
    for (const name of ['', '  ', 'x'.repeat(101), '👍'.repeat(101), ...controls]) {
      expect((await refusal(() => named(name))).detail.fields).toHaveProperty('name');
    }
    expect(existsSync(join(root, 'n'))).toBe(false);
    expect(named('👍'.repeat(100)).name).toBe('👍'.repeat(100));
  });

  test('may lie in another, and not be another', async () => {
    const outer = create('outer');
    expect(create('outer/inner').path).toBe(join(root, 'outer/inner'));
    symlinkSync('outer', join(root, 'alias'));
    const again = await refusal(() => create('alias'));
    expect([again.code, again.message]).toEqual(['conflict', expect.stringContaining(outer.name)]);
    await workspaces.update(outer.id, { status: 'archived' }, { force: false });
    expect((await refusal(() => create('outer'))).message).toContain('restore');
  });

  test('that meets another writer at the same moment is refused by the index, and its folder goes', async () => {
    class Blind extends WorkspaceRows {
      blind = true;
      override byPath(path: string) {
        return this.blind ? undefined : super.byPath(path);
      }
    }
    const first = create('twin');
    rmSync(first.path, { recursive: true });
    const store = new Blind(database.db);
    const error = await refusal(() => open(store).create({ path: first.path, create: true }));
    expect(error.code).toBe('conflict');
    expect(existsSync(first.path)).toBe(false);
    expect(all().pagination.total).toBe(1);
  });

  test('makes no folder when anything else is wrong', async () => {
    const gone = create('gone');
    rmSync(gone.path, { recursive: true });
    expect((await refusal(() => create('gone'))).code).toBe('conflict');
    expect(existsSync(gone.path)).toBe(false);
    expect((await refusal(() => create('bad', { env: { '1': 'x' } }))).code).toBe('invalid');
    expect(existsSync(join(root, 'bad'))).toBe(false);
  });
});

describe('metadata', () => {
  test('keeps unknown keys and checks those that mean something', async () => {
    const known = { shell: '/bin/bash', color: '#abc', description: 'd', env: { A_1: 'x', _b: '' } };
    const { id } = create('m', { mine: [1, { deep: null }], ...known });
    expect(workspaces.get(id).metadata).toEqual({ mine: [1, { deep: null }], ...known });
    const wrong: [JsonObject, string][] = [
      [{ shell: 1 }, 'metadata.shell'],
      [{ shell: 'a\0' }, 'metadata.shell'],
      [{ color: {} }, 'metadata.color'],
      [{ description: ['x'] }, 'metadata.description'],
      [{ env: [] }, 'metadata.env'],
      [{ env: 'A=1' }, 'metadata.env'],
      [{ env: { '1A': '' } }, 'metadata.env.1A'],
      [{ env: { 'A-B': '' } }, 'metadata.env.A-B'],
      [{ env: { 'A\n': '' } }, 'metadata.env.A\n'],
      [{ env: { '': '' } }, 'metadata.env.'],
      [{ env: { DISPATCH_KEY: 'x' } }, 'metadata.env.DISPATCH_KEY'],
      [{ env: { A: 1 } }, 'metadata.env.A'],
      [{ env: { A: 'x\0' } }, 'metadata.env.A'],
      [{ env: { A: 'x'.repeat(32 * 1024 + 1) } }, 'metadata.env.A'],
    ];
    for (const [metadata, field] of wrong) {
      const error = await refusal(() => workspaces.update(id, { metadata }, { force: false }));
      expect([error.code, Object.keys(error.detail.fields ?? {})]).toEqual(['invalid', [field]]);
    }
  });

  test('has at most 64 KiB after the merge, and 256 names', async () => {
    const { id } = create('m');
    const bare = JSON.stringify({ a: '', b: '' }).length;
    const patch = (metadata: JsonObject) => workspaces.update(id, { metadata }, { force: false });
    const rest = 65_536 - bare - 30_000;
    await patch({ a: 'x'.repeat(30_000) });
    await patch({ b: 'x'.repeat(rest) });
    for (const b of ['x'.repeat(rest + 1), 'é'.repeat(30_000)]) {
      expect((await refusal(() => patch({ b }))).detail.fields).toHaveProperty('metadata');
    }
    await patch({ a: null, b: null });
    const env = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`N${index}`, '']));
    await patch({ env: env(256) });
    expect((await refusal(() => patch({ env: env(257) }))).detail.fields).toHaveProperty(['metadata.env']);
  });

  test('that nests without end is refused, not a crash', async () => {
    const deep = (depth: number): JsonObject => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
    const { id } = create('m', deep(64));
    const calm = { force: false };
    for (const metadata of [deep(65), deep(10_000), deep(100_000)]) {
      const value = { name: 'm', status: 'active', metadata } as const;
      expect((await refusal(() => workspaces.replace(id, value, calm))).code).toBe('invalid');
      expect((await refusal(() => workspaces.update(id, { metadata }, calm))).code).toBe('invalid');
    }
  });

  test('shows names of the environment in lists, values to who asks for the one', () => {
    const { id } = create('m', { env: { TOKEN: 'secret' }, color: 'red' });
    expect(all().workspaces[0]?.metadata).toEqual({ env: ['TOKEN'], color: 'red' });
    expect(workspaces.get(id).metadata).toEqual({ env: { TOKEN: 'secret' }, color: 'red' });
  });
});

describe('a change', () => {
  test('of nothing changes nothing', async () => {
    const before = create('w', { a: 1 });
    expect(await workspaces.update(before.id, {}, { force: false })).toEqual(before);
  });

  test('that is refused leaves all as it was', async () => {
    const before = create('w', { a: 1 });
    const patch = { name: 'new', status: 'archived', metadata: { shell: 5 } } as const;
    await refusal(() => workspaces.update(before.id, patch, { force: true }));
    expect(workspaces.get(before.id)).toEqual(before);
  });

  test('follows a folder that moved, and keeps what it was', async () => {
    const { id } = create('old', { a: 1 });
    create('taken');
    renameSync(join(root, 'old'), join(root, 'new'));
    expect(workspaces.get(id)).toMatchObject({ status: 'error' });
    const move = (name: string) => workspaces.update(id, { path: join(root, name) }, { force: false });
    const moved = await move('new');
    const same = { id, name: 'old', metadata: { a: 1 } };
    expect(moved).toMatchObject({ ...same, path: join(root, 'new'), status: 'active', statusReason: null });
    expect((await refusal(() => move('taken'))).code).toBe('conflict');
    expect((await refusal(() => move('nowhere'))).code).toBe('invalid');
    expect(workspaces.get(id)).toEqual(moved);
  });

  test('gives up on a session that cannot be stopped, and changes nothing', async () => {
    const before = create('w');
    const stubborn: LiveSessions = { liveIn: () => [{ id: 's', name: 'stubborn' }], stop: async () => undefined };
    const held = open(rows, stubborn);
    const error = await refusal(() => held.update(before.id, { status: 'archived', name: 'x' }, { force: true }));
    expect([error.code, error.detail.conflict]).toEqual(['conflict', { sessions: ['s'] }]);
    expect((await refusal(() => held.delete(before.id, { force: true }))).message).toContain('stubborn');
    expect(workspaces.get(before.id)).toEqual(before);
  });

  test('of an unknown workspace is not found', async () => {
    for (const act of [
      () => workspaces.get('x'),
      () => workspaces.update('x', {}, { force: false }),
      () => workspaces.replace('x', { name: 'a', status: 'active', metadata: {} }, { force: false }),
      () => workspaces.delete('x', { force: true }),
    ]) {
      expect((await refusal(act)).code).toBe('not_found');
    }
  });
});

describe('the status', () => {
  test('is an error while the folder is missing, a file or a link out, and comes back with it', () => {
    const { id, path } = create('w');
    mkdirSync(join(top, 'outside'));
    const status = () => {
      const { status, statusReason } = workspaces.get(id);
      return [status, statusReason];
    };
    expect(status()).toEqual(['active', null]);
    rmSync(path, { recursive: true });
    expect(status()).toEqual(['error', expect.stringContaining('gone')]);
    writeFileSync(path, '');
    expect(status()).toEqual(['error', expect.stringContaining('file')]);
    rmSync(path);
    symlinkSync(join(top, 'outside'), path);
    expect(status()).toEqual(['error', expect.stringContaining('DISPATCH_ROOTS')]);
    rmSync(path);
    mkdirSync(path);
    expect(status()).toEqual(['active', null]);
    expect(announced.filter((line) => line === `workspaces ${id}`).length).toBe(5);
  });

  test('of an archived one stays, whatever becomes of its folder', async () => {
    const { id, path } = create('w');
    rmSync(path, { recursive: true });
    expect(workspaces.get(id).status).toBe('error');
    await workspaces.update(id, { status: 'archived' }, { force: false });
    expect(workspaces.get(id)).toMatchObject({ status: 'archived', statusReason: null });
    expect(await workspaces.update(id, { status: 'active' }, { force: false })).toMatchObject({ status: 'error' });
    mkdirSync(path);
    expect(workspaces.get(id).status).toBe('active');
  });

  test('is true in lists, whatever they are filtered by', () => {
    const { path } = create('w');
    create('other');
    expect(names({ status: 'error' })).toEqual([]);
    rmSync(path, { recursive: true });
    expect(names({ status: 'active' })).toEqual(['other']);
    expect(names({ status: 'error' })).toEqual(['w']);
    mkdirSync(path);
    expect(all({ q: 'w' }).workspaces[0]?.status).toBe('active');
  });

  test('is watched as long as somebody looks', async () => {
    const { id, path } = create('w');
    const ends = [workspaces.watch(), workspaces.watch()];
    ends[0]?.();
    ends[0]?.();
    announced.length = 0;
    rmSync(path, { recursive: true });
    await until('the news of the vanished folder', () => announced.includes(`workspaces ${id}`));
    expect(rows.get(id)?.status).toBe('error');
    announced.length = 0;
    mkdirSync(path);
    await until('the news of its return', () => announced.includes(`workspaces ${id}`));
    ends[1]?.();
  });
});

describe('lastAccessed', () => {
  test('moves at most once a minute, announces nothing, and reading does not move it', () => {
    const { id, lastAccessed } = create('w');
    announced.length = 0;
    clock += MINUTE - 1;
    workspaces.touch(id);
    workspaces.get(id);
    all();
    expect(workspaces.get(id).lastAccessed).toBe(lastAccessed);
    clock += 1;
    workspaces.get(id);
    expect(workspaces.get(id).lastAccessed).toBe(lastAccessed);
    workspaces.opened(id);
    expect(workspaces.get(id).lastAccessed).toBe(new Date(clock).toISOString());
    expect(announced).toEqual([]);
  });

  test('survives a clock that was set back', () => {
    const { id } = create('w');
    clock -= 60 * MINUTE;
    workspaces.touch(id);
    expect(workspaces.get(id).lastAccessed).toBe(new Date(clock).toISOString());
  });
});

describe('a list', () => {
  test('has the latest accessed first, and every one on exactly one page', () => {
    for (let index = 0; index < 25; index += 1) {
      clock += index % 3 === 0 ? 1 : 0; // Ties, too.
      create(`w${String(index).padStart(2, '0')}`);
    }
    clock += 2 * MINUTE;
    const first = all({ q: 'w07' }).workspaces[0];
    workspaces.touch(first?.id ?? '');
    const seen: string[] = [];
    for (let offset = 0, more = true; more; offset += 10) {
      const page = all({ limit: 10, offset });
      expect(page.pagination).toEqual({ total: 25, limit: 10, offset, hasMore: offset < 20 });
      more = page.pagination.hasMore;
      seen.push(...page.workspaces.map((workspace) => workspace.name));
    }
    expect(seen[0]).toBe('w07');
    expect(new Set(seen).size).toBe(25);
    expect(seen.length).toBe(25);
    expect(all({ offset: 25 })).toMatchObject({ workspaces: [], pagination: { hasMore: false } });
    expect(all({ limit: 5, offset: 20 }).pagination.hasMore).toBe(false);
  });

  test('shows the archived only when asked for', async () => {
    create('open');
    const { id } = create('put away');
    await workspaces.update(id, { status: 'archived' }, { force: false });
    expect(names()).toEqual(['open']);
    expect(names({ q: 'put' })).toEqual([]);
    expect(names({ status: 'archived' })).toEqual(['put away']);
  });

  test('is searched by name and path in any case, with % and _ as letters', () => {
    for (const name of ['Alpha_1', 'alphaX1', '100%', '100x', 'ÉCOLE', 'deep/alpha']) create(name);
    expect(names({ q: 'ALPHA_' })).toEqual(['Alpha_1']);
    expect(names({ q: 'alpha' }).sort()).toEqual(['Alpha_1', 'alpha', 'alphaX1']);
    expect(names({ q: '0%' })).toEqual(['100%']);
    expect(names({ q: '%' })).toEqual(['100%']);
    expect(names({ q: 'école' })).toEqual(['ÉCOLE']);
    expect(names({ q: 'e\u0301cole' })).toEqual(['ÉCOLE']);
    expect(names({ q: '/DEEP/' })).toEqual(['alpha']);
    expect(names({ q: '\\' })).toEqual([]);
    expect(all({ q: 'alpha', limit: 2, offset: 1 })).toMatchObject({ pagination: { total: 3, hasMore: false } });
    expect(names({ q: '' }).length).toBe(6);
  });

  test('counts the sessions of each by status', () => {
    const sessions = new SessionRows(database.db);
    const one = create('one');
    create('none');
    const statuses: SessionStatus[] = ['active', 'stopped', 'stopped', 'error', 'starting'];
    for (const status of statuses) {
      sessions.insert({
        runId: Bun.randomUUIDv7(),
        workspaceId: one.id,
        kind: 'terminal',
        name: 's',
        status,
        statusReason: null,
        createdAt: 1,
        lastActiveAt: 1,
        metaJson: {},
        exitCode: null,
        exitSignal: null,
        head: 0,
        firstSequence: 1,
      });
    }
    const counts = { total: 5, starting: 1, active: 1, stopped: 2, error: 1 };
    expect(workspaces.get(one.id).sessionCounts).toEqual(counts);
    expect(all({ q: '/one' }).workspaces[0]?.sessionCounts).toEqual(counts);
    expect(all({ q: '/none' }).workspaces[0]?.sessionCounts.total).toBe(0);
  });
});
