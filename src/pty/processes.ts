// What the system knows of a terminal's processes. Linux reads /proc; elsewhere `ps` answers
// the same questions, only slower.

import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';

export interface Proc {
  pid: number;
  ppid: number;
  /** Process group. */
  pgid: number;
  /** Session: the pid of its leader; of a PTY's child and all that did not leave, the child's. */
  sid: number;
  /** Foreground process group of its terminal; -1 without one. */
  foreground: number;
  /** Name of the program, as the system has it (15 bytes on Linux). */
  name: string;
}

/** Of /dev/pts, in /proc. */
const PTS_MAJOR = 136;
/** 52 numbers and a name; the kernel's own longest is under 1 KiB. */
const STAT_BYTES_MAX = 2048;

const hasProc = process.platform === 'linux';

/** One process, or undefined when it is gone (or a zombie, which is as good as gone). */
export function processOf(pid: number): Proc | undefined {
  if (!hasProc) return allProcesses().find((proc) => proc.pid === pid);
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  return parseStat(stat);
}

/** One process, looked at with every key: its file stays open, and so never is another's of the same pid. */
export class ProcessWatch {
  readonly #pid: number;
  readonly #stat = Buffer.alloc(STAT_BYTES_MAX);
  #file: number | undefined;

  constructor(pid: number) {
    this.#pid = pid;
    if (!hasProc) return;
    try {
      this.#file = openSync(`/proc/${pid}/stat`, 'r');
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** The process as it is now, or undefined when it is gone. */
  look(): Proc | undefined {
    if (!hasProc) return processOf(this.#pid);
    if (this.#file === undefined) return undefined;
    try {
      return parseStat(this.#stat.toString('latin1', 0, readSync(this.#file, this.#stat, 0, STAT_BYTES_MAX, 0)));
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  dispose(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** Everything whose session id is the PTY's. `fresh` where the answer is to be relied on. */
export function sessionMembers(sid: number, fresh = false): Proc[] {
  return snapshot(fresh ? 0 : SHARED_MS).all.filter((proc) => proc.sid === sid);
}

/**
 * What left the session of `root` (setsid) and so outlives a stop: its descendants, and all
 * that were started with `mark` (`NAME=value`) in their environment.
 */
export function departed(root: number, mark: string): Proc[] {
  const now = snapshot(SHARED_MS);
  const family = new Set([root]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const proc of now.all) {
      if (family.has(proc.pid) || !family.has(proc.ppid)) continue;
      family.add(proc.pid);
      grew = true;
    }
  }
  now.environments ??= new Map(now.all.map((proc) => [proc.pid, environmentOf(proc.pid)]));
  const { environments } = now;
  const marked = (pid: number): boolean => environments.get(pid)?.includes(`\0${mark}\0`) ?? false;
  return now.all.filter(({ pid, sid }) => sid !== root && (family.has(pid) || marked(pid)));
}

/** All processes at one moment. */
interface Snapshot {
  at: number;
  all: Proc[];
  environments: Map<number, string> | undefined;
}

/** A shutdown ends many terminals at once: they look at the same list, not each at its own. */
const SHARED_MS = 10;
let latest: Snapshot | undefined;

function snapshot(ageMsMax: number): Snapshot {
  const now = performance.now();
  if (latest === undefined || now - latest.at > ageMsMax) {
    latest = { at: now, all: allProcesses(), environments: undefined };
  }
  return latest;
}

function allProcesses(): Proc[] {
  if (!hasProc) return psProcesses();
  const found: Proc[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const proc = Number.isInteger(pid) && pid > 0 ? processOf(pid) : undefined;
    if (proc !== undefined) found.push(proc);
  }
  return found;
}

/** What a process was started with, each between NULs; nothing where it is not ours to read. */
function environmentOf(pid: number): string {
  if (!hasProc) return '';
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`;
  } catch (error) {
    if (isGone(error)) return '';
    throw error;
  }
}

/** Sends a signal to a process (pid) or a group (-pgid); one that is gone is no error. */
export function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error;
  }
}

/** Number of the terminal that controls a process (Linux); undefined where it has none, or is gone. */
export function terminalOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  const [, , , , device] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const number = Number(device);
  // dev_t as the kernel packs it: minor 8 bits, major 12, minor's other 12.
  return ((number >> 8) & 0xfff) === PTS_MAJOR ? (number & 0xff) | ((number >> 12) & 0xfff00) : undefined;
}

/** The name stands in parentheses and may itself hold any byte: fields count from the last one. */
function parseStat(stat: string): Proc | undefined {
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  const [state, ppid, pgid, sid, , foreground] = stat.slice(close + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  return {
    pid: Number(stat.slice(0, open)),
    ppid: Number(ppid),
    pgid: Number(pgid),
    sid: Number(sid),
    foreground: Number(foreground),
    name: Buffer.from(stat.slice(open + 1, close), 'latin1').toString('utf8'),
  };
}

function psProcesses(): Proc[] {
  const { stdout } = Bun.spawnSync(['ps', '-axo', 'pid=,ppid=,pgid=,tpgid=,stat=,comm=']);
  const rows = stdout.toString().split('\n').filter((line) => line.trim() !== '');
  return rows.flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const [pid = 0, ppid = 0, pgid = 0, foreground = -1] = columns.slice(0, 4).map(Number);
    const [state = '', ...name] = columns.slice(4);
    // Without session ids the process group stands in for the session.
    return state.startsWith('Z') ? [] : [{ pid, ppid, pgid, sid: pgid, foreground, name: name.join(' ') }];
  });
}

/** Gone, or not ours to look at. */
const GONE = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && GONE.has(String(error.code));
}
