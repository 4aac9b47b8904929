// Environment and flags: what they mean, and the one line for what they cannot.

import { describe, expect, test } from 'bun:test';
import { homedir } from 'node:os';
import { ConfigError, readConfig } from '../src/config.ts';

const read = (environment: Record<string, string>, args: string[] = []) => readConfig(args, environment);

describe('configuration', () => {
  test('has defaults for all', () => {
    const config = read({});
    expect(config).toMatchObject({ host: '127.0.0.1', port: 3030, key: null, origins: [], proxies: [], tls: null, logLevel: 'info' });
    expect(config.dataFolder).toBe(`${homedir()}/.local/share/dispatch`);
    expect(config.roots).toHaveLength(1);
    expect(read({ XDG_DATA_HOME: '/data' }).dataFolder).toBe('/data/dispatch');
  });

  test('flags win over the environment, with = or without', () => {
    expect(read({ PORT: '1' }, ['--port', '2']).port).toBe(2);
    expect(read({ PORT: '1' }, ['--port=3']).port).toBe(3);
    expect(read({ DISPATCH_DATA: '/a' }, ['--dispatch-data', '/b']).dataFolder).toBe('/b');
  });

  test.each([
    [{ PORT: 'http' }, 'PORT=http'],
    [{ PORT: '65536' }, 'PORT=65536'],
    [{ DISPATCH_LOG: 'loud' }, 'DISPATCH_LOG=loud'],
    [{ DISPATCH_ROOTS: 'relative' }, 'DISPATCH_ROOTS=relative'],
    [{ DISPATCH_ROOTS: '/no/such/folder' }, 'DISPATCH_ROOTS=/no/such/folder'],
    [{ DISPATCH_ORIGIN: 'dispatch.example' }, 'DISPATCH_ORIGIN=dispatch.example'],
    [{ DISPATCH_ORIGIN: 'https://dispatch.example/path' }, 'DISPATCH_ORIGIN='],
    [{ DISPATCH_KEY: 'short' }, 'DISPATCH_KEY:'],
    [{ DISPATCH_KEY_FILE: '/no/such/file' }, 'DISPATCH_KEY_FILE=/no/such/file'],
    [{ TLS_CERT: '/etc/hostname' }, 'TLS_KEY'],
    [{ TLS_CERT: '/no/cert', TLS_KEY: '/no/key' }, 'TLS_CERT=/no/cert'],
    [{ TLS_CERT: '/etc/hostname', TLS_KEY: '/etc/hostname' }, 'TLS_CERT=/etc/hostname: has no CERTIFICATE'],
    [{ DISPATCH_ROOTS: ':' }, 'DISPATCH_ROOTS=:'],
    [{ DISPATCH_ROOTS: '/etc/hostname' }, 'no folder'],
    [{ DISPATCH_PROXIES: 'proxy.example' }, 'DISPATCH_PROXIES=proxy.example'],
    [{ HOST: '0.0.0.0' }, '--insecure'],
  ])('%p is refused with one line that names it', (environment, named) => {
    const attempt = (): unknown => read(environment);
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(named);
    try {
      attempt();
    } catch (error) {
      expect(String(error)).not.toContain('\n');
    }
  });

  test('beyond loopback needs TLS, an https origin, or --insecure', () => {
    expect(read({ HOST: '0.0.0.0' }, ['--insecure']).host).toBe('0.0.0.0');
    expect(read({ HOST: '0.0.0.0', DISPATCH_ORIGIN: 'https://dispatch.example' }).origins).toEqual(['https://dispatch.example']);
    expect(() => read({ HOST: '0.0.0.0', DISPATCH_ORIGIN: 'http://dispatch.example' })).toThrow(ConfigError);
  });

  test('the key comes by no flag, and an unknown flag is named', () => {
    expect(() => read({}, ['--dispatch-key', 'a-key-of-enough-length'])).toThrow('never a flag');
    expect(() => read({}, ['--prot', '1'])).toThrow('--prot');
    expect(() => read({}, ['--port'])).toThrow('a value is missing');
  });
});
