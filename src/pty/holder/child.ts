// A program as the holder has it, whether it sits in a terminal or between pipes: input with a
// measure of what is undrained, output by stream, a way to make its writer wait, and its end.

import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { AppError } from '../../errors.ts';
import { setOutputFlow } from '../../libc.ts';
import { limits } from '../../limits.ts';
import { Pty, type PtyExit, spawnFailure, type TerminalFlags } from '../pty.ts';
import type { Winsize } from '../winsize.ts';
import type { OutputStream, SpawnRequest } from './frames.ts';

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
  /** Whoever writes output waits until it is called again with false. @returns whether it could be done */
  holdBack(now: boolean): boolean;
}

export interface ChildEvents {
  /** The bytes are only good during the call. */
  output: (stream: OutputStream, bytes: Uint8Array) => void;
  drained: () => void;
}

/** @throws AppError invalid when the program cannot be started */
export function openChild(request: SpawnRequest, events: ChildEvents): Child {
  return request.mode === 'pty' ? new PtyChild(request, events) : new PipedChild(request, events);
}

class PtyChild implements Child {
  readonly #pty: Pty;

  constructor({ command, cwd, env, cols, rows }: SpawnRequest, { output, drained }: ChildEvents) {
    const winsize = { cols, rows };
    this.#pty = new Pty({ command, cwd, env, winsize, onData: (bytes) => output(1, bytes), onDrain: drained });
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

  /** Stops the line itself: the kernel holds writers, no process is stopped, Ctrl+C still arrives. */
  holdBack(now: boolean): boolean {
    let terminal: number | undefined;
    try {
      terminal = openSync(deviceOf(this.pid), constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
      return setOutputFlow(terminal, !now);
    } catch {
      return false; // It has ended, or this system has no such device.
    } finally {
      if (terminal !== undefined) closeSync(terminal);
    }
  }
}

/** The controlling terminal of a process. @throws when there is none */
function deviceOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const device = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4]);
  const major = (device >> 8) & 0xfff;
  // Unix98 PTY slaves: 136 to 143, 2^20 minors each as devpts numbers them.
  if (major < 136 || major > 143) throw new Error('No terminal of ours');
  return `/dev/pts/${(device & 0xff) | ((device >> 12) & 0xfff00)}`;
}

class PipedChild implements Child {
  readonly pid: number;
  readonly exited: Promise<PtyExit>;
  readonly flags = undefined;
  readonly #process: Bun.Subprocess<'pipe', 'pipe', 'pipe'>;
  readonly #events: ChildEvents;
  #pendingBytes = 0;
  #freed: PromiseWithResolvers<void> | undefined;

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

  holdBack(now: boolean): boolean {
    if (now) this.#freed ??= Promise.withResolvers<void>();
    else {
      this.#freed?.resolve();
      this.#freed = undefined;
    }
    return true;
  }

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
      this.#events.output(stream, part.value);
      await this.#freed?.promise;
    }
  }

  async #ended(drained: Promise<unknown>): Promise<PtyExit> {
    await this.#process.exited;
    // What it started may keep the pipes for hours; what it printed itself is there at once.
    await Promise.race([drained, Bun.sleep(limits.outputAfterExitMs)]);
    const { signalCode, exitCode } = this.#process;
    return { exitCode: signalCode === null ? exitCode : null, exitSignal: signalCode === null ? null : String(signalCode) };
  }
}
