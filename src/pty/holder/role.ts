// The second role of the program, `dispatch hold`: never started by hand. It locks its place,
// listens, writes its card, and from then on outlives whoever started it.

import { chmodSync, constants, fstatSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { awaitSocket, hideFromOtherProcesses, lockAlone, peerUser, receiveNow } from '../../libc.ts';
import { limits } from '../../limits.ts';
import { HOLDER_VERSION } from './frames.ts';
import { type Caller, Holder, type HolderBounds } from './holder.ts';
import { Link } from './link.ts';
import { type Card, type Place, placeOf, readCard, shortPath, socketPaths, writeCard } from './place.ts';

/** Another holder lives here. */
export const EXIT_HELD_ALREADY = 75;

const BOUNDS: HolderBounds = {
  memoryBytesMax: limits.holderMemoryBytesMax,
  spoolBytesMax: limits.holderSpoolBytesMax,
  spoolTotalBytesMax: limits.holderSpoolTotalBytesMax,
  withoutDiskBytesMax: limits.heldBytesMax,
  patienceMs: limits.holderPatienceMs,
  idleMs: limits.holderIdleMs,
  endedKeepMs: limits.holderEndedKeepMs,
};

/** @param args data folder; JSON of bounds that differ from the limits; JSON of another version */
export function hold(args: readonly string[]): void {
  const [dataFolder, bounds = '{}', versionGiven] = args;
  if (dataFolder === undefined) throw new Error('hold: the data folder is missing');
  hideFromOtherProcesses();
  const version: typeof HOLDER_VERSION = versionGiven === undefined ? HOLDER_VERSION : JSON.parse(versionGiven);
  const place = placeOf(dataFolder, version.major);
  mkdirSync(place.folder, { recursive: true, mode: 0o700 });
  chmodSync(place.folder, 0o700);
  const lock = openSync(place.lock, constants.O_RDWR | constants.O_CREAT, 0o600);
  if (!lockAlone(lock)) process.exit(EXIT_HELD_ALREADY);
  const note = stayAlive(place);
  const sockets = socketPaths(place, process.env.XDG_RUNTIME_DIR);
  const token = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
  const leave = (): void => {
    for (const path of [place.card, ...sockets]) rmSync(path, { force: true });
    for (const folder of sockets.map(dirname)) if (folder !== place.folder) rmSync(folder, { force: true, recursive: true });
    process.exit(0);
  };
  const given = JSON.parse(bounds) as Partial<HolderBounds>;
  let card: Card | undefined;
  const holder = new Holder({
    folder: place.folder,
    token,
    version,
    bounds: { ...BOUNDS, ...given },
    isDeleted: () => fstatSync(lock).nlink === 0,
    alone: () => card !== undefined && keepCard(place, card, note),
    leave,
  });
  const listening = sockets.filter((path) => listen(path, holder, note));
  if (listening.length === 0) process.exit(1);
  card = { pid: process.pid, token, sockets: listening };
  writeCard(place, card);
  process.on('SIGTERM', () => void holder.stopAll().then(leave));
}

/** Without it no server finds what lives here: one that is gone, or not whole, is written anew. */
function keepCard(place: Place, card: Card, note: (error: unknown) => void): void {
  try {
    if (readCard(place) === undefined) writeCard(place, card);
  } catch (error) {
    note(error);
  }
}

/** Nothing that a server or a program does may end it. @returns writes to its log, which is bounded */
function stayAlive(place: Place): (error: unknown) => void {
  const log = openSync(place.log, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
  let room = 64 * 1024;
  const note = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const line = Buffer.from(`${new Date().toISOString()} ${text}\n`);
    room -= line.byteLength;
    if (room < 0) return;
    try {
      writeSync(log, line);
    } catch {
      // A full disk: there is nowhere to say it.
    }
  };
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGPIPE'] as const) process.on(signal, () => {});
  return note;
}

/** @returns whether it listens there */
function listen(path: string, holder: Holder, note: (error: unknown) => void): boolean {
  // Whatever lies here is stale: the lock says that no other holder lives.
  rmSync(path, { force: true });
  const { path: short, dispose } = shortPath(path);
  const umask = process.umask(0o177);
  try {
    Bun.listen<Caller | undefined>({
      unix: short,
      socket: {
        open(socket) {
          const user = peerUser(socket);
          if (user !== undefined && user !== process.getuid?.()) return void socket.terminate();
          const take = (tag: number, body: Buffer): void => {
            try {
              holder.take(caller, tag, body);
            } catch (error) {
              note(error);
              // A server keeps its connection, for all of its sessions hang on it.
              if (!caller.greeted) caller.link.close();
            }
          };
          const caller: Caller = {
            link: new Link(socket, take),
            greeted: false,
            wait: (enough, ms) => waitFor(socket, caller, holder, enough, ms),
          };
          socket.data = caller;
          setTimeout(() => {
            if (!caller.greeted) caller.link.close();
          }, limits.holderGreetingMs);
        },
        data({ data }, bytes) {
          if (data !== undefined) receive(data, bytes);
        },
        drain({ data }) {
          if (data?.link.drain() === true) holder.pump();
        },
        close({ data }) {
          if (data !== undefined) holder.closed(data);
        },
        error() {},
      },
    });
    return true;
  } catch {
    return false;
  } finally {
    process.umask(umask);
    dispose();
  }
}

function receive({ link }: Caller, bytes: Uint8Array): void {
  try {
    link.receive(bytes);
  } catch {
    link.close(); // It speaks no language of ours.
  }
}

const scratch = new Uint8Array(64 * 1024);

/** A small event loop of one socket, within an event of another. */
function waitFor(socket: object, caller: Caller, holder: Holder, enough: () => boolean, ms: number): void {
  const { link } = caller;
  const deadline = performance.now() + ms;
  for (let left = ms; left > 0 && !enough(); left = deadline - performance.now()) {
    const { readable, writable } = awaitSocket(socket, link.queuedBytes > 0, left);
    if (writable && link.drain()) holder.pump();
    if (!readable) continue;
    const bytes = receiveNow(socket, scratch);
    if (bytes === 0) return; // It is gone, as the event loop will find.
    receive(caller, scratch.subarray(0, bytes));
  }
}
