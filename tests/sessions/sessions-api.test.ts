// Every session route over a real server: what it answers, what it refuses and how it says so.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { limits } from '../../src/limits.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let workspaceId: string;
beforeAll(async () => {
  server = await startTestServer();
  workspaceId = (await server.workspace()).id;
});
afterAll(() => server.stop());

const post = (path: string, body?: unknown) => server.api(path, { method: 'POST', ...(body === undefined ? {} : { body }) });
const sh = async (script: string): Promise<string> => (await server.terminal(workspaceId, { command: ['sh', '-c', script] })).id;
const session = async (id: string) => (await server.api(`/api/sessions/${id}`)).body;
const ended = (id: string) => until('the end', async () => (await session(id)).status === 'stopped');
const events = async (id: string) => (await server.api(`/api/sessions/${id}/history?limit=1000`)).body.events;

test('a session is made with 201 and its address, and looks as promised', async () => {
  const answer = await post('/api/sessions', { workspaceId, kind: 'terminal', name: 'Build', meta: { command: ['cat'], cols: 100, rows: 30 } });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('location')).toBe(`/api/sessions/${answer.body.id}`);
  expect(answer.body).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    workspaceId,
    kind: 'terminal',
    name: 'Build',
    status: 'active',
    statusReason: null,
    created: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    lastActive: expect.any(String),
    currentSequence: 3,
    firstSequence: 1,
    exitCode: null,
    exitSignal: null,
    activity: { state: expect.any(String), since: expect.any(String), detail: expect.anything() },
    clients: [],
    meta: { command: ['cat'], cols: 100, rows: 30 },
  });
  expect((await server.api(answer.headers.get('location') ?? '')).body.id).toBe(answer.body.id);
});

test('without a command it is the login shell', async () => {
  const { id, name } = (await post('/api/sessions', { workspaceId, kind: 'terminal' })).body;
  expect(name).toBe('Terminal');
  await post(`/api/sessions/${id}/input`, { text: 'shopt -q login_shell && echo log""in\n' });
  await until('a login shell', async () => (await events(id)).some(({ data }: { data: { text?: string } }) => data.text?.includes('login\r\n')));
});

test('the same two under a workspace, which must be there', async () => {
  const other = (await server.workspace()).id;
  const made = await post(`/api/workspaces/${other}/sessions`, { kind: 'terminal', meta: { command: ['cat'] } });
  expect(made.status).toBe(201);
  expect(made.body.workspaceId).toBe(other);
  const list = (await server.api(`/api/workspaces/${other}/sessions`)).body;
  expect(list.sessions.map(({ id }: { id: string }) => id)).toEqual([made.body.id]);
  expect(list.pagination).toEqual({ total: 1, limit: limits.listLimitDefault, offset: 0, hasMore: false });
  expect((await server.api('/api/workspaces/none/sessions')).status).toBe(404);
  expect((await post('/api/workspaces/none/sessions', { kind: 'terminal' })).status).toBe(404);
  expect((await post('/api/sessions', { workspaceId: 'none', kind: 'terminal' })).status).toBe(404);
});

test('lists are filtered and paged, latest active first, with names of variables only', async () => {
  const other = (await server.workspace()).id;
  const ids: string[] = [];
  for (const name of ['one', 'two', 'three']) {
    ids.push((await post(`/api/workspaces/${other}/sessions`, { kind: 'terminal', name, meta: { command: ['true'], env: { SECRET: 'x' } } })).body.id);
    await ended(ids.at(-1) ?? '');
  }
  const live = (await post(`/api/workspaces/${other}/sessions`, { kind: 'terminal', meta: { command: ['cat'] } })).body.id;
  const list = async (query: string) => (await server.api(`/api/sessions?workspaceId=${other}&${query}`)).body;
  expect((await list('status=active')).sessions.map(({ id }: { id: string }) => id)).toEqual([live]);
  expect((await list('kind=claude')).pagination.total).toBe(0);
  const page = await list('status=stopped&limit=2');
  expect(page.sessions.map(({ id }: { id: string }) => id)).toEqual(ids.slice(1).reverse());
  expect(page.pagination).toEqual({ total: 3, limit: 2, offset: 0, hasMore: true });
  expect((await list('status=stopped&limit=2&offset=2')).pagination.hasMore).toBe(false);
  expect(page.sessions[0].meta.env).toEqual(['SECRET']);
  expect((await session(ids[0] ?? '')).meta.env).toEqual({ SECRET: 'x' });
});

