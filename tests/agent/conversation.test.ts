// Conversations with a small agent: turns, the queue, permissions, questions, what is set, what
// is logged of it all.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONVERSATION_EVENT_TYPES } from '../../src/sessions/vocabulary.ts';
import { type ConversationServer, startConversationServer } from '../support/conversation.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(30_000);

const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

let server: ConversationServer;
const file = (name: string): string => join(server.root, 'talk', name);

beforeAll(async () => {
  server = await startConversationServer();
});

afterAll(async () => {
  await server.stop();
});

test('a turn is a prompt, what the agent said, and its end', async () => {
  const id = await server.conversation();
  const said = await server.say(id, 'say hello to everybody');
  expect(said.state).toBe('sent');
  await server.rests(id);
  expect(await server.said(id)).toBe('hello to everybody ');
  const [prompt] = await server.events(id, 'prompt');
  expect(prompt).toMatchObject({ prompt: said.prompt.id, text: 'say hello to everybody', client: 'api' });
  expect(await server.events(id, 'stop')).toMatchObject([{ prompt: said.prompt.id, reason: 'end_turn' }]);
  const session = await server.session(id);
  expect(session).toMatchObject({ kind: 'claude', status: 'active', activity: { state: 'idle' }, meta: { mode: 'careless' } });
  expect(session.meta.agentSessionId).toBeString();
});

test('words that come a thousand at a time become few events, and none is lost', async () => {
  const id = await server.conversation();
  await server.say(id, 'stream 5000');
  await server.rests(id);
  const events = await server.events(id, 'message');
  expect(events.map(({ text }) => text).join('')).toBe(Array.from({ length: 5000 }, (_, word) => `w${word} `).join(''));
  expect(events.length).toBeLessThan(100);
});

