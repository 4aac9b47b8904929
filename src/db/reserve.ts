// Room on the disk that is set aside: a file of random bytes, so that no file system packs
// it away. Given up, it lets the owner delete and sign in where nothing else can be written.

import { closeSync, constants, fchmodSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { statfsSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../limits.ts';

const PIECE_BYTES = 1024 * 1024;
/** What one call gives. */
const RANDOM_BYTES_MAX = 65_536;

export class Reserve {
  readonly #folder: string;
  readonly #file: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, 'reserve');
  }

  /** Asked of the disk: the owner may have taken it away. */
  get bytes(): number {
    return statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
  }

  get whole(): boolean {
    return this.bytes === limits.diskReserveBytes;
  }

  /** Where next to nothing is free, the rest of a start (a socket, a small file) gets a little. */
  makeSlack(): void {
    if (this.#free() < limits.diskSlackBytes && this.drop()) this.fill('rest');
  }

  /** Gives the room up. @returns false where there was none */
  drop(): boolean {
    if (this.bytes === 0) return false;
    truncateSync(this.#file, 0);
    return true;
  }

  /**
   * Sets room aside again: `all` where all of it fits, else nothing; `rest` what there is.
   * Both leave limits.diskSlackBytes to others.
   */
  fill(how: 'all' | 'rest'): void {
    const wanted = limits.diskReserveBytes + limits.diskSlackBytes;
    const before = this.bytes;
    if (before === limits.diskReserveBytes || (how === 'all' && this.#free() < wanted - before)) return;
    let file: number | undefined;
    try {
      file = openSync(this.#file, constants.O_RDWR | constants.O_CREAT, 0o600);
      fchmodSync(file, 0o600);
      const written = write(file, before, wanted);
      const rest = how === 'all' ? before : Math.max(before, written - limits.diskSlackBytes);
      ftruncateSync(file, written >= wanted ? limits.diskReserveBytes : rest);
    } catch (error) {
      if (!isNoRoom(error)) throw error;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  /** A quota may allow less: writing tells. */
  #free(): number {
    const { bavail, bsize } = statfsSync(this.#folder);
    return bavail * bsize;
  }
}

/** @returns how far it came before the disk was full */
function write(file: number, from: number, to: number): number {
  const piece = new Uint8Array(PIECE_BYTES);
  for (let filled = 0; filled < piece.length; filled += RANDOM_BYTES_MAX) {
    crypto.getRandomValues(piece.subarray(filled, filled + RANDOM_BYTES_MAX));
  }
  let at = from;
  try {
    while (at < to) at += writeSync(file, piece, 0, Math.min(piece.length, to - at), at);
  } catch (error) {
    if (!isNoRoom(error)) throw error;
  }
  return at;
}

const isNoRoom = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
