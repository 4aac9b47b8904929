// The past of what is no terminal: a conversation as it stood, a document as it was written.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startConversationServer, type ConversationServer } from '../support/conversation.ts';
import { EditingDevice, startDocumentServer } from '../support/documents.ts';

let talk: ConversationServer;
beforeAll(async () => {
  talk = await startConversationServer();
});
afterAll(() => talk.stop());

test('a conversation is shown as it stood, with its prompts as marks', async () => {
  const id = await talk.conversation();
  await talk.say(id, 'the first <thing>');
  await talk.rests(id);
  await talk.say(id, 'the second thing');
  await talk.rests(id);
  const { body: life } = await talk.api(`/api/sessions/${id}/marks`);
  const prompts = life.marks.filter(({ type }: { type: string }) => type === 'prompt');
  expect(prompts.map(({ label }: { label: string }) => label)).toEqual(['the first <thing>', 'the second thing']);
  const page = async (sequence: number) => String((await talk.api(`/sessions/${id}/replay?sequence=${sequence}`)).body);
  const before = await page(prompts[1].sequence - 1);
  expect(before).toContain('the first &lt;thing&gt;');
  expect(before).not.toContain('<p>the second thing');
  expect(await page(prompts[0].sequence - 1)).toContain('Nothing was said yet');
  const { body } = await talk.api(`/sessions/${id}/replay?sequence=${prompts[1].sequence}`, { headers: { 'hx-request': 'true' } });
  expect(body).toStartWith('<div id="moment"');
  expect(body).toContain('the second thing');
  expect((await talk.api(`/api/sessions/${id}/replay?from=1`)).status).toBe(409);
});

test('a document is shown with its text of then', async () => {
  const server = await startDocumentServer();
  try {
    server.file('a.ts', 'const one = 1;\n');
    const id = await server.fileSession();
    const device = new EditingDevice((path, body) => server.api(`/api/sessions/${id}/${path}`, body === undefined ? {} : { method: 'POST', body }), 'a.ts');
    await device.open('device-1');
    const opened = server.parts.sessions.get(id).currentSequence;
    device.type({ changes: { from: 0, insert: '// <changed>\n' } });
    await device.push();
    const changed = (await server.events(id, 'change')).at(-1).sequence;
    const page = async (sequence: number) => String((await server.api(`/sessions/${id}/replay?sequence=${sequence}`)).body);
    expect(await page(opened)).not.toContain('changed');
    expect(await page(opened)).toContain('a.ts');
    expect(await page(changed)).toContain('// &lt;changed&gt;');
  } finally {
    await server.stop();
  }
});
