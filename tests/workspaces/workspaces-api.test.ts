// Workspaces over HTTP, on a real server with real terminals in them.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

const post = (body: unknown) => server.api('/api/workspaces', { method: 'POST', body });
const patch = (id: string, body: unknown, query = '') =>
  server.api(`/api/workspaces/${id}${query}`, { method: 'PATCH', body });
const put = (id: string, body: unknown, query = '') =>
  server.api(`/api/workspaces/${id}${query}`, { method: 'PUT', body });
const remove = (id: string, query = '') => server.api(`/api/workspaces/${id}${query}`, { method: 'DELETE' });
const get = (id: string) => server.api(`/api/workspaces/${id}`);
const sessionStatus = async (id: string) => (await server.api(`/api/sessions/${id}`)).body.status;

describe('POST /api/workspaces', () => {
  test('answers 201, where it is, and the whole of it', async () => {
    const path = join(server.root, 'first');
    const answer = await post({ path, create: true, metadata: { env: { A: '1' } } });
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/api/workspaces/${answer.body.id}`]);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      name: 'first',
      path,
      status: 'active',
      statusReason: null,
      metadata: { env: { A: '1' } },
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      lastAccessed: answer.body.created,
      sessionCounts: { total: 0, starting: 0, active: 0, stopped: 0, error: 0 },
    });
    expect(existsSync(path)).toBe(true);
    expect((await get(answer.body.id)).body).toEqual({ ...answer.body, sessions: [] });
  });

  test('refuses what is wrong with the status that says why', async () => {
    const path = join(server.root, 'wrong');
    const settings = { terminal: { fontSize: 1 } };
    const cases: [unknown, number, string?][] = [
      [{ path: join(server.root, 'missing') }, 422, 'path'],
      [{ path: '/etc' }, 422, 'path'],
      [{ path: server.dataFolder }, 422, 'path'],
      [{ path: 'relative' }, 422, 'path'],
      [{ path: `${path}\0` }, 422, 'path'],
      [{ path: `${server.root}/${'x'.repeat(4097)}` }, 422, 'path'],
      [{}, 422, 'path'],
      [{ path: 5 }, 422, 'path'],
      [{ path, create: 'yes' }, 422, 'create'],
      [{ path, create: true, name: '' }, 422, 'name'],
      [{ path, create: true, metadata: [] }, 422, 'metadata'],
      [{ path, create: true, metadata: { env: { DISPATCH_KEY: 'x' } } }, 422, 'metadata.env.DISPATCH_KEY'],
      [{ path, create: true, metadata: { settings } }, 422, 'metadata.settings.terminal.fontSize'],
      [{ path, create: true, id: 'mine' }, 422, 'id'],
      [[], 422],
      ['{"path":', 400],
      [{ path: join(server.root, 'first') }, 409, 'path'],
    ];
    for (const [body, status, field] of cases) {
      const answer = await post(body);
      expect({ body, status: answer.status, fields: Object.keys(answer.body.fields ?? {}) }).toEqual({
        body,
        status,
        fields: field === undefined ? expect.anything() : [field],
      });
      expect(answer.body.message).not.toContain(server.dataFolder);
    }
    expect(existsSync(path)).toBe(false);
  });

  test('from many at once makes one', async () => {
    const path = join(server.root, 'crowd');
    const answers = await Promise.all(Array.from({ length: 10 }, () => post({ path, create: true })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });
});

describe('GET /api/workspaces', () => {
  test('pages, filters and searches, and refuses bad questions', async () => {
    for (let index = 0; index < 7; index += 1) await server.workspace(`paged-${index}`);
    const { body } = await server.api('/api/workspaces?q=PAGED-&limit=3&offset=3');
    expect(body.pagination).toEqual({ total: 7, limit: 3, offset: 3, hasMore: true });
    expect(body.workspaces.length).toBe(3);
    expect((await server.api('/api/workspaces?q=paged-&limit=3&offset=6')).body.pagination.hasMore).toBe(false);
    expect((await server.api('/api/workspaces')).body.pagination).toMatchObject({ limit: 50, offset: 0 });
    expect((await server.api('/api/workspaces?limit=1000')).status).toBe(200);
    expect((await server.api('/api/workspaces?status=&q=&limit=50&offset=0')).status).toBe(200);
    const wrong = ['limit=0', 'limit=1001', 'limit=x', 'offset=-1', 'offset=1e30', 'status=gone'];
    for (const query of [...wrong, `q=${'x'.repeat(201)}`]) {
      expect([query, (await server.api(`/api/workspaces?${query}`)).status]).toEqual([query, 422]);
    }
  });

  test('shows names of the environment only', async () => {
    await server.workspace('hidden', { env: { TOKEN: 'swordfish' } });
    const { body } = await server.api('/api/workspaces?q=hidden');
    expect(body.workspaces[0].metadata).toEqual({ env: ['TOKEN'] });
    expect(JSON.stringify(body)).not.toContain('swordfish');
  });
});

describe('a change', () => {
  test('by PATCH merges, by PUT replaces', async () => {
    const { id } = await server.workspace('changed', { env: { A: '1', B: '2' }, color: 'red', mine: 1 });
    const merged = await patch(id, { name: 'New name', metadata: { env: { A: null, C: '3' }, color: null } });
    expect(merged.status).toBe(200);
    expect(merged.body).toMatchObject({ name: 'New name', metadata: { env: { B: '2', C: '3' }, mine: 1 } });
    expect(merged.body.metadata).not.toHaveProperty('color');
    const replaced = await put(id, { name: 'Other', status: 'active', metadata: { description: 'd' } });
    expect([replaced.status, replaced.body.name, replaced.body.metadata]).toEqual([200, 'Other', { description: 'd' }]);
    const whole = { name: 'a', status: 'active', metadata: {} };
    for (const wrong of [{ status: 'error' }, { path: '/' }]) {
      expect((await put(id, { ...whole, ...wrong })).status).toBe(422);
    }
    for (const field of ['name', 'status', 'metadata']) {
      const answer = await put(id, { ...whole, [field]: undefined });
      expect([answer.status, Object.keys(answer.body.fields)]).toEqual([422, [field]]);
    }
    for (const body of [{ status: 'error' }, { metadata: null }, { name: null }, { id: 'x' }, { lastAccessed: 'x' }]) {
      expect((await patch(id, body)).status).toBe(422);
    }
    expect((await patch(id, {}, '?force=maybe')).status).toBe(422);
    expect((await get(id)).body.name).toBe('Other');
  });

  test('of a name leaves an archived one archived', async () => {
    const { id } = await server.workspace('asleep');
    await patch(id, { status: 'archived' });
    const renamed = (await patch(id, { name: 'still asleep' })).body;
    expect(renamed).toMatchObject({ name: 'still asleep', status: 'archived' });
    expect((await server.api('/api/workspaces?q=asleep')).body.workspaces).toEqual([]);
    expect((await server.api('/api/workspaces?q=asleep&status=archived')).body.workspaces).toMatchObject([{ id }]);
  });

  test('of one that is not there is 404', async () => {
    const id = Bun.randomUUIDv7();
    const whole = { name: 'a', status: 'active', metadata: {} };
    const answers = [await get(id), await patch(id, {}), await put(id, whole), await remove(id)];
    for (const answer of answers) expect([answer.status, answer.body.error]).toEqual([404, 'not_found']);
  });

  test('of the environment reaches the next session', async () => {
    const { id } = await server.workspace('env', { env: { GREETING: 'before' } });
    await patch(id, { metadata: { env: { GREETING: 'after' } } });
    const session = await server.terminal(id, { command: ['sh', '-c', 'echo "<$GREETING>"'] });
    await until('the program to end', async () => (await sessionStatus(session.id)) === 'stopped');
    const { body } = await server.api(`/api/sessions/${session.id}/history?type=output`);
    expect(body.events.map((event: { data: { text: string } }) => event.data.text).join('')).toContain('<after>');
  });
});

describe('live sessions', () => {
  const live = async (name: string) => {
    const workspace = await server.workspace(name);
    const sessions = [];
    for (const number of [1, 2]) {
      const body = { kind: 'terminal', name: `${name} ${number}`, meta: { command: ['cat'] } };
      sessions.push((await server.api(`/api/workspaces/${workspace.id}/sessions`, { method: 'POST', body })).body);
    }
    return { workspace, ids: sessions.map(({ id }) => id).sort() };
  };

  const expectConflict = (answer: Awaited<ReturnType<typeof get>>, name: string, ids: string[]) => {
    expect([answer.status, answer.body.error]).toEqual([409, 'conflict']);
    expect(answer.body.conflict.sessions.toSorted()).toEqual(ids);
    expect(answer.body.message).toContain(`${name} 1`);
    expect(answer.body.message).toContain(`${name} 2`);
  };

  test('are shown with their workspace, and counted', async () => {
    const { workspace, ids } = await live('shown');
    const { body } = await get(workspace.id);
    expect(body.sessions.map(({ id }: { id: string }) => id).sort()).toEqual(ids);
    expect(body.sessionCounts).toEqual({ total: 2, starting: 0, active: 2, stopped: 0, error: 0 });
    await server.api(`/api/sessions/${ids[0]}/stop`, { method: 'POST' });
    const after = (await get(workspace.id)).body;
    expect(after.sessions.map(({ id }: { id: string }) => id)).toEqual([ids[1]]);
    expect(after.sessionCounts).toMatchObject({ total: 2, active: 1, stopped: 1 });
    await remove(workspace.id, '?force=true');
  });

  test('keep a workspace from being archived, unless they may be stopped', async () => {
    const { workspace, ids } = await live('archived');
    expectConflict(await patch(workspace.id, { status: 'archived' }), 'archived', ids);
    const whole = { name: 'a', status: 'archived', metadata: {} };
    expectConflict(await put(workspace.id, whole, '?force=false'), 'archived', ids);
    for (const id of ids) expect(await sessionStatus(id)).toBe('active');
    const archived = await patch(workspace.id, { status: 'archived' }, '?force=true');
    expect([archived.status, archived.body.status]).toEqual([200, 'archived']);
    for (const id of ids) expect(await sessionStatus(id)).toBe('stopped');
    for (const path of [`/api/sessions/${ids[0]}/resume`, `/api/workspaces/${workspace.id}/sessions`]) {
      const answer = await server.api(path, { method: 'POST', body: { kind: 'terminal' } });
      expect([path, answer.status, answer.body.message]).toEqual([path, 409, expect.stringContaining('archived')]);
    }
    expect((await patch(workspace.id, { status: 'active' })).body.status).toBe('active');
    expect((await server.api(`/api/sessions/${ids[0]}/resume`, { method: 'POST' })).status).toBe(200);
    await remove(workspace.id, '?force=true');
  });

  test('that start while the others are being stopped are stopped, too', async () => {
    const { workspace } = await live('raced');
    const archiving = patch(workspace.id, { status: 'archived' }, '?force=true');
    const body = { workspaceId: workspace.id, kind: 'terminal', meta: { command: ['cat'] } };
    const starts = Array.from({ length: 8 }, () => server.api('/api/sessions', { method: 'POST', body }));
    const statuses = (await Promise.all(starts)).map(({ status }) => status);
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
    expect((await archiving).body.status).toBe('archived');
    const { sessions, sessionCounts } = (await get(workspace.id)).body;
    expect([sessions, sessionCounts.active, sessionCounts.starting]).toEqual([[], 0, 0]);
  });

  test('that take their time to stop hold up no other change, and none is lost', async () => {
    const { workspace } = await live('patient');
    const { workspaces } = server.parts;
    const archiving = workspaces.update(workspace.id, { status: 'archived', metadata: { mine: 1 } }, { force: true });
    await workspaces.update(workspace.id, { name: 'renamed', metadata: { other: 2 } }, { force: false });
    expect(await archiving).toMatchObject({ name: 'renamed', status: 'archived', metadata: { mine: 1, other: 2 } });
  });

  test('keep a workspace from being moved', async () => {
    const { workspace, ids } = await live('moved');
    const path = join(server.root, 'moved-there');
    renameSync(workspace.path, path);
    expectConflict(await patch(workspace.id, { path }), 'moved', ids);
    const moved = await patch(workspace.id, { path }, '?force=true');
    expect([moved.status, moved.body.path, moved.body.status]).toEqual([200, path, 'active']);
    for (const id of ids) expect(await sessionStatus(id)).toBe('stopped');
    expect((await server.api(`/api/sessions/${ids[0]}/resume`, { method: 'POST' })).body.status).toBe('active');
    expect((await patch(workspace.id, { path, name: 'same place' })).status).toBe(200);
    await remove(workspace.id, '?force=true');
  });

  test('keep a workspace from being deleted; then it goes with its history, and its files stay', async () => {
    const { workspace, ids } = await live('deleted');
    writeFileSync(join(workspace.path, 'precious'), 'x');
    expectConflict(await remove(workspace.id), 'deleted', ids);
    const news: string[] = [];
    const end = server.parts.changes.listen((name, id) => news.push(`${name} ${id}`));
    const removed = await remove(workspace.id, '?force=true');
    end();
    expect([removed.status, removed.body]).toEqual([204, '']);
    expect(readdirSync(workspace.path)).toEqual(['precious']);
    expect((await get(workspace.id)).status).toBe(404);
    for (const id of ids) expect((await server.api(`/api/sessions/${id}`)).status).toBe(404);
    expect(news).toEqual(expect.arrayContaining([`workspaces ${workspace.id}`, ...ids.map((id) => `sessions ${id}`)]));
    expect((await post({ path: workspace.path })).status).toBe(201);
  });
});

describe('a workspace whose folder is gone', () => {
  test('says so, takes no new session, and is back when the folder is', async () => {
    const { id, path } = await server.workspace('vanishing');
    rmSync(path, { recursive: true });
    for (const query of ['q=vanishing', 'q=vanishing&status=error']) {
      const { workspaces } = (await server.api(`/api/workspaces?${query}`)).body;
      expect(workspaces).toMatchObject([{ id, status: 'error', statusReason: expect.stringContaining('gone') }]);
    }
    expect((await server.api('/api/workspaces?q=vanishing&status=active')).body.workspaces).toEqual([]);
    const refused = await server.api('/api/sessions', { method: 'POST', body: { workspaceId: id, kind: 'terminal' } });
    expect([refused.status, refused.body.message]).toEqual([409, expect.stringContaining('gone')]);
    mkdirSync(path);
    expect((await get(id)).body).toMatchObject({ status: 'active', statusReason: null });
  });
});
