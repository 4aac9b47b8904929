// The holder: owns programs with their terminals or pipes, and serves one server at a time. It
// knows no session's meaning and no log; it must survive every server and so does little.
// Invariant: output reaches the server that adopted its session in order, each byte once.

import { timingSafeEqual } from 'node:crypto';
import { version } from '../../../package.json';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { type BacklogBounds } from './backlog.ts';
import {
  frame,
  type Hello,
  HOLDER_VERSION,
  idBytes,
  jsonFrame,
  readOffset,
  type SpawnRequest,
  splitId,
  TO_HOLDER,
  TO_SERVER,
  uint,
  type Welcome,
} from './frames.ts';
import { Held } from './held.ts';
import type { Link } from './link.ts';
import type { SpoolBudget } from './spool.ts';

export interface HolderBounds extends BacklogBounds {
  spoolTotalBytesMax: number;
  patienceMs: number;
  /** Holding nothing and with no server it leaves. */
  idleMs: number;
  /** Holding only ends, and with no server, it forgets them. */
  endedKeepMs: number;
}

export interface HolderOptions {
  /** For spool files. */
  folder: string;
  token: string;
  bounds: HolderBounds;
  version?: { major: number; minor: number };
  /** The data folder is gone for good, and with it every way to what is held. */
  isDeleted?: () => boolean;
  /** No server is here: now and then. */
  alone?: () => void;
  /** Nothing is held and nobody came. */
  leave: () => void;
}

/** One connection, before and after its greeting. */
export interface Caller {
  link: Link;
  greeted: boolean;
  /** Sends to it and hears it, and does nothing else, until it is `enough`; at most so long. */
  wait: (enough: () => boolean, ms: number) => void;
}

export class Holder {
  readonly #options: HolderOptions;
  readonly #version: { major: number; minor: number };
  readonly #budget: SpoolBudget;
  readonly #held = new Map<string, Held>();
  /** Sessions that may have something for the server; in turn, so that a noisy one delays no other. */
  readonly #ready = new Set<Held>();
  #server: Caller | undefined;
  #leaveTimer: ReturnType<typeof setTimeout> | undefined;
  #aloneSince = Date.now();

  constructor(options: HolderOptions) {
    this.#options = options;
    this.#version = options.version ?? HOLDER_VERSION;
    this.#budget = { bytes: 0, bytesMax: options.bounds.spoolTotalBytesMax };
    this.#considerLeaving();
  }

