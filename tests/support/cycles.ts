// Many short sessions over one server, and what they leave: of processes and descriptors nothing.

import { readdirSync, readFileSync } from 'node:fs';
import { HOLDER_VERSION } from '../../src/pty/holder/frames.ts';
import { placeOf, readCard } from '../../src/pty/holder/place.ts';
import { childrenOf } from './holder.ts';
import type { Survivor } from './survivor.ts';
import { until } from './until.ts';

export interface Left {
  /** Of server and holder. */
  descriptors: number;
  /** Children of both, the holder itself apart, and what programs started. */
  processes: number;
}

/** Nobody else sleeps for so long. */
const SLEEP = `10${process.pid}.5`;

function sleepers(): number {
  const isOurs = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${SLEEP}\0`;
    } catch {
      return false; // Gone meanwhile.
    }
  };
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOurs(name)).length;
}

export function left(survivor: Survivor): Left {
  const holder = readCard(placeOf(survivor.dataFolder, HOLDER_VERSION.major))?.pid ?? 0;
  const pids = [survivor.program.process.pid, holder];
  const descriptors = pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
  return { descriptors, processes: pids.flatMap(childrenOf).filter((pid) => pid !== holder).length + sleepers() };
}

/** Some end by themselves, some are stopped, some are looked at, some had jobs in the background. */
export async function cycle(survivor: Survivor, count: number): Promise<void> {
  const kinds = [['true'], ['cat'], ['sh', '-c', `sleep ${SLEEP} & exit 3`], ['bash', '-ic', `sleep ${SLEEP} & sleep ${SLEEP}`]];
  const one = async (index: number): Promise<void> => {
    const kind = index % kinds.length;
    const id = await survivor.terminal(kinds[kind] ?? []);
    if (kind % 2 === 1) await survivor.api(`/api/sessions/${id}/stop`, 'POST');
    await survivor.ended(id, 30_000);
    await survivor.api(`/api/sessions/${id}`, 'DELETE');
  };
  const together = 20;
  for (let begun = 0; begun < count; begun += together) {
    await Promise.all(Array.from({ length: Math.min(together, count - begun) }, (_, index) => one(index)));
  }
}

/** After more cycles there is no more than after some. */
export async function leavesNothing(survivor: Survivor, count: number): Promise<Left[]> {
  await cycle(survivor, 40); // What is opened once and kept is open then.
  await until('the ends', () => left(survivor).processes === 0);
  const before = left(survivor);
  await cycle(survivor, count);
  await until('the ends', () => left(survivor).processes === 0);
  // A connection of ours may be kept open: a few, not one per cycle.
  await until(() => `descriptors ${left(survivor).descriptors} beside ${before.descriptors}`, () => left(survivor).descriptors <= before.descriptors + 10);
  return [before, left(survivor)];
}
