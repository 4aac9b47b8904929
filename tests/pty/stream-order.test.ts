// One client's stream without a socket, so that the moment at which it is slow or quick is the
// test's own: the clock, what was acknowledged and how far the screen has come are told.

import { afterAll, afterEach, beforeAll, expect, spyOn, test } from 'bun:test';
import { limits } from '../../src/limits.ts';
import type { Snapshot } from '../../src/pty/screen/screen.ts';
import { type Sink, TerminalStream } from '../../src/pty/stream.ts';
import { ACK, EVENT, OUTPUT, SNAPSHOT, SYNCED } from '../../src/pty/wire.ts';
import type { SessionLog } from '../../src/sessions/log.ts';
import { Dice, seedOf } from '../support/dice.ts';
import { openSessions, type SessionParts } from '../support/sessions.ts';
import { until } from '../support/until.ts';

let parts: SessionParts;
beforeAll(() => {
  parts = openSessions();
});
afterAll(() => parts.stop());

const clock = { now: 0, spy: undefined as { mockRestore(): void } | undefined };
afterEach(() => clock.spy?.mockRestore());

const WINSIZE = { cols: 80, rows: 24 };
const PIECE = new Uint8Array(limits.outputEventBytesMax).fill(0x78);

/** Prints `bytes` as events of the largest size. */
function print(log: SessionLog, bytes: number): void {
  for (let left = bytes; left > 0; left -= PIECE.byteLength) log.append([{ channel: 'stdout', type: 'output', data: PIECE.subarray(0, left) }]);
}

/** Holds the server to the rules of the flow, frame by frame. */
class Peer implements Sink {
  /** `SNAPSHOT 12`, in the order in which they came. */
  readonly frames: string[] = [];
  sequence = 0;
  /** Of OUTPUT and EVENT, and not acknowledged; as the window counts it. */
  unackedBytes = 0;
  #unackedSnapshot = false;
  #synced = true;
  readonly #snapshotTimes: number[] = [];

  send(frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const [tag] = frame;
    if (tag === EVENT) this.#next(JSON.parse(Buffer.from(frame.subarray(1)).toString()).sequence, frame);
    if (tag === OUTPUT) this.#next(Number(view.getBigUint64(1)), frame);
    if (tag === SNAPSHOT) this.#snapshot(Number(view.getBigUint64(1)));
    if (tag === OUTPUT) this.frames.push('OUTPUT');
    if (tag === SNAPSHOT) this.frames.push(`SNAPSHOT ${this.sequence}`);
    if (tag === SYNCED) this.frames.push(`SYNCED ${view.getBigUint64(1)}`);
    if (tag === SYNCED) this.#synced = true;
  }

  #next(sequence: number, { byteLength }: Uint8Array): void {
    if (sequence !== this.sequence + 1) throw new Error(`${sequence} came after ${this.sequence}`);
    if (this.unackedBytes > limits.clientUnackedBytesMax) throw new Error('More came though the window was full');
    this.sequence = sequence;
    this.unackedBytes += byteLength;
  }

  #snapshot(sequence: number): void {
    if (!this.#synced) throw new Error('A SNAPSHOT came before the SYNCED of the one before it');
    if (this.#unackedSnapshot) throw new Error('A second SNAPSHOT came before the first was acknowledged');
    const last = this.#snapshotTimes.at(-1) ?? -Infinity;
    if (clock.now < last + limits.catchUpMs) throw new Error(`A SNAPSHOT came ${clock.now - last} ms after the one before it`);
    this.#snapshotTimes.push(clock.now);
    this.sequence = sequence;
    this.unackedBytes = 0;
    this.#unackedSnapshot = true;
    this.#synced = false;
  }

  unsentBytes(): number {
    return 0;
  }

  close(code: number, reason: string): void {
    throw new Error(`Closed with ${code}: ${reason}`);
  }

  failed(error: unknown): void {
    throw error;
  }

  /** The frame that acknowledges all. */
  ack(): Uint8Array {
    this.unackedBytes = 0;
    this.#unackedSnapshot = false;
    const frame = Buffer.alloc(9, ACK);
    frame.writeBigUInt64BE(BigInt(this.sequence), 1);
    return frame;
  }

  /** What came since this was last asked for. */
  take(): string[] {
    return this.frames.splice(0).filter((frame, at, all) => frame !== 'OUTPUT' || all[at - 1] !== 'OUTPUT');
  }
}

