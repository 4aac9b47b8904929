// Requests per second of the API, each beside a bare Elysia route that answers as many bytes,
// in alternating rounds of one run.

import { join } from 'node:path';
import { Elysia } from 'elysia';
import { median, print, printMachine, withServer } from './figures.ts';

const ROUNDS = 5;
const REQUESTS = 2_000;
const CONCURRENT = 16;

/** Requests per second. */
async function rate(requests: number, ask: (index: number) => Promise<Response>): Promise<number> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < requests; index = next++) {
      const response = await ask(index);
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`Answered ${response.status}`);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: CONCURRENT }, worker));
  return requests / ((performance.now() - started) / 1000);
}

printMachine();
await withServer(async (server) => {
  for (let count = 0; count < 50; count += 1) await server.workspace();
  const { id: workspaceId } = await server.workspace();
  const headers = { authorization: `Bearer ${server.key}` };
  const json = { ...headers, 'content-type': 'application/json' };
  const list = await (await fetch(`${server.url}/api/workspaces`, { headers })).text();
  const bare = new Elysia()
    .get('/list', () => new Response(list, { headers: { 'content-type': 'application/json' } }))
    .post('/create', ({ body }) => body)
    .listen({ port: 0, hostname: '127.0.0.1' });
  const bareUrl = `http://127.0.0.1:${bare.server?.port}`;
  const rates = { list: [] as number[], bareList: [] as number[], create: [] as number[], bareCreate: [] as number[] };
  let made = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.bareList.push(await rate(REQUESTS, () => fetch(`${bareUrl}/list`)));
    rates.list.push(await rate(REQUESTS, () => fetch(`${server.url}/api/workspaces`, { headers })));
    const create = (url: string) => () => {
      made += 1;
      const body = JSON.stringify({ path: join(server.root, `made-${made}`), create: true });
      return fetch(url, { method: 'POST', headers: json, body });
    };
    rates.bareCreate.push(await rate(REQUESTS / 4, create(`${bareUrl}/create`)));
    rates.create.push(await rate(REQUESTS / 4, create(`${server.url}/api/workspaces`)));
  }
  const compare = (name: string, ours: number[], theirs: number[]): void =>
    print(name, `${Math.round(median(ours))}/s, bare route ${Math.round(median(theirs))}/s, ratio ${(median(ours) / median(theirs)).toFixed(2)}`);
  compare('list 50 workspaces', rates.list, rates.bareList);
  compare('create a workspace and its folder', rates.create, rates.bareCreate);

  // History: 10,000 events in pages of 1,000, as a program reads them.
  const { id } = await server.terminal(workspaceId, { command: ['sleep', '1000'] });
  const log = server.parts.sessions.log(id);
  for (let event = log.head; event < 10_000; event += 1) log.append([{ channel: 'stdout', type: 'output', data: Buffer.from(`line ${event} of the history\r\n`) }]);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    for (let after = 0, more = true; more; ) {
      const response = await fetch(`${server.url}/api/sessions/${id}/history?limit=1000&after=${after}`, { headers });
      const page = (await response.json()) as { hasMore: boolean; nextSequence: number };
      ({ hasMore: more, nextSequence: after } = page);
    }
    times.push(performance.now() - started);
  }
  print('history of 10,000 events, read to its end', `${median(times).toFixed(0)} ms`);
  await bare.stop(true);
});
