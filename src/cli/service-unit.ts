// `dispatch service`: a systemd unit for this user. KillMode=process is what lets the holder, and
// with it every program, outlive a restart of the service.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { dataFolder } from '../config.ts';
import { AppError } from '../errors.ts';
import { childEnvironment } from '../pty/environment.ts';
import { ownCommand } from '../pty/holder/start.ts';
import { type Environment, noMore } from './ask.ts';

const MARK = '# Written by `dispatch service`, which writes it anew: change it by `systemctl --user edit dispatch`.';

/** What the service is to be started with. The key itself is not: it would stand in the file. */
const KEPT = ['HOST', 'PORT', 'DISPATCH_ROOTS', 'DISPATCH_ORIGIN', 'DISPATCH_PROXIES', 'DISPATCH_LOG', 'DISPATCH_NO_HOLDER'];
const KEPT_FILES = ['DISPATCH_KEY_FILE', 'TLS_CERT', 'TLS_KEY'];

export async function service(environment: Environment, args: readonly string[]): Promise<string[]> {
  noMore(args);
  const config = environment.XDG_CONFIG_HOME ?? join(homedir(), '.config');
  const file = join(config, 'systemd', 'user', 'dispatch.service');
  if (existsSync(file) && !readFileSync(file, 'utf8').startsWith(MARK)) {
    throw new AppError('conflict', `${file} is there and is not ours: move it away first`);
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, unitText(environment, ownCommand()), { mode: 0o600 });
  return [
    `Written: ${file}`,
    'Start it now and at every login:  systemctl --user daemon-reload && systemctl --user enable --now dispatch',
    `At every boot, without a login:   loginctl enable-linger ${userInfo().username}`,
    'After an upgrade:                 systemctl --user restart dispatch   (what runs in terminals goes on)',
    'To end those programs as well:    dispatch stop --all',
  ];
}

function unitText(environment: Environment, command: readonly string[]): string {
  const set: [string, string][] = [['DISPATCH_DATA', dataFolder(environment)]];
  // A service starts with hardly any: agents are looked for on it, and programs get it.
  const { PATH } = childEnvironment('', environment);
  if (PATH !== undefined && PATH !== '') set.push(['PATH', PATH]);
  for (const name of [...KEPT, ...KEPT_FILES]) {
    const value = environment[name];
    if (value === undefined || value === '') continue;
    set.push([name, KEPT_FILES.includes(name) ? resolve(value) : value]);
  }
  return `${MARK}
[Unit]
Description=Dispatch: workspaces and long-lived sessions
After=network.target

[Service]
ExecStart=${command.map((word) => quoted(word).replaceAll('$', '$$$$')).join(' ')}
${set.map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`).join('\n')}
# Only the server is stopped; the process that keeps the terminals stays, with all that runs in them.
KillMode=process
# A build that takes all memory is ended alone, and counts as no failure of the server.
OOMPolicy=continue
TasksMax=infinity
Restart=on-failure
TimeoutStopSec=10

[Install]
WantedBy=default.target
`;
}

/** As systemd reads it, without its specifiers. */
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;
