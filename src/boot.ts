// Whether this boot of the server follows a clean stop, and what that means for the epoch: a
// client's `after` may name events that a power loss took away only if the epoch changed.

import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { type Facts, RESTORED } from './db/facts.ts';

const EPOCH = 'epoch';
const BOOT = 'boot_id';
const CLEAN = 'clean';
const HOLDER = 'holder';

/** What this boot follows. */
export interface Boot {
  epoch: number;
  /** The last server stopped cleanly. */
  clean: boolean;
  /** The machine did not go down since. */
  sameMachineBoot: boolean;
  /** The last server's programs were kept by a holder. */
  held: boolean;
  /** The data is that of a backup, put in its place since the last boot. */
  restored: boolean;
}

export function recordBoot(facts: Facts, holder = false): Boot {
  const machine = machineBoot();
  const clean = facts.get(CLEAN) !== 'no';
  const sameMachineBoot = facts.get(BOOT) === machine;
  const held = facts.get(HOLDER) === 'yes';
  const restored = facts.get(RESTORED) !== undefined;
  if (restored) facts.delete(RESTORED);
  const before = Number(facts.get(EPOCH) ?? 1);
  // Killed alone, the process lost nothing; only a machine that went down with it may have.
  const epoch = !clean && !sameMachineBoot ? before + 1 : before;
  facts.set(EPOCH, String(epoch));
  facts.set(BOOT, machine);
  facts.set(CLEAN, 'no');
  facts.set(HOLDER, holder ? 'yes' : 'no');
  return { epoch, clean, sameMachineBoot, held, restored };
}

/** Why programs are gone that the last server left as live, and why those are that a holder should have. */
export function reasonsOf({ clean, sameMachineBoot, held, restored }: Boot): { gone: string; lost: string | null } {
  if (restored) return { gone: 'a backup was restored that was made while it ran', lost: null };
  if (!sameMachineBoot) return { gone: 'the machine was restarted', lost: null };
  const gone = clean ? 'the server was stopped' : 'the server ended without stopping it: its program is gone';
  return { gone, lost: held ? 'the process that keeps its terminal ended while no server ran' : null };
}

export function recordCleanStop(facts: Facts): void {
  facts.set(CLEAN, 'yes');
}

/** Names this boot of the machine; by its start time to ten seconds where the kernel has no name for it. */
function machineBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `up-since-${Math.round((Date.now() / 1000 - uptime()) / 10)}`;
  }
}
