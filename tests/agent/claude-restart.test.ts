// The real Claude Code through the death of the server: in the holder it lives on and what it
// asked is decided on the next server; without one it is resumed and remembers.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { claudeEnvironment, type Model, startModel } from '../support/model.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(60_000);

const ADAPTER = resolve(import.meta.dir, '../../node_modules/@agentclientprotocol/claude-agent-acp/dist/index.js');
const PATIENCE_MS = 30_000;

let model: Model;
const folders: string[] = [];

beforeAll(() => {
  model = startModel();
});

afterAll(() => {
  model.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporary(): string {
  const folder = temporaryFolder();
  folders.push(folder);
  return folder;
}

async function begun(server: ServerProcess, text: string): Promise<string> {
  await server.api('/api/settings/agents', { method: 'PATCH', body: { adapterPath: ADAPTER } });
  const { id } = await server.conversation({}, { env: claudeEnvironment(model, temporary()) });
  await server.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text } });
  return id;
}

const stops = (server: ServerProcess, id: string, count: number): Promise<any[]> =>
  until('the turn to end', async () => {
    const { events } = await server.api(`/api/sessions/${id}/history?type=stop`);
    return events.length >= count ? events.map(({ data }: any) => data.reason) : undefined;
  }, PATIENCE_MS);

test('in the holder, what Claude asked before the server was killed is decided after it, and the file is written once', async () => {
  const folder = temporary();
  const file = join(folder, 'root', 'work', 'once.txt');
  model.answer(({ results }) =>
    results.length > 0 ? [{ type: 'text', text: 'It is written.' }] : [{ type: 'tool_use', name: 'Bash', input: { command: `echo once >> ${file}`, description: 'Write it' } }],
  );
  const one = await startServerProcess(folder);
  const id = await begun(one, 'Write it');
  const permissions = `/api/sessions/${id}/permissions`;
  const asked = await until('the permission', async () => (await one.api(permissions)).permissions[0], PATIENCE_MS);
  await one.end('SIGKILL');

  const two = await startServerProcess(folder);
  const [pending] = (await two.api(permissions)).permissions;
  expect(pending).toMatchObject({ id: asked.id, decision: null });
  await two.api(`${permissions}/${asked.id}`, { method: 'POST', body: { optionId: 'allow-once' } });
  expect(await stops(two, id, 1)).toEqual(['end_turn']);
  expect(readFileSync(file, 'utf8')).toBe('once\n');
  await two.stop();
});

test('without a holder, Claude is resumed after the kill and the model sees what was said before', async () => {
  const folder = temporary();
  model.answer(() => [{ type: 'text', text: 'The word is heliotrope.' }]);
  const one = await startServerProcess(folder, { holder: false });
  const id = await begun(one, 'Tell me the word');
  await stops(one, id, 1);
  await one.end('SIGKILL');

  const two = await startServerProcess(folder, { holder: false });
  expect((await two.api(`/api/sessions/${id}`)).status).toBe('stopped');
  await two.api(`/api/sessions/${id}/resume`, { method: 'POST' });
  await two.api(`/api/sessions/${id}/prompt`, { method: 'POST', body: { text: 'And again?' } });
  await stops(two, id, 2);
  expect(JSON.stringify(model.requests.at(-1)?.body.messages)).toContain('The word is heliotrope.');
  const { events } = await two.api(`/api/sessions/${id}/history?type=agent`);
  expect(events.map(({ data }: any) => data.how)).toEqual(['new', 'resumed']);
  await two.stop();
});
