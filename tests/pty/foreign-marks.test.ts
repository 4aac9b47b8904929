// Marks in a program's output are anybody's text: none of them harms a screen, its own or another's.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test('a mark, or a capability asked for, named like what every object has is none, and every screen goes on', async () => {
  const { id } = await server.workspace();
  const names = Object.getOwnPropertyNames(Object.prototype);
  const marks = names.flatMap((name) => [133, 633].map((osc) => `\\e]${osc};${name}\\a\\e]${osc};${name};1\\a`)).join('');
  const printed = `${marks}\\eP+q${names.map((name) => Buffer.from(name).toString('hex')).join(';')}\\e\\\\`;
  const hostile = await server.terminal(id, { command: ['bash', '-c', `printf '${printed}'; echo still; printf '\\e]133;C\\a'; exec cat`] });
  const other = await server.terminal(id, { command: ['bash', '-c', 'echo here; exec cat'] });
  const screen = async ({ id: one }: { id: string }) => (await server.api(`/api/sessions/${one}/screen?format=text`)).body;
  await until('both screens', async () => String(await screen(hostile)).includes('still') && String(await screen(other)).includes('here'));
  const phases = await until('the one true mark', async () => {
    const { events } = (await server.api(`/api/sessions/${hostile.id}/history?type=command`)).body;
    return events.length > 0 ? events.map(({ data }: { data: { phase: string } }) => data.phase) : undefined;
  });
  expect(phases).toEqual(['output']);
});