test.each(['limit=0', 'limit=1001', 'limit=x', 'offset=-1', 'kind=other', 'status=gone'])('a list with %s is refused, 422', async (query) => {
  const answer = await server.api(`/api/sessions?${query}`);
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ error: 'invalid', fields: { [query.split('=')[0] ?? '']: expect.any(String) } });
});

const LONG = 'x'.repeat(limits.sessionNameLengthMax + 1);
test.each([
  ['an unknown field', { surprise: 1 }, 'surprise'],
  ['no kind', { kind: undefined }, 'kind'],
  ['a kind that is not ours', { kind: 'browser' }, 'kind'],
  ['a file session of a file that is not there', { kind: 'fileEditor', meta: { path: 'no/file.txt' } }, 'meta.path'],
  ['a file session with a command', { kind: 'fileEditor', meta: { command: ['ls'] } }, 'meta.command'],
  ['a name that is too long', { name: LONG }, 'name'],
  ['a name that is empty', { name: '  ' }, 'name'],
  ['a meta that is a list', { meta: [] }, 'meta'],
  ['an unknown meta field', { meta: { shell: 'x' } }, 'meta.shell'],
  ['a command that is a text', { meta: { command: 'ls' } }, 'meta.command'],
  ['a command without a program', { meta: { command: [] } }, 'meta.command'],
  ['a command with NUL', { meta: { command: ['a\0b'] } }, 'meta.command.0'],
  ['too many arguments', { meta: { command: Array(limits.commandArgumentsMax + 1).fill('x') } }, 'meta.command'],
  ['a command that is too long', { meta: { command: ['x'.repeat(limits.commandBytesMax + 1)] } }, 'meta.command'],
  ['a folder outside', { meta: { cwd: '/etc' } }, 'meta.cwd'],
  ['a folder above', { meta: { cwd: '..' } }, 'meta.cwd'],
  ['a folder that is not there', { meta: { cwd: 'nowhere' } }, 'meta.cwd'],
  ['a variable with a bad name', { meta: { env: { '1A': 'x' } } }, 'meta.env.1A'],
  ['a variable of ours', { meta: { env: { DISPATCH_KEY: 'x' } } }, 'meta.env.DISPATCH_KEY'],
  ['a variable that is a number', { meta: { env: { A: 1 } } }, 'meta.env.A'],
  ['cols below', { meta: { cols: 1 } }, 'meta.cols'],
  ['cols above', { meta: { cols: 501 } }, 'meta.cols'],
  ['rows below', { meta: { rows: 0 } }, 'meta.rows'],
  ['rows above', { meta: { rows: 301 } }, 'meta.rows'],
  ['cols with a fraction', { meta: { cols: 80.5 } }, 'meta.cols'],
])('%s is refused with its field, and nothing is made', async (_, over, field) => {
  const before = (await server.api('/api/sessions?limit=1')).body.pagination.total;
  const answer = await post('/api/sessions', { workspaceId, kind: 'terminal', ...over });
  expect(answer.status).toBe(422);
  expect(Object.keys(answer.body.fields)).toEqual([field]);
  expect(answer.body.message).not.toContain(server.dataFolder);
  expect((await server.api('/api/sessions?limit=1')).body.pagination.total).toBe(before);
});

test('sizes and lengths at their bounds are taken', async () => {
  for (const meta of [
    { cols: limits.winsizeColsMin, rows: limits.winsizeRowsMin },
    { cols: limits.winsizeColsMax, rows: limits.winsizeRowsMax },
    { command: ['true', ...Array(limits.commandArgumentsMax - 1).fill('x')] },
    { command: ['true', 'x'.repeat(limits.commandBytesMax - 5)] },
  ]) {
    expect((await post('/api/sessions', { workspaceId, kind: 'terminal', meta: { command: ['true'], ...meta } })).status).toBe(201);
  }
  expect((await post('/api/sessions', { workspaceId, kind: 'terminal', name: LONG.slice(1), meta: { command: ['true'] } })).status).toBe(201);
});

test('a start that fails is 201 with a session in error', async () => {
  const answer = await post('/api/sessions', { workspaceId, kind: 'terminal', meta: { command: ['no-such-program'] } });
  expect(answer.status).toBe(201);
  expect(answer.body).toMatchObject({ status: 'error', statusReason: expect.stringContaining('no-such-program was not found'), activity: { state: 'error' } });
});

