// A workspace's files as documents see them: what lies at a path now, saving over just that,
// and hearing that it became another.

import type { BigIntStats } from 'node:fs';
import { type FSWatcher, lstatSync, readSync, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Text } from '@codemirror/state';
import { AppError, type ErrorCode } from '../errors.ts';
import { type Folder, type Ground, openFile, openTarget } from '../files/open.ts';
import { namesOf, normalPath, pathOf, textOf as nameText } from '../files/path-text.ts';
import { fileTrouble } from '../files/trouble.ts';
import { etagOf } from '../files/version.ts';
import { writeFile } from '../files/write.ts';
import { limits } from '../limits.ts';
import { bytesOf, contentOf, type Format, hashOf } from './format.ts';

export type OnDisk =
  | { is: 'text'; text: Text; format: Format; hash: string; bytes: number }
  | { is: 'gone' }
  /** Something is there that is not edited: `detail` says what, for a person. */
  | { is: 'unreadable'; detail: string; code: ErrorCode };

export interface DocumentFiles {
  /** The one path of a file, whatever links lead to it. @throws AppError */
  pathOf(path: string): string;
  look(path: string): OnDisk;
  /** @throws AppError precondition where the file is another than `expected` (SHA-256; null: there is none) */
  save(path: string, text: Text, format: Format, expected: string | null): Promise<{ hash: string; bytes: number }>;
  watch(path: string, changed: () => void): Watch;
}

export interface Watch {
  /** Where the file that was there is now, in the same folder. */
  renamedTo(): Promise<string | undefined>;
  dispose(): void;
}

export function documentFiles(ground: Ground): DocumentFiles {
  return {
    pathOf: (path) => realPathOf(ground, path),
    look: (path) => look(ground, path),
    async save(path, text, format, expected) {
      const bytes = bytesOf(text, format);
      await writeFile(ground, path, bytes, { expected: expected === null ? 'absent' : { hash: expected } });
      return { hash: hashOf(bytes), bytes: bytes.byteLength };
    },
    watch: (path, changed) => new FileWatch(ground, path, changed),
  };
}

function realPathOf(ground: Ground, path: string): string {
  // Compilers and terminals print whole paths.
  const own = path.startsWith(`${ground.path}/`) ? path.slice(ground.path.length + 1) : path;
  const { folder, name } = openTarget(ground, own);
  try {
    const inside = folder.real.subarray(Buffer.byteLength(ground.path));
    const names: Buffer[] = [];
    for (let from = 0; from < inside.byteLength; ) {
      const slash = inside.indexOf(0x2f, from);
      const end = slash === -1 ? inside.byteLength : slash;
      if (end > from) names.push(inside.subarray(from, end));
      from = end + 1;
    }
    return pathOf([...names, name]);
  } finally {
    folder.dispose();
  }
}

function look(ground: Ground, path: string): OnDisk {
  try {
    const file = openFile(ground, path);
    try {
      if (file.stat.size > BigInt(limits.documentBytesMax)) {
        return refused('too_large', `It has more than ${limits.documentBytesMax / 1024 / 1024} MiB: it can be read, not edited.`);
      }
      const bytes = allOf(file.descriptor, Number(file.stat.size));
      const content = contentOf(bytes);
      if (content.is === 'binary') return refused('media_type', 'It is no text.');
      if (content.is === 'encoded') return refused('media_type', `Its text is no UTF-8 but ${content.encoding}: it can be read, not edited.`);
      return { is: 'text', text: content.text, format: content.format, hash: hashOf(bytes), bytes: bytes.byteLength };
    } finally {
      file.close();
    }
  } catch (error) {
    const trouble = fileTrouble(error);
    if (!(trouble instanceof AppError)) throw error;
    return trouble.code === 'not_found' ? { is: 'gone' } : refused(trouble.code, trouble.message);
  }
}

const refused = (code: ErrorCode, detail: string): OnDisk => ({ is: 'unreadable', detail, code });

/** As much as is there now: it may grow or shrink meanwhile. */
function allOf(descriptor: number, expected: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(Math.min(expected, limits.documentBytesMax) + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.byteLength; length += read) {
    read = readSync(descriptor, bytes, length, bytes.byteLength - length, length);
  }
  return bytes.subarray(0, Math.min(length, expected));
}

/** Looks when the system tells of something in the folder, and every limits.diskLookMs in any case. */
class FileWatch implements Watch {
  readonly #ground: Ground;
  readonly #path: string;
  readonly #changed: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #watcher: FSWatcher | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #seen: string;
  #stat: BigIntStats | undefined;

  constructor(ground: Ground, path: string, changed: () => void) {
    this.#ground = ground;
    this.#path = normalPath(path);
    this.#changed = changed;
    this.#watcher = this.#listen();
    this.#seen = this.#look();
    this.#timer = setInterval(() => this.#glance(), limits.diskLookMs);
  }

  async renamedTo(): Promise<string | undefined> {
    const was = this.#stat;
    if (was === undefined) return undefined;
    let folder: Folder | undefined;
    try {
      ({ folder } = openTarget(this.#ground, this.#path));
      for (const name of (await readdir(folder.self.toString(), 'buffer')).slice(0, limits.renamedEntriesMax)) {
        const stat = lstatSync(folder.at(name), { bigint: true, throwIfNoEntry: false });
        if (stat?.ino === was.ino && stat.dev === was.dev && stat.isFile()) return nameText(name);
      }
      return undefined;
    } catch {
      return undefined; // Its folder went too, or cannot be read.
    } finally {
      folder?.dispose();
    }
  }

  dispose(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#settling);
    this.#watcher?.close();
  }

  #glance(): void {
    const now = this.#look();
    if (now === this.#seen) return;
    // Told once it rests: a program that writes it is between two writes, or has cut it to nothing.
    this.#seen = now;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => (this.#look() === this.#seen ? this.#changed() : this.#glance()), limits.diskSettleMs);
  }

  #look(): string {
    try {
      const { folder, at } = openTarget(this.#ground, this.#path);
      try {
        const stat = lstatSync(at, { bigint: true, throwIfNoEntry: false });
        if (stat === undefined) return 'gone';
        this.#stat = stat;
        return `${etagOf(stat)} ${stat.ctimeNs} ${stat.mode}`;
      } finally {
        folder.dispose();
      }
    } catch (error) {
      // Whatever it is: when it is another, somebody looks closer.
      return String(error);
    }
  }

  /** Of its folder: whoever replaces a file leaves a watch of the file itself behind. */
  #listen(): FSWatcher | undefined {
    try {
      const { folder, name } = openTarget(this.#ground, this.#path);
      try {
        const real = folder.real.toString();
        if (!Buffer.from(real).equals(folder.real)) return undefined;
        const watcher = watch(real, { persistent: false }, (_, changed) => {
          if (changed === null || changed === name.toString()) this.#glance();
        });
        watcher.on('error', () => watcher.close());
        return watcher;
      } finally {
        folder.dispose();
      }
    } catch {
      return undefined; // No more watches on this system, or none on this disk: then by looking.
    }
  }
}

/** Path beside another one. */
export const besides = (path: string, name: string): string => pathOf([...namesOf(path).slice(0, -1), Buffer.from(name)]);
