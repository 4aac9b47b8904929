// One session in the holder: its program, what of its output is not logged yet, and its end,
// which stays until a server has taken it. A program waits for nobody who is not there, and for
// nobody who does not log: only one that outruns a server at work is read more slowly.

import { endMembers } from '../ending.ts';
import { processOf, sessionMembers, signal } from '../processes.ts';
import type { Winsize } from '../winsize.ts';
import { Backlog, type BacklogBounds } from './backlog.ts';
import { type Child, openChild } from './child.ts';
import {
  frame,
  type HeldExit,
  type HeldSession,
  idBytes,
  SIGNAL_TO,
  type SpawnRequest,
  TO_SERVER,
  uint,
} from './frames.ts';
import type { SpoolBudget } from './spool.ts';

/** The server is told of the drain only where what it last heard could make it refuse input. */
const PENDING_TOLD_BYTES = 16 * 1024;

export interface HeldOptions {
  id: string;
  request: SpawnRequest;
  folder: string;
  bounds: BacklogBounds & { patienceMs: number };
  budget: SpoolBudget;
  /** There is something for the server: `next` gives it. */
  ready: () => void;
  /** To the server, ahead of output. */
  send: (frame: Uint8Array) => void;
  /** Hears the server and nobody else, which lets the program's terminal fill, until it is `enough`. */
  wait: (enough: () => boolean, ms: number) => void;
  ended: () => void;
}

export class Held {
  readonly #options: HeldOptions;
  readonly #child: Child;
  readonly #backlog: Backlog;
  readonly #started = Date.now();
  readonly #idBytes: Buffer;
  #exit: HeldExit | null = null;
  #exitSent = false;
  #adopted = false;
  /** A server is there that adopted it, or is about to: the one that started it. */
  #attended = true;
  /** performance.now() when the server last kept up, or logged something. */
  #progressAt = performance.now();
  #pendingTold = 0;

  /** @throws AppError invalid when the program cannot be started */
  constructor(options: HeldOptions) {
    this.#options = options;
    this.#idBytes = idBytes(options.id);
    this.#backlog = new Backlog(options.id, options.folder, options.bounds, options.budget);
    this.#child = openChild(options.request, {
      output: (stream, bytes) => {
        this.#backlog.push(stream, bytes);
        options.ready();
      },
      drained: () => {
        if (this.#pendingTold <= PENDING_TOLD_BYTES) return;
        options.send(frame(TO_SERVER.pending, this.#idBytes, this.#tellPending()));
      },
      crowdedMs: () => this.#crowdedMs(),
      wait: (ms) => options.wait(() => this.#crowdedMs() === 0, ms),
    });
    void this.#child.exited.then((exit) => {
      this.#exit = { ...exit, at: Date.now() };
      options.ended();
      options.ready();
    });
  }

  get ended(): boolean {
    return this.#exit !== null;
  }

  get endedAt(): number {
    return this.#exit?.at ?? Number.POSITIVE_INFINITY;
  }

  get pid(): number {
    return this.#child.pid;
  }

  describe(): HeldSession {
    return {
      id: this.#options.id,
      pid: this.#child.pid,
      mode: this.#options.request.mode,
      started: this.#started,
      offset: this.#backlog.offset,
      acknowledged: this.#backlog.acknowledged,
      exit: this.#exit,
    };
  }

  adopt(from: number): void {
    this.#backlog.rewind(from);
    this.#adopted = true;
    this.#attended = true;
    this.#exitSent = false;
    this.#progressAt = performance.now();
    this.#options.ready();
  }

  /** No server is there now. */
  leave(): void {
    this.#adopted = false;
    this.#attended = false;
  }

  /** The next frame for the server that adopted it. */
  next(): Uint8Array | undefined {
    if (!this.#adopted) return undefined;
    const output = this.#backlog.next();
    if (output !== undefined) return output;
    if (this.#exit === null || this.#exitSent || !this.#backlog.allSent) return undefined;
    this.#exitSent = true;
    return frame(TO_SERVER.exit, this.#idBytes, Buffer.from(JSON.stringify(this.#exit)));
  }

  acknowledge(offset: number): void {
    if (!this.#backlog.acknowledge(offset)) return;
    this.#progressAt = performance.now();
    this.#options.ready();
  }

  /**
   * The flags are read before the bytes go in, so they are those of who reads these bytes; the
   * answer goes out after it, while the program works, and is still ahead of all that it prints.
   */
  write(bytes: Buffer): void {
    const flags = this.ended ? undefined : this.#child.flags;
    if (!this.ended) this.#child.write(Uint8Array.from(bytes)); // Copied: the frame's memory is the socket's.
    const known = [uint(flags === undefined ? 0 : 1, 1), uint(flags?.input ?? 0, 4), uint(flags?.local ?? 0, 4)];
    this.#options.send(frame(TO_SERVER.written, this.#idBytes, ...known, this.#tellPending()));
  }

  endInput(): void {
    if (!this.ended) this.#child.endInput();
  }

  resize(winsize: Winsize): void {
    if (!this.ended) this.#child.resize(winsize);
  }

  signal(whom: number, name: NodeJS.Signals): void {
    if (this.ended) return;
    if (whom === SIGNAL_TO.session) for (const { pid } of sessionMembers(this.pid)) signal(pid, name);
    else signal(whom === SIGNAL_TO.group ? -(processOf(this.pid)?.pgid ?? this.pid) : this.pid, name);
  }

  async stop(): Promise<void> {
    if (this.ended) return;
    await endMembers(this.pid);
    await this.#child.exited;
  }

  dispose(): void {
    this.#backlog.dispose();
  }

  #tellPending(): Buffer {
    this.#pendingTold = this.ended ? 0 : this.#child.pendingBytes;
    return uint(this.#pendingTold, 4);
  }

  /** 0 without a server, or for one that logs nothing. */
  #crowdedMs(): number {
    const ms = this.#attended ? this.#backlog.crowdedMs : 0;
    const now = performance.now();
    if (ms === 0) this.#progressAt = now;
    return now - this.#progressAt < this.#options.bounds.patienceMs ? ms : 0;
  }
}
