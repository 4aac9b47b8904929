// Other agents as lines of the settings: written, shown again, kept where nothing was changed.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { agentsOfLines, linesOfAgents } from '../../src/routes/agent-lines.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(async () => {
  await server.stop();
});

test('a line is a name and a command, with quotes as in a shell, and reads the same after it was shown', () => {
  const agents = agentsOfLines(`gemini: gemini --acp\n\nother = /opt/other 'two words' "it's \\"so\\""`, undefined);
  expect(agents).toEqual({
    gemini: { label: 'Gemini', command: ['gemini', '--acp'], env: {} },
    other: { label: 'Other', command: ['/opt/other', 'two words', `it's "so"`], env: {} },
  });
  expect(agentsOfLines(linesOfAgents(agents), agents)).toEqual(agents);
});

test.each([['gemini'], ['gemini:'], ['a: "open'], ["a: 'open b"], ['a: b\na: c']])('%j is refused with its line', (text) => {
  expect(() => agentsOfLines(text, undefined)).toThrow(/^Line \d/);
});

test('the form of the settings keeps what a line does not say, and shows what is wrong', async () => {
  const env = { KEY: 'x' };
  await server.api('/api/settings/agents', { method: 'PATCH', body: { agents: { mine: { label: 'My own', command: ['mine'], env } } } });
  const post = (agents: string): Promise<Response> =>
    fetch(`${server.url}/settings/agents`, { method: 'POST', redirect: 'manual', headers: { authorization: `Bearer ${server.key}` }, body: new URLSearchParams({ agents, claudePath: '', adapterPath: '' }) });
  expect((await post('mine: mine --more\nnext: next')).status).toBe(303);
  expect((await server.api('/api/settings/agents')).body.agents).toEqual({
    mine: { label: 'My own', command: ['mine', '--more'], env },
    next: { label: 'Next', command: ['next'], env: {} },
  });
  const wrong = await post('Not A Name: x');
  expect(wrong.status).toBe(422);
  expect(await wrong.text()).toContain('Line 1');
  expect((await post('')).status).toBe(303);
  expect((await server.api('/api/settings/agents')).body.agents).toEqual({});
});
