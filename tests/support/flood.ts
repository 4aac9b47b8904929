// A flood of output with one viewer that reads nothing, one that reads so much a second, and
// twenty that read well. All of them must come to the same last screen, without a hole.

import { expect } from 'bun:test';
import { limits } from '../../src/limits.ts';
import { attach, screensDiffer, type TestClient } from './client.ts';
import { RawClient } from './raw-client.ts';
import { differences } from './screen-state.ts';
import type { TestServer } from './server.ts';
import { until } from './until.ts';

const WELL = 20;
const DONE = 'done-printing';

export type Reached = Pick<TestServer, 'url' | 'key'>;
export type Start = (command: string[]) => Promise<string>;

export interface Flood {
  bytes: number;
  slowBytesPerSecond: number;
  /** The one that reads nothing does so for so long, and until the flood is over. */
  frozenMs: number;
}

export interface FloodSeen {
  /** All bytes that were ever sent to it while it read nothing, and afterwards. */
  frozen: { sentBytes: number };
  slow: { sentBytes: number; snapshots: number };
  /** From the go until the last of the twenty had seen the end. */
  wellMs: number;
}

/** @param terminal starts a session with a command and gives its id */
export async function watchFlood(server: Reached, terminal: Start, { bytes, slowBytesPerSecond, frozenMs }: Flood): Promise<FloodSeen> {
  const id = await terminal(floodOf(bytes));
  const well = await Promise.all(Array.from({ length: WELL }, (_, n) => attach(server, id, { client: `well${n}`, screen: n < 2 })));
  const [first, second] = well;
  if (first === undefined || second === undefined) throw new Error('Nobody came');
  await Promise.all(well.map((client) => client.sees('ready')));
  const frozen = await RawClient.attach(server, id, { client: 'frozen' });
  const slow = await RawClient.attach(server, id, { client: 'slow' });
  frozen.pace(0);
  slow.pace(slowBytesPerSecond);
  const begun = performance.now();
  first.input('g');
  await Promise.all(well.map((client) => client.until('the end', () => showsEnd(client), 300_000)));
  const wellMs = performance.now() - begun;
  await Bun.sleep(Math.max(0, frozenMs - wellMs));
  const sentBefore = frozen.receivedBytes;
  frozen.pace(Infinity);
  // Who answers no ping for long is sent away, and comes back with what it had.
  const back = frozenMs < limits.pongTimeoutMs ? frozen : await comeBack(server, id, frozen);
  let at = 0;
  const where = (): string =>
    JSON.stringify({ at, well: well.map(({ sequence }) => sequence), raw: [back, slow].map(({ sequence, broken, receivedBytes, snapshots }) => ({ sequence, broken, receivedBytes, snapshots })) });
  await until(() => `all at the head: ${where()}`, async () => {
    at = await headOf(server, id);
    const raw = [back, slow].every(({ sequence, broken }) => sequence === at && broken === undefined);
    return raw && well.every(({ sequence, broken }) => sequence === at && broken === undefined);
  }, 120_000);
  expect(screensDiffer(first, second)).toEqual([]);
  for (const client of [back, slow]) {
    if (first.screen !== undefined) expect(differences(first.screen.emulator.core, client.shown.emulator.core)).toEqual([]);
    expect([client.broken, client.unsynced]).toEqual([undefined, 0]);
    client.close();
  }
  await Promise.all(well.map((client) => client.close()));
  return {
    frozen: { sentBytes: frozen.receivedBytes - sentBefore + (back === frozen ? 0 : back.receivedBytes) },
    slow: { sentBytes: slow.receivedBytes, snapshots: slow.snapshots },
    wellMs,
  };
}

/** Waits for a byte, prints so many, says that it has, and stays. */
export const floodOf = (bytes: number): string[] => [
  'sh',
  '-c',
  `stty raw -echo; printf ready; head -c 1 >/dev/null; yes 'a line of the flood, as any other' | head -c ${bytes}; printf '\\r\\n${DONE}'; exec cat`,
];

async function comeBack(server: Reached, id: string, frozen: RawClient): Promise<RawClient> {
  await until('the end of its connection', () => frozen.isClosed);
  return RawClient.attach(server, id, { client: 'frozen' }, frozen);
}

async function headOf({ url, key }: Reached, id: string): Promise<number> {
  const answer = await fetch(`${url}/api/sessions/${id}`, { headers: { authorization: `Bearer ${key}` } });
  return ((await answer.json()) as { currentSequence: number }).currentSequence;
}

/** As bytes, or as the screen of one that was behind. */
export const showsEnd = (client: TestClient): boolean => client.lastText.includes(DONE) || client.shown.includes(DONE);
