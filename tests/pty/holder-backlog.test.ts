// What a session printed and nobody has logged: whatever the order of prints, reads,
// acknowledgements and new servers, each offset comes once, right, or is told lost.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { readdirSync, rmSync } from 'node:fs';
import { Backlog, type BacklogBounds } from '../../src/pty/holder/backlog.ts';
import { FrameReader, OUTPUT_HEADER_BYTES, readOffset, splitId, TO_SERVER } from '../../src/pty/holder/frames.ts';
import { HeldPty } from '../../src/pty/holder/held-pty.ts';
import { temporaryFolder } from '../support/server.ts';

const KiB = 1024;
let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Bytes that can be told from their neighbours by their offset. */
const ALL = Uint8Array.from({ length: 2048 * KiB }, (_, offset) => (offset * 31 + (offset >> 8) * 7) & 0xff);
const stretch = (offset: number, length: number): Uint8Array => ALL.subarray(offset, offset + length);
/** Repeatable randomness; a failure names its seed. */
const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

interface Reading {
  offset: number;
  lost: number;
}

/** Takes one frame. @throws when it is not what comes next */
function read(backlog: Backlog, reading: Reading): boolean {
  const next = backlog.next();
  if (next === undefined) return false;
  new FrameReader(1024 * KiB, (tag, body) => {
    const { id, rest } = splitId(body);
    const offset = readOffset(rest, tag === TO_SERVER.output ? 1 : 0);
    if (id !== 'session' || offset !== reading.offset) throw new Error(`${id}: ${offset} instead of ${reading.offset}`);
    if (tag === TO_SERVER.gap) {
      reading.lost += readOffset(rest, 8);
      reading.offset += readOffset(rest, 8);
      return;
    }
    const bytes = rest.subarray(OUTPUT_HEADER_BYTES);
    if (!bytes.equals(stretch(offset, bytes.byteLength))) throw new Error(`Other bytes at ${offset}`);
    reading.offset += bytes.byteLength;
  }).push(next);
  return true;
}

function play(
  seed: number,
  bounds: BacklogBounds,
  budgetMax = Number.POSITIVE_INFINITY,
): { lost: number; produced: number } {
  const chance = random(seed);
  const budget = { bytes: 0, bytesMax: budgetMax };
  const backlog = new Backlog('session', folder, bounds, budget);
  const reading: Reading = { offset: 0, lost: 0 };
  let produced = 0;
  let logged = 0;
  for (let step = 0; step < 400; step += 1) {
    const what = chance();
    if (what < 0.5) {
      const length = Math.ceil(chance() ** 4 * 8 * KiB);
      backlog.push(chance() < 0.5 ? 1 : 2, stretch(produced, length));
      produced += length;
    } else if (what < 0.7) {
      for (let reads = Math.ceil(chance() * 8); reads > 0 && read(backlog, reading); reads -= 1);
    } else if (what < 0.9) {
      logged = Math.max(logged, Math.floor(logged + chance() * (reading.offset - logged + 1)));
      logged = Math.min(logged, reading.offset);
      backlog.acknowledge(logged);
    } else {
      // The server dies with what it had not logged, or with what it could not acknowledge any more.
      logged = chance() < 0.5 ? logged : reading.offset;
      reading.offset = logged;
      backlog.rewind(logged);
    }
  }
  // Acknowledging makes room, which may bring more.
  do backlog.acknowledge(reading.offset);
  while (read(backlog, reading));
  expect(backlog.offset).toBe(produced);
  expect(reading.offset).toBe(produced);
  expect(backlog.allSent).toBe(true);
  backlog.dispose();
  expect(budget.bytes).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
  return { lost: reading.lost, produced };
}