test('while the agent works prompts wait, can be changed and taken back, and then go in order', async () => {
  const id = await server.conversation();
  await server.say(id, 'permit queue.txt');
  const permission = await server.permission(id);
  const second = await server.say(id, 'say second');
  const third = await server.say(id, 'say third');
  const fourth = await server.say(id, 'say fourth');
  expect([second.state, third.state, fourth.state]).toEqual(['queued', 'queued', 'queued']);
  const prompts = `/api/sessions/${id}/prompts`;
  expect((await server.api(`${prompts}/${third.prompt.id}`, { method: 'PATCH', body: { text: 'say changed' } })).body.text).toBe('say changed');
  expect((await server.api(`${prompts}/${second.prompt.id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await server.api(prompts)).body.prompts.map(({ text }: { text: string }) => text)).toEqual(['say changed', 'say fourth']);
  expect((await server.api(`${prompts}/${fourth.prompt.id}/send`, { method: 'POST' })).status).toBe(409);
  await server.api(`/api/sessions/${id}/permissions/${permission.id}`, { method: 'POST', body: { optionId: 'no' } });
  await until('all turns to end', async () => (await server.events(id, 'stop')).length === 3);
  expect((await server.events(id, 'prompt')).map(({ text }) => text)).toEqual(['permit queue.txt', 'say changed', 'say fourth']);
  const late = await server.api(`${prompts}/${third.prompt.id}`, { method: 'PATCH', body: { text: 'too late' } });
  expect(late.status).toBe(409);
});

test('a permission waits, says what it is about, and the first decision stands', async () => {
  const id = await server.conversation();
  await server.say(id, 'permit first.txt');
  const permission = await server.permission(id);
  expect(permission).toMatchObject({
    decision: null,
    toolCall: { title: 'Append to first.txt', kind: 'edit', content: [{ type: 'diff', path: 'first.txt', before: 'one\n', after: 'one\ntwo\n' }] },
    options: [
      { optionId: 'yes', name: 'Allow', kind: 'allow_once' },
      { optionId: 'always', kind: 'allow_always' },
      { optionId: 'no', kind: 'reject_once' },
    ],
  });
  expect((await server.session(id)).activity).toMatchObject({ state: 'needs_you', detail: 'Append to first.txt' });
  const { items } = (await server.api('/api/inbox')).body;
  expect(items).toContainEqual(expect.objectContaining({ sessionId: id, why: 'permission', kind: 'claude', permission: expect.objectContaining({ id: permission.id }) }));
  const path = `/api/sessions/${id}/permissions/${permission.id}`;
  expect((await server.api(path, { method: 'POST', body: { optionId: 'perhaps' } })).status).toBe(422);
  const answers = await Promise.all(['yes', 'no', 'yes', 'no'].map((optionId) => server.api(path, { method: 'POST', body: { optionId } })));
  const won = answers.filter(({ status }) => status === 200);
  expect(won).toHaveLength(1);
  const [{ body: winner } = { body: undefined }] = won;
  for (const { body } of answers.filter(({ status }) => status === 409)) expect(body.conflict.decision).toEqual(winner.decision);
  const late = await server.api(path, { method: 'POST', body: { optionId: 'yes' } });
  expect(late.body.message).toBe(`It was decided already by a program: ${winner.decision.name}.`);
  await server.rests(id);
  expect(existsSync(file('first.txt'))).toBe(winner.decision.optionId === 'yes');
  expect(await server.events(id, 'decision')).toMatchObject([{ permission: permission.id, outcome: 'selected', by: 'api' }]);
  expect((await server.api(`/api/sessions/${id}/permissions`)).body.permissions[0].decision).toEqual(winner.decision);
});

test('a question is asked as a form and answered once', async () => {
  const id = await server.conversation();
  await server.say(id, 'ask');
  const question = await until('the question', async () => (await server.api(`/api/sessions/${id}/questions`)).body.questions[0]);
  expect(question.question).toMatchObject({ message: 'Which colour?', properties: { colour: { type: 'string' }, sure: { type: 'boolean' } }, required: ['colour'] });
  const path = `/api/sessions/${id}/questions/${question.id}`;
  expect((await server.api(path, { method: 'POST', body: { action: 'accept', content: { colour: 'blue', sure: true } } })).status).toBe(200);
  expect((await server.api(path, { method: 'POST', body: { action: 'decline' } })).status).toBe(409);
  await server.rests(id);
  expect(await server.said(id)).toBe('answer {"action":"accept","content":{"colour":"blue","sure":true}} ' .trim());
});

test('a cancelled turn ends as such, its permission is answered so, and what waits stays', async () => {
  const id = await server.conversation();
  await server.say(id, 'permit never.txt');
  const permission = await server.permission(id);
  await server.say(id, 'say later');
  expect((await server.api(`/api/sessions/${id}/cancel`, { method: 'POST' })).body).toEqual({ cancelled: true });
  await server.rests(id);
  expect(await server.events(id, 'stop')).toMatchObject([{ reason: 'cancelled' }]);
  expect(await server.said(id)).toBe('outcome {"outcome":"cancelled"}');
  expect(existsSync(file('never.txt'))).toBe(false);
  const decided = await server.api(`/api/sessions/${id}/permissions/${permission.id}`, { method: 'POST', body: { optionId: 'yes' } });
  expect(decided).toMatchObject({ status: 409, body: { conflict: { decision: { outcome: 'cancelled', by: 'api' } } } });
  const [waiting] = (await server.api(`/api/sessions/${id}/prompts`)).body.prompts;
  expect(waiting.text).toBe('say later');
  expect((await server.api(`/api/sessions/${id}/prompts/${waiting.id}/send`, { method: 'POST' })).status).toBe(204);
  await until('what waited to be said', async () => (await server.said(id)).includes('later'));
});

test('what is set stands in the log before the agent counts as begun: another server finds it as it should be', async () => {
  const id = await server.conversation([], { mode: 'careful' });
  const { events } = (await server.api(`/api/sessions/${id}/history`)).body;
  const types = events.map(({ type }: { type: string }) => type).filter((type: string) => type === 'config' || type === 'agent');
  expect(types).toEqual(['config', 'agent']);
  expect((await server.session(id)).meta.mode).toBe('careful');
});

test('an agent that takes no pictures and copies nothing is asked for neither', async () => {
  const id = await server.conversation(['--plain']);
  const uploaded = await fetch(`${server.url}/api/sessions/${id}/attachments`, { method: 'POST', headers: { authorization: `Bearer ${server.key}`, 'content-type': 'image/png' }, body: PICTURE });
  const { id: picture } = await uploaded.json();
  const refused = await server.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: 'look', images: [picture] } });
  expect(refused).toMatchObject({ status: 409, body: { message: 'This agent takes no pictures: send the prompt without them.' } });
  expect(await server.api(`/api/sessions/${id}/fork`, { method: 'POST' })).toMatchObject({ status: 409, body: { message: 'This agent cannot copy a conversation.' } });
  const page = await (await fetch(`${server.url}/sessions/${id}`, { headers: { authorization: `Bearer ${server.key}` } })).text();
  expect(page).toMatch(/id="attach"[^>]* hidden/);
  expect(page).toMatch(/id="fork"[^>]* hidden/);
  const unable = await server.conversation(['--plain'], { forkFrom: 'elsewhere' });
  expect((await server.events(unable, 'agent'))[0]).toMatchObject({ how: 'new', lost: 'The agent cannot copy a conversation.' });
});

test('modes of the agent are shown, set, logged and refused where there is no such', async () => {
  const id = await server.conversation();
  const { body } = await server.api(`/api/sessions/${id}/config`);
  expect(body.options).toMatchObject([{ id: 'mode', type: 'select', value: 'careless', choices: [{ value: 'careless' }, { value: 'careful', name: 'Careful' }] }]);
  const changed = await server.api(`/api/sessions/${id}/config`, { method: 'PATCH', body: { mode: 'careful' } });
  expect(changed).toMatchObject({ status: 200, body: { options: [{ value: 'careful' }] } });
  expect((await server.session(id)).meta.mode).toBe('careful');
  expect((await server.events(id, 'config')).at(-1)).toMatchObject({ changed: ['mode'], client: 'api' });
  expect(await server.api(`/api/sessions/${id}/config`, { method: 'PATCH', body: { mode: 'none' } })).toMatchObject({ status: 422, body: { fields: { mode: 'Must be one of careless, careful.' } } });
});

test('thoughts and plans are logged as what they are', async () => {
  const id = await server.conversation();
  await server.say(id, 'think hard about it');
  await server.rests(id);
  await server.say(id, 'plan');
  await server.rests(id);
  expect(await server.events(id, 'thought')).toMatchObject([{ text: 'hard about it' }]);
  expect(await server.events(id, 'plan')).toMatchObject([{ entries: [{ content: 'Look', status: 'completed' }, { content: 'Leap', status: 'pending' }] }]);
});

test('files go through the path policy: inside the workspace yes, outside no, links out no', async () => {
  const id = await server.conversation();
  writeFileSync(file('seen.txt'), 'what is in it\n');
  await server.say(id, `read ${file('seen.txt')}`);
  await server.rests(id);
  await server.say(id, 'read /etc/hostname');
  await server.rests(id);
  await server.say(id, `write ${file('made.txt')}`);
  await server.rests(id);
  await server.say(id, `write ${file('new/folders/made.txt')}`);
  await server.rests(id);
  expect(readFileSync(file('new/folders/made.txt'), 'utf8')).toBe('from the agent\n');
  symlinkSync(server.root, file('out'));
  await server.say(id, `write ${file('out/new/made.txt')}`);
  await server.rests(id);
  await server.say(id, `write ${file('gone/../../elsewhere/made.txt')}`);
  await server.rests(id);
  expect([existsSync(join(server.root, 'new')), existsSync(join(server.root, 'elsewhere'))]).toEqual([false, false]);
  expect((await server.said(id)).match(/refused/g)).toHaveLength(3);
  await server.say(id, `write ${join(server.root, 'elsewhere.txt')}`);
  await server.rests(id);
  const said = await server.said(id);
  expect(said).toContain('read: what is in it');
  expect(said).toContain('refused: This path lies outside the workspace.');
  expect(said).toEndWith('refused: This path lies outside the workspace.');
  expect(readFileSync(file('made.txt'), 'utf8')).toBe('from the agent\n');
  expect(existsSync(join(server.root, 'elsewhere.txt'))).toBe(false);
});

test('a terminal of the agent is a session that one can look into', async () => {
  const id = await server.conversation();
  await server.say(id, 'terminal echo from the terminal; exit 4');
  await server.rests(id);
  expect(await server.said(id)).toBe('exit 4 printed "from the terminal\\n"');
  const [tool] = await server.events(id, 'tool');
  const terminal = await server.session(tool.content[0].terminal);
  expect(terminal).toMatchObject({ kind: 'terminal', status: 'stopped', exitCode: 4, workspaceId: server.workspaceId });
});

test('a picture is uploaded, named by the prompt, and reaches the agent', async () => {
  const id = await server.conversation();
  const picture = PICTURE;
  const post = (body: Uint8Array<ArrayBuffer>) =>
    fetch(`${server.url}/api/sessions/${id}/attachments`, { method: 'POST', headers: { authorization: `Bearer ${server.key}`, 'content-type': 'image/png' }, body });
  expect((await post(Buffer.from('<svg onload=alert(1)>'))).status).toBe(415);
  const uploaded = await post(picture);
  expect(uploaded.status).toBe(201);
  const attachment = await uploaded.json();
  expect(attachment).toMatchObject({ mimeType: 'image/png', size: picture.byteLength });
  const shown = await fetch(`${server.url}${uploaded.headers.get('location')}`, { headers: { authorization: `Bearer ${server.key}` } });
  expect(shown.headers.get('content-type')).toBe('image/png');
  expect(shown.headers.get('x-content-type-options')).toBe('nosniff');
  expect(Buffer.from(await shown.arrayBuffer()).equals(picture)).toBe(true);
  await server.say(id, 'say look', { images: [attachment.id] });
  await server.rests(id);
  expect(await server.said(id)).toBe('look [image image/png] ');
  const unknown = await server.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: 'x', images: ['none'] } });
  expect(unknown).toMatchObject({ status: 422, body: { fields: { 'images.0': expect.any(String) } } });
});

test('files can be mentioned by a part of their name, inside the workspace only', async () => {
  const id = await server.conversation();
  writeFileSync(file('mention-me.ts'), '');
  const { files } = (await server.api(`/api/sessions/${id}/mentions?q=mention`)).body;
  expect(files).toEqual(['mention-me.ts']);
  await server.say(id, 'say about', { resources: ['mention-me.ts'] });
  await server.rests(id);
  expect(await server.said(id)).toMatch(/about \[resource_link file:\/\/\S+\/mention-me.ts\]/);
  expect((await server.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: 'x', resources: ['../out'] } })).status).toBe(422);
});

test('a terminal takes no prompts, an ended conversation says what to do', async () => {
  const terminal = await server.terminal(server.workspaceId);
  expect((await server.api(`/api/sessions/${terminal.id}/prompt`, { method: 'POST', body: { text: 'x' } })).status).toBe(409);
  const id = await server.conversation();
  await server.api(`/api/sessions/${id}/stop`, { method: 'POST' });
  const refused = await server.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: 'x' } });
  expect(refused).toMatchObject({ status: 409, body: { message: 'The session has ended: resume it first.' } });
  expect((await server.api('/api/sessions/none/permissions')).status).toBe(404);
});

test('every type of event that these conversations logged is described by the API', async () => {
  const { sessions } = (await server.api('/api/sessions?kind=claude&limit=1000')).body;
  const logged = new Set<string>();
  for (const { id } of sessions) {
    const { events } = (await server.api(`/api/sessions/${id}/history?limit=1000`)).body;
    for (const { type } of events) logged.add(type);
  }
  expect(logged.size).toBeGreaterThan(15);
  expect([...logged].filter((type) => !CONVERSATION_EVENT_TYPES.has(type))).toEqual([]);
  expect(JSON.stringify((await server.api('/api/openapi.json')).body)).toContain('`decision`: system { permission');
});
