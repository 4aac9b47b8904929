// The folder that a program is in, kept in the log so that a resume can begin there: what the
// program tells (OSC 7) counts, else what the system knows of it, where it tells.

import { readlinkSync } from 'node:fs';
import type { LogEvent } from '../sessions/event.ts';
import type { SessionLog } from '../sessions/log.ts';

export class CwdWatch {
  readonly #pid: number;
  readonly #log: SessionLog;
  readonly #unlisten: () => void;
  /** Asked only when it is needed: in the log it may be far back. */
  #last: () => string | undefined;
  #own = false;
  /** The program tells of it: its own name for a folder may differ from the system's. */
  #told = false;

  /** @param started where it began; undefined where that is in the log */
  constructor(pid: number, log: SessionLog, started: string | undefined) {
    this.#pid = pid;
    this.#log = log;
    this.#last = () => started ?? cwdOf(log.latest('cwd'));
    this.#unlisten = log.listen({
      event: ({ type }) => {
        if (type === 'cwd' && !this.#own) this.#told = true;
      },
    });
  }

  /** Appends `cwd` where the program went elsewhere. */
  look(): void {
    if (this.#told || process.platform !== 'linux') return;
    const path = linkOf(`/proc/${this.#pid}/cwd`);
    if (path === undefined) return;
    const last = this.#last();
    this.#last = () => path;
    if (path === last) return;
    this.#own = true;
    try {
      this.#log.append([{ channel: 'system', type: 'cwd', data: { path } }]);
    } finally {
      this.#own = false;
    }
  }

  dispose(): void {
    this.#unlisten();
  }
}

/** The folder that a `cwd` event tells of. */
export function cwdOf(event: LogEvent | undefined): string | undefined {
  if (event === undefined || event.data instanceof Uint8Array) return undefined;
  return typeof event.data.path === 'string' ? event.data.path : undefined;
}

/** undefined where it is gone, or not ours to look at. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