test('what a session does now is told as it changes, without anybody asking', async () => {
  const told = new Set<string>();
  const stop = server.parts.changes.listen((name, id) => void (name === 'sessions' && told.add(id)));
  const { id } = await server.terminal(workspaceId, { command: ['bash', '--norc'] });
  const activity = () => server.parts.sessions.get(id).activity;
  await until('the prompt', () => activity().state === 'idle' && server.parts.sessions.get(id).currentSequence > 3);
  told.clear();
  await post(`/api/sessions/${id}/input`, { text: 'sleep 1000\n' });
  await until('the news', () => told.has(id));
  expect(activity()).toMatchObject({ state: 'working', detail: 'sleep' });
  const { id: pipe } = await server.terminal(workspaceId, { command: ['sh', '-c', 'sleep 1000; true'] });
  expect(server.parts.sessions.get(pipe).activity.state).toBe('working');
  stop();
});

test('resumes that are sent together are one, and get the same answer', async () => {
  const { id } = await server.terminal(workspaceId, { command: ['cat'] });
  await server.parts.sessions.stop(id);
  const answers = await Promise.all(Array.from({ length: 5 }, () => post(`/api/sessions/${id}/resume`)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(new Set(answers.map(({ body }) => body.currentSequence)).size).toBe(1);
  expect((await post(`/api/sessions/${id}/resume`)).status).toBe(409);
});

test('rename, stop twice, resume, delete', async () => {
  const id = await sh('exec cat');
  expect((await server.api(`/api/sessions/${id}`, { method: 'PATCH', body: { name: '<b>new</b>' } })).body.name).toBe('<b>new</b>');
  expect((await server.api(`/api/sessions/${id}`, { method: 'PATCH', body: { name: '' } })).status).toBe(422);
  expect((await server.api(`/api/sessions/${id}`, { method: 'PATCH', body: {} })).status).toBe(422);
  expect((await post(`/api/sessions/${id}/resume`)).status).toBe(409);
  const stopped = await post(`/api/sessions/${id}/stop`);
  expect([stopped.status, stopped.body.status, stopped.body.exitSignal]).toEqual([200, 'stopped', 'SIGHUP']);
  expect((await post(`/api/sessions/${id}/stop`)).status).toBe(200);
  expect((await post(`/api/sessions/${id}/input`, { text: 'x' })).status).toBe(409);
  expect((await post(`/api/sessions/${id}/resize`, { cols: 80, rows: 24 })).status).toBe(409);
  const resumed = await post(`/api/sessions/${id}/resume`);
  expect([resumed.status, resumed.body.id, resumed.body.status]).toEqual([200, id, 'active']);
  expect((await server.api(`/api/sessions/${id}`, { method: 'DELETE' })).status).toBe(204);
  for (const [method, path] of [['GET', ''], ['PATCH', ''], ['DELETE', ''], ['POST', '/stop'], ['POST', '/resume'], ['GET', '/history'], ['GET', '/events'], ['GET', '/recording']] as const) {
    const answer = await server.api(`/api/sessions/${id}${path}`, { method, ...(method === 'PATCH' ? { body: { name: 'x' } } : {}) });
    expect([path, answer.status]).toEqual([path, 404]);
  }
});

test('input arrives as text and as base64, is in the history at once, and says who gave it', async () => {
  const id = await sh('stty -echo; echo ready; exec cat -v');
  await until('the program', async () => (await events(id)).some(({ type }: { type: string }) => type === 'output'));
  expect((await post(`/api/sessions/${id}/input`, { text: 'häl\n' })).status).toBe(204);
  expect((await events(id)).findLast(({ type }: { type: string }) => type === 'input').data).toMatchObject({ client: 'api', bytes: 5 });
  expect((await post(`/api/sessions/${id}/input?client=robot`, { base64: Buffer.from([0xff, 0x0a]).toString('base64') })).status).toBe(204);
  expect((await events(id)).findLast(({ type }: { type: string }) => type === 'input').data).toMatchObject({ client: 'robot', bytes: 2 });
  await until('both', async () => JSON.stringify(await events(id)).includes('M-^?'));
  expect(JSON.stringify(await events(id))).toContain('hM-CM-$l');
});

test.each([
  ['neither', {}, 422],
  ['both', { text: 'a', base64: 'YQ==' }, 422],
  ['an empty text', { text: '' }, 422],
  ['base64 without its padding', { base64: 'YQ' }, 422],
  ['base64 of the URL alphabet', { base64: '_-8=' }, 422],
  ['base64 with a space', { base64: 'YQ= =' }, 422],
  ['base64 with stray bits', { base64: 'YR==' }, 422],
  ['a lone surrogate', '{"text":"\\ud800"}', 422],
  ['an unknown field', { text: 'a', client: 'x' }, 422],
  ['a number', { text: 1 }, 422],
  ['more than a program may leave unread', { text: 'x'.repeat(limits.inputPendingBytesMax + 1) }, 413],
  ['what is not JSON', '{"text":', 400],
])('input with %s is refused', async (_, body, status) => {
  const id = await sh('exec cat');
  expect((await post(`/api/sessions/${id}/input`, body)).status).toBe(status);
});

test.each([
  [{ cols: 1, rows: 24 }, 'cols'],
  [{ cols: 501, rows: 24 }, 'cols'],
  [{ cols: 80, rows: 0 }, 'rows'],
  [{ cols: 80, rows: 301 }, 'rows'],
  [{ cols: 80 }, 'rows'],
  [{ cols: '80', rows: 24 }, 'cols'],
])('a size of %j is refused', async (body, field) => {
  const id = await sh('exec cat');
  const answer = await post(`/api/sessions/${id}/resize`, body);
  expect([answer.status, Object.keys(answer.body.fields)]).toEqual([422, [field]]);
});

test('a size at the bounds is applied and recorded', async () => {
  const id = await sh('exec cat');
  expect((await post(`/api/sessions/${id}/resize`, { cols: 500, rows: 300 })).status).toBe(204);
  expect((await events(id)).at(-1)).toMatchObject({ type: 'resize', data: { cols: 500, rows: 300, client: 'api' } });
});

test('a session of an archived workspace does not resume, and 409 says so', async () => {
  const other = (await server.workspace()).id;
  const { id } = await server.terminal(other, { command: ['true'] });
  await ended(id);
  await server.api(`/api/workspaces/${other}`, { method: 'PATCH', body: { status: 'archived' } });
  expect(await post(`/api/sessions/${id}/resume`)).toMatchObject({ status: 409, body: { error: 'conflict' } });
  expect(await post('/api/sessions', { workspaceId: other, kind: 'terminal' })).toMatchObject({ status: 409 });
});

test("a program gets the workspace's environment, the session's over it, and nothing of the server's", async () => {
  const other = (await server.workspace(undefined, { env: { SHARED: 'workspace', ONLY: 'w' } })).id;
  const { id } = await server.terminal(other, { command: ['sh', '-c', 'env | sort; pwd'], env: { SHARED: 'session' } });
  await ended(id);
  const text = (await events(id)).map(({ data }: { data: { text?: string } }) => data.text ?? '').join('');
  expect(text).toContain('SHARED=session\r\n');
  expect(text).toContain('ONLY=w\r\n');
  expect(text).toContain('TERM=xterm-256color\r\n');
  expect(text).not.toMatch(/^(DISPATCH_|PORT=|HOST=|npm_)/m);
});

test('deleting a workspace takes its sessions along', async () => {
  const other = (await server.workspace()).id;
  const { id } = await server.terminal(other, { command: ['cat'] });
  expect((await server.api(`/api/workspaces/${other}?force=true`, { method: 'DELETE' })).status).toBe(204);
  expect((await server.api(`/api/sessions/${id}`)).status).toBe(404);
});

test('what of the input is recorded follows the settings from the next key on, in a session that lives', async () => {
  const other = (await server.workspace()).id;
  const { id } = await server.terminal(other, { command: ['cat'] });
  const type = async () => {
    await post(`/api/sessions/${id}/input`, { text: 'x\n' });
    return (await events(id)).findLast(({ type: each }: { type: string }) => each === 'input').data;
  };
  const none = { recordInput: 'none' };
  expect(await type()).toMatchObject({ text: 'x\n' });
  await server.api('/api/settings/terminal', { method: 'PATCH', body: none });
  expect(await type()).toMatchObject({ redacted: true });
  await server.api('/api/settings/terminal', { method: 'PATCH', body: { recordInput: 'redact' } });
  expect(await type()).toMatchObject({ text: 'x\n' });
  await server.api(`/api/workspaces/${other}`, { method: 'PATCH', body: { metadata: { settings: { terminal: none } } } });
  expect(await type()).toMatchObject({ redacted: true });
});
