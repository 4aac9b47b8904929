// A flood with all kinds of viewers at once: one that reads nothing, one that reads little, twenty
// that read well. The long form is in tests/soak.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { watchFlood } from '../support/flood.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test('during a flood one reads nothing, one little, and twenty see all of it', async () => {
  const workspace = await server.workspace();
  const terminal = async (command: string[]) => (await server.terminal(workspace.id, { command })).id;
  const { frozen, slow, wellMs } = await watchFlood(server, terminal, { bytes: 12_000_000, slowBytesPerSecond: 400_000, frozenMs: 0 });
  expect(frozen.sentBytes).toBeLessThan(1_000_000);
  expect(slow.sentBytes).toBeLessThan(4_000_000);
  expect(wellMs).toBeGreaterThan(0);
}, 60_000);
