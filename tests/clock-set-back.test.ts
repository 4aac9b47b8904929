// The machine's clock may be set back while all runs: what waits for a time to pass waits no longer.

import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { Gather } from '../src/agent/gather.ts';
import type { NewEvent } from '../src/sessions/event.ts';
import { startTestServer, TEST_KEY, type TestServer } from './support/server.ts';
import { until } from './support/until.ts';

setDefaultTimeout(30_000);

const realNow = Date.now;
let server: TestServer | undefined;
afterEach(async () => {
  Date.now = realNow;
  await server?.stop();
  server = undefined;
});

function setBack(hours: number): void {
  Date.now = () => realNow() - hours * 3_600_000;
}

test('what an agent streams is told as soon as ever', async () => {
  const told: NewEvent[] = [];
  const gather = new Gather((events) => told.push(...events));
  for (const text of ['before', 'after']) {
    gather.add({ what: 'text', type: 'message', text, message: text });
    await until(text, () => JSON.stringify(told).includes(text));
    setBack(1);
  }
});

test('the end of a program that will not go, and a sign-in after wrong ones, come as soon as ever', async () => {
  const running = await startTestServer();
  server = running;
  const { id } = await running.workspace();
  const stubborn = await running.terminal(id, { command: ['bash', '-c', "trap '' HUP TERM; echo deaf; while :; do sleep 1; done"] });
  await until('the trap', async () => (await running.api(`/api/sessions/${stubborn.id}/screen?format=text`)).body.includes('deaf'));
  const signIn = (key: string) => fetch(`${running.url}/login`, { method: 'POST', redirect: 'manual', headers: { origin: running.url }, body: new URLSearchParams({ key }) });
  let refused = await signIn('a-key-that-is-wrong');
  while (refused.status !== 429) refused = await signIn('a-key-that-is-wrong');
  const stopped = running.api(`/api/sessions/${stubborn.id}/stop`, { method: 'POST' });
  await until('the hang-up', async () => (await running.api('/healthz')).status === 200);
  setBack(1);
  expect((await stopped).status).toBe(200);
  await until('the sign-in', async () => (await signIn(TEST_KEY)).status === 303, 12_000);
});
