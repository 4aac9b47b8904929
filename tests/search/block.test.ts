// The form in which the index keeps text: what is not what was put in asks for another index.

import { expect, test } from 'bun:test';
import { DamagedBlock, decodeBlock, encodeBlock } from '../../src/search/block.ts';
import { isUnusable } from '../../src/search/index-file.ts';

const LINES = [{ sequence: 7, timestamp: 1000, channel: 'stdout' as const, type: 'output', text: 'Straße, A ROW of words' }];

function errorOf(packed: Uint8Array): unknown {
  try {
    decodeBlock(packed);
    return undefined;
  } catch (error) {
    return error;
  }
}

test('a block that was cut, emptied or written over makes the index unusable, and a whole one does not', () => {
  const { packed } = encodeBlock(LINES);
  expect(errorOf(packed)).toBeUndefined();
  const damaged = [packed.subarray(0, packed.byteLength >> 1), new Uint8Array(40), Bun.zstdCompressSync(Buffer.alloc(4)), Bun.zstdCompressSync(Buffer.alloc(40, 0xff))];
  for (const bytes of damaged) {
    const error = errorOf(bytes);
    expect(error).toBeInstanceOf(DamagedBlock);
    expect(isUnusable(error)).toBe(true);
  }
});

test('damage beside the text is found when a find is shown', () => {
  const { packed } = encodeBlock(LINES);
  const damaged = Uint8Array.from(packed);
  damaged.fill(0, damaged.byteLength - 8);
  const block = decodeBlock(damaged);
  expect(block.folded.toString()).toContain('a row of');
  expect(() => block.moments).toThrow(DamagedBlock);
  expect(() => block.line(0)).toThrow(DamagedBlock);
});
