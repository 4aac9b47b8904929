// The server's holder: found, or started where none is there, and never two of them. Lost, all
// of its sessions are told so at once; the next spawn starts another.

import { AppError, ERROR_STATUS, type ErrorCode } from '../../errors.ts';
import { limits } from '../../limits.ts';
import {
  frame,
  type HeldSession,
  HOLDER_VERSION,
  idBytes,
  type SpawnRequest,
  splitId,
  TO_HOLDER,
  TO_SERVER,
} from './frames.ts';
import { greet, type Greeted, noneLives } from './greeting.ts';
import { HeldPty } from './held-pty.ts';
import { placeOf, readCard } from './place.ts';
import { ownCommand, startHolder } from './start.ts';

export interface HolderClientOptions {
  dataFolder: string;
  /** Starts this program; its own command where it is not given. */
  command?: readonly string[];
  /** What the holder is given beside the data folder: see `hold`. */
  args?: readonly string[];
  /** Before the sessions are told. The holder may live all the same: another server took it over. */
  onLost?: (reason: string, left: { holder: number; programs: number[] }) => void;
}

const RETRY_MS = 5;
const LOST = 'the process that keeps its terminal ended';

export class HolderClient {
  readonly #options: HolderClientOptions;
  readonly #ptys = new Map<string, HeldPty>();
  readonly #spawning = new Map<string, PromiseWithResolvers<number>>();
  #listing: PromiseWithResolvers<HeldSession[]> | undefined;
  #greeted: Greeted | undefined;
  #opening: Promise<HeldSession[]> | undefined;
  #disposed = false;

  constructor(options: HolderClientOptions) {
    this.#options = options;
  }

  /** Of the holder we are connected to. */
  get pid(): number | undefined {
    return this.#greeted?.welcome.pid;
  }

  /** Connects, starting a holder where none is. @returns what it holds. @throws AppError unavailable */
  open(): Promise<HeldSession[]> {
    if (this.#greeted !== undefined) return this.list();
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Connects where a holder is. @returns what it holds, or undefined where none is */
  async find(): Promise<HeldSession[] | undefined> {
    const card = readCard(placeOf(this.#options.dataFolder, HOLDER_VERSION.major));
    if (card === undefined) return undefined;
    let gone = false;
    const greeted = await greet(card, {
      frame: (tag, body) => this.#take(tag, body),
      closed: (reason) => {
        gone = true;
        this.#closed(reason ?? LOST);
      },
    });
    if (greeted === undefined || gone) return undefined;
    this.#greeted = greeted;
    return greeted.welcome.sessions;
  }

  /** The program runs when it resolves; `listen` lets its output come. @throws AppError why it could not start */
  async spawn(id: string, request: SpawnRequest): Promise<HeldPty> {
    if (this.#greeted === undefined) await this.open();
    if (this.#spawning.has(id)) throw new AppError('conflict', 'The session is starting already.');
    const spawning = Promise.withResolvers<number>();
    this.#spawning.set(id, spawning);
    this.#send(frame(TO_HOLDER.spawn, idBytes(id), Buffer.from(JSON.stringify(request))));
    try {
      return this.#pty(id, await spawning.promise, 0);
    } finally {
      this.#spawning.delete(id);
    }
  }

  /** A session that another server left, read from `from` on: the offset up to which it is logged. */
  adopt({ id, pid }: HeldSession, from: number): HeldPty {
    return this.#pty(id, pid, from);
  }

  /** An ended session that nobody adopts. */
  release(id: string): void {
    this.#send(frame(TO_HOLDER.release, idBytes(id)));
  }

  async list(): Promise<HeldSession[]> {
    if (this.#greeted === undefined) throw new AppError('unavailable', 'No process that keeps terminals is connected.');
    this.#listing ??= Promise.withResolvers();
    this.#send(frame(TO_HOLDER.list));
    return this.#listing.promise;
  }

  /** Resolves when nothing that it holds lives. */
  async stopAll(): Promise<void> {
    this.#send(frame(TO_HOLDER.stopAll));
    await noneLives(() => this.list());
  }

  /** Leaves; what is held lives on. */
  dispose(): void {
    this.#disposed = true;
    this.#greeted?.link.close();
    this.#closed('the server left');
  }

  async #open(): Promise<HeldSession[]> {
    const { dataFolder, command = ownCommand(), args = [] } = this.#options;
    const deadline = performance.now() + limits.holderStartMs;
    let started: Bun.Subprocess | undefined;
    for (;;) {
      const sessions = await this.find();
      if (sessions !== undefined) return sessions;
      if (this.#disposed || performance.now() > deadline) {
        throw new AppError('unavailable', 'The process that keeps terminals could not be started.');
      }
      // One that ended at once found another alive, which is about to leave or to listen.
      if (started === undefined || started.exitCode !== null) started = startHolder(command, [dataFolder, ...args]);
      await Bun.sleep(RETRY_MS);
    }
  }

  #pty(id: string, pid: number, from: number): HeldPty {
    const pty: HeldPty = new HeldPty({
      id,
      pid,
      from,
      send: (sent) => this.#send(sent),
      released: () => {
        if (this.#ptys.get(id) === pty) this.#ptys.delete(id);
      },
    });
    this.#ptys.set(id, pty);
    return pty;
  }

  #send(sent: Uint8Array): void {
    this.#greeted?.link.send(sent);
  }

  #take(tag: number, body: Buffer): void {
    if (tag === TO_SERVER.sessions) {
      this.#listing?.resolve(JSON.parse(body.toString()) as HeldSession[]);
      this.#listing = undefined;
      return;
    }
    const { id, rest } = splitId(body);
    if (tag === TO_SERVER.spawned) this.#spawning.get(id)?.resolve(rest.readUInt32BE(0));
    else if (tag === TO_SERVER.spawnFailed) this.#spawning.get(id)?.reject(failure(rest));
    else this.#ptys.get(id)?.take(tag, rest);
  }

  #closed(reason: string): void {
    if (this.#greeted === undefined) return;
    const holder = this.#greeted.welcome.pid;
    this.#greeted = undefined;
    const gone = new AppError('unavailable', 'The process that keeps terminals ended: try again.');
    for (const spawning of this.#spawning.values()) spawning.reject(gone);
    this.#listing?.reject(gone);
    this.#listing = undefined;
    const ptys = [...this.#ptys.values()];
    this.#ptys.clear();
    if (this.#disposed) return; // They live on; whoever adopts them hears of their end.
    this.#options.onLost?.(reason, { holder, programs: ptys.map(({ pid }) => pid) });
    for (const pty of ptys) pty.lose(reason);
  }
}

function failure(rest: Buffer): AppError {
  const { code, message } = JSON.parse(rest.toString()) as { code: string; message: string };
  const known = (Object.keys(ERROR_STATUS) as ErrorCode[]).find((name) => name === code);
  return new AppError(known ?? 'internal', message);
}
