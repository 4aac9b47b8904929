// Whether this boot of the server follows a clean stop, and what that means for the epoch: a
// client's `after` may name events that a power loss took away only if the epoch changed.

import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Facts } from './db/facts.ts';

const EPOCH = 'epoch';
const BOOT = 'boot_id';
const CLEAN = 'clean';

/** @returns the epoch of this boot, and whether the last server stopped cleanly */
export function recordBoot(facts: Facts): { epoch: number; clean: boolean } {
  const machine = machineBoot();
  const clean = facts.get(CLEAN) !== 'no';
  const before = Number(facts.get(EPOCH) ?? 1);
  // Killed alone, the process lost nothing; only a machine that went down with it may have.
  const epoch = !clean && facts.get(BOOT) !== machine ? before + 1 : before;
  facts.set(EPOCH, String(epoch));
  facts.set(BOOT, machine);
  facts.set(CLEAN, 'no');
  return { epoch, clean };
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
