// What a program finds in its environment: the user's own, and nothing of ours or our launcher's.

import { expect, test } from 'bun:test';
import { childEnvironment } from '../../src/pty/environment.ts';

test('nothing of the server and of its launcher is passed on', () => {
  const base = {
    HOME: '/home/me',
    LANG: 'C.UTF-8',
    DISPATCH_KEY: 'secret',
    DISPATCH_DATA: '/d',
    HOST: '0.0.0.0',
    PORT: '3030',
    TLS_CERT: 'c',
    TLS_KEY: 'k',
    INIT_CWD: '/i',
    npm_config_cache: 'c',
    npm_lifecycle_event: 'start',
    TERM: 'dumb',
    TMUX: '/tmp/tmux',
    COLUMNS: '10',
    PATH: '/a/node_modules/.bin:/usr/bin:/x/node_modules/.bin/:/tmp/bun-node-abc:/home/me/.npm/_npx/1/node_modules/.bin:/bin',
  };
  expect(childEnvironment('run', base)).toEqual({
    HOME: '/home/me',
    LANG: 'C.UTF-8',
    PATH: '/usr/bin:/bin',
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    TERM_SESSION_ID: 'run',
  });
});

test('without a launcher the PATH is the user\'s own, whatever is in it', () => {
  expect(childEnvironment('run', { PATH: '/p/node_modules/.bin:/bin' }).PATH).toBe('/p/node_modules/.bin:/bin');
});

test('later layers win over earlier ones, and over the base', () => {
  const env = childEnvironment('run', { A: 'base', B: 'base', C: 'base' }, { A: 'workspace', B: 'workspace' }, { A: 'session', TERM: 'vt100' });
  expect(env).toMatchObject({ A: 'session', B: 'workspace', C: 'base', TERM: 'vt100', TERM_SESSION_ID: 'run' });
});
