// The commands of the command line.

import { readFileSync } from 'node:fs';
import { AppError } from '../errors.ts';
import { ask, type Environment, noMore } from './ask.ts';
import { create, list } from './sessions.ts';
import { service } from './service-unit.ts';
import { stop } from './stop.ts';

/** @returns the lines to print */
type Command = (environment: Environment, args: readonly string[], given: ReadonlySet<string>) => Promise<string[]>;

export const HELP = `Dispatch keeps workspaces and long-lived sessions on this machine.

  dispatch                serve (environment or flags: HOST, PORT, DISPATCH_DATA, DISPATCH_ROOTS,
                          DISPATCH_ORIGIN, DISPATCH_PROXIES, DISPATCH_KEY_FILE, DISPATCH_LOG,
                          TLS_CERT, TLS_KEY; as flags --host, --port, --data, --roots, --origin,
                          --proxies, --key-file, --log, --tls-cert, --tls-key, --insecure,
                          --no-holder: programs end with the server)
  dispatch link           make a sign-in link that works once, for ten minutes
  dispatch key            change the key to a new one, or to what --key-file says; signs everyone out
  dispatch status         what the running server holds
  dispatch ls             its sessions
  dispatch new [-- COMMAND ...]
                          a terminal in this folder, with the command or a shell
  dispatch attach [--ro] SESSION
                          a terminal, by its id or name, in this one; Ctrl+\\ twice leaves it, and it
                          goes on; --ro only looks
  dispatch stop ID ...    end sessions
  dispatch stop --all     end every program, also those that live on without a server
  dispatch backup FILE    all that is in the data folder, as of now, in one file; also while a
                          server runs; --overwrite replaces a file that is there
  dispatch restore FILE   puts a backup in the place of what is there, which is kept aside; only
                          while no server runs
  dispatch service        write a systemd unit for this user, under which programs outlive a restart
  dispatch --version

The commands speak to the running server of the data folder (DISPATCH_DATA, or --data).`;

export const COMMANDS: Record<string, Command> = { link, key, status, ls: list, new: create, attach, stop, backup, restore, service };

/** Flags without a value that a command takes. */
export const SWITCHES: Record<string, readonly string[]> = { attach: ['ro'], backup: ['overwrite'], stop: ['all'] };

async function link(environment: Environment, args: readonly string[]): Promise<string[]> {
  noMore(args);
  const { url } = await ask(environment, 'POST', '/api/links');
  return [String(url)];
}

async function key(environment: Environment, args: readonly string[]): Promise<string[]> {
  noMore(args);
  const file = environment.DISPATCH_KEY_FILE;
  const wanted = file === undefined || file === '' ? undefined : readKeyFile(file);
  const { key: changed } = await ask(environment, 'POST', '/api/key', wanted === undefined ? {} : { key: wanted });
  return [wanted === undefined ? `New key, shown this once, so keep it: ${String(changed)}` : 'The key was changed.', 'Every device was signed out.'];
}

async function status(environment: Environment, args: readonly string[]): Promise<string[]> {
  noMore(args);
  return [JSON.stringify(await ask(environment, 'GET', '/api/status'), null, 2)];
}

/** Its emulator is loaded for no other command. */
async function attach(...given: Parameters<Command>): Promise<string[]> {
  return (await import('./attach.ts')).attach(...given);
}

/** The database is loaded for no other command. */
async function backup(...given: Parameters<Command>): Promise<string[]> {
  return (await import('./backup.ts')).backup(...given);
}

async function restore(environment: Environment, args: readonly string[]): Promise<string[]> {
  return (await import('./backup.ts')).restore(environment, args);
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new AppError('invalid', `${file}: the file cannot be read`);
  }
}
