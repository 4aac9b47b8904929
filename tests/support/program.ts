// The program as a process of its own: from source, or the compiled binary.

import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { scripts } from '../../package.json';
import { atEnd } from './at-end.ts';
import { emptyHome } from './home.ts';
import { temporaryFolder } from './server.ts';
import { until } from './until.ts';

const TREE = resolve(import.meta.dir, '../..');
export const FROM_SOURCE = [process.execPath, join(TREE, 'src/index.ts')];

export interface RunningProgram {
  url: string;
  /** All that it printed so far. */
  output(): string;
  process: Bun.Subprocess;
  key: string | null;
  /** Sends the signal. @returns the exit code, null where a signal ended it */
  end(signal: 'SIGTERM' | 'SIGKILL' | 'SIGINT'): Promise<number | null>;
  /** A request with the key given at the start. */
  api(path: string, init?: { method?: string; body?: unknown }): Promise<any>;
}

export async function startProgram(command: readonly string[], environment: Record<string, string>, cwd = TREE): Promise<RunningProgram> {
  const { started, output } = launch(command, [], environment, cwd);
  const url = await until(
    () => `the address in: ${output()}`,
    () => {
      if (started.exitCode !== null) throw new Error(`The program ended with ${started.exitCode}: ${output()}`);
      // The link is its last line: a test may look at all of them.
      return /^Dispatch \S+ on (\S+)$[^]*^Sign in .*$/m.exec(output())?.[1];
    },
    20_000,
  );
  const key = environment.DISPATCH_KEY ?? /^Key, .*: (\S+)$/m.exec(output())?.[1] ?? null;
  return {
    url,
    output,
    process: started,
    key,
    async end(signal) {
      started.kill(signal);
      await started.exited;
      return started.exitCode;
    },
    async api(path, { method = 'GET', body } = {}) {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const text = await response.text();
      return text === '' ? null : JSON.parse(text);
    },
  };
}

/** A command that ends by itself. */
export async function finished(command: readonly string[], args: string[], environment: Record<string, string>, cwd = TREE): Promise<{ exitCode: number | null; output: string }> {
  const { started, output, drained } = launch(command, args, environment, cwd);
  await started.exited;
  await drained;
  return { exitCode: started.exitCode, output: output() };
}

function launch(command: readonly string[], args: string[], environment: Record<string, string>, cwd: string) {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(DISPATCH_|PORT$|HOST$|TLS_)/.test(name)));
  const started = Bun.spawn([...command, ...args], {
    cwd,
    env: { ...inherited, HOME: emptyHome(), SHELL: '/bin/bash', PORT: '0', ...environment },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  let text = '';
  const read = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    const reader = stream.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += decoder.decode(part.value, { stream: true });
  };
  const drained = Promise.all([read(started.stdout), read(started.stderr)]);
  return { started, output: () => text, drained };
}

/** As the build script has them: the program, and its threads. */
const ENTRIES = scripts.build.match(/\bsrc\/[\w-]+\.ts\b/g) ?? [];

let binary: Promise<string> | undefined;

/** Path of the compiled binary, made once per test run, in a folder of its own. */
export function compiledBinary(): Promise<string> {
  binary ??= (async () => {
    const folder = temporaryFolder();
    const outfile = join(folder, 'dispatch');
    atEnd(() => rmSync(folder, { recursive: true, force: true }));
    const build = Bun.spawn([process.execPath, 'build', '--compile', '--minify-syntax', '--minify-whitespace', '--outfile', outfile, ...ENTRIES], {
      cwd: TREE,
      stdout: 'ignore',
      stderr: 'pipe',
    });
    const errors = await new Response(build.stderr).text();
    if ((await build.exited) !== 0 || !existsSync(outfile)) throw new Error(`The build failed: ${errors}`);
    return outfile;
  })();
  return binary;
}