  /** A frame came. @throws Error when the caller must go */
  take(caller: Caller, tag: number, body: Buffer): void {
    if (tag === TO_HOLDER.hello) return this.#greet(caller, JSON.parse(body.toString()) as Hello);
    if (!caller.greeted) throw new Error('no greeting');
    if (caller !== this.#server) return;
    if (tag === TO_HOLDER.list) return caller.link.send(jsonFrame(TO_SERVER.sessions, this.#sessions()));
    if (tag === TO_HOLDER.stopAll) return void this.stopAll();
    const { id, rest } = splitId(body);
    if (tag === TO_HOLDER.spawn) return this.#spawn(id, JSON.parse(rest.toString()) as SpawnRequest);
    const held = this.#held.get(id);
    if (held !== undefined) this.#session(held, id, tag, rest);
  }

  /** A connection is gone. */
  closed(caller: Caller): void {
    if (this.#server !== caller) return;
    this.#server = undefined;
    for (const held of this.#held.values()) held.leave();
    this.#ready.clear();
    this.#aloneSince = Date.now();
    this.#considerLeaving();
  }

  /** The server's socket has taken all that waited. */
  pump(): void {
    const link = this.#server?.link;
    if (link === undefined) return;
    for (const held of this.#ready) {
      if (link.queuedBytes >= limits.holderQueueBytesMax) return;
      this.#ready.delete(held);
      const next = held.next();
      if (next === undefined) continue;
      this.#ready.add(held); // At the end: the loop comes to it again after the others.
      link.send(next);
    }
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#held.values()].map((held) => held.stop()));
  }

  #session(held: Held, id: string, tag: number, rest: Buffer): void {
    switch (tag) {
      case TO_HOLDER.adopt:
        return held.adopt(readOffset(rest));
      case TO_HOLDER.write:
        return held.write(rest);
      case TO_HOLDER.endInput:
        return held.endInput();
      case TO_HOLDER.resize:
        return held.resize({ cols: rest.readUInt16BE(0), rows: rest.readUInt16BE(2) });
      case TO_HOLDER.signal:
        return held.signal(rest.readUInt8(0), rest.toString('utf8', 1) as NodeJS.Signals);
      case TO_HOLDER.ack:
        return held.acknowledge(readOffset(rest));
      case TO_HOLDER.release:
        return this.#release(id, held);
    }
  }

  #greet(caller: Caller, hello: Hello): void {
    const token = Buffer.from(this.#options.token);
    const shown = Buffer.from(String(hello.token));
    if (token.byteLength !== shown.byteLength || !timingSafeEqual(token, shown)) throw new Error('a wrong token');
    const before = this.#server;
    if (before !== undefined && before !== caller) {
      this.closed(before);
      before.link.endAfter(frame(TO_SERVER.bye, Buffer.from('another server has taken over')));
    }
    caller.greeted = true;
    this.#server = caller;
    clearTimeout(this.#leaveTimer);
    const welcome: Welcome = { ...this.#version, program: version, pid: process.pid, sessions: this.#sessions() };
    caller.link.send(jsonFrame(TO_SERVER.welcome, welcome));
  }

  #spawn(id: string, request: SpawnRequest): void {
    try {
      if (this.#held.has(id)) throw new AppError('conflict', 'The session is held already.');
      if (this.#held.size >= limits.holderSessionsMax) {
        throw new AppError('conflict', 'Too many sessions are held: end some first.');
      }
      const held: Held = new Held({
        id,
        request: { ...request, env: withoutOwn(request.env) },
        folder: this.#options.folder,
        bounds: this.#options.bounds,
        budget: this.#budget,
        ready: () => {
          if (this.#server === undefined) return;
          this.#ready.add(held);
          this.pump();
        },
        send: (sent) => this.#server?.link.send(sent),
        wait: (enough, ms) => this.#server?.wait(enough, ms),
        ended: () => this.#considerLeaving(),
      });
      this.#held.set(id, held);
      this.#server?.link.send(frame(TO_SERVER.spawned, idBytes(id), uint(held.pid, 4)));
    } catch (error) {
      const { code, message } = error instanceof AppError ? error : { code: 'internal', message: String(error) };
      const why = Buffer.from(JSON.stringify({ code, message }));
      this.#server?.link.send(frame(TO_SERVER.spawnFailed, idBytes(id), why));
    }
  }

  #release(id: string, held: Held): void {
    if (!held.ended) return;
    this.#forget(id, held);
  }

  #forget(id: string, held: Held): void {
    this.#held.delete(id);
    this.#ready.delete(held);
    held.dispose();
  }

  #sessions(): Welcome['sessions'] {
    return [...this.#held.values()].map((held) => held.describe());
  }

  /** Looks again whenever it could have become true, and now and then while no server is here. */
  #considerLeaving(): void {
    clearTimeout(this.#leaveTimer);
    if (this.#server !== undefined) return;
    const held = [...this.#held.values()];
    const { isDeleted = () => false, alone = () => {}, bounds, leave } = this.#options;
    const { idleMs, endedKeepMs } = bounds;
    const lives = held.some(({ ended }) => !ended);
    const since = Math.max(this.#aloneSince, ...held.filter(({ ended }) => ended).map(({ endedAt }) => endedAt));
    const wait = held.length === 0 || isDeleted() ? idleMs : endedKeepMs;
    const left = lives ? idleMs : since + wait - Date.now();
    this.#leaveTimer = setTimeout(() => {
      if (!lives && left <= idleMs) return leave();
      if (lives && isDeleted()) return void this.stopAll(); // Each end looks again.
      alone();
      this.#considerLeaving();
    }, Math.max(0, Math.min(left, idleMs)));
  }
}

/** The server has left its own out already; this is the last line. */
const withoutOwn = (env: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('DISPATCH_')));
