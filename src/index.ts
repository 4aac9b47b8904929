#!/usr/bin/env bun
// The program: a command of the command line, the holder of terminals, or the server with its
// signals. What a role does not need is not loaded: a holder stays small.

import { version } from '../package.json';
import { COMMANDS, HELP, SWITCHES } from './cli/commands.ts';
import { ConfigError, readConfig, withFlags } from './config.ts';
import { AppError } from './errors.ts';
import { hideFromOtherProcesses } from './libc.ts';
import { limits } from './limits.ts';
import type { RunningServer } from './server.ts';

const args = process.argv.slice(2);
const line = (text: string): boolean => process.stdout.write(`${text}\n`);

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigError) && !(error instanceof AppError)) throw error;
  process.stderr.write(`dispatch: ${error.message}\n`);
  process.exit(error instanceof ConfigError ? 2 : 1);
}

async function main(): Promise<void> {
  const [word] = args;
  if (word === '--version' || word === '-v') return void line(version);
  if (word === '--help' || word === '-h' || word === 'help') return void line(HELP);
  if (word === 'hold') return (await import('./pty/holder/role.ts')).hold(args.slice(1));
  if (word === 'seek') return (await import('./file-search-process.ts')).seek();
  if (word !== undefined && !word.startsWith('-')) {
    const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
    if (command === undefined) throw new ConfigError(`${word}: there is no such command; --help lists them`);
    const { values, given, rest } = withFlags(args.slice(1), process.env, SWITCHES[word]);
    for (const text of await command(values, rest, given)) line(text);
    return;
  }
  await serve();
}

async function serve(): Promise<void> {
  const config = readConfig(args, process.env);
  hideFromOtherProcesses();
  const { startServer } = await import('./server.ts');
  const server = await startServer(config, process.env);
  greet(server);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(server));
}

function greet({ url, madeKey, parts }: RunningServer): void {
  line(`Dispatch ${version} on ${url}`);
  if (process.platform !== 'linux') {
    line('On this system Dispatch is not tried: activity of sessions, their whole process group at a stop, and protection of its memory may lack.');
  }
  if (madeKey !== null) line(`Key, shown this once, so keep it: ${madeKey}`);
  line(`Sign in once with this link, within ten minutes: ${url}/login/link?token=${parts.auth.links.make().token}`);
}

/** At the bound the process ends, whatever still hangs: a service manager waits no longer. */
async function end(server: RunningServer): Promise<void> {
  setTimeout(() => process.exit(1), limits.shutdownMs - 200).unref();
  await server.stop();
  process.exit(0);
}
