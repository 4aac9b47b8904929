// The one file that touches the platform's PTY: Bun's own, for node-pty does not work under
// Bun. The child is a session leader with job control. There is no way to hold output back.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { inputHasRoom } from './undrained.ts';
import type { Winsize } from './winsize.ts';

export interface PtyExit {
  exitCode: number | null;
  exitSignal: string | null;
}

export interface PtyOptions {
  command: string[];
  cwd: string;
  env: Record<string, string>;
  winsize: Winsize;
  /** The bytes are only good during the call; see `listen`. */
  onData?: (bytes: Uint8Array) => void;
  /** The program has taken all input: `pendingBytes` is 0 again. */
  onDrain?: () => void;
}

/**
 * Called once per write, in their order and before any output that they cause, with the flags as
 * they were just before the bytes went in; undefined where nobody knows: that may be a secret.
 */
export type Taken = (flags: TerminalFlags | undefined) => void;

/** The program in its terminal, which is of this process or of the holder. */
export interface OpenPty {
  readonly pid: number;
  /** `at`: ms, when it ended; `lost`: why nothing is known of its end. */
  readonly exited: Promise<PtyExit & { at?: number; lost?: string | null }>;
  /** Bytes that the program has not read yet, as far as we know. */
  readonly pendingBytes: number;
  write(bytes: Uint8Array, taken?: Taken): void;
  resize(winsize: Winsize): void;
  listen(sink: { output(bytes: Uint8Array): void; gap(offset: number, bytes: number): void }): void;
  /** Of one in a holder: output before `offset` is in the log. */
  acknowledge?(offset: number): void;
  leave?(): void;
  release?(): void;
}

/** termios bits as Linux and macOS have them. */
const FLAGS =
  process.platform === 'darwin'
    ? { ECHO: 0x8, ECHOK: 0x4, ICANON: 0x100, ICRNL: 0x100, INLCR: 0x40 }
    : { ECHO: 0o10, ECHOK: 0o40, ICANON: 0o2, ICRNL: 0o400, INLCR: 0o100 };

/** c_iflag and c_lflag as the system has them. */
export interface TerminalFlags {
  input: number;
  local: number;
}

/** What the program has set of its terminal. */
export interface Termios {
  echo: boolean;
  /**
   * A line editor is at work in the open: it takes CR as CR (readline) or swaps CR and NL (zsh).
   * ECHOK is still on then; bash's `read -e -s` takes it away.
   */
  lineEditor: boolean;
}

const QUIET_LOOKS = 4;

export class Pty {
  readonly pid: number;
  /** Resolves when the child has ended and every byte that it wrote was given to `onData`. */
  readonly exited: Promise<PtyExit>;
  readonly #process: Bun.Subprocess;
  readonly #terminal: Bun.Terminal;
  #onData: (bytes: Uint8Array) => void;
  readonly #onDrain: () => void;
  #pendingBytes = 0;
  #lookTimer: ReturnType<typeof setTimeout> | undefined;
  #reads = 0;

  /** @throws AppError invalid when the program cannot be started */
  constructor(options: PtyOptions) {
    this.#onData = options.onData ?? (() => {});
    this.#onDrain = options.onDrain ?? (() => {});
    const drained = Promise.withResolvers<void>();
    let spawned: Bun.Subprocess;
    try {
      spawned = Bun.spawn(options.command, {
        cwd: options.cwd,
        env: options.env,
        terminal: {
          ...options.winsize,
          data: (_, bytes) => {
            this.#reads += 1;
            this.#onData(bytes);
          },
          exit: () => drained.resolve(),
          drain: () => this.#drained(),
        },
      });
    } catch (error) {
      throw new AppError('invalid', `The program could not be started: ${spawnFailure(error, options.command[0] ?? '')}`);
    }
    if (spawned.terminal === undefined) throw new AppError('unavailable', 'This system gave no terminal.');
    this.#process = spawned;
    this.#terminal = spawned.terminal;
    this.pid = spawned.pid;
    this.exited = this.#ended(drained.promise);
  }

  /** Bytes that the program has not read yet, as far as we know. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Instead of `onData`: to be called in the turn of the start, before there is any output. */
  listen({ output }: { output: (bytes: Uint8Array) => void }): void {
    this.#onData = output;
  }

  get flags(): TerminalFlags {
    return { input: this.#terminal.inputFlags, local: this.#terminal.localFlags };
  }

  get termios(): Termios {
    return termiosOf(this.flags);
  }

  /** The caller has looked at `pendingBytes`: what is written here is never refused. */
  write(bytes: Uint8Array, taken?: Taken): void {
    if (this.#terminal.closed) return taken?.(undefined);
    taken?.(this.flags);
    this.#pendingBytes += bytes.byteLength;
    this.#terminal.write(bytes);
    this.#lookAfter(limits.inputLookMs);
  }

  resize({ cols, rows }: Winsize): void {
    if (!this.#terminal.closed) this.#terminal.resize(cols, rows);
  }

  #drained(): void {
    clearTimeout(this.#lookTimer);
    this.#pendingBytes = 0;
    this.#onDrain();
  }

  /** The runtime does not tell of every drain, mostly where a write filled the terminal: a program that reads would be refused input for good. */
  #lookAfter(ms: number, hadRoom = false): void {
    clearTimeout(this.#lookTimer);
    this.#lookTimer = setTimeout(() => {
      if (this.#terminal.closed || this.#pendingBytes === 0) return;
      const hasRoom = inputHasRoom(this.pid);
      // Once more: what the runtime still holds goes into the room before the next look.
      if (!hasRoom) this.#lookAfter(Math.min(ms * 2, limits.inputLookMsMax));
      else if (hadRoom) this.#drained();
      else this.#lookAfter(limits.inputLookMs / 4, true);
    }, ms).unref();
  }

  async #ended(drained: Promise<void>): Promise<PtyExit> {
    await this.#process.exited;
    clearTimeout(this.#lookTimer);
    // The end of output follows at once, unless something that left the session (setsid) still
    // holds the terminal open: it must not keep us.
    const cutOff = this.#quiet();
    await Promise.race([drained, cutOff.reached]);
    cutOff.cancel();
    if (!this.#terminal.closed) this.#terminal.close();
    const { signalCode, exitCode } = this.#process;
    return { exitCode: signalCode === null ? exitCode : null, exitSignal: signalCode === null ? null : String(signalCode) };
  }

  /** Reached after some looks in a row found nothing new; each is a turn in which a read could have come. */
  #quiet(): { reached: Promise<void>; cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const deadline = performance.now() + limits.outputAfterExitMs;
    let seen = this.#reads;
    let silent = 0;
    const timer = setInterval(() => {
      silent = seen === this.#reads ? silent + 1 : 0;
      seen = this.#reads;
      if (silent === QUIET_LOOKS || performance.now() > deadline) resolve();
    }, limits.outputQuietMs / QUIET_LOOKS);
    return { reached: promise, cancel: () => clearInterval(timer) };
  }
}

export function termiosOf({ input, local }: TerminalFlags): Termios {
  const editorsReturn = (input & FLAGS.ICRNL) === 0 || (input & FLAGS.INLCR) !== 0;
  return {
    echo: (local & FLAGS.ECHO) !== 0,
    lineEditor: (local & FLAGS.ICANON) === 0 && (local & FLAGS.ECHOK) !== 0 && editorsReturn,
  };
}

/** Why a spawn failed, for a person. */
export function spawnFailure(error: unknown, program: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `${program} was not found`;
  if (code === 'EACCES') return `${program} may not be executed`;
  return error instanceof Error ? error.message : String(error);
}
