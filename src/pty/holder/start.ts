// Starts the second role of this very program, so that it outlives us: a session of its own, no
// terminal, no descriptor and nothing of our environment that it does not need.

import { join } from 'node:path';

/** The program that we are: the compiled binary, or the runtime with our source. */
export function ownCommand(): string[] {
  const compiled = import.meta.path.startsWith('/$bunfs/');
  return compiled ? [process.execPath] : [process.execPath, join(import.meta.dir, '../../index.ts')];
}

const NEEDED = ['PATH', 'HOME', 'TMPDIR', 'XDG_RUNTIME_DIR'];

/** @param command program and arguments, to which `hold` and its arguments are added */
export function startHolder(command: readonly string[], args: readonly string[]): Bun.Subprocess {
  const env = Object.fromEntries(NEEDED.map((name) => [name, process.env[name]]));
  const started = Bun.spawn([...command, 'hold', ...args], {
    cwd: '/',
    env,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
    detached: true,
  });
  started.unref();
  return started;
}
