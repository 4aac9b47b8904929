// A client that is gone without a word: it is pinged, and let go with a reason when it does
// not answer; one that answers stays. Over a real server, with short times.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { Elysia } from 'elysia';
import { attachRoutes, websocketOptions } from '../../src/routes/attach.ts';
import { attach } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const TIMES = { pingIntervalMs: 20, pongTimeoutMs: 300 };
let server: TestServer;
let impatient: ReturnType<typeof listening>;
beforeAll(async () => {
  server = await startTestServer();
  impatient = listening();
});
afterAll(async () => {
  await impatient.stop(true);
  await server.stop();
});

/** The same sessions behind another door, where silence is punished soon. */
function listening() {
  const app = new Elysia({ websocket: websocketOptions }).use(attachRoutes(server.parts, TIMES)).listen({ port: 0, hostname: '127.0.0.1' });
  if (app.server === null) throw new Error('It does not listen.');
  return app.server;
}

test('who does not answer pings is detached, with the reason in the log', async () => {
  const { id } = await server.terminal((await server.workspace()).id, { command: ['cat'] });
  let bytes = 0;
  let closed = false;
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: impatient.port ?? 0,
    socket: {
      open(own) {
        own.write(
          `GET /api/sessions/${id}/attach?client=ghost HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
            'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
        );
      },
      data(_, part) {
        bytes += part.byteLength;
      },
      close() {
        closed = true;
      },
    },
  });
  await until('the attach', async () => (await server.api(`/api/sessions/${id}`)).body.clients.length === 1);
  await until('the detach', async () => (await server.api(`/api/sessions/${id}`)).body.clients.length === 0);
  await until('the close', () => closed);
  expect(bytes).toBeGreaterThan(0);
  const { events } = (await server.api(`/api/sessions/${id}/history?type=detach`)).body;
  expect(events.map(({ data }: { data: object }) => data)).toEqual([{ client: 'ghost', name: 'ghost', mode: 'rw', reason: 'no answer for 0.3 s' }]);
  socket.end();
});

test('who answers stays, however long there is nothing to say', async () => {
  const { id } = await server.terminal((await server.workspace()).id, { command: ['cat'] });
  const client = await attach({ url: `http://127.0.0.1:${impatient.port}`, key: server.key }, id);
  await client.isSynced();
  await Bun.sleep(TIMES.pongTimeoutMs * 3); // The one thing to wait for here is time itself.
  client.input('still here\n');
  await client.sees('still here\r\nstill here');
  await client.close();
});