describe('a backlog', () => {
  test('with room for all gives each byte once, in order, from wherever a server begins', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const bounds = { memoryBytesMax: 4 * KiB, spoolBytesMax: 8192 * KiB, withoutDiskBytesMax: 8 * KiB };
      const { lost, produced } = play(seed, bounds);
      expect(`${seed}: ${lost} of ${produced}`).toBe(`${seed}: 0 of ${produced}`);
    }
  });

  test('with too little room loses the oldest and says exactly what', () => {
    let lost = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      lost += play(seed, { memoryBytesMax: 4 * KiB, spoolBytesMax: 16 * KiB, withoutDiskBytesMax: 8 * KiB }).lost;
    }
    expect(lost).toBeGreaterThan(0);
  });

  test('without any file goes on in memory, with gaps', () => {
    let lost = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      lost += play(seed, { memoryBytesMax: 4 * KiB, spoolBytesMax: 16 * KiB, withoutDiskBytesMax: 16 * KiB }, 0).lost;
    }
    expect(lost).toBeGreaterThan(0);
  });

  test('keeps its newest bytes and what a server has been sent, when it loses', () => {
    const bounds = { memoryBytesMax: 4 * KiB, spoolBytesMax: 32 * KiB, withoutDiskBytesMax: 8 * KiB };
    const backlog = new Backlog('session', folder, bounds, { bytes: 0, bytesMax: 1024 * KiB });
    for (let offset = 0; offset < 1024 * KiB; offset += KiB) backlog.push(1, stretch(offset, KiB));
    const reading: Reading = { offset: 0, lost: 0 };
    read(backlog, reading);
    expect(reading).toEqual({ offset: KiB, lost: 0 });
    while (read(backlog, reading)) backlog.acknowledge(reading.offset);
    expect(reading.offset).toBe(1024 * KiB);
    expect(reading.lost).toBeGreaterThan(980 * KiB);
    expect(reading.lost).toBeLessThan(1000 * KiB);
    backlog.dispose();
  });
});

describe('a held program at the server', () => {
  const body = (...parts: (number[] | string)[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part)));

  test('drops bytes that it has, and tells of bytes that never came', () => {
    const told: string[] = [];
    const pty = new HeldPty({ id: 'a', pid: 1, from: 4, send: () => {}, released: () => {} });
    pty.listen({
      output: (bytes, offset) => told.push(`${offset}:${Buffer.from(bytes).toString()}`),
      gap: (offset, bytes) => told.push(`${offset}-${bytes}`),
    });
    const u64 = (value: number): number[] => [0, 0, 0, 0, 0, 0, 0, value];
    pty.take(TO_SERVER.output, body([1], u64(0), 'abcdef'));
    pty.take(TO_SERVER.output, body([1], u64(2), 'cdef'));
    pty.take(TO_SERVER.output, body([1], u64(8), 'ij'));
    pty.take(TO_SERVER.gap, body(u64(10), u64(5)));
    pty.take(TO_SERVER.gap, body(u64(8), u64(4)));
    expect(told).toEqual(['4:ef', '6-2', '8:ij', '10-5']);
  });
});

describe('frames', () => {
  test('are the same however the socket cuts them', () => {
    const chance = random(7);
    const bounds = { memoryBytesMax: 64 * KiB, spoolBytesMax: 0, withoutDiskBytesMax: 64 * KiB };
    const backlog = new Backlog('session', folder, bounds, { bytes: 0, bytesMax: 0 });
    let produced = 0;
    for (let count = 0; count < 100; count += 1) {
      const length = Math.ceil(chance() * 300);
      backlog.push(1, stretch(produced, length));
      produced += length;
    }
    const frames: Uint8Array[] = [];
    for (let next = backlog.next(); next !== undefined; next = backlog.next()) frames.push(next);
    const wire = Buffer.concat(frames);
    for (let round = 0; round < 50; round += 1) {
      const bodies: string[] = [];
      const reader = new FrameReader(KiB, (tag, frameBody) => bodies.push(`${tag} ${frameBody.toString('hex')}`));
      for (let at = 0; at < wire.byteLength; ) {
        const length = Math.ceil(chance() ** 3 * 900);
        const part = Uint8Array.from(wire.subarray(at, at + length));
        reader.push(part);
        part.fill(0); // The socket uses its memory again.
        at += length;
      }
      expect(bodies).toEqual(frames.map((sent) => `${sent[4]} ${Buffer.from(sent).toString('hex', 5)}`));
    }
  });

  test('that are empty or larger than their bound are refused', () => {
    const reader = (): FrameReader => new FrameReader(10, () => {});
    expect(() => reader().push(Buffer.from([0, 0, 0, 0]))).toThrow();
    expect(() => reader().push(Buffer.from([0, 0, 0, 11]))).toThrow();
    expect(() => reader().push(Buffer.from([0, 0, 0, 10]))).not.toThrow();
  });
});
