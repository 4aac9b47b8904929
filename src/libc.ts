// The few calls of the C library that the runtime does not offer. Each says whether it could
// be done: a library that is not there, or a system that lacks the call, is no error here.

import { dlopen, ptr } from 'bun:ffi';

const LIBRARIES =
  process.platform === 'darwin'
    ? ['libSystem.B.dylib']
    : ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1'];

const PR_SET_DUMPABLE = 4;
const PRIO_PROCESS = 0;
const LOW_PRIORITY = 10;
const LOCK_EX = 2;
const LOCK_NB = 4;
const POLLIN = 1;
const POLLOUT = 4;
const MSG_DONTWAIT = process.platform === 'darwin' ? 0x80 : 0x40;
/** Linux: struct ucred { pid, uid, gid }. */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** Linux: renameat2. */
const AT_FDCWD = -100;
const AT_SYMLINK_FOLLOW = 0x400;
/** Linux: the number of a master's terminal. */
const TIOCGPTN = 0x80045430n;
const RENAME_NOREPLACE = 1;
const RENAME_EXCHANGE = 2;

function open() {
  for (const library of LIBRARIES) {
    try {
      return dlopen(library, {
        flock: { args: ['i32', 'i32'], returns: 'i32' },
        poll: { args: ['ptr', 'u64', 'i32'], returns: 'i32' },
        recv: { args: ['i32', 'ptr', 'u64', 'i32'], returns: 'i64' },
        getsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'ptr'], returns: 'i32' },
        ioctl: { args: ['i32', 'u64', 'ptr'], returns: 'i32' },
      }).symbols;
    } catch {
      // The other C library, then.
    }
  }
  return undefined;
}

/** On its own, for not every C library has it. */
function openRenaming() {
  for (const library of process.platform === 'linux' ? LIBRARIES : []) {
    try {
      return dlopen(library, { renameat2: { args: ['i32', 'ptr', 'i32', 'ptr', 'u32'], returns: 'i32' } }).symbols.renameat2;
    } catch {
      // The other C library, then.
    }
  }
  return false;
}

function openLinking() {
  for (const library of process.platform === 'linux' ? LIBRARIES : []) {
    try {
      return dlopen(library, { linkat: { args: ['i32', 'ptr', 'i32', 'ptr', 'i32'], returns: 'i32' } }).symbols.linkat;
    } catch {
      // The other C library, then.
    }
  }
  return false;
}

let renaming: ReturnType<typeof openRenaming> | undefined;
let linking: ReturnType<typeof openLinking> | undefined;
let opened: ReturnType<typeof open> | null = null;
const libc = (): ReturnType<typeof open> => (opened === null ? (opened = open()) : opened);

/** Other programs of the same user, a session's among them, cannot read this process's memory. */
export function hideFromOtherProcesses(): boolean {
  if (process.platform !== 'linux') return false;
  for (const library of LIBRARIES) {
    try {
      const { symbols, close } = dlopen(library, {
        prctl: { args: ['i32', 'u64', 'u64', 'u64', 'u64'], returns: 'i32' },
      });
      const done = symbols.prctl(PR_SET_DUMPABLE, 0n, 0n, 0n, 0n) === 0;
      close();
      return done;
    } catch {
      // The other C library, then.
    }
  }
  return false;
}

/** Others go before this thread, where both want the processor: on Linux priority is a thread's own. */
export function lowerThisThread(): boolean {
  if (process.platform !== 'linux') return false;
  for (const library of LIBRARIES) {
    try {
      const { symbols, close } = dlopen(library, { setpriority: { args: ['i32', 'u32', 'i32'], returns: 'i32' } });
      const done = symbols.setpriority(PRIO_PROCESS, 0, LOW_PRIORITY) === 0;
      close();
      return done;
    } catch {
      // The other C library, then.
    }
  }
  return false;
}

/** The kernel drops the lock with the last process that holds the descriptor, however it ends. */
export const lockAlone = (descriptor: number): boolean => libc()?.flock(descriptor, LOCK_EX | LOCK_NB) === 0;

