// Whether a terminal of this process takes more input: asked of the system, for the runtime gives
// no descriptor and does not always tell when all that was written is gone. Linux; elsewhere nobody knows.

import { readdirSync, readlinkSync } from 'node:fs';
import { takesInput, terminalNumber } from '../libc.ts';
import { terminalOf } from './processes.ts';

const MASTER = /\/ptmx$/;

/** Of the terminal that the process has; false where that cannot be told. */
export function inputHasRoom(pid: number): boolean {
  const number = terminalOf(pid);
  const master = number === undefined ? undefined : masters().find((descriptor) => terminalNumber(descriptor) === number);
  return master !== undefined && takesInput(master);
}

function masters(): number[] {
  return readdirSync('/proc/self/fd').filter(isMaster).map(Number);
}

function isMaster(descriptor: string): boolean {
  try {
    return MASTER.test(readlinkSync(`/proc/self/fd/${descriptor}`));
  } catch {
    return false; // It was that of the list itself, or is closed by now.
  }
}
