// Which version of a file lies on disk: told by its inode, size and time of change (its ETag),
// or by what is in it.

import type { BigIntStats } from 'node:fs';
import { piecesOf } from './pieces.ts';

/** An entity tag with its quotes. A strong one: two contents never share it, short of a clock that stands still. */
export const etagOf = ({ ino, size, mtimeNs }: BigIntStats): string => `"${[mtimeNs, size, ino].map((part) => part.toString(36)).join('-')}"`;

export const sameVersion = (one: BigIntStats, other: BigIntStats): boolean => one.dev === other.dev && etagOf(one) === etagOf(other);

/** SHA-256 in hex of bytes that are held. */
export const hashOf = (bytes: Uint8Array): string => new Bun.CryptoHasher('sha256').update(bytes).digest('hex');

/** The same of an open file, from its beginning. */
export async function fileHash(descriptor: number): Promise<string> {
  const hasher = new Bun.CryptoHasher('sha256');
  for await (const piece of piecesOf(descriptor)) hasher.update(piece);
  return hasher.digest('hex');
}
