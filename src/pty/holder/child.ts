// A program as the holder has it, whether it sits in a terminal or between pipes: input with a
// measure of what is undrained, output by stream, and its end.

import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { within } from '../../within.ts';
import { Pty, type PtyExit, spawnFailure, type TerminalFlags } from '../pty.ts';
import type { Winsize } from '../winsize.ts';
import type { OutputStream, SpawnRequest } from './frames.ts';

/** Of piped output, between two looks at whether the server keeps up. */
const PIECE_BYTES = 64 * 1024;

export interface Child {
  readonly pid: number;
  /** Resolves when the child has ended and all of its output was given. */
  readonly exited: Promise<PtyExit>;
  readonly pendingBytes: number;
  /** undefined where there is no terminal. */
  readonly flags: TerminalFlags | undefined;
  write(bytes: Uint8Array): void;
  endInput(): void;
  resize(winsize: Winsize): void;
}

export interface ChildEvents {
  /** The bytes are only good during the call. */
  output: (stream: OutputStream, bytes: Uint8Array) => void;
  drained: () => void;
  /** More than 0 while the server cannot keep up with this program: ms worth waiting before more is read. */
  crowdedMs: () => number;
  /** Hears the server and nobody else until `crowdedMs` is 0, at most so long. */
  wait: (ms: number) => void;
}

/** @throws AppError invalid when the program cannot be started */
export function openChild(request: SpawnRequest, events: ChildEvents): Child {
  return request.mode === 'pty' ? new PtyChild(request, events) : new PipedChild(request, events);
}

class PtyChild implements Child {
  readonly #pty: Pty;

  constructor({ command, cwd, env, cols, rows }: SpawnRequest, { output, drained, crowdedMs, wait }: ChildEvents) {
    const onData = (bytes: Uint8Array): void => {
      output(1, bytes);
      // The runtime reads a terminal without pause. To be long about it is the only way to let its
      // line fill, which makes the program wait; stopping the line (tcflow) can lose a character.
      const ms = crowdedMs();
      if (ms > 0) wait(ms);
    };
    this.#pty = new Pty({ command, cwd, env, winsize: { cols, rows }, onData, onDrain: drained });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  get exited(): Promise<PtyExit> {
    return this.#pty.exited;
  }

  get pendingBytes(): number {
    return this.#pty.pendingBytes;
  }

  get flags(): TerminalFlags {
    return this.#pty.flags;
  }

  write(bytes: Uint8Array): void {
    this.#pty.write(bytes);
  }

  /** A terminal has no end of input: what Ctrl+D means is the program's own affair. */
  endInput(): void {}

  resize(winsize: Winsize): void {
    this.#pty.resize(winsize);
  }
}

class PipedChild implements Child {
  readonly pid: number;
  readonly exited: Promise<PtyExit>;
  readonly flags = undefined;
  readonly #process: Bun.Subprocess<'pipe', 'pipe', 'pipe'>;
  readonly #events: ChildEvents;
  #pendingBytes = 0;
  /** performance.now() when output last waited for the server. */
  #waitedAt = 0;

  constructor({ command, cwd, env }: SpawnRequest, events: ChildEvents) {
    this.#events = events;
    try {
      // A session of its own, so that all that it starts can be found and ended, as in a terminal.
      this.#process = Bun.spawn(command, { cwd, env, stdin: 'pipe', stdout: 'pipe', stderr: 'pipe', detached: true });
    } catch (error) {
      throw new AppError('invalid', `The program could not be started: ${spawnFailure(error, command[0] ?? '')}`);
    }
    this.pid = this.#process.pid;
    const drained = Promise.all([this.#read(1, this.#process.stdout), this.#read(2, this.#process.stderr)]);
    this.exited = this.#ended(drained);
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  write(bytes: Uint8Array): void {
    this.#pendingBytes += bytes.byteLength;
    this.#process.stdin.write(bytes);
    this.#settle(this.#process.stdin.flush());
  }

  endInput(): void {
    this.#settle(this.#process.stdin.end());
  }

  resize(): void {}

  /** A program that reads no more is no error of ours: its end tells. */
  #settle(done: number | Promise<number>): void {
    const empty = (): void => {
      this.#pendingBytes = 0;
      this.#events.drained();
    };
    Promise.resolve(done).then(empty, empty);
  }

  async #read(stream: OutputStream, from: ReadableStream<Uint8Array>): Promise<void> {
    const reader = from.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      // A read may give many MiB: as much as the program wrote before it had to wait.
      for (let at = 0; at < part.value.byteLength; at += PIECE_BYTES) {
        this.#events.output(stream, part.value.subarray(at, at + PIECE_BYTES));
        await this.#waitWhileCrowded();
      }
    }
  }

  async #waitWhileCrowded(): Promise<void> {
    for (let ms = this.#events.crowdedMs(); ms > 0; ms = this.#events.crowdedMs()) {
      await Bun.sleep(ms);
      this.#waitedAt = performance.now();
    }
  }

  async #ended(drained: Promise<unknown>): Promise<PtyExit> {
    await this.#process.exited;
    // What it started may keep the pipes for hours; what it printed itself is there at once, but
    // for a server that is slow to take it.
    const ended = performance.now();
    let leftMs: number = limits.outputAfterExitMs;
    while (leftMs > 0 && !(await within(drained, leftMs))) {
      leftMs = Math.max(ended, this.#waitedAt) + limits.outputAfterExitMs - performance.now();
    }
    const { signalCode, exitCode } = this.#process;
    if (signalCode !== null) return { exitCode: null, exitSignal: String(signalCode) };
    return { exitCode, exitSignal: null };
  }
}
