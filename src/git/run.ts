// Runs the user's own git in a folder: arguments as a list, output and time bounded, the
// whole process group ended when either is passed or nobody waits any more. What a read must
// not set off is in src/git/reading.ts; here both are the same.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { within } from '../within.ts';

/** Where git works, and with what environment: that of the workspace's programs. */
export interface GitPlace {
  folder: string;
  environment: Readonly<Record<string, string>>;
}

export interface GitOptions {
  /** For its standard input; without it there is none. */
  input?: Uint8Array | string;
  signal?: AbortSignal | undefined;
  /** Past it git is ended and the answer is `cut`. */
  outputBytesMax?: number;
  timeoutMs?: number;
  /** Both streams, as they come. */
  onOutput?: (bytes: Uint8Array) => void;
}

export interface GitAnswer {
  /** Null where a signal ended it. */
  exitCode: number | null;
  stdout: Buffer;
  /** Its end, where it is long. */
  stderr: string;
  /** There was more output than was asked for. */
  cut: boolean;
}

/**
 * What git would take from a server that runs inside a git command, and never from a person:
 * these say which repository it is, or in what way it is to be read.
 */
const NOT_INHERITED =
  /^GIT_(DIR|WORK_TREE|IMPLICIT_WORK_TREE|INDEX_FILE|INDEX_VERSION|PREFIX|COMMON_DIR|NAMESPACE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|QUARANTINE_PATH|SHALLOW_FILE|GRAFT_FILE|REPLACE_REF_BASE|NO_REPLACE_OBJECTS|CONFIG|CONFIG_PARAMETERS|EXTERNAL_DIFF|DIFF_OPTS|PAGER|EDITOR|SEQUENCE_EDITOR|TRACE.*|.*_PATHSPECS|REFLOG_ACTION)$/;

/**
 * For what a person does: their git with its hooks, filters and credentials. It has no
 * terminal, so it asks nobody and opens no editor.
 */
export function ownEnvironment(environment: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => !NOT_INHERITED.test(name));
  return {
    ...Object.fromEntries(kept),
    TERM: 'dumb',
    GIT_TERMINAL_PROMPT: '0',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_EDITOR: 'true',
    GIT_SEQUENCE_EDITOR: 'true',
    GIT_MERGE_AUTOEDIT: 'no',
  };
}

/**
 * @param env all that git gets
 * @throws AppError unavailable: no git, too old a one, no answer in time; gone: the signal ended it
 */
export async function runGit(folder: string, args: readonly string[], env: Record<string, string>, options: GitOptions = {}): Promise<GitAnswer> {
  const { input, signal, outputBytesMax = limits.gitOutputBytesMax, timeoutMs = limits.gitReadMs } = options;
  const command = await gitProgram(env);
  if (signal?.aborted === true) throw abandoned();
  let process: Bun.Subprocess<'ignore' | Uint8Array, 'pipe', 'pipe'>;
  try {
    const stdin = input === undefined ? 'ignore' : Buffer.from(input);
    // A session of its own: no terminal to ask on, and one group to end.
    process = Bun.spawn([command, ...args], { cwd: folder, env, stdin, stdout: 'pipe', stderr: 'pipe', detached: true });
  } catch {
    throw new AppError('unavailable', 'Git could not be started in this folder: look whether it is still there.');
  }
  let ended: 'cut' | 'late' | 'left' | undefined;
  const end = (why: 'cut' | 'late' | 'left'): void => {
    if (ended === undefined) endGroup(process, why === 'cut' ? 0 : limits.gitGraceMs);
    ended ??= why;
  };
  const leave = (): void => end('left');
  signal?.addEventListener('abort', leave);
  const late = setTimeout(() => end('late'), timeoutMs);
  const stdout = new Gathered(outputBytesMax, options.onOutput, () => end('cut'));
  const stderr = new Gathered(limits.gitMessageBytesMax, options.onOutput);
  try {
    const taken = Promise.all([stdout.take(process.stdout), stderr.take(process.stderr)]);
    await process.exited;
    // What a hook left behind may keep the pipes open for ever.
    await within(taken, limits.gitQuietMs);
  } finally {
    clearTimeout(late);
    signal?.removeEventListener('abort', leave);
  }
  if (ended === 'left') throw abandoned();
  if (ended === 'late') throw new AppError('unavailable', `Git did not come to an end within ${Math.round(timeoutMs / 1000)} s, and was ended.`);
  return { exitCode: process.exitCode, stdout: stdout.bytes(), stderr: stderr.bytes().toString('utf8'), cut: stdout.cut };
}

