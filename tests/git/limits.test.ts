// The bounds of git: what fits, and what is told where something does not.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../src/limits.ts';
import { GIT_ENVIRONMENT, Repository } from '../support/repository.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let repository: Repository;
let at: string;
let id: string;
beforeAll(async () => {
  server = await startTestServer({ environment: { ...GIT_ENVIRONMENT } });
  repository = new Repository(join(server.root, 'repository'));
  repository.write('a.txt', 'a\n');
  repository.commit('Begin');
  ({ id } = (await server.api('/api/workspaces', { method: 'POST', body: { path: repository.folder } })).body);
  at = `/api/workspaces/${id}/git`;
});
afterAll(() => server.stop());

const get = async (path: string) => server.api(`${at}${path}`);
const post = async (path: string, body: object) => server.api(`${at}${path}`, { method: 'POST', body });
const diff = async (path: string) => (await get(`/diff?sides=unstaged&path=${path}`)).body.files[0];

test('a page of the log', async () => {
  expect((await get(`/log?limit=${limits.gitLogMax}`)).status).toBe(200);
  expect((await get(`/log?limit=${limits.gitLogMax + 1}`)).status).toBe(422);
});

test('a commit message', async () => {
  const commit = async (length: number) => post('/commit', { message: 'x'.repeat(length), amend: true });
  expect((await commit(limits.gitMessageLengthMax)).status).toBe(201);
  expect((await commit(limits.gitMessageLengthMax + 1)).status).toBe(422);
});

test('a file that git does not know, and the lines of a diff', async () => {
  repository.write('fits', `${'x'.repeat(1023)}\n`.repeat(1024));
  repository.write('large', `${'x'.repeat(1023)}\n`.repeat(1024) + 'x');
  repository.write('lines', 'x\n'.repeat(limits.gitDiffLinesMax));
  repository.write('more', 'x\n'.repeat(limits.gitDiffLinesMax + 1));
  expect(await diff('fits')).toMatchObject({ tooLong: false, came: 1024 });
  expect(await diff('large')).toMatchObject({ tooLong: true, hunks: [] });
  expect((await diff('lines')).hunks[0].lines).toHaveLength(limits.gitDiffLinesMax);
  expect(await diff('more')).toMatchObject({ tooLong: true, hunks: [] });
  repository.git('add', '-A');
  repository.git('commit', '-q', '-m', 'Lines');
  repository.write('lines', 'y\n'.repeat(limits.gitDiffLinesMax / 2) + 'x\n'.repeat(limits.gitDiffLinesMax / 2 - 6));
  repository.write('a.txt', `${'y'.repeat(limits.gitLineLengthMax)}\n${'y'.repeat(limits.gitLineLengthMax + 1)}\n`);
  expect((await diff('lines')).tooLong).toBe(true);
  const texts = (await diff('a.txt')).hunks[0].lines.filter((line: any) => line.is === 'came').map(({ text }: any) => text.length + (text.endsWith('…') ? 1000 : 0));
  expect(texts).toEqual([limits.gitLineLengthMax, limits.gitLineLengthMax + 1001]);
  repository.git('restore', '.');
});

test('what is too large to be kept is discarded only when that is said', async () => {
  repository.write('fits', '');
  truncateSync(join(repository.folder, 'fits'), limits.gitKeptBytesMax + 1);
  expect(await post('/discard', { path: 'fits' })).toMatchObject({ status: 409, body: { conflict: { decision: 'lost' } } });
  repository.write('huge', '');
  truncateSync(join(repository.folder, 'huge'), limits.gitKeptBytesMax + 1);
  expect((await post('/discard', { path: 'huge', lose: true })).body).toEqual({ discarded: null });
  expect(existsSync(join(repository.folder, 'huge'))).toBe(false);
  repository.git('restore', '.');
});

test('the oldest of what was discarded goes first', async () => {
  const { kept } = server.parts.git;
  const row = { workspaceId: id, path: 'x', kind: 'gone', mode: 0, object: null, after: null } as const;
  for (let count = 0; count <= limits.gitKeptMax; count += 1) kept.insert({ ...row, id: `kept-${count}`, created: count }, limits.gitKeptMax);
  const { discarded } = (await get('/discarded')).body;
  expect(discarded).toHaveLength(limits.gitKeptMax);
  expect(discarded.at(-1).id).toBe('kept-1');
});

test('more changed files than are listed', async () => {
  for (let count = 0; count < limits.gitFilesMax; count += 1) repository.write(`many/${count}`, '');
  expect((await get('/status')).body).toMatchObject({ cut: false, counts: { untracked: limits.gitFilesMax } });
  repository.write('many/one-more', '');
  const { body } = await get('/status');
  expect(body.cut).toBe(true);
  expect(body.files).toHaveLength(limits.gitFilesMax);
  expect((await get('/diff?sides=all')).body).toMatchObject({ cut: true });
});
