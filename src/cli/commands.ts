// Commands over the running server of this data folder: what it told of itself in
// server.json, a file that only its owner can read, is what lets them in.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../config.ts';
import { AppError } from '../errors.ts';

type Environment = Record<string, string | undefined>;
/** @returns the lines to print */
type Command = (environment: Environment, args: readonly string[], given: ReadonlySet<string>) => Promise<string[]>;

export const HELP = `Dispatch keeps workspaces and long-lived sessions on this machine.

  dispatch                serve (environment or flags: HOST, PORT, DISPATCH_DATA, DISPATCH_ROOTS,
                          DISPATCH_ORIGIN, DISPATCH_PROXIES, DISPATCH_KEY_FILE, DISPATCH_LOG,
                          TLS_CERT, TLS_KEY; as flags --host, --port, --data, --roots, --origin,
                          --proxies, --key-file, --log, --tls-cert, --tls-key, --insecure)
  dispatch link           make a sign-in link that works once, for ten minutes
  dispatch key            change the key to a new one, or to what --key-file says; signs everyone out
  dispatch status         what the running server holds
  dispatch --version

The commands speak to the running server of the data folder (DISPATCH_DATA, or --data).`;

export const COMMANDS: Record<string, Command> = { link, key, status };

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

function noMore(args: readonly string[]): void {
  if (args[0] !== undefined) throw new AppError('invalid', `${args[0]}: this command takes no argument; --help lists what there is`);
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new AppError('invalid', `${file}: the file cannot be read`);
  }
}

/** One request to the running server. @throws AppError with what it said */
async function ask(environment: Environment, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const { url, token } = running(environment);
  let response: Response;
  try {
    response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      tls: { rejectUnauthorized: false }, // Our own certificate, on our own machine.
    });
  } catch {
    throw notRunning();
  }
  const answer: unknown = await response.json();
  if (typeof answer !== 'object' || answer === null) throw notRunning();
  if (!response.ok) throw new AppError('unavailable', 'message' in answer ? String(answer.message) : `the server answered ${response.status}`);
  return { ...answer };
}

function running(environment: Environment): { url: string; token: string } {
  try {
    const said: unknown = JSON.parse(readFileSync(join(dataFolder(environment), 'server.json'), 'utf8'));
    if (typeof said === 'object' && said !== null && 'url' in said && 'token' in said) return { url: String(said.url), token: String(said.token) };
  } catch {
    // The same answer as for a file that says nothing.
  }
  throw notRunning();
}

const notRunning = (): AppError =>
  new AppError('unavailable', 'no server runs on this data folder: start it with `dispatch`, or name its folder with DISPATCH_DATA');
