// The real Claude Code where nobody is signed in, where it is missing, copied, and when what it
// was allowed for good is taken back.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { claudeEnvironment, type Model, startModel } from '../support/model.ts';
import { startTestServer, temporaryFolder, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(60_000);

const ADAPTER = resolve(import.meta.dir, '../../node_modules/@agentclientprotocol/claude-agent-acp/dist/index.js');
const PATIENCE_MS = 30_000;

let server: TestServer;
let model: Model;

beforeAll(async () => {
  model = startModel();
  server = await startTestServer();
  await server.api('/api/settings/agents', { method: 'PATCH', body: { adapterPath: ADAPTER } });
});

afterAll(async () => {
  await server.stop();
  model.stop();
});

const at = (id: string, rest = ''): string => `/api/sessions/${id}${rest}`;
const post = async (path: string, body?: object): Promise<any> => (await server.api(path, { method: 'POST', ...(body === undefined ? {} : { body }) })).body;
const get = async (path: string): Promise<any> => (await server.api(path)).body;
const say = (id: string, text: string): Promise<any> => post(at(id, '/prompt'), { text });
const events = async (id: string, type: string): Promise<any[]> => (await get(at(id, `/history?limit=1000&type=${type}`))).events.map(({ data }: any) => data);
const ended = (id: string, turns: number): Promise<any[]> =>
  until('the turn to end', async () => {
    const stops = await events(id, 'stop');
    return stops.length >= turns ? stops : undefined;
  }, PATIENCE_MS);
const standsAs = (id: string, state: string): Promise<any> =>
  until(state, async () => {
    const session = await get(at(id));
    return session.activity.state === state ? session : undefined;
  }, PATIENCE_MS);
const permission = (id: string): Promise<any> =>
  until('a permission', async () => (await get(at(id, '/permissions'))).permissions.find(({ decision }: any) => decision === null), PATIENCE_MS);
const form = (path: string, fields: Record<string, string> = {}): Promise<Response> =>
  fetch(server.url + path, { method: 'POST', redirect: 'manual', headers: { authorization: `Bearer ${server.key}` }, body: new URLSearchParams(fields) });
const page = async (id: string): Promise<string> => (await fetch(`${server.url}/sessions/${id}`, { headers: { authorization: `Bearer ${server.key}` } })).text();

async function conversation(name: string, change: Record<string, string | undefined> = {}): Promise<{ id: string; path: string }> {
  const given = Object.entries({ ...claudeEnvironment(model, temporaryFolder()), ...change });
  const env = Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== undefined));
  const workspace = await server.workspace(name, { env });
  const { id } = await post('/api/sessions', { workspaceId: workspace.id, kind: 'claude' });
  return { id, path: workspace.path };
}

test('where nobody is signed in, the turn says what to do, and a button opens a terminal that does it', async () => {
  const { id } = await conversation('signed-out', { ANTHROPIC_API_KEY: undefined });
  await standsAs(id, 'idle');
  await say(id, 'Hello?');
  expect(await ended(id, 1)).toMatchObject([{ reason: 'error' }]);
  expect((await events(id, 'error')).at(-1)).toMatchObject({ code: 'unauthorized', message: expect.stringMatching(/^Claude is not signed in: run `.+auth login` in a terminal/) });
  const html = await page(id);
  expect(html).toContain('Nobody is signed in to Claude.');
  expect(html).toMatch(/action="\/workspaces\/[^"]+\/agents\/claude\/sign-in"/);
});

test('where its own program is missing, it fails with that, and with the line that installs it', async () => {
  const { id } = await conversation('missing', { CLAUDE_CODE_EXECUTABLE: '/nowhere/claude' });
  const { status, statusReason } = await standsAs(id, 'error');
  expect(status).toBe('error');
  expect(statusReason).toMatch(/\/nowhere\/claude.+npm install -g @anthropic-ai\/claude-code/s);
  expect(await page(id)).toContain('Install in a terminal');
});

test('a copy remembers what was said, in a conversation of its own', async () => {
  model.answer(() => [{ type: 'text', text: 'The word is heliotrope.' }]);
  const { id } = await conversation('copied');
  await standsAs(id, 'idle');
  await say(id, 'Tell me the word');
  await ended(id, 1);
  const copy = await post(at(id, '/fork'));
  await standsAs(copy.id, 'idle');
  await say(copy.id, 'And again?');
  await ended(copy.id, 1);
  expect(JSON.stringify(model.requests.at(-1)?.body.messages)).toContain('The word is heliotrope.');
  expect((await events(copy.id, 'agent')).map(({ how }) => how)).toEqual(['forked']);
  expect((await get(at(copy.id))).meta.agentSessionId).not.toBe((await get(at(id))).meta.agentSessionId);
  expect(await events(id, 'prompt')).toHaveLength(1);
});

test('what it was allowed for good is shown, and once taken back it asks again', async () => {
  model.answer(({ results }) => (results.length > 0 ? [{ type: 'text', text: 'Ran.' }] : [{ type: 'tool_use', name: 'Bash', input: { command: 'curl --version', description: 'Look' } }]));
  const { id, path } = await conversation('rules');
  await standsAs(id, 'idle');
  await say(id, 'Run it');
  const asked = await permission(id);
  const always = asked.options.find(({ kind }: any) => kind === 'allow_always');
  await post(at(id, `/permissions/${asked.id}`), { optionId: always.optionId });
  await ended(id, 1);
  await say(id, 'Run it again');
  await ended(id, 2);
  expect((await get(at(id, '/permissions'))).permissions).toHaveLength(1);
  const file = join(path, '.claude/settings.local.json');
  const [rule] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).permissions.allow : [];
  expect(rule).toContain('curl');
  expect(await page(id)).toContain(rule);
  expect((await form(`/sessions/${id}/rules/revoke`, { rule })).status).toBe(303);
  await standsAs(id, 'idle');
  await say(id, 'Run it once more');
  expect((await permission(id)).toolCall.rawInput.command).toBe('curl --version');
  expect(await page(id)).not.toContain(`value="${rule}"`);
});
