// Signing in as people and programs do it, and what must not get in.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { SECURITY_HEADERS } from '../../src/app.ts';
import { limits } from '../../src/limits.ts';
import { OPEN_PATHS, OPEN_PREFIX } from '../../src/routes/gate.ts';
import { startTestServer, TEST_KEY, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const form = (fields: Record<string, string>, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  redirect: 'manual',
  headers: { origin: server.url, accept: 'text/html', ...headers },
  body: new URLSearchParams(fields),
});

async function cookieOf(fields: Record<string, string> = { key: TEST_KEY }): Promise<string> {
  const response = await fetch(`${server.url}/login`, form(fields));
  expect(response.status).toBe(303);
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

describe('denied by default', () => {
  test('every route but the listed ones answers 401, or leads to sign-in, without a key', async () => {
    const open = new Set<string>(OPEN_PATHS);
    const closed = server.running.app.routes.filter(({ path }) => !open.has(path) && !path.startsWith(OPEN_PREFIX));
    expect(closed.length).toBeGreaterThan(40);
    for (const { method, path } of closed) {
      const address = server.url + path.replace(/:\w+/g, '01890000-0000-7000-8000-000000000000').replace('*', 'x');
      const verb = method === 'WS' ? 'GET' : method;
      const upgrade = method === 'WS' ? { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-key': 'x3JJHMbDL1EzLkh9GBhXDw==', 'sec-websocket-version': '13' } : {};
      const response = await fetch(address, { method: verb, redirect: 'manual', headers: { origin: server.url, accept: 'text/html', ...upgrade } });
      expect(`${method} ${path} ${response.status}`).toMatch(path.startsWith('/api/') ? / 401$/ : / (401|303)$/);
      if (response.status === 303) expect(response.headers.get('location')).toStartWith('/login');
    }
  });

  test('an address that no route has is closed too', async () => {
    expect((await fetch(`${server.url}/api/nothing`)).status).toBe(401);
    expect((await server.api('/api/nothing')).status).toBe(404);
  });

  test('the open ones are open: sign-in, health, assets', async () => {
    expect((await fetch(`${server.url}/login`)).status).toBe(200);
    expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ status: 'ok' });
    const css = /\/assets\/\w+\/app\.css/.exec(await (await fetch(`${server.url}/login`)).text())?.[0];
    const asset = await fetch(server.url + css);
    expect(asset.status).toBe(200);
    expect(asset.headers.get('cache-control')).toContain('immutable');
  });

  test('a path that hides behind dots is no open one', async () => {
    let answer = '';
    const { hostname, port, host } = new URL(server.url);
    const socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        data(_, bytes) {
          answer += bytes.toString();
        },
      },
    });
    socket.write(`GET /assets/../api/status HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    await until('an answer', () => answer.includes('\r\n\r\n'));
    socket.end();
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/);
    expect(answer).not.toContain('"version"');
  });
});

describe('programs', () => {
  test('the key as Bearer is good for the API, pages and upgrades; a wrong one is not', async () => {
    expect((await server.api('/api/status')).status).toBe(200);
    expect((await server.api('/workspaces', { headers: { accept: 'text/html' } })).status).toBe(200);
    const wrong = await server.api('/api/status', { headers: { authorization: 'Bearer wrong-key-wrong-key' } });
    expect(wrong.status).toBe(401);
    expect(wrong.body.error).toBe('unauthorized');
    expect(wrong.headers.get('www-authenticate')).toContain('Bearer');
  });

  test('a Bearer needs no Origin, but a foreign one is refused', async () => {
    const made = { method: 'POST', body: {} };
    expect((await server.api('/api/links', { method: 'POST' })).status).toBe(201);
    expect((await server.api('/api/links', { ...made, headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await server.api('/api/links', { ...made, headers: { origin: 'null' } })).status).toBe(403);
  });
});

describe('browsers', () => {
  test('the form sets a cookie that is HttpOnly, SameSite=Lax, for thirty days, and leads to where one wanted to go', async () => {
    const response = await fetch(`${server.url}/login`, form({ key: TEST_KEY, next: '/settings?x=1' }));
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/settings?x=1');
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^dispatch-\d+=[\w-]{40,}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000$/);
    const page = await fetch(`${server.url}/workspaces`, { headers: { cookie: cookie.split(';')[0] ?? '' } });
    expect(page.status).toBe(200);
  });

  test.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/\t/evil.example', 'javascript:alert(1)'])('next=%s leads nowhere but home', async (next) => {
    const response = await fetch(`${server.url}/login`, form({ key: TEST_KEY, next }));
    expect(response.headers.get('location')).toBe('/');
  });

  test('a wrong key comes back as the page, with what was wrong and the way kept', async () => {
    const response = await fetch(`${server.url}/login`, form({ key: 'wrong-key-wrong-key-2', next: '/settings' }));
    expect(response.status).toBe(401);
    const text = await response.text();
    expect(text).toContain('not the key');
    expect(text).toContain('value="/settings"');
    expect(text).not.toContain('wrong-key-wrong-key-2');
  });

  test('a cookie acts only from a page of ours: by Origin, or without one by Sec-Fetch-Site', async () => {
    const cookie = await cookieOf();
    const tried = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${server.url}/api/links`, { method: 'POST', headers: { cookie, ...headers } })).status;
    expect(await tried({ origin: server.url })).toBe(201);
    expect(await tried({ 'sec-fetch-site': 'same-origin' })).toBe(201);
    expect(await tried({})).toBe(403);
    expect(await tried({ 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await tried({ origin: 'null' })).toBe(403);
    expect(await tried({ origin: `http://127.0.0.1:${Number(new URL(server.url).port) + 1}` })).toBe(403);
  });

  test('a Host that is not ours is refused, also for reading; /healthz takes any', async () => {
    const headers = { host: 'evil.example', authorization: `Bearer ${TEST_KEY}` };
    expect((await fetch(`${server.url}/api/status`, { headers })).status).toBe(403);
    expect((await fetch(`${server.url}/healthz`, { headers: { host: 'anything' } })).status).toBe(200);
  });

  test('signing out ends the cookie on the server too', async () => {
    const cookie = await cookieOf();
    const response = await fetch(`${server.url}/logout`, form({}, { cookie }));
    expect(response.status).toBe(303);
    expect(response.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await fetch(`${server.url}/api/status`, { headers: { cookie } })).status).toBe(401);
  });

  test('devices are listed without their secrets; revoking one ends it alone and closes its news', async () => {
    const one = await cookieOf();
    const other = await cookieOf();
    const asked = await fetch(`${server.url}/api/devices`, { headers: { cookie: one } });
    const { devices } = (await asked.json()) as { devices: { id: string; current: boolean }[] };
    const current = devices.find((device) => device.current);
    expect(Object.keys(current ?? {}).sort()).toEqual(['created', 'current', 'id', 'lastSeen', 'name']);
    const news = await fetch(`${server.url}/api/events`, { headers: { cookie: one } });
    expect((await server.api(`/api/devices/${current?.id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await news.text()).toContain(':'); // Ends, and so returns.
    expect((await fetch(`${server.url}/api/status`, { headers: { cookie: one } })).status).toBe(401);
    expect((await fetch(`${server.url}/api/status`, { headers: { cookie: other } })).status).toBe(200);
  });

  test('signing out everywhere ends every cookie and every link', async () => {
    const cookie = await cookieOf();
    const link = await server.api('/api/links', { method: 'POST' });
    expect((await server.api('/api/devices', { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(`${server.url}/api/status`, { headers: { cookie } })).status).toBe(401);
    const token = new URL(link.body.url).searchParams.get('token') ?? '';
    expect((await fetch(`${server.url}/login/link`, form({ token }))).status).toBe(410);
  });
});

describe('the one-time link', () => {
  test('is spent by its button alone, and once', async () => {
    const { body } = await server.api('/api/links', { method: 'POST' });
    const url = new URL(body.url);
    for (let preview = 0; preview < 3; preview += 1) {
      const page = await fetch(url);
      expect(page.status).toBe(200);
      expect(page.headers.get('set-cookie')).toBeNull();
    }
    const token = url.searchParams.get('token') ?? '';
    const first = await fetch(`${server.url}/login/link`, form({ token }));
    expect(first.status).toBe(303);
    expect(first.headers.get('location')).not.toContain(token);
    const second = await fetch(`${server.url}/login/link`, form({ token }));
    expect(second.status).toBe(410);
    expect(await second.text()).toContain('used already');
  });
});

describe('every answer', () => {
  test.each(['/login', '/workspaces', '/api/status', '/api/nothing', '/healthz', '/assets/none/x.js'])('%s carries the security headers', async (path) => {
    for (const headers of [{}, { authorization: `Bearer ${TEST_KEY}` }]) {
      const response = await fetch(server.url + path, { headers, redirect: 'manual' });
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(`${path} ${name}: ${response.headers.get(name)}`).toBe(`${path} ${name}: ${value}`);
    }
  });

  test('the policy allows no inline script and no other host', () => {
    const policy = SECURITY_HEADERS['content-security-policy'] ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/https?:|unsafe-eval|\*/);
  });

  test('an unknown method names those that there are', async () => {
    const answer = await server.api('/api/status', { method: 'DELETE' });
    expect(answer.status).toBe(405);
    expect(answer.body.error).toBe('method');
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });

  test('a body past its bound is 413, one that is no JSON 400, one of another type 415', async () => {
    const post = (body: string, type = 'application/json') => server.api('/api/workspaces', { method: 'POST', body, headers: { 'content-type': type } });
    expect((await post(`{"path":"${'x'.repeat(1024 * 1024)}"}`)).status).toBe(413);
    const malformed = await post('{"path":');
    expect(malformed.status).toBe(400);
    expect(malformed.body.error).toBe('bad_request');
    expect((await post('<a/>', 'application/xml')).status).toBe(415);
  });

  test('a body that nests deeper than anything of ours is refused at once, of whoever it is', async () => {
    const nested = (depth: number) => `{"path":"/none","metadata":${'{"a":'.repeat(depth - 1)}1${'}'.repeat(depth - 1)}}`;
    const fields = async (body: string) => (await server.api('/api/workspaces', { method: 'POST', body })).body.fields;
    expect(Object.keys(await fields(nested(limits.bodyDepthMax)))).toEqual(['path']);
    expect(Object.keys(await fields(nested(limits.bodyDepthMax + 1)))).toEqual(['body']);
    // Telling of this one took the server more than twenty seconds.
    expect(Object.keys(await fields('['.repeat(200_000) + ']'.repeat(200_000)))).toEqual(['body']);
  });

  test('a form of a hundred thousand names is read in one go', async () => {
    const body = Array.from({ length: 100_000 }, (_, index) => `n${index}=`).join('&'); // Took more than half a minute.
    const { status } = await fetch(`${server.url}/settings/appearance`, { ...form({}, { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/x-www-form-urlencoded' }), body });
    expect(status).toBe(303);
  });

  test('who is not signed in sends little', async () => {
    const send = async (bytes: number) => {
      const next = '/'.padEnd(bytes - JSON.stringify({ key: 'a-wrong-one', next: '' }).length, 'x');
      return (await fetch(`${server.url}/login`, { method: 'POST', headers: { origin: server.url, 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify({ key: 'a-wrong-one', next }) })).status;
    };
    expect(await send(limits.signInBodyBytesMax)).not.toBe(413);
    expect(await send(limits.signInBodyBytesMax + 1)).toBe(413);
  });
});
