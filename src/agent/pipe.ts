// An agent's process as a conversation needs it, and one that lives and dies with this server.
// Whoever else keeps processes (so that they outlive the server) gives the same shape.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { within } from '../within.ts';

export interface PipeExit {
  exitCode: number | null;
  exitSignal: string | null;
  /** Why nothing is known of its end; null when it is. */
  lost: string | null;
}

export interface PipeSink {
  /** The bytes are only good during the call; `offset` is that of the first. */
  output(bytes: Uint8Array, offset: number, stream: 1 | 2): void;
  /** These bytes are lost: what follows cannot be understood. */
  gap(offset: number, bytes: number): void;
}

export interface AgentPipe {
  readonly pid: number;
  /** Resolves after all output was given. */
  readonly exited: Promise<PipeExit>;
  /** Bytes that the agent has not read yet. */
  readonly pendingBytes: number;
  /** Output begins to come; to be called once. */
  listen(sink: PipeSink): void;
  write(bytes: Uint8Array): void;
  endInput(): void;
  /** Everything before `offset` is committed. */
  acknowledge?(offset: number): void;
  /** Its end is in the log. */
  release?(): void;
  /** The server goes, and the process lives on for another; absent where it cannot. */
  leave?(): void;
}

export interface Launch {
  command: string[];
  cwd: string;
  env: Record<string, string>;
}

/** Who keeps the agents' processes. */
export interface Pipes {
  /** @throws AppError why the process could not be started */
  start(runId: string, launch: Launch): Promise<AgentPipe>;
  /** The process that another server left alive, if there is one; what it printed comes from `offset` on. */
  adopt(runId: string, offset: number): AgentPipe | undefined;
}

/** A process of this server, in a process group of its own. @throws AppError why it could not start */
export function openPipe({ command, cwd, env }: Launch): AgentPipe {
  try {
    return new OwnPipe(Bun.spawn(command, { cwd, env, stdin: 'pipe', stdout: 'pipe', stderr: 'pipe', detached: true }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = code === 'ENOENT' ? 'it was not found' : code === 'EACCES' ? 'it may not be run' : 'the system refused';
    throw new AppError('invalid', `The agent's program ${command[0] ?? ''} could not be started: ${why}.`);
  }
}

/** So long an agent's flood may keep this thread before others get their turn. */
const TURN_MS = 8;

class OwnPipe implements AgentPipe {
  readonly pid: number;
  readonly exited: Promise<PipeExit>;
  readonly #process: Bun.Subprocess<'pipe', 'pipe', 'pipe'>;
  readonly #listening = Promise.withResolvers<PipeSink>();
  #pendingBytes = 0;

  constructor(process: Bun.Subprocess<'pipe', 'pipe', 'pipe'>) {
    this.#process = process;
    this.pid = process.pid;
    this.exited = this.#run();
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  listen(sink: PipeSink): void {
    this.#listening.resolve(sink);
  }

  write(bytes: Uint8Array): void {
    this.#pendingBytes += bytes.byteLength;
    void this.#put(bytes);
  }

  endInput(): void {
    void Promise.resolve(this.#process.stdin.end()).catch(() => {});
  }

  async #put(bytes: Uint8Array): Promise<void> {
    try {
      void this.#process.stdin.write(bytes);
      await this.#process.stdin.flush();
    } catch {
      // It closed its input: its exit tells.
    } finally {
      this.#pendingBytes -= bytes.byteLength;
    }
  }

  async #run(): Promise<PipeExit> {
    const { stdout, stderr } = this.#process;
    const drained = Promise.all([this.#read(stdout, 1), this.#read(stderr, 2)]);
    await this.#process.exited;
    // A child that holds the pipe open hides their end.
    await within(drained, limits.outputAfterExitMs);
    const { exitCode, signalCode } = this.#process;
    return { exitCode: signalCode === null ? exitCode : null, exitSignal: signalCode === null ? null : String(signalCode), lost: null };
  }

  async #read(stream: ReadableStream<Uint8Array>, which: 1 | 2): Promise<void> {
    const sink = await this.#listening.promise;
    const reader = stream.getReader();
    let offset = 0;
    let turn = performance.now();
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        sink.output(part.value, offset, which);
        offset += part.value.byteLength;
        if (performance.now() - turn < TURN_MS) continue;
        await new Promise((resolve) => setImmediate(resolve));
        turn = performance.now();
      }
    } catch {
      // The pipe broke with the process: its exit tells.
    }
  }
}
