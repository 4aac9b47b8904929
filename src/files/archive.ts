// A folder as one file to take away, made while it is sent: tar keeps links, modes and any
// names; zip is what every system opens by itself. What it lacks is said in it.

import { type BigIntStats, readlinkSync } from 'node:fs';
import { limits } from '../limits.ts';
import { LeftOut } from './left-out.ts';
import { type Ground, openFolder, openHere } from './open.ts';
import { nameOf, textOf } from './path-text.ts';
import { piecesOf, streamOf } from './pieces.ts';
import { tarEnd, tarHeader } from './tar.ts';
import { type Walked, walkTree } from './tree-walk.ts';
import { ZipWriter } from './zip.ts';

export type ArchiveFormat = 'tar' | 'zip';

/** @param top name of the folder in it. @throws AppError not_found, forbidden, before the first byte */
export function archiveOf(ground: Ground, path: string, format: ArchiveFormat, top: string, entriesMax: number = limits.copyEntriesMax): ReadableStream<Uint8Array> {
  const folder = openFolder(ground, path);
  const first = nameOf(path) === '' ? Buffer.from(/^\.{0,2}$/.test(top) ? 'workspace' : top) : folder.real.subarray(folder.real.lastIndexOf(0x2f) + 1);
  const leftOut = new LeftOut(entriesMax);
  const entries = walkTree(ground, folder, { entriesMax, missed: (why, names) => leftOut.add(why, names) });
  const pieces = format === 'tar' ? tarOf(entries, first, leftOut) : zipOf(entries, first, leftOut);
  return streamOf(pieces, () => folder.dispose());
}

async function* tarOf(entries: AsyncGenerator<Walked>, top: Buffer, leftOut: LeftOut): AsyncGenerator<Uint8Array> {
  for await (const entry of entries) {
    const { place, names, stat } = entry;
    const path = pathIn(top, entry);
    if (stat.isDirectory()) yield tarHeader({ path, stat, size: 0, type: 'folder' });
    else if (stat.isSymbolicLink()) yield* link(entry, path);
    else if (stat.isFile()) {
      const file = opened(place);
      if (file === undefined) {
        leftOut.add('unreadable', names);
        continue;
      }
      try {
        const size = Number(file.stat.size);
        yield tarHeader({ path, stat: file.stat, size, type: 'file' });
        yield* exactly(size, piecesOf(file.descriptor, { from: 0, to: size }));
        yield new Uint8Array((512 - (size % 512)) % 512);
      } finally {
        file.close();
      }
    } else leftOut.add('special', names);
  }
  const note = leftOut.note();
  if (note !== undefined) {
    yield tarHeader({ path: noteName(top), stat: { mode: 0o644n, mtimeMs: BigInt(Date.now()) }, size: note.byteLength, type: 'file' });
    yield note;
    yield new Uint8Array((512 - (note.byteLength % 512)) % 512);
  }
  yield tarEnd();
}

function* link({ place, stat }: Walked, path: Buffer): Generator<Uint8Array> {
  let target: Buffer;
  try {
    target = readlinkSync(place.at, { encoding: 'buffer' });
  } catch {
    return; // Gone meanwhile.
  }
  yield tarHeader({ path, stat, size: 0, type: 'link', target });
}

async function* zipOf(entries: AsyncGenerator<Walked>, top: Buffer, leftOut: LeftOut): AsyncGenerator<Uint8Array> {
  const zip = new ZipWriter();
  for await (const { place, names, stat } of entries) {
    const path = Buffer.from([top, ...names].map(zipName).join('/'));
    if (stat.isDirectory()) yield zip.folder(Buffer.concat([path, Buffer.from('/')]), stat);
    else if (!stat.isFile()) leftOut.add(stat.isSymbolicLink() ? 'link' : 'special', names); // Links are not for every system that opens a zip.
    if (!stat.isFile()) continue;
    const file = opened(place);
    if (file === undefined) {
      leftOut.add('unreadable', names);
      continue;
    }
    try {
      yield* zip.file(path, file.stat, piecesOf(file.descriptor, { from: 0, to: Number(file.stat.size) }));
    } finally {
      file.close();
    }
  }
  const note = leftOut.note();
  if (note !== undefined) yield* zip.file(Buffer.from(zipName(noteName(top))), { mode: 0o644n, mtimeMs: BigInt(Date.now()), size: BigInt(note.byteLength) }, one(note));
  yield* zip.end();
}

/** Names there are text: one that is none is written as we write it. A \ would be the edge of a folder where the archive is opened. */
const zipName = (name: Buffer): string => textOf(name).replaceAll('\\', '%5C');

/** Beside the folder, not in it: what is unpacked over a folder brings nothing new into it. */
const noteName = (top: Buffer): Buffer => Buffer.concat([top, Buffer.from(' - LEFT OUT.txt')]);

async function* one(piece: Uint8Array): AsyncGenerator<Uint8Array> {
  yield piece;
}

function opened(place: Walked['place']): { descriptor: number; stat: BigIntStats; close(): void } | undefined {
  try {
    return openHere(place);
  } catch {
    return undefined; // Not readable, or gone: left out.
  }
}

const pathIn = (top: Buffer, { names }: Walked): Buffer => Buffer.concat([top, ...names.flatMap((name) => [Buffer.from('/'), name])]);

/** As many bytes as the header said, though the file grows or is cut meanwhile. */
async function* exactly(size: number, pieces: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const piece of pieces) {
    yield piece;
    left -= piece.byteLength;
  }
  for (const blank = new Uint8Array(64 * 1024); left > 0; left -= blank.byteLength) yield blank.subarray(0, Math.min(left, blank.byteLength));
}
