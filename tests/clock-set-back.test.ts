// The machine's clock may be set back while all runs: what waits for a time to pass waits no longer.

import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { type ConversationServer, startConversationServer } from './support/conversation.ts';
import { TEST_KEY } from './support/server.ts';
import { until } from './support/until.ts';

setDefaultTimeout(30_000);

const realNow = Date.now;
let server: ConversationServer;
afterEach(async () => {
  Date.now = realNow;
  await server.stop();
});

function setBack(hours: number): void {
  Date.now = () => realNow() - hours * 3_600_000;
}

test('an agent’s words, the end of a program that will not go, and a sign-in come as soon as ever', async () => {
  server = await startConversationServer();
  const id = await server.conversation();
  await server.say(id, 'say before');
  await until('the words', async () => (await server.said(id)).includes('before'));
  const stubborn = await server.terminal(server.workspaceId, { command: ['bash', '-c', "trap '' HUP TERM; echo deaf; while :; do sleep 1; done"] });
  await until('the trap', async () => (await server.api(`/api/sessions/${stubborn.id}/screen?format=text`)).body.includes('deaf'));
  const signIn = (key: string) => fetch(`${server.url}/login`, { method: 'POST', redirect: 'manual', headers: { origin: server.url }, body: new URLSearchParams({ key }) });
  let refused = await signIn('a-key-that-is-wrong');
  while (refused.status !== 429) refused = await signIn('a-key-that-is-wrong');
  const stopped = server.api(`/api/sessions/${stubborn.id}/stop`, { method: 'POST' });
  await until('the stop to be under way', async () => (await server.api('/healthz')).status === 200);
  setBack(1);
  await server.say(id, 'say after');
  await until('the words', async () => (await server.said(id)).includes('after'));
  expect((await stopped).status).toBe(200);
  await until('the sign-in', async () => (await signIn(TEST_KEY)).status === 303, 12_000);
});
