// The way to the running server of a data folder: what it told of itself in server.json, a file
// that only its owner can read, is what lets a command in.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../config.ts';
import { AppError, ERROR_STATUS, type ErrorCode } from '../errors.ts';

export type Environment = Record<string, string | undefined>;

/** No server is there, or it went while it was asked. */
export class NotRunning extends AppError {
  constructor() {
    super('unavailable', 'no server runs on this data folder: start it with `dispatch`, or name its folder with DISPATCH_DATA');
  }
}

/** One request to the running server. @throws AppError with what it said */
export async function ask(environment: Environment, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
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
    throw new NotRunning();
  }
  const answer: unknown = await response.json().catch(() => null); // Cut short, or not of ours.
  if (typeof answer !== 'object' || answer === null) throw new NotRunning();
  if (!response.ok) throw refusal(response.status, { ...answer });
  return { ...answer };
}

function refusal(status: number, { error, message }: Record<string, unknown>): AppError {
  const code = (Object.keys(ERROR_STATUS) as ErrorCode[]).find((known) => known === error) ?? 'unavailable';
  return new AppError(code, typeof message === 'string' ? message : `the server answered ${status}`);
}

/** @throws AppError unavailable where none runs */
export function running(environment: Environment): { url: string; token: string; pid: number } {
  try {
    const said: unknown = JSON.parse(readFileSync(join(dataFolder(environment), 'server.json'), 'utf8'));
    if (typeof said === 'object' && said !== null && 'url' in said && 'token' in said && 'pid' in said) {
      return { url: String(said.url), token: String(said.token), pid: Number(said.pid) };
    }
  } catch {
    // The same answer as for a file that says nothing.
  }
  throw new NotRunning();
}

export function noMore(args: readonly string[]): void {
  if (args[0] !== undefined) throw new AppError('invalid', `${args[0]}: this command takes no argument; --help lists what there is`);
}
