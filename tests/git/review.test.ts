// A review: comments on lines, kept until they go to an agent as one prompt, with the words
// that they are about.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { promptOf, type ReviewComment } from '../../src/git/reviews.ts';
import { limits } from '../../src/limits.ts';
import { type ConversationServer, startConversationServer } from '../support/conversation.ts';
import { GIT_ENVIRONMENT } from '../support/repository.ts';

let server: ConversationServer;
beforeAll(async () => {
  server = await startConversationServer({ environment: { ...GIT_ENVIRONMENT } });
});
afterAll(() => server.stop());

const LINE = { path: 'src/a.ts', source: 'unstaged', side: 'new', line: 12, lineText: 'const timeout = 5;', text: 'Name its unit.' };
const at = (id = server.workspaceId): string => `/api/workspaces/${id}/review`;
const post = (path: string, body: object) => server.api(path, { method: 'POST', body });

test('comments are kept, changed and removed, and bad ones refused', async () => {
  const { id } = await server.workspace();
  const made = await post(at(id), LINE);
  expect(made).toMatchObject({ status: 201, body: { ...LINE, sent: null, sentSessionId: null } });
  expect((await server.api(`${at(id)}/${made.body.id}`, { method: 'PATCH', body: { text: ' Say ms.\r\n' } })).body.text).toBe('Say ms.');
  expect((await server.api(at(id))).body).toMatchObject({ waiting: [{ id: made.body.id, text: 'Say ms.' }], sent: [] });
  for (const bad of [{ text: '  ' }, { text: 'x'.repeat(limits.reviewTextLengthMax + 1) }, { source: 'HEAD' }, { side: 'left' }, { line: 0 }, { more: 1 }]) {
    expect((await post(at(id), { ...LINE, ...bad })).status).toBe(422);
  }
  expect((await post(at(id), { ...LINE, text: 'x'.repeat(limits.reviewTextLengthMax) })).status).toBe(201);
  expect((await server.api(`${at()}/${made.body.id}`, { method: 'DELETE' })).status).toBe(404); // Of another workspace.
  expect((await server.api(`${at(id)}/${made.body.id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await server.api(at(id))).body.waiting).toHaveLength(1);
});

test('a review has room for so many comments', async () => {
  const { id } = await server.workspace();
  for (let count = 0; count < limits.reviewCommentsMax; count += 1) server.parts.reviews.add(id, { ...LINE, side: 'new', line: count + 1 });
  expect(await post(at(id), LINE)).toMatchObject({ status: 409, body: { conflict: { limit: 'reviewCommentsMax' } } });
});

test('comments go to the agent as one prompt, and are marked as sent', async () => {
  const session = await server.conversation();
  await post(at(), LINE);
  await post(at(), { ...LINE, side: 'old', line: 3, lineText: 'a ``` b', text: 'Keep this.' });
  const sent = await post(`${at()}/send`, { sessionId: session, note: 'A few things:' });
  expect(sent).toMatchObject({ status: 202, body: { sent: 2, sessionId: session } });
  await server.rests(session);
  const [prompt] = await server.events(session, 'prompt');
  expect(prompt.text).toBe(
    [
      'A few things:',
      'src/a.ts, line 3 of the old version (a removed line):\n````\na ``` b\n````\nKeep this.',
      'src/a.ts, line 12:\n```\nconst timeout = 5;\n```\nName its unit.',
    ].join('\n\n'),
  );
  const { body } = await server.api(at());
  expect(body.waiting).toEqual([]);
  expect(body.sent).toMatchObject([{ sentSessionId: session }, { sentSessionId: session }]);
  expect((await post(`${at()}/send`, { sessionId: session })).status).toBe(409);
  expect((await server.api(`${at()}/${body.sent[0].id}`, { method: 'PATCH', body: { text: 'Late' } })).status).toBe(409);
});

test('comments that no one took still wait', async () => {
  const { id } = await server.workspace();
  await post(at(id), LINE);
  const elsewhere = await server.conversation();
  const terminal = await server.terminal(id, { command: ['sleep', '60'] });
  for (const sessionId of [elsewhere, terminal.id]) expect((await post(`${at(id)}/send`, { sessionId })).status).toBe(409);
  await server.api(`/api/sessions/${elsewhere}/stop`, { method: 'POST' });
  expect((await post(`${at()}/send`, { sessionId: elsewhere })).status).toBe(409);
  expect((await server.api(at(id))).body.waiting).toHaveLength(1);
});

test('a prompt names the commit that a comment is about', () => {
  const comment: ReviewComment = { ...LINE, side: 'new', source: 'a'.repeat(40), id: '1', workspaceId: '1', created: 0, updated: 0, sentSessionId: null, sent: null };
  expect(promptOf([comment], '')).toBe('I reviewed the changes and have a comment. Please address each.\n\nsrc/a.ts, line 12 (commit aaaaaaaaaaaa):\n```\nconst timeout = 5;\n```\nName its unit.');
});
