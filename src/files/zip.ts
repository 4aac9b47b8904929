// Writes a zip archive as it goes: each file is compressed while it is read, and its size said
// after it. The longer fields (zip64) are used where a file or the whole needs them.

import type { BigIntStats } from 'node:fs';
import { once } from 'node:events';
import { crc32, createDeflateRaw } from 'node:zlib';

type Stat = Pick<BigIntStats, 'mode' | 'mtimeMs' | 'size'>;

interface Written {
  path: Buffer;
  crc: number;
  packed: number;
  size: number;
  at: number;
  date: number;
  mode: number;
  large: boolean;
}

const UINT16 = 0xffff;
const UINT32 = 0xffffffff;
/** Sizes follow the file (bit 3); the name is UTF-8 (bit 11). */
const STREAMED = 0x0008;
const UTF8 = 0x0800;
const DEFLATED = 8;

export class ZipWriter {
  readonly #written: Written[] = [];
  #at = 0;

  folder(path: Buffer, stat: Stat): Uint8Array {
    const entry: Written = { path, crc: 0, packed: 0, size: 0, at: this.#at, date: dosTime(stat), mode: Number(stat.mode & 0o777n) | 0o040000, large: false };
    this.#written.push(entry);
    return this.#counted(localHeader(entry, 0, 0));
  }

  async *file(path: Buffer, stat: Stat, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const entry: Written = { path, crc: 0, packed: 0, size: 0, at: this.#at, date: dosTime(stat), mode: Number(stat.mode & 0o777n) | 0o100000, large: stat.size > 0xf0000000n };
    yield this.#counted(localHeader(entry, STREAMED, DEFLATED));
    const packer = createDeflateRaw({ level: 3 });
    const feeding = feed(packer, pieces, entry);
    for await (const packed of packer as AsyncIterable<Uint8Array>) {
      entry.packed += packed.byteLength;
      yield this.#counted(packed);
    }
    await feeding;
    this.#written.push(entry);
    yield this.#counted(descriptor(entry));
  }

  *end(): Generator<Uint8Array> {
    const start = this.#at;
    for (const entry of this.#written) yield this.#counted(centralHeader(entry));
    yield directoryEnd(this.#written.length, start, this.#at - start);
  }

  #counted(bytes: Uint8Array): Uint8Array {
    this.#at += bytes.byteLength;
    return bytes;
  }
}

async function feed(packer: ReturnType<typeof createDeflateRaw>, pieces: AsyncIterable<Uint8Array>, entry: Written): Promise<void> {
  try {
    for await (const piece of pieces) {
      entry.crc = crc32(piece, entry.crc);
      entry.size += piece.byteLength;
      if (!packer.write(piece)) await once(packer, 'drain');
    }
    packer.end();
  } catch (error) {
    packer.destroy(error instanceof Error ? error : undefined);
  }
}

function localHeader({ path, date, large }: Written, flags: number, method: number): Buffer {
  const extra = large ? Buffer.concat([fields([2, 1], [2, 16], [8, 0], [8, 0])]) : Buffer.alloc(0);
  const size = large ? UINT32 : 0;
  const head = fields([4, 0x04034b50], [2, large ? 45 : 20], [2, flags | UTF8], [2, method], [4, date], [4, 0], [4, size], [4, size], [2, path.byteLength], [2, extra.byteLength]);
  return Buffer.concat([head, path, extra]);
}

const descriptor = ({ crc, packed, size, large }: Written): Buffer => fields([4, 0x08074b50], [4, crc], [large ? 8 : 4, packed], [large ? 8 : 4, size]);

function centralHeader({ path, crc, packed, size, at, date, mode, large }: Written): Buffer {
  const isFile = (mode & 0o100000) !== 0;
  const long = large || at >= UINT32;
  const extra = long ? fields([2, 1], [2, 24], [8, size], [8, packed], [8, at]) : Buffer.alloc(0);
  const head = fields(
    [4, 0x02014b50], [2, (3 << 8) | 45], [2, long ? 45 : 20], [2, (isFile ? STREAMED : 0) | UTF8], [2, isFile ? DEFLATED : 0], [4, date], [4, crc],
    [4, long ? UINT32 : packed], [4, long ? UINT32 : size], [2, path.byteLength], [2, extra.byteLength], [2, 0], [2, 0], [2, 0], [4, mode * 0x10000], [4, long ? UINT32 : at],
  );
  return Buffer.concat([head, path, extra]);
}

function directoryEnd(count: number, start: number, size: number): Buffer {
  const long = count >= UINT16 || start >= UINT32 || size >= UINT32;
  const end = start + size;
  const zip64 = long ? fields([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, size], [8, start], [4, 0x07064b50], [4, 0], [8, end], [4, 1]) : Buffer.alloc(0);
  const last = fields([4, 0x06054b50], [2, 0], [2, 0], [2, Math.min(count, UINT16)], [2, Math.min(count, UINT16)], [4, Math.min(size, UINT32)], [4, Math.min(start, UINT32)], [2, 0]);
  return Buffer.concat([zip64, last]);
}

/** Little-endian numbers of 2, 4 or 8 bytes, one after the other. */
function fields(...values: readonly (readonly [2 | 4 | 8, number])[]): Buffer {
  const bytes = Buffer.alloc(values.reduce((sum, [length]) => sum + length, 0));
  let at = 0;
  for (const [length, value] of values) {
    if (length === 2) bytes.writeUInt16LE(value, at);
    else if (length === 4) bytes.writeUInt32LE(value, at);
    else bytes.writeBigUInt64LE(BigInt(value), at);
    at += length;
  }
  return bytes;
}

/** In the time of this machine, in steps of two seconds, from 1980. */
function dosTime({ mtimeMs }: Stat): number {
  const time = new Date(Number(mtimeMs));
  const date = ((Math.min(127, Math.max(0, time.getFullYear() - 1980)) << 9) | ((time.getMonth() + 1) << 5) | time.getDate()) >>> 0;
  return date * 0x10000 + ((time.getHours() << 11) | (time.getMinutes() << 5) | (time.getSeconds() >> 1));
}
