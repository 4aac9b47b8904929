// `dispatch stop`: ends sessions over the running server, or, where none runs, all that a holder
// has kept alive, also one of another version: asked for is asked for.

import { existsSync } from 'node:fs';
import { dataFolder } from '../config.ts';
import { takeLock } from '../db/lock.ts';
import { AppError } from '../errors.ts';
import { HolderClient } from '../pty/holder/client.ts';
import { otherHolders } from '../pty/holder/foreign.ts';
import { ask, type Environment } from './ask.ts';

const LIVE = ['starting', 'active'];

export async function stop(environment: Environment, args: readonly string[], given: ReadonlySet<string>): Promise<string[]> {
  if (given.has('all')) {
    if (args.length > 0) throw new AppError('invalid', 'stop --all takes no session: it ends them all');
    return [counted((await ofServer(environment)) + (await ofOthers(environment)))];
  }
  if (args.length === 0) throw new AppError('invalid', 'stop: name sessions (dispatch ls shows them), or give --all');
  for (const id of args) await ask(environment, 'POST', `/api/sessions/${encodeURIComponent(id)}/stop`);
  return [counted(args.length)];
}

const counted = (count: number): string => `${count} ${count === 1 ? 'program was' : 'programs were'} ended.`;

/** Of the server and its holder. @returns how many were ended */
async function ofServer(environment: Environment): Promise<number> {
  const unlock = lockOf(dataFolder(environment));
  if (unlock !== undefined) return ofHolder(environment).finally(unlock);
  const live: unknown[] = [];
  for (const status of LIVE) {
    const { sessions } = await ask(environment, 'GET', `/api/sessions?status=${status}&limit=1000`);
    if (Array.isArray(sessions)) live.push(...sessions);
  }
  await Promise.all(live.map((session) => ask(environment, 'POST', `/api/sessions/${idOf(session)}/stop`)));
  return live.length;
}

/** undefined where a server runs: to speak with its holder would take it away. What it wrote of itself outlives it; its lock does not. */
function lockOf(folder: string): (() => void) | undefined {
  if (!existsSync(folder)) return () => {};
  try {
    return takeLock(folder);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** Its ends stay with it, for the next server. */
async function ofHolder(environment: Environment): Promise<number> {
  const client = new HolderClient({ dataFolder: dataFolder(environment) });
  const living = (await client.find())?.filter(({ exit }) => exit === null) ?? [];
  if (living.length > 0) await client.stopAll();
  client.dispose();
  return living.length;
}

async function ofOthers(environment: Environment): Promise<number> {
  let count = 0;
  for (const other of await otherHolders(dataFolder(environment))) {
    count += (await other.list()).filter(({ exit }) => exit === null).length;
    await other.stopAll();
    other.dispose();
  }
  return count;
}

const idOf = (session: unknown): string =>
  typeof session === 'object' && session !== null && 'id' in session ? String(session.id) : '';
