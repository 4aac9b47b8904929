// The few calls of the C library that the runtime does not offer. Each says whether it could
// be done: a library that is not there, or a system that lacks the call, is no error here.

import { dlopen, ptr } from 'bun:ffi';

const LIBRARIES =
  process.platform === 'darwin'
    ? ['libSystem.B.dylib']
    : ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1'];

const PR_SET_DUMPABLE = 4;
const LOCK_EX = 2;
const LOCK_NB = 4;
const TCOOFF = process.platform === 'darwin' ? 1 : 0;
const TCOON = process.platform === 'darwin' ? 2 : 1;
/** Linux: struct ucred { pid, uid, gid }. */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

function open() {
  for (const library of LIBRARIES) {
    try {
      return dlopen(library, {
        flock: { args: ['i32', 'i32'], returns: 'i32' },
        tcflow: { args: ['i32', 'i32'], returns: 'i32' },
        getsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'ptr'], returns: 'i32' },
      }).symbols;
    } catch {
      // The other C library, then.
    }
  }
  return undefined;
}

let opened: ReturnType<typeof open> | null = null;
const libc = (): ReturnType<typeof open> => (opened === null ? (opened = open()) : opened);

/** Other programs of the same user, a session's among them, cannot read this process's memory. */
export function hideFromOtherProcesses(): boolean {
  if (process.platform !== 'linux') return false;
  for (const library of LIBRARIES) {
    try {
      const { symbols, close } = dlopen(library, { prctl: { args: ['i32', 'u64', 'u64', 'u64', 'u64'], returns: 'i32' } });
      const done = symbols.prctl(PR_SET_DUMPABLE, 0n, 0n, 0n, 0n) === 0;
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

/** Blocks or frees whoever writes to a terminal, as a full line would; input and signals go on. */
export const setOutputFlow = (terminal: number, on: boolean): boolean => libc()?.tcflow(terminal, on ? TCOON : TCOOFF) === 0;

/** User id of the process at the other end of a Unix socket; undefined where the system does not tell. */
export function peerUser(socket: object): number | undefined {
  // Bun gives a socket's descriptor and does not yet declare it.
  const descriptor = 'fd' in socket && typeof socket.fd === 'number' ? socket.fd : undefined;
  if (process.platform !== 'linux' || descriptor === undefined) return undefined;
  const credentials = new Uint32Array(3);
  const length = new Uint32Array([credentials.byteLength]);
  return libc()?.getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, ptr(credentials), ptr(length)) === 0 ? credentials[1] : undefined;
}
