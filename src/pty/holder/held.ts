// One session in the holder: its program, what of its output is not logged yet, and its end,
// which stays until a server has taken it. The program waits for nobody who is not there: it is
// held back only while a server reads and says that it logs.

import { endMembers } from '../ending.ts';
import { processOf, sessionMembers, signal } from '../processes.ts';
import type { Winsize } from '../winsize.ts';
import { Backlog, type BacklogBounds } from './backlog.ts';
import { type Child, openChild } from './child.ts';
import { frame, type HeldExit, type HeldSession, idBytes, SIGNAL_TO, type SpawnRequest, TO_SERVER, uint } from './frames.ts';
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
  #heldBack = false;
  /** The server stopped logging: until it goes on, nothing waits for it. */
  #patience = true;
  #patienceTimer: ReturnType<typeof setTimeout> | undefined;
  #pendingTold = 0;

  /** @throws AppError invalid when the program cannot be started */
  constructor(options: HeldOptions) {
    this.#options = options;
    this.#idBytes = idBytes(options.id);
    this.#backlog = new Backlog(options.id, options.folder, options.bounds, options.budget);
    this.#child = openChild(options.request, {
      output: (stream, bytes) => {
        this.#backlog.push(stream, bytes, this.#heldBack);
        if (this.#adopted && this.#patience && !this.#heldBack && this.#backlog.crowded) this.#holdBack(true);
        options.ready();
      },
      drained: () => {
        if (this.#pendingTold > PENDING_TOLD_BYTES) options.send(frame(TO_SERVER.pending, this.#idBytes, this.#tellPending()));
      },
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
    this.#exitSent = false;
    this.#patience = true;
    this.#options.ready();
  }

  /** No server is there now. */
  leave(): void {
    this.#adopted = false;
    this.#holdBack(false);
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
    this.#patience = true;
    if (this.#heldBack) {
      if (this.#backlog.relaxed) this.#holdBack(false);
      else this.#waitForServer();
    }
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
    clearTimeout(this.#patienceTimer);
    this.#backlog.dispose();
  }

  #tellPending(): Buffer {
    this.#pendingTold = this.ended ? 0 : this.#child.pendingBytes;
    return uint(this.#pendingTold, 4);
  }

  #holdBack(now: boolean): void {
    clearTimeout(this.#patienceTimer);
    if (this.#heldBack === now) return;
    const done = this.#child.holdBack(now);
    this.#heldBack = now && done;
    if (this.#heldBack) this.#waitForServer();
  }

  #waitForServer(): void {
    clearTimeout(this.#patienceTimer);
    this.#patienceTimer = setTimeout(() => {
      this.#patience = false;
      this.#holdBack(false);
    }, this.#options.bounds.patienceMs);
  }
}