const abandoned = (): AppError => new AppError('gone', 'Nobody waited for git any more: it was ended.');

/** Program to what is wrong with it. */
const judged = new Map<string, Promise<string | null>>();

/** @throws AppError unavailable where there is none, or one that cannot be kept from what a repository sets up */
async function gitProgram(env: Record<string, string>): Promise<string> {
  const program = Bun.which('git', { PATH: env.PATH ?? '' });
  if (program === null) throw new AppError('unavailable', 'Git is not on the PATH of this server: install it.');
  const judgement = judged.get(program) ?? judge(program);
  judged.set(program, judgement);
  const trouble = await judgement;
  if (trouble === null) return program;
  judged.delete(program); // It may be replaced.
  throw new AppError('unavailable', trouble);
}

/** Older ones know no settings by environment, the only spelling that holds any name. */
async function judge(program: string): Promise<string | null> {
  const { stdout } = Bun.spawn([program, '--version'], { cwd: '/', env: {}, stdin: 'ignore', stdout: 'pipe', stderr: 'ignore' });
  const version = /(\d+)\.(\d+)/.exec(await new Response(stdout).text());
  if (version === null) return 'The program `git` on the PATH of this server does not answer as git does.';
  const [, major = '0', minor = '0'] = version;
  return Number(major) > 2 || (major === '2' && Number(minor) >= 31) ? null : `Git ${major}.${minor} is too old: 2.31 or a newer one is needed.`;
}

/** First what lets it take its lock files away. */
function endGroup(process: Bun.Subprocess, graceMs: number): void {
  if (graceMs === 0) return signalGroup(process.pid, 'SIGKILL');
  signalGroup(process.pid, 'SIGTERM');
  const last = setTimeout(() => signalGroup(process.pid, 'SIGKILL'), graceMs);
  void process.exited.then(() => clearTimeout(last));
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** One stream up to a bound: the beginning of an output, and the end of what is said beside it. */
class Gathered {
  readonly #bytesMax: number;
  readonly #told: ((bytes: Uint8Array) => void) | undefined;
  readonly #full: (() => void) | undefined;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  cut = false;

  constructor(bytesMax: number, told?: (bytes: Uint8Array) => void, full?: () => void) {
    this.#bytesMax = bytesMax;
    this.#told = told;
    this.#full = full;
  }

  async take(stream: ReadableStream<Uint8Array>): Promise<void> {
    const reader = stream.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      this.#told?.(part.value);
      if (this.cut && this.#full !== undefined) continue;
      this.#parts.push(part.value);
      this.#bytes += part.value.byteLength;
      if (this.#bytes > this.#bytesMax) this.#shorten();
    }
  }

  bytes(): Buffer {
    const all = Buffer.concat(this.#parts);
    return this.#full === undefined ? all.subarray(Math.max(0, all.byteLength - this.#bytesMax)) : all.subarray(0, this.#bytesMax);
  }

  #shorten(): void {
    this.cut = true;
    if (this.#full !== undefined) return this.#full();
    while (this.#parts.length > 1 && this.#bytes - (this.#parts[0]?.byteLength ?? 0) >= this.#bytesMax) this.#bytes -= this.#parts.shift()?.byteLength ?? 0;
  }
}
