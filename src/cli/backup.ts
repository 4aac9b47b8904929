// `dispatch backup` and `dispatch restore`: the data folder to one file and back.

import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { dataFolder } from '../config.ts';
import { backUp } from '../db/backup.ts';
import { takeLock } from '../db/lock.ts';
import { Restore } from '../db/restore.ts';
import { AppError } from '../errors.ts';
import { HolderClient } from '../pty/holder/client.ts';
import type { HeldSession } from '../pty/holder/frames.ts';
import type { Environment } from './ask.ts';

const MB = 1_000_000;

/** Of a live data folder, too: what is there at one moment. */
export async function backup(environment: Environment, args: readonly string[], given: ReadonlySet<string>): Promise<string[]> {
  const to = fileOf('backup', args);
  const bytes = backUp(dataFolder(environment), to, given.has('overwrite'));
  return [`Written: ${to} (${(bytes / MB).toFixed(1)} MB). It holds all that sessions printed: keep it as you keep your key.`];
}

/** Only while no server runs. What was there stays, beside it. */
export async function restore(environment: Environment, args: readonly string[]): Promise<string[]> {
  const file = fileOf('restore', args);
  const folder = dataFolder(environment);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unlock = takeLock(folder);
  try {
    const restoring = Restore.of(file, folder);
    try {
      await reconcile(restoring, folder);
      const aside = restoring.finish();
      const made = new Date(restoring.made).toISOString();
      const kept = aside === undefined ? [] : [`What was there before is in ${resolve(folder, aside)}: delete it when you miss nothing.`];
      return [`Restored, as of ${made}. The key is the one of that time.`, ...kept];
    } finally {
      restoring.dispose();
    }
  } finally {
    unlock();
  }
}

/**
 * Programs that live in a holder go on where the backup knows them, and their log says what is
 * missing. Any other would be ended by the next server: that is asked for, not done by the way.
 */
async function reconcile(restoring: Restore, folder: string): Promise<void> {
  const held = await heldNow(folder);
  const live = new Set(restoring.sessions.filter((session) => session.live).map(({ runId }) => runId));
  const others = held.filter(({ id, exit }) => exit === null && !live.has(id));
  if (others.length > 0) {
    const count = others.length === 1 ? '1 program runs' : `${others.length} programs run`;
    throw new AppError('conflict', `${count} that the backup does not know of: end what runs with \`dispatch stop --all\`, then restore`);
  }
  for (const { id, started } of held) if (started > restoring.made) restoring.unlogged(id);
}

async function heldNow(folder: string): Promise<HeldSession[]> {
  const client = new HolderClient({ dataFolder: folder });
  try {
    return (await client.find()) ?? [];
  } finally {
    client.dispose();
  }
}

function fileOf(command: string, args: readonly string[]): string {
  const [file, ...more] = args;
  if (file === undefined || more.length > 0) throw new AppError('invalid', `${command}: name one file`);
  return resolve(file);
}
