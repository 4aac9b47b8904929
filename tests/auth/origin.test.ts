// Which Host and Origin are ours, and what counts as https.

import { describe, expect, test } from 'bun:test';
import { deviceName } from '../../src/auth/device-name.ts';
import { OwnOrigins } from '../../src/auth/origin.ts';
import { startTestServer } from '../support/server.ts';

describe('origins', () => {
  test('bound to loopback, the names of loopback with this port are ours, and nothing else', () => {
    const own = new OwnOrigins({ host: '127.0.0.1', port: 3030, tls: false, origins: [] });
    for (const host of ['127.0.0.1:3030', 'localhost:3030', 'LOCALHOST:3030', '[::1]:3030']) expect(own.hasHost(host)).toBe(true);
    for (const host of ['localhost', 'localhost:3031', 'evil.example:3030', '127.0.0.1.nip.io:3030', '', '10.0.0.1:3030']) expect(own.hasHost(host)).toBe(false);
    expect(own.hasOrigin('http://localhost:3030')).toBe(true);
    for (const origin of ['https://localhost:3030', 'http://localhost:3031', 'null', 'http://localhost:3030.evil.example']) expect(own.hasOrigin(origin)).toBe(false);
    expect(own.main).toBe('http://127.0.0.1:3030');
  });

  test('a public origin is ours with and without its usual port, and https makes cookies Secure', () => {
    const own = new OwnOrigins({ host: '127.0.0.1', port: 3030, tls: false, origins: ['https://dispatch.example'] });
    expect(own.hasHost('dispatch.example')).toBe(true);
    expect(own.hasHost('dispatch.example:443')).toBe(true);
    expect(own.hasHost('dispatch.example:80')).toBe(false);
    expect(own.isSecure('dispatch.example', null)).toBe(true);
    expect(own.isSecure('localhost:3030', null)).toBe(false);
    expect(own.isSecure('localhost:3030', 'https://dispatch.example')).toBe(true);
    expect(own.main).toBe('https://dispatch.example');
  });

  test('behind an https origin the cookie is __Host- and Secure, on plain loopback it carries the port', async () => {
    const server = await startTestServer({ environment: { DISPATCH_ORIGIN: 'https://dispatch.example' } });
    try {
      const port = new URL(`http://127.0.0.1:${server.running.app.server?.port}`).port;
      const signIn = async (headers: Record<string, string>): Promise<string> => {
        const body = new URLSearchParams({ key: server.key });
        const response = await fetch(`http://127.0.0.1:${port}/login`, { method: 'POST', redirect: 'manual', body, headers });
        expect(response.status).toBe(303);
        return response.headers.get('set-cookie') ?? '';
      };
      expect(await signIn({ host: 'dispatch.example', origin: 'https://dispatch.example' })).toMatch(/^__Host-dispatch=.*; Path=\/; .*Secure$/);
      expect(await signIn({ host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` })).toStartWith(`dispatch-${port}=`);
    } finally {
      await server.stop();
    }
  });

  test('X-Forwarded-For counts from a known proxy only: a guesser cannot hide behind it', async () => {
    const addressBehind = async (proxies: string, forwarded: string): Promise<string> => {
      const server = await startTestServer({ environment: { DISPATCH_PROXIES: proxies } });
      try {
        const request = new Request(`${server.url}/login`, { headers: { host: new URL(server.url).host, 'x-forwarded-for': forwarded } });
        await server.parts.gate.check(request, { requestIP: () => ({ address: '::ffff:127.0.0.1' }) });
        return server.parts.gate.caller(request).address;
      } finally {
        await server.stop();
      }
    };
    expect(await addressBehind('', '203.0.113.7')).toBe('127.0.0.1');
    expect(await addressBehind('127.0.0.1', '203.0.113.7')).toBe('203.0.113.7');
    expect(await addressBehind('127.0.0.1', '198.51.100.1, 203.0.113.7')).toBe('203.0.113.7');
    expect(await addressBehind('127.0.0.1 203.0.113.7', '198.51.100.1, 203.0.113.7')).toBe('198.51.100.1');
  });
});

describe('device names', () => {
  test.each([
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36', 'Chrome on Linux'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1', 'Safari on iPhone'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Windows'],
    ['curl/8.5.0', 'curl'],
    ['<script>alert(1)</script>', 'A browser'],
  ])('%s', (agent, name) => expect(deviceName(agent)).toBe(name));

  test('nothing said is no error', () => expect(deviceName(null)).toBe('A browser'));
});
