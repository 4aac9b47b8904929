// Clients that come and go at random points while output runs: each sees every sequence once
// and in order, but for those that a SNAPSHOT stands for, and what it saw is byte for byte what
// the log has.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { attach } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const CLIENTS = 4;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** mulberry32: small, and the same for a seed everywhere. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bursts and pauses, small and large writes, cuts inside of characters. */
const PROGRAM = `stty raw -echo; printf ready; head -c 1 >/dev/null
i=0; while [ $i -lt 60 ]; do
  printf 'line %s é日本\\r\\n' $i; head -c $(( (i * 7919) % 60000 )) /dev/urandom; i=$((i+1)); sleep 0.01
done; printf the-very-end`;

test(`however often clients come back, they miss nothing (SEED=${SEED})`, async () => {
  const random = randomOf(SEED);
  const { id } = await server.terminal((await server.workspace()).id, { command: ['sh', '-c', PROGRAM] });
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => wander(id, `c${number}`, random)));
  const log = await wholeLog(id);
  expect(log.sequences).toEqual(log.sequences.map((_, index) => index + 1));
  for (const { sequences, snapshots, bytes } of walks) {
    expect(sequences).toEqual([...new Set(sequences)].sort((one, other) => one - other));
    const seen = new Set(sequences);
    // What is derived from the output (a bell) may be noted after the end, when all have been sent away.
    const missed = log.sequences.filter((sequence) => sequence <= log.ended && !seen.has(sequence));
    expect(missed.filter((sequence) => !snapshots.some((shown) => shown >= sequence))).toEqual([]);
    expect(bytes.equals(Buffer.concat(sequences.map((sequence) => log.output.get(sequence) ?? Buffer.alloc(0))))).toBe(true);
  }
}, 60_000);

const walks: { sequences: number[]; snapshots: number[]; bytes: Buffer }[] = [];

/** One client's life: it leaves after a few messages, by a close or a dropped line, until the end. */
async function wander(id: string, client: string, random: () => number): Promise<void> {
  const parts: Buffer[] = [];
  const sequences: number[] = [];
  const snapshots: number[] = [];
  for (let after = 0, lives = 0; ; lives += 1) {
    const connection = await attach(server, id, { after, client, cols: 40 + Math.floor(random() * 100), rows: 24, acks: random() < 0.8 });
    if (lives === 0) connection.input('g');
    const leaveAfter = after + 1 + Math.floor(random() * 30);
    const slow = !connection.acks;
    await connection.until('some messages', () => {
      if (slow) connection.ack();
      return connection.sequence >= leaveAfter || connection.close_;
    });
    if (connection.close_ === undefined) {
      if (random() < 0.5) await connection.close();
      else connection.terminate();
    }
    // What comes after the decision to leave may still be delivered: it counts as seen.
    await connection.closed;
    expect(connection.broken).toBeUndefined();
    parts.push(connection.output);
    sequences.push(...connection.sequences);
    snapshots.push(...connection.snapshots);
    after = connection.sequence;
    if (connection.close_?.code === 4410) break;
  }
  walks.push({ sequences, snapshots, bytes: Buffer.concat(parts) });
}

async function wholeLog(id: string): Promise<{ sequences: number[]; ended: number; output: Map<number, Buffer> }> {
  await until('the end', async () => (await server.api(`/api/sessions/${id}`)).body.status === 'stopped');
  const sequences: number[] = [];
  const output = new Map<number, Buffer>();
  let ended = 0;
  for (let after = 0, more = true; more; ) {
    const { body } = await server.api(`/api/sessions/${id}/history?after=${after}&limit=1000`);
    for (const event of body.events) {
      sequences.push(event.sequence);
      if (event.type === 'status') ended = event.sequence;
      if (event.type === 'output') output.set(event.sequence, event.data.base64 === undefined ? Buffer.from(event.data.text) : Buffer.from(event.data.base64, 'base64'));
    }
    after = body.nextSequence;
    more = body.hasMore;
  }
  return { sequences, ended, output };
}
