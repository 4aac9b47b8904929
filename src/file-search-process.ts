// The process of one search in files, around its thread. A thread in a regular expression without
// an end cannot be ended, and would work on for ever; a process can. It goes with who started it.

import { Worker } from 'node:worker_threads';
import type { Replaced, SearchEvent, SearchJob } from './files/search-terms.ts';
import { ownCommand } from './pty/holder/start.ts';

/** The last word of a job, after which the process may be ended. */
interface Ended {
  type: 'ended';
}

export interface Heard {
  told: (message: SearchEvent | Replaced) => void;
  ended: () => void;
}

const NEEDED = ['PATH', 'HOME', 'TMPDIR'];

/** Begins a job. @returns ends it, wherever it is */
export function startSearch(job: SearchJob, { told, ended }: Heard): () => void {
  const started = Bun.spawn([...ownCommand(), 'seek'], {
    cwd: '/',
    env: Object.fromEntries(NEEDED.map((name) => [name, process.env[name]])),
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
    serialization: 'advanced',
    ipc: (message: SearchEvent | Replaced | Ended) => (message.type === 'ended' ? ended() : told(message)),
    onExit: ended,
  });
  started.send(job);
  return () => started.kill('SIGKILL');
}

/** The role itself. */
export function seek(): void {
  const leave = (): void => void process.kill(process.pid, 'SIGKILL');
  process.once('message', (job: SearchJob) => {
    const thread = new Worker(new URL('./file-search-worker.ts', import.meta.url), { workerData: job });
    thread.on('message', (message: SearchEvent | Replaced) => process.send?.(message));
    thread.on('error', leave);
    thread.on('exit', () => process.send?.({ type: 'ended' } satisfies Ended));
  });
  process.on('disconnect', leave);
}