/**
 * Two names of one file system change places, or one moves to where nothing is: in one step, whatever other
 * programs do meanwhile. @returns false where the system did not do it, for whatever reason
 */
export function renameInOneStep(from: Uint8Array, to: Uint8Array, how: 'exchange' | 'to nothing'): boolean {
  renaming ??= openRenaming();
  // NUL ends a path for the C library.
  const [source, target] = [from, to].map((path) => Buffer.concat([path, Buffer.alloc(1)]));
  if (renaming === false || source === undefined || target === undefined) return false;
  return renaming(AT_FDCWD, ptr(source), AT_FDCWD, ptr(target), how === 'exchange' ? RENAME_EXCHANGE : RENAME_NOREPLACE) === 0;
}

/** A file without a name gets one, where nothing has it. @returns false where the system did not do it */
export function nameFile(descriptor: number, path: Uint8Array): boolean {
  linking ??= openLinking();
  if (linking === false) return false;
  const [source, target] = [Buffer.from(`/proc/self/fd/${descriptor}`), path].map((one) => Buffer.concat([one, Buffer.alloc(1)]));
  return source !== undefined && target !== undefined && linking(AT_FDCWD, ptr(source), AT_FDCWD, ptr(target), AT_SYMLINK_FOLLOW) === 0;
}

/** Blocks this process until the socket can be read, or written where that is asked, at most so long. */
export function awaitSocket(socket: object, write: boolean, ms: number): { readable: boolean; writable: boolean } {
  const events = polled(descriptorOf(socket) ?? -1, POLLIN | (write ? POLLOUT : 0), ms);
  if (events === undefined) Bun.sleepSync(1);
  const found = events ?? 0;
  return { readable: (found & ~POLLOUT) !== 0, writable: (found & POLLOUT) !== 0 };
}

/** Whether the terminal behind a master takes more input now. */
export const takesInput = (master: number): boolean => ((polled(master, POLLOUT, 0) ?? 0) & POLLOUT) !== 0;

/** Number of the terminal behind a master (Linux); undefined for any other descriptor. */
export function terminalNumber(master: number): number | undefined {
  const number = new Uint32Array(1);
  return libc()?.ioctl(master, TIOCGPTN, ptr(number)) === 0 ? number[0] : undefined;
}

/** @returns what of the events is there, within so long; undefined where it could not be asked */
function polled(descriptor: number, events: number, ms: number): number | undefined {
  // struct pollfd { int fd; short events, revents; }, little-endian as all that we run on.
  const asked = new Int32Array([descriptor, events]);
  const found = libc()?.poll(ptr(asked), 1n, Math.ceil(ms)) ?? -1;
  if (found < 0) return undefined;
  return found > 0 ? (asked[1] ?? 0) >> 16 : 0;
}

/** Reads what is there past the event loop, which finds the rest. @returns bytes read; none at the end or an error */
export function receiveNow(socket: object, into: Uint8Array): number {
  const descriptor = descriptorOf(socket);
  if (descriptor === undefined) return 0;
  return Math.max(0, Number(libc()?.recv(descriptor, ptr(into), BigInt(into.byteLength), MSG_DONTWAIT) ?? 0));
}

/** User id of the process at the other end of a Unix socket; undefined where the system does not tell. */
export function peerUser(socket: object): number | undefined {
  const descriptor = descriptorOf(socket);
  if (process.platform !== 'linux' || descriptor === undefined) return undefined;
  const credentials = new Uint32Array(3);
  const length = new Uint32Array([credentials.byteLength]);
  const failed = libc()?.getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, ptr(credentials), ptr(length));
  return failed === 0 ? credentials[1] : undefined;
}

/** Bun gives a socket's descriptor and does not declare it yet. */
const descriptorOf = (socket: object): number | undefined =>
  'fd' in socket && typeof socket.fd === 'number' ? socket.fd : undefined;