/** A client of a session that waits; `shows` answers the question for a screen. It has all but the last `missed` bytes of output. */
async function opened(missed: number) {
  clock.now = 10_000;
  clock.spy = spyOn(performance, 'now').mockImplementation(() => clock.now);
  const { id } = await parts.sh('exec cat');
  const log = parts.sessions.log(id);
  const after = missed === 0 ? 0 : log.head;
  print(log, missed);
  let asked: PromiseWithResolvers<Snapshot> | undefined;
  const screens = {
    snapshot: () => (asked = Promise.withResolvers<Snapshot>()).promise,
    position: () => log.head,
    settled: () => undefined,
  };
  const peer = new Peer();
  peer.sequence = after;
  const terminal = parts.terminal(id);
  const who = { mode: 'rw' as const, looks: true, client: 'one', name: 'One' };
  const from = { firstSequence: 1, epoch: 1, after, clientEpoch: undefined };
  const stream = new TerminalStream({ sink: peer, log, screens, kept: () => undefined, terminal, ...from, winsize: WINSIZE, wanted: undefined, ...who });
  stream.open();
  /** The screen that was asked for is there, as of `sequence`; or there will be none. */
  const shows = async (sequence: number | undefined): Promise<void> => {
    if (asked === undefined) throw new Error('No screen was asked for');
    if (sequence === undefined) asked.reject(new Error('The screen is gone'));
    else asked.resolve({ sequence, ...WINSIZE, vt: Buffer.from('the screen') });
    asked = undefined;
    await Bun.sleep(0);
  };
  const acks = (afterMs: number): void => {
    clock.now += afterMs;
    stream.receive(peer.ack());
  };
  return { after, log, peer, stream, shows, acks, wasAsked: () => asked !== undefined };
}

/** One at the head. */
async function attached() {
  const client = await opened(0);
  client.acks(0);
  expect(client.peer.take()).toEqual([`SYNCED ${client.log.head}`]);
  return client;
}

test.each(['older than what it has', 'not to be had'])('who comes back to a screen that is %s is sent what it missed, and SYNCED', async (how) => {
  const { after, log, peer, stream, shows } = await opened(200_000);
  expect(peer.take()).toEqual([]);
  await shows(how === 'not to be had' ? undefined : after - 1);
  expect(peer.take()).toEqual(['OUTPUT', `SYNCED ${log.head}`]);
  stream.dispose();
});

test('a client that slows down while it makes up for a screen has its SYNCED before the next screen', async () => {
  const { log, peer, stream, shows, acks, wasAsked } = await attached();
  print(log, 4 * 1024 * 1024);
  expect(peer.take()).toEqual(['OUTPUT']);
  // Half a megabyte in a quarter of a second: two megabytes are no trouble for it, four are.
  acks(250);
  const first = log.head - 16;
  await shows(first);
  expect(peer.take()).toEqual([`SNAPSHOT ${first}`, 'OUTPUT']);
  const reached = peer.sequence;
  expect(reached).toBeLessThan(log.head);
  print(log, 4 * 1024 * 1024);
  acks(5_000);
  await shows(log.head);
  expect(peer.take()).toEqual([`SYNCED ${reached}`, `SNAPSHOT ${log.head}`, `SYNCED ${log.head}`]);
  expect(wasAsked()).toBe(false);
  print(log, 1);
  expect(peer.take()).toEqual(['OUTPUT']);
  stream.dispose();
});

const SEED = seedOf('DISPATCH_TEST_FLOW_SEED');

test(`whatever a client's pace and the screen's, the rules of the flow hold and it comes to the head: ${SEED}`, async () => {
  const dice = new Dice(SEED);
  for (let walk = 0; walk < 12; walk += 1) {
    const { log, peer, stream, shows, acks, wasAsked } = await attached();
    let screen = log.head;
    for (let step = 0; step < 60; step += 1) {
      const what = dice.below(4);
      if (what === 0) print(log, dice.pick([1, 5_000, 300_000, 1_500_000]));
      else if (what === 1) acks(dice.pick([0, 1, 20, 250, 3_000]));
      else if (what === 2) clock.now += dice.pick([1, 100, 400]);
      else if (wasAsked()) await shows((screen = dice.between(screen, log.head)));
    }
    await until('the head', async () => {
      acks(300);
      if (wasAsked()) await shows(log.head);
      return peer.sequence === log.head;
    });
    expect(peer.frames.at(-1)).not.toMatch('SNAPSHOT');
    stream.dispose();
    clock.spy?.mockRestore();
  }
});
