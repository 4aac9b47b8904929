// The real Claude Code behind its real adapter, offline: a scripted Messages API is its model.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { claudeEnvironment, type Model, type ModelRequest, startModel } from '../support/model.ts';
import { startTestServer, temporaryFolder, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(60_000);

const ADAPTER = resolve(import.meta.dir, '../../node_modules/@agentclientprotocol/claude-agent-acp/dist/index.js');
const PATIENCE_MS = 30_000;

let server: TestServer;
let model: Model;
let workspaceId: string;
let folder: string;

beforeAll(async () => {
  model = startModel();
  server = await startTestServer();
  await server.api('/api/settings/agents', { method: 'PATCH', body: { adapterPath: ADAPTER } });
  const workspace = await server.workspace('claude', { env: claudeEnvironment(model, temporaryFolder()) });
  workspaceId = workspace.id;
  folder = workspace.path;
});

afterAll(async () => {
  await server.stop();
  model.stop();
});

const at = (id: string, rest = ''): string => `/api/sessions/${id}${rest}`;
const post = async (path: string, body?: object): Promise<any> => (await server.api(path, { method: 'POST', ...(body === undefined ? {} : { body }) })).body;
const get = async (path: string): Promise<any> => (await server.api(path)).body;
const say = (id: string, text: string, more = {}): Promise<any> => post(at(id, '/prompt'), { text, ...more });
const events = async (id: string, type: string): Promise<any[]> => (await get(at(id, `/history?limit=1000&type=${type}`))).events.map(({ data }: any) => data);
const saidBy = async (id: string): Promise<string> => (await events(id, 'message')).map(({ text }) => text).join('');
const rests = (id: string): Promise<any> =>
  until('Claude to rest', async () => {
    const session = await get(at(id));
    if (session.status === 'error') throw new Error(session.statusReason);
    return session.activity.state === 'idle' ? session : undefined;
  }, PATIENCE_MS);
const ended = (id: string, turns: number): Promise<any[]> =>
  until('the turn to end', async () => {
    const stops = await events(id, 'stop');
    return stops.length >= turns ? stops : undefined;
  }, PATIENCE_MS);
const permission = (id: string): Promise<any> =>
  until('a permission', async () => (await get(at(id, '/permissions'))).permissions.find(({ decision }: any) => decision === null), PATIENCE_MS);
const decide = (id: string, asked: any, kind: string): Promise<any> =>
  post(at(id, `/permissions/${asked.id}`), { optionId: asked.options.find((option: any) => option.kind === kind).optionId });

async function conversation(): Promise<string> {
  const { id } = await post('/api/sessions', { workspaceId, kind: 'claude' });
  await rests(id);
  return id;
}

/** Writes the file that the prompt names (`WRITE name`), then says so. */
const writes = ({ said, results }: ModelRequest) => {
  const name = /WRITE (\S+)/.exec(said)?.[1];
  if (name === undefined || results.length > 0) return [{ type: 'text' as const, text: results.length > 0 ? 'It is done.' : 'Hello, I am **Claude**.' }];
  return [{ type: 'text' as const, text: 'I write it.' }, { type: 'tool_use' as const, name: 'Write', input: { file_path: join(folder, name), content: `${name}\n` } }];
};

test('a turn of words, with what it cost, begun in the mode that asks', async () => {
  model.answer(writes);
  const id = await conversation();
  expect((await get(at(id, '/config'))).options.find((option: any) => option.category === 'mode').value).toBe('default');
  await say(id, 'Who are you?');
  expect(await ended(id, 1)).toMatchObject([{ reason: 'end_turn' }]);
  expect(await saidBy(id)).toBe('Hello, I am **Claude**.');
  expect((await events(id, 'usage')).at(-1)).toMatchObject({ used: expect.any(Number), size: expect.any(Number), cost: { currency: 'USD' } });
  expect((await get(at(id))).meta).toMatchObject({ agent: 'claude', mode: 'default', model: expect.any(String), agentSessionId: expect.any(String) });
  expect((await get(at(id, '/config'))).commands.length).toBeGreaterThan(0);
});

test('a file is written once it is allowed, with the diff on the card', async () => {
  model.answer(writes);
  const id = await conversation();
  await say(id, 'WRITE allowed.txt');
  const asked = await permission(id);
  expect(asked.toolCall).toMatchObject({ kind: 'edit', content: [{ type: 'diff', path: join(folder, 'allowed.txt'), before: null, after: 'allowed.txt\n' }] });
  expect(existsSync(join(folder, 'allowed.txt'))).toBe(false);
  const [one, other] = await Promise.all(['allow_once', 'reject_once'].map((kind) => decide(id, asked, kind)));
  expect([one, other].filter(({ error }) => error === 'conflict')).toHaveLength(1);
  const winner = [one, other].find(({ error }) => error === undefined);
  await ended(id, 1);
  expect(existsSync(join(folder, 'allowed.txt'))).toBe(winner.decision.optionId === 'allow-once');
  expect((await events(id, 'tool')).some(({ status }) => status === 'completed' || status === 'failed')).toBe(true);
});

test('rejected, nothing is written and the model hears of it', async () => {
  model.answer(writes);
  const id = await conversation();
  await say(id, 'WRITE rejected.txt');
  await decide(id, await permission(id), 'reject_once');
  await ended(id, 1);
  expect(existsSync(join(folder, 'rejected.txt'))).toBe(false);
});

test('always allowed, the next of its kind is not asked for', async () => {
  model.answer(writes);
  const id = await conversation();
  await say(id, 'WRITE always-1.txt');
  await decide(id, await permission(id), 'allow_always');
  await ended(id, 1);
  await say(id, 'WRITE always-2.txt');
  await ended(id, 2);
  expect((await get(at(id, '/permissions'))).permissions).toHaveLength(1);
  expect(readFileSync(join(folder, 'always-2.txt'), 'utf8')).toBe('always-2.txt\n');
});

test('a command is asked for with its words, and its output is on the card', async () => {
  model.answer(({ results }) =>
    results.length > 0 ? [{ type: 'text', text: 'Ran.' }] : [{ type: 'tool_use', name: 'Bash', input: { command: 'echo to-the-card > out.txt; cat out.txt', description: 'Say it' } }],
  );
  const id = await conversation();
  await say(id, 'Run it');
  const asked = await permission(id);
  expect(asked.toolCall).toMatchObject({ kind: 'execute', rawInput: { command: 'echo to-the-card > out.txt; cat out.txt' } });
  await decide(id, asked, 'allow_once');
  await ended(id, 1);
  expect(JSON.stringify(await events(id, 'tool'))).toContain('to-the-card');
});

test('a turn is cancelled while the model is silent', async () => {
  const silent = Promise.withResolvers<never[]>();
  model.answer(() => silent.promise);
  const id = await conversation();
  await say(id, 'Think for ever');
  await until('the model to be asked', () => model.requests.at(-1)?.said.includes('Think for ever'), PATIENCE_MS);
  await post(at(id, '/cancel'));
  expect(await ended(id, 1)).toMatchObject([{ reason: 'cancelled' }]);
  silent.resolve([]);
});

test('stopped and resumed, the model sees what was said before, and the mode is kept', async () => {
  model.answer(() => [{ type: 'text', text: 'The word is heliotrope.' }]);
  const id = await conversation();
  await say(id, 'Tell me the word');
  await ended(id, 1);
  await server.api(at(id, '/config'), { method: 'PATCH', body: { mode: 'plan' } });
  expect((await post(at(id, '/stop'))).status).toBe('stopped');
  await post(at(id, '/resume'));
  await rests(id);
  expect((await events(id, 'agent')).map(({ how }) => how)).toEqual(['new', 'resumed']);
  expect((await get(at(id, '/config'))).options.find((option: any) => option.category === 'mode').value).toBe('plan');
  await say(id, 'And again?');
  await ended(id, 2);
  expect(JSON.stringify(model.requests.at(-1)?.body.messages)).toContain('The word is heliotrope.');
  // The log has it once: a resume tells nothing again.
  expect((await events(id, 'message')).filter(({ text }) => text.includes('heliotrope'))).toHaveLength(2);
});

test('a picture of the prompt reaches the model', async () => {
  model.answer(() => [{ type: 'text', text: 'A dot.' }]);
  const id = await conversation();
  const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  const uploaded = await fetch(server.url + at(id, '/attachments'), { method: 'POST', headers: { authorization: `Bearer ${server.key}`, 'content-type': 'image/png' }, body: picture });
  const { id: attachment } = await uploaded.json();
  await say(id, 'What is this?', { images: [attachment] });
  await ended(id, 1);
  const blocks = model.requests.flatMap(({ body }) => body.messages).flatMap(({ content }) => (Array.isArray(content) ? content : []));
  expect(blocks.some(({ type, source }) => type === 'image' && source.media_type === 'image/png')).toBe(true);
});

test('a mentioned file is named to the model', async () => {
  mkdirSync(join(folder, 'notes'), { recursive: true });
  writeFileSync(join(folder, 'notes/plan.md'), 'the plan\n');
  model.answer(() => [{ type: 'text', text: 'Seen.' }]);
  const id = await conversation();
  await say(id, 'Look at the plan', { resources: ['notes/plan.md'] });
  await ended(id, 1);
  expect(JSON.stringify(model.requests.at(-1)?.body.messages)).toContain('notes/plan.md');
});

test.each([
  ['an overloaded model', { status: 529, error: 'overloaded_error' }, /529|overloaded/i],
  ['a key that is not taken', { status: 401, error: 'authentication_error' }, /sign|authenticat|API key|401/i],
])('%s fails the turn with its reason, and the next turn goes', async (_, answer, words) => {
  model.answer(() => answer);
  const id = await conversation();
  await say(id, 'Hello?');
  expect((await ended(id, 1))[0].reason).toBe('error');
  expect((await events(id, 'error')).at(-1).message).toMatch(words);
  expect((await get('/api/inbox')).items).toContainEqual(expect.objectContaining({ sessionId: id, why: 'failed' }));
  model.answer(() => [{ type: 'text', text: 'Back again.' }]);
  await say(id, 'Hello again?');
  await ended(id, 2);
  expect(await saidBy(id)).toContain('Back again.');
});

test('a stream that is cut in the middle keeps what had come, and ends the turn', async () => {
  let count = 0;
  model.answer(() => ((count += 1) <= 3 ? { cutAfter: 'half of a sen' } : [{ type: 'text', text: 'Whole.' }]));
  const id = await conversation();
  await say(id, 'Tell me a sentence');
  const [stop] = await ended(id, 1);
  expect(['error', 'end_turn']).toContain(stop.reason);
  expect(await saidBy(id)).toContain('half of a sen');
  await rests(id);
});

test('Claude asks a question, and hears the answer', async () => {
  model.answer(({ results }) =>
    results.length > 0
      ? [{ type: 'text', text: 'Thank you.' }]
      : [{ type: 'tool_use', name: 'AskUserQuestion', input: { questions: [{ question: 'Which colour?', header: 'Colour', multiSelect: false, options: [{ label: 'Red', description: 'warm' }, { label: 'Blue', description: 'cold' }] }] } }],
  );
  const id = await conversation();
  await say(id, 'Ask me');
  const question = await until('the question', async () => (await get(at(id, '/questions'))).questions[0], PATIENCE_MS);
  expect(question.question).toMatchObject({ message: 'Which colour?' });
  const [field] = Object.keys(question.question.properties);
  await post(at(id, `/questions/${question.id}`), { action: 'accept', content: { [field ?? '']: 'Blue' } });
  await ended(id, 1);
  expect(JSON.stringify(model.requests.at(-1)?.results)).toContain('Blue');
});
