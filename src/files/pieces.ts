// Reads an open file piece by piece, as fast as whoever takes the pieces and no faster.

import { read } from 'node:fs';
import { limits } from '../limits.ts';

export interface ByteRange {
  /** First byte. */
  from: number;
  /** The one after the last. */
  to: number;
}

/** What is there of the range: a file that is cut meanwhile ends earlier. */
export async function* piecesOf(descriptor: number, { from, to }: ByteRange = { from: 0, to: Infinity }): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; ) {
    const piece = Buffer.allocUnsafe(Math.min(limits.filePieceBytes, to - at));
    const bytes = await readAt(descriptor, piece, at);
    if (bytes === 0) return;
    yield piece.subarray(0, bytes);
    at += bytes;
  }
}

/** A whole file of a bounded size. */
export async function allOf(descriptor: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of piecesOf(descriptor)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** For an answer: read when it is wanted, closed when it is over or not wanted any more. */
export function streamOf(pieces: AsyncGenerator<Uint8Array>, close: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await pieces.next();
          if (!next.done) return controller.enqueue(next.value);
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        close();
      },
      async cancel() {
        await pieces.return(undefined);
        close();
      },
    },
    { highWaterMark: 1 },
  );
}

const readAt = (descriptor: number, into: Buffer, at: number): Promise<number> =>
  new Promise((resolve, reject) => read(descriptor, into, 0, into.byteLength, at, (error, bytes) => (error === null ? resolve(bytes) : reject(error))));
