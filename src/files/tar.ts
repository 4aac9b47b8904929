// Headers of a tar archive (POSIX ustar): what does not fit into their fields goes in a pax
// header before them. Names stay the bytes that they are.

import type { BigIntStats } from 'node:fs';

export interface TarEntry {
  path: Buffer;
  stat: Pick<BigIntStats, 'mode' | 'mtimeMs'>;
  /** Bytes that follow. */
  size: number;
  type: 'file' | 'folder' | 'link';
  /** Of a link. */
  target?: Buffer;
}

const BLOCK = 512;
const TYPES = { file: '0', folder: '5', link: '2', pax: 'x' } as const;
/** The largest that eleven octal digits hold. */
const OCTAL_MAX = 8 ** 11 - 1;

export function tarHeader(entry: TarEntry): Uint8Array {
  const path = entry.type === 'folder' ? Buffer.concat([entry.path, Buffer.from('/')]) : entry.path;
  const target = entry.target ?? Buffer.alloc(0);
  const records: Buffer[] = [];
  if (path.byteLength > 100) records.push(record('path', path));
  if (target.byteLength > 100) records.push(record('linkpath', target));
  if (entry.size > OCTAL_MAX) records.push(record('size', Buffer.from(String(entry.size))));
  const own = block(path, target, entry.size > OCTAL_MAX ? 0 : entry.size, TYPES[entry.type], entry.stat);
  if (records.length === 0) return own;
  const pax = Buffer.concat(records);
  const filled = Buffer.concat([pax, Buffer.alloc((BLOCK - (pax.byteLength % BLOCK)) % BLOCK)]);
  return Buffer.concat([block(Buffer.from('pax'), Buffer.alloc(0), pax.byteLength, TYPES.pax, entry.stat), filled, own]);
}

export const tarEnd = (): Uint8Array => new Uint8Array(2 * BLOCK);

function block(path: Buffer, target: Buffer, size: number, type: string, stat: TarEntry['stat']): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number): void => void header.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  path.copy(header, 0, 0, 100);
  octal(Number(stat.mode & 0o777n), 100, 7);
  octal(0, 108, 7); // Whose it was is nobody else's matter.
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(Math.min(OCTAL_MAX, Math.max(0, Math.floor(Number(stat.mtimeMs) / 1000))), 136, 11);
  header.write('        ', 148, 'latin1');
  header.write(type, 156, 'latin1');
  target.copy(header, 157, 0, 100);
  header.write('ustar\x0000', 257, 'latin1');
  octal(header.reduce((sum, byte) => sum + byte, 0), 148, 6);
  header.write('\0 ', 154, 'latin1');
  return header;
}

/** `length name=value\n`, where the length counts itself. */
function record(name: string, value: Buffer): Buffer {
  const rest = name.length + value.byteLength + 3;
  let length = rest + String(rest).length;
  if (rest + String(length).length > length) length += 1;
  return Buffer.concat([Buffer.from(`${length} ${name}=`), value, Buffer.from('\n')]);
}
