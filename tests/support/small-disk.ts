// A disk that can really be full: a small tmpfs where mounting is allowed. Elsewhere the
// database alone is kept from growing, which shows less; it says so.

import type { Database } from 'bun:sqlite';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './server.ts';

const SIZE = '24m';

export interface SmallDisk {
  folder: string;
  /** Whether it is a file system of its own. */
  real: boolean;
  /** Leaves no byte free. The connection is what stands for the disk where there is none. */
  fill(sqlite?: Database): void;
  /** Frees what `fill` took. */
  free(sqlite?: Database): void;
  remove(): void;
}

export function smallDisk(): SmallDisk {
  const top = temporaryFolder();
  const folder = join(top, 'disk');
  mkdirSync(folder);
  const real = Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder]).exitCode === 0;
  if (!real) console.warn('No tmpfs can be mounted here: a full disk is only a database that may not grow.');
  const ballast = join(folder, 'ballast');
  return {
    folder,
    real,
    fill(sqlite) {
      if (real) writeUntilFull(ballast);
      else sqlite?.run(`PRAGMA max_page_count = ${pages(sqlite)}`);
    },
    free(sqlite) {
      if (real) rmSync(ballast, { force: true });
      else sqlite?.run('PRAGMA max_page_count = 1000000');
    },
    remove() {
      if (real) Bun.spawnSync(['umount', '-l', folder]);
      rmSync(top, { recursive: true, force: true });
    },
  };
}

function writeUntilFull(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (let bytes = 1024 * 1024; bytes >= 4096; ) {
      try {
        writeSync(file, Buffer.alloc(bytes, 0x66));
      } catch {
        bytes /= 2;
      }
    }
  } finally {
    closeSync(file);
  }
}

const pages = (sqlite: Database): number =>
  sqlite.query<{ page_count: number }, []>('PRAGMA page_count').get()?.page_count ?? 0;
