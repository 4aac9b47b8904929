// Git over the API, with real repositories: what changed, hunks to the index and back, what is
// discarded and taken back, commits, branches, worktrees, a remote.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GIT_ENVIRONMENT, gitIn, Repository } from '../support/repository.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ environment: { ...GIT_ENVIRONMENT } });
});
afterAll(() => server.stop());

const LINES = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`);
const text = (changes: Record<number, string> = {}): string => `${LINES.map((line, index) => changes[index + 1] ?? line).join('\n')}\n`;

interface Work {
  id: string;
  repository: Repository;
  get(path: string): Promise<any>;
  post(path: string, body?: object): Promise<{ status: number; body: any }>;
  files(): Promise<any[]>;
  diff(sides: string, path?: string): Promise<any[]>;
}

let count = 0;
/** A repository with a file of 40 lines, as a workspace; `inside` is the folder that becomes it. */
async function work(inside = ''): Promise<Work> {
  const repository = new Repository(join(server.root, `repository-${(count += 1)}`));
  repository.write('a.txt', text());
  repository.write('sub/b.txt', text());
  repository.commit('Begin');
  const { body } = await server.api('/api/workspaces', { method: 'POST', body: { path: join(repository.folder, inside) } });
  const at = `/api/workspaces/${body.id}/git`;
  const get = async (path: string) => (await server.api(`${at}${path}`)).body;
  return {
    id: body.id,
    repository,
    get,
    post: (path, given = {}) => server.api(`${at}${path}`, { method: 'POST', body: given }),
    files: async () => (await get('/status')).files,
    diff: async (sides, path) => (await get(`/diff?sides=${sides}${path === undefined ? '' : `&path=${encodeURIComponent(path)}`}`)).files,
  };
}

test('a folder without a repository says so, and becomes one', async () => {
  const { id } = await server.workspace();
  const at = `/api/workspaces/${id}/git`;
  expect((await server.api(`${at}/status`)).body).toEqual({ repository: false, absence: 'none', message: 'This folder is not in a git repository.' });
  expect(await server.api(`${at}/log`)).toMatchObject({ status: 409, body: { error: 'conflict' } });
  expect((await server.api(`${at}/init`, { method: 'POST' })).body).toMatchObject({ repository: true, branch: { commit: null }, files: [] });
  expect((await server.api(`${at}/log`)).body).toEqual({ commits: [], hasMore: false });
  await Bun.write(join(server.parts.workspaces.get(id).path, 'first'), 'x\n');
  for (const [action, staged] of [['stage', 1], ['unstage', 0], ['stage', 1]] as const) {
    expect((await server.api(`${at}/${action}`, { method: 'POST', body: { paths: ['first'] } })).body.counts.staged).toBe(staged);
  }
  expect((await server.api(`${at}/diff?sides=staged`)).body.files).toMatchObject([{ path: 'first', change: 'added', came: 1 }]);
  expect(await server.api(`${at}/commit`, { method: 'POST', body: { message: 'First' } })).toMatchObject({ status: 201, body: { parents: [], refs: [expect.any(String)] } });
});

test('status tells what is staged, changed, new, renamed, removed and in conflict', async () => {
  const { repository, get, files } = await work();
  repository.write('old name.txt', text());
  repository.commit('More');
  repository.git('mv', 'old name.txt', 'new name.txt');
  repository.git('rm', '-q', 'sub/b.txt');
  repository.write('a.txt', text({ 1: 'changed' }));
  repository.write('new/deep/one.txt', 'x\n');
  repository.write('ignored.log', 'x\n');
  repository.write('.git/info/exclude', '*.log\n');
  const status = await get('/status');
  expect(status).toMatchObject({ repository: true, underway: null, part: '', cut: false, branch: { name: 'main', upstream: null, ahead: null }, counts: { staged: 2, unstaged: 1, untracked: 1, conflicts: 0 } });
  expect(Object.fromEntries(status.files.map((file: any) => [file.path, [file.staged, file.unstaged, file.from]]))).toEqual({
    'a.txt': [null, 'modified', null],
    'new name.txt': ['renamed', null, 'old name.txt'],
    'sub/b.txt': ['deleted', null, null],
    'new/deep/one.txt': [null, 'untracked', null],
  });
  repository.commit('All');
  repository.git('switch', '-q', '-c', 'other', 'HEAD~1');
  repository.write('a.txt', text({ 1: 'otherwise' }));
  repository.commit('Otherwise');
  Bun.spawnSync(['git', 'merge', 'main'], { cwd: repository.folder, env: GIT_ENVIRONMENT });
  expect((await get('/status')).underway).toBe('merge');
  expect((await files()).find(({ path }) => path === 'a.txt')).toMatchObject({ conflict: 'both modified' });
});

test('a hunk goes to the index and back, and the other one stays where it is', async () => {
  const { repository, diff, post } = await work();
  repository.write('a.txt', text({ 3: 'three', 30: 'thirty' }));
  const [{ hunks }] = await diff('unstaged');
  expect(hunks).toHaveLength(2);
  expect(hunks[0].lines.find((line: any) => line.is === 'came')).toMatchObject({ before: null, after: 3, text: 'three', open: false });
  expect((await post('/stage', { path: 'a.txt', hunk: hunks[1].id })).status).toBe(200);
  expect(repository.git('show', ':a.txt')).toBe(text({ 30: 'thirty' }));
  const [staged] = await diff('staged');
  expect((await post('/unstage', { path: 'a.txt', hunk: staged.hunks[0].id })).body.counts).toMatchObject({ staged: 0, unstaged: 1 });
  expect(repository.git('show', ':a.txt')).toBe(text());
  expect(readFileSync(join(repository.folder, 'a.txt'), 'utf8')).toBe(text({ 3: 'three', 30: 'thirty' }));
});

test('a hunk that is another by now is left alone', async () => {
  const { repository, diff, post } = await work();
  repository.write('a.txt', text({ 3: 'three' }));
  const [{ hunks, id }] = await diff('unstaged');
  repository.write('a.txt', text({ 3: 'THREE' }));
  for (const path of ['/stage', '/discard']) {
    expect(await post(path, { path: 'a.txt', hunk: hunks[0].id })).toMatchObject({ status: 409, body: { error: 'conflict', message: expect.stringContaining('changed since it was shown') } });
  }
  expect((await post('/discard', { path: 'a.txt', seen: id })).status).toBe(409);
  expect(repository.git('diff', '--cached')).toBe('');
  expect(readFileSync(join(repository.folder, 'a.txt'), 'utf8')).toBe(text({ 3: 'THREE' }));
});

test('words that changed in a line are marked', async () => {
  const { repository, diff } = await work();
  repository.write('a.txt', text({ 3: 'line three' }));
  const [{ hunks }] = await diff('unstaged');
  const marked = hunks[0].lines.filter((line: any) => line.is !== 'stayed').map((line: any) => line.marks.map(([from, to]: [number, number]) => line.text.slice(from, to)));
  expect(marked).toEqual([['3'], ['three']]);
});

test('names of every kind go to the index and back', async () => {
  const { repository, files, diff, post } = await work();
  const odd = ['new\nline.txt', '"quoted" <b>.txt', ':(top)a.txt', '*.txt', 'tab\there', '-dash', 'ünïcode', 'a → b', `${'x'.repeat(255)}`, '%41.txt'];
  for (const name of odd) writeFileSync(join(repository.folder, name), 'one\n');
  writeFileSync(Buffer.concat([Buffer.from(`${repository.folder}/bytes-`), Buffer.of(0xff, 0xfe)]), 'one\n');
  const names = (await files()).map(({ path }) => path);
  expect(names.toSorted()).toEqual([...odd, 'bytes-%FF%FE'].toSorted());
  for (const name of names) expect((await post('/stage', { paths: [name] })).status).toBe(200);
  expect((await files()).every(({ staged }) => staged === 'added')).toBe(true);
  for (const name of names) expect((await diff('staged', name)).map((file) => file.path)).toEqual([name]);
  repository.git('commit', '-q', '-m', 'Odd names');
  for (const name of odd) writeFileSync(join(repository.folder, name), 'two\n');
  writeFileSync(Buffer.concat([Buffer.from(`${repository.folder}/bytes-`), Buffer.of(0xff, 0xfe)]), 'two\n');
  for (const name of names) {
    const [file] = await diff('unstaged', name);
    expect(file).toMatchObject({ path: name, came: 1, went: 1 });
    expect((await post('/stage', { path: name, hunk: file.hunks[0].id })).status).toBe(200);
    expect((await post('/unstage', { paths: [name] })).status).toBe(200);
    expect((await post('/discard', { path: name, seen: file.id })).body.discarded).toMatchObject({ path: name });
  }
  expect(await files()).toEqual([]);
}, 30_000);

test('what is discarded comes back: a file, a hunk, a new file, a removal, a link', async () => {
  const { repository, get, files, diff, post } = await work();
  const at = (path: string): string => join(repository.folder, path);
  symlinkSync('a.txt', at('link'));
  repository.commit('A link');
  repository.write('a.txt', text({ 3: 'three', 30: 'thirty' }));
  repository.write('new.txt', 'new\n');
  repository.git('rm', '-q', '--cached', 'sub/b.txt');
  repository.git('reset', '-q');
  Bun.spawnSync(['rm', at('sub/b.txt'), at('link')]);
  symlinkSync('sub', at('link'));
  const [{ hunks }] = await diff('unstaged', 'a.txt');
  await post('/discard', { path: 'a.txt', hunk: hunks[0].id });
  expect(readFileSync(at('a.txt'), 'utf8')).toBe(text({ 30: 'thirty' }));
  for (const path of ['a.txt', 'new.txt', 'sub/b.txt', 'link']) expect((await post('/discard', { path })).status).toBe(200);
  expect(await files()).toEqual([]);
  expect(existsSync(at('new.txt'))).toBe(false);
  const { discarded } = await get('/discarded');
  expect(discarded.map(({ path }: any) => path)).toEqual(['link', 'sub/b.txt', 'new.txt', 'a.txt', 'a.txt']);
  for (const { id } of discarded) expect((await post(`/discarded/${id}/restore`)).status).toBe(200);
  expect(readFileSync(at('a.txt'), 'utf8')).toBe(text({ 3: 'three', 30: 'thirty' }));
  expect(readFileSync(at('new.txt'), 'utf8')).toBe('new\n');
  expect(existsSync(at('sub/b.txt'))).toBe(false);
  expect(readlinkSync(at('link'))).toBe('sub');
});

test('what was discarded comes back over nothing but what the discard left', async () => {
  const { repository, post } = await work();
  repository.write('a.txt', text({ 3: 'three' }));
  const { body } = await post('/discard', { path: 'a.txt' });
  repository.write('a.txt', 'something else\n');
  expect(await post(`/discarded/${body.discarded.id}/restore`)).toMatchObject({ status: 409, body: { message: expect.stringContaining('changed since then') } });
  expect(readFileSync(join(repository.folder, 'a.txt'), 'utf8')).toBe('something else\n');
});

test('a commit takes what is staged, runs the hooks, and says what they say', async () => {
  const { repository, post, get } = await work();
  expect(await post('/commit', { message: 'Nothing' })).toMatchObject({ status: 409, body: { message: expect.stringContaining('Nothing is staged') } });
  repository.write('a.txt', text({ 1: 'one' }));
  repository.write('new.txt', 'new\n');
  await post('/stage', { paths: ['a.txt'] });
  expect((await post('/commit', { message: '  ' })).status).toBe(422);
  repository.write('.git/hooks/pre-commit', '#!/bin/sh\necho "\\033[31mthe linter says no\\033[0m" >&2\nexit 1\n');
  Bun.spawnSync(['chmod', '+x', join(repository.folder, '.git/hooks/pre-commit')]);
  expect(await post('/commit', { message: 'One' })).toMatchObject({ status: 409, body: { message: 'the linter says no' } });
  Bun.spawnSync(['rm', join(repository.folder, '.git/hooks/pre-commit')]);
  const made = await post('/commit', { message: 'One\r\n\r\n# not a comment\r\nBecause.' });
  expect(made).toMatchObject({ status: 201, body: { subject: 'One', body: '# not a comment\nBecause.', author: { name: 'Ada' } } });
  expect((await post('/commit', { message: 'All', all: true })).status).toBe(201);
  expect((await post('/commit', { amend: true, message: 'All of it' })).body.subject).toBe('All of it');
  const { commits, hasMore } = await get('/log?limit=2');
  expect({ subjects: commits.map(({ subject }: any) => subject), hasMore }).toEqual({ subjects: ['All of it', 'One'], hasMore: true });
  const { diff } = await get(`/commit/${commits[1].hash}`);
  expect(diff.files.map(({ path, came, went }: any) => [path, came, went])).toEqual([['a.txt', 1, 1]]);
  const first = (await get('/log?offset=2')).commits[0];
  expect((await get(`/commit/${first.hash}`)).diff.files.map(({ change }: any) => change)).toEqual(['added', 'added']);
  expect((await server.api(`/api/workspaces/${(await work()).id}/git/commit/--output=x`)).status).toBe(404);
});

test('branches are listed, made and switched, and files that would be lost stay', async () => {
  const { repository, post, get } = await work();
  expect((await post('/switch', { name: 'topic', create: true })).body.branch.name).toBe('topic');
  repository.write('a.txt', text({ 1: 'topic' }));
  repository.commit('Topic');
  repository.write('a.txt', text({ 1: 'in the way' }));
  expect(await post('/switch', { name: 'main' })).toMatchObject({ status: 409, body: { message: expect.stringContaining('would be overwritten') } });
  repository.git('restore', '.');
  expect((await post('/switch', { name: 'main' })).status).toBe(200);
  expect((await post('/switch', { name: 'none' })).status).toBe(404);
  for (const name of ['-f', 'a..b', 'a b', '']) expect((await post('/switch', { name, create: true })).status).toBe(422);
  const { branches } = await get('/branches');
  expect(branches.map(({ name, current }: any) => [name, current]).toSorted()).toEqual([['main', true], ['topic', false]]);
});

test('a workspace that is a folder of a repository sees its own changes, and is told of what else is staged', async () => {
  const { repository, get, diff, post } = await work('sub');
  repository.write('a.txt', text({ 1: 'outside' }));
  repository.write('sub/b.txt', text({ 2: 'inside' }));
  repository.git('add', 'a.txt');
  expect(await get('/status')).toMatchObject({ part: 'sub', stagedElsewhere: 1, files: [{ path: 'b.txt', unstaged: 'modified' }] });
  const [file] = await diff('unstaged');
  expect(file.path).toBe('b.txt');
  expect((await post('/stage', { path: 'b.txt', hunk: file.hunks[0].id })).body.counts.staged).toBe(1);
  const [staged] = await diff('staged');
  expect((await post('/unstage', { path: 'b.txt', hunk: staged.hunks[0].id })).status).toBe(200);
  expect((await post('/discard', { path: 'b.txt' })).status).toBe(200);
  expect(readFileSync(join(repository.folder, 'sub/b.txt'), 'utf8')).toBe(text());
});

test('worktrees are made as workspaces inside the roots, and removed', async () => {
  const { repository, post, get, id } = await work();
  const made = await post('/worktrees', { branch: 'side/work', create: true, open: true });
  expect(made).toMatchObject({ status: 201, body: { path: `${repository.folder}-side-work`, branch: 'side/work', current: false } });
  expect((await server.api(`/api/workspaces/${made.body.workspaceId}/git/status`)).body.branch.name).toBe('side/work');
  expect((await post('/worktrees', { branch: 'x', create: true, path: '/tmp/outside-of-roots' })).status).toBe(422);
  expect((await get('/worktrees')).worktrees.map(({ main, current }: any) => [main, current])).toEqual([[true, true], [false, false]]);
  writeFileSync(join(made.body.path, 'precious'), 'x');
  const remove = (force: boolean) => server.api(`/api/workspaces/${id}/git/worktrees?path=${encodeURIComponent(made.body.path)}&force=${force}`, { method: 'DELETE' });
  expect(await remove(false)).toMatchObject({ status: 409, body: { conflict: { decision: 'lost' } } });
  const { id: terminal } = await server.terminal(made.body.workspaceId, { command: ['sleep', '60'] });
  expect(await remove(true)).toMatchObject({ status: 409, body: { conflict: { sessions: [terminal] } } });
  await server.api(`/api/sessions/${terminal}/stop`, { method: 'POST' });
  expect((await remove(true)).status).toBe(204);
  expect(existsSync(made.body.path)).toBe(false);
});

test('push, pull and fetch say what git said, and what to do where they fail', async () => {
  const { repository, post, get } = await work();
  expect(await post('/push')).toMatchObject({ status: 409, body: { message: expect.stringContaining('no remote') } });
  const bare = join(server.root, 'remote.git');
  gitIn(server.root, 'init', '-q', '--bare', '-b', 'main', bare);
  repository.git('remote', 'add', 'origin', bare);
  expect((await post('/push')).body).toMatchObject({ kind: 'push', state: 'done', output: expect.stringContaining('new branch') });
  const { branch } = await get('/status');
  expect(branch).toMatchObject({ upstream: 'origin/main', ahead: 0, behind: 0 });
  const other = join(server.root, 'other');
  gitIn(server.root, 'clone', '-q', bare, other);
  writeFileSync(join(other, 'theirs.txt'), 'x\n');
  for (const args of [['add', '-A'], ['commit', '-q', '-m', 'Theirs'], ['push', '-q']]) gitIn(other, ...args);
  repository.write('ours.txt', 'x\n');
  repository.commit('Ours');
  expect((await post('/push')).body).toMatchObject({ state: 'failed', output: expect.stringContaining('rejected'), advice: expect.stringContaining('pull first') });
  expect((await post('/fetch')).body.state).toBe('done');
  expect((await get('/status')).branch).toMatchObject({ ahead: 1, behind: 1 });
  expect((await post('/pull', { how: 'ff-only' })).body).toMatchObject({ state: 'failed' });
  expect((await post('/pull', { how: 'rebase' })).body).toMatchObject({ state: 'done' });
  expect((await post('/push')).body.state).toBe('done');
  expect((await get('/exchange')).exchange).toMatchObject({ kind: 'push', state: 'done' });
});

test('a merge that is under way is given up, or settled and committed', async () => {
  const { repository, post, get, diff } = await work();
  repository.git('switch', '-q', '-c', 'topic');
  repository.write('a.txt', text({ 1: 'topic' }));
  repository.commit('Topic');
  repository.git('switch', '-q', 'main');
  repository.write('a.txt', text({ 1: 'main' }));
  repository.commit('Main');
  const merge = () => Bun.spawnSync(['git', 'merge', 'topic'], { cwd: repository.folder, env: GIT_ENVIRONMENT });
  merge();
  expect((await post('/commit', { message: 'Too early' })).status).toBe(409);
  const [conflict] = await diff('unstaged');
  expect(conflict.conflict).toBe(true);
  for (const path of ['/stage', '/discard']) expect((await post(path, { path: 'a.txt', hunk: conflict.hunks[0].id })).body.message).toContain('conflict');
  expect(conflict.hunks[0].lines.filter((line: any) => line.is === 'came').map((line: any) => line.text[0])).toEqual(['<', '=', 't', '>']);
  expect((await post('/discard', { path: 'a.txt' })).status).toBe(409);
  expect((await post('/settle', { how: 'abort' })).body).toMatchObject({ underway: null, files: [] });
  merge();
  repository.write('a.txt', text({ 1: 'both' }));
  await post('/stage', { paths: ['a.txt'] });
  expect((await post('/commit', { message: 'Both' })).body.parents).toHaveLength(2);
  expect((await post('/settle', { how: 'abort' })).status).toBe(409);
  expect((await get('/status')).files).toEqual([]);
});

test('binary, huge and odd files are told, not shown', async () => {
  const { repository, diff } = await work();
  repository.write('picture.bin', Buffer.of(0, 1, 2, 3));
  repository.write('huge.txt', 'x\n'.repeat(6000));
  repository.commit('Odd');
  repository.write('picture.bin', Buffer.of(0, 1, 2, 4));
  repository.write('huge.txt', 'y\n'.repeat(6000));
  repository.write('a.txt', text({ 40: 'no end' }).trimEnd());
  Bun.spawnSync(['chmod', '+x', join(repository.folder, 'sub/b.txt')]);
  Bun.spawnSync(['mkfifo', join(repository.folder, 'pipe')]);
  const files = Object.fromEntries((await diff('all')).map((file) => [file.path, file]));
  expect(files['picture.bin']).toMatchObject({ binary: true, hunks: [] });
  expect(files['huge.txt']).toMatchObject({ tooLong: true, hunks: [], came: 6000, went: 6000 });
  expect(files['sub/b.txt']).toMatchObject({ oldMode: '100644', newMode: '100755', hunks: [] });
  expect(files['a.txt'].hunks[0].lines.at(-1)).toMatchObject({ text: 'no end', open: true });
});

test('a file that became a link, and one that lost its last line end, are discarded whole', async () => {
  const { repository, diff, post } = await work();
  const at = join(repository.folder, 'a.txt');
  Bun.spawnSync(['rm', at]);
  symlinkSync('sub/b.txt', at);
  expect((await diff('unstaged')).map(({ path, change }) => [path, change])).toEqual([['a.txt', 'retyped']]);
  expect((await post('/discard', { path: 'a.txt' })).status).toBe(200);
  expect(readFileSync(at, 'utf8')).toBe(text());
  mkdirSync(join(repository.folder, 'nested'));
  gitIn(join(repository.folder, 'nested'), 'init', '-q');
  expect(await post('/discard', { path: 'nested' })).toMatchObject({ status: 409 });
});
