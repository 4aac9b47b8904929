// Ends a terminal's programs: SIGHUP, a grace, then SIGKILL to every process whose session
// id is the PTY's, again until none is left. What left by setsid stays, and is named.

import { limits } from '../limits.ts';
import { departed, type Proc, processOf, sessionMembers, signal } from './processes.ts';

const KILL_ROUND_MS = 20;
const KILL_ROUNDS_MAX = 250;

/**
 * @param leader pid of the PTY's child, and so its session id
 * @param mark what the session's programs have in their environment
 * @returns what is still running because it left the session: names for a person
 */
export async function endTerminal(leader: number, mark: string): Promise<string[]> {
  const away = departed(leader, mark);
  await endMembers(leader);
  return stillRunning([...away, ...departed(leader, mark)]);
}

/** Resolves when no process has that session id any more, or none of them can be ended. */
export async function endMembers(leader: number): Promise<void> {
  hangUp(sessionMembers(leader));
  const deadline = performance.now() + limits.stopGraceMs;
  while (sessionMembers(leader).length > 0 && performance.now() < deadline) await delay(KILL_ROUND_MS);
  for (let round = 0; round < KILL_ROUNDS_MAX; round += 1) {
    const left = sessionMembers(leader, true);
    if (left.length === 0) break;
    for (const proc of left) signal(proc.pid, 'SIGKILL');
    await delay(KILL_ROUND_MS);
  }
}

/** As the kernel does when a line drops: the hang-up, and SIGCONT so that stopped jobs hear it. */
function hangUp(members: Proc[]): void {
  for (const pgid of new Set(members.map((proc) => proc.pgid))) {
    signal(-pgid, 'SIGHUP');
    signal(-pgid, 'SIGCONT');
  }
}

function stillRunning(away: Proc[]): string[] {
  const pids = new Set(away.map((proc) => proc.pid));
  return [...pids].flatMap((pid) => {
    const proc = processOf(pid);
    return proc === undefined ? [] : [`${proc.name} (${pid})`];
  });
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
