// A server killed at any moment of appending, packing and pruning: the log opens, without a
// gap, every event as it was, and all that was committed is there. Others read it meanwhile.

import { afterEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { Events } from '../../src/db/events.ts';
import { openForReading } from '../../src/db/reading.ts';
import type { LogEvent } from '../../src/sessions/event.ts';
import { COMPACTED, eventOf } from '../fixtures/compacting.ts';
import { Dice, seedOf } from '../support/dice.ts';
import { readAll, sessionRow } from '../support/history.ts';
import { openSessions, type SessionParts } from '../support/sessions.ts';

const ROUNDS = 8;

let parts: SessionParts;
afterEach(() => parts.stop());

function expectTrue(events: readonly LogEvent[]): void {
  for (const { runId, sequence, channel, type, timestamp, data } of events) {
    const wanted = eventOf(runId, sequence);
    const same =
      data instanceof Uint8Array
        ? wanted.data instanceof Uint8Array && Buffer.compare(data, wanted.data) === 0
        : Bun.deepEquals(data, wanted.data);
    if (!same || channel !== wanted.channel || type !== wanted.type || timestamp !== wanted.timestamp) {
      throw new Error(`${runId} ${sequence} is not what it was`);
    }
  }
}

/** Reads on a connection of its own while the other process writes. @returns pages read */
function look(reader: { events: Events }, roll: Dice, heads: ReadonlyMap<string, number>): void {
  const id = roll.pick(COMPACTED);
  const head = heads.get(`head ${id}`) ?? 0;
  const after = roll.below(head + 1);
  const page = reader.events.read(id, { after, upTo: head, limit: 50, bytesMax: 1_000_000 }).events;
  expectTrue(page);
  for (const [index, { sequence }] of page.entries()) expect(sequence).toBe((page[0]?.sequence ?? 0) + index);
  // Gone from the front at most: what is there goes on to where it was asked for.
  if (page.length < 50 && page.length > 0 && page.reduce((sum, { data }) => sum + (data instanceof Uint8Array ? data.length : 0), 0) < 1_000_000) {
    expect(page.at(-1)?.sequence).toBe(head);
  }
}

test('killed at random moments, the log opens whole, and nothing that was said is missing', async () => {
  const roll = new Dice(seedOf('PACKS_SEED'));
  parts = openSessions();
  const { dataFolder } = parts;
  for (const id of COMPACTED) sessionRow(parts, id, id === 'live' ? 'active' : 'stopped');
  /** `head ID` and `first ID` as the killed one said them. */
  const said = new Map<string, number>();
  let packed = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    await parts.stop(true);
    const command = [process.execPath, join(import.meta.dir, '../fixtures/compacting.ts'), dataFolder, `${roll.below(1e9)}`];
    const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'inherit' });
    let left = 30 + roll.below(150);
    const reading = openForReading(dataFolder);
    const reader = { events: new Events(reading) };
    let rest = '';
    const output = child.stdout.getReader();
    for (let part = await output.read(); !part.done; part = await output.read()) {
      const lines = (rest + Buffer.from(part.value).toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [what = '', id = '', value = ''] = line.split(' ');
        if (what === 'head' || what === 'first') said.set(`${what} ${id}`, Number(value));
        if (what === 'packed') packed += 1;
        left -= 1;
      }
      if (left > 0) look(reader, roll, said);
      else child.kill('SIGKILL');
    }
    await child.exited;
    reading.dispose();
    parts = openSessions(join(dataFolder, '..'));
    for (const id of COMPACTED) {
      const row = parts.rows.get(id);
      const events = readAll(parts, id);
      expect(row?.head).toBeGreaterThanOrEqual(said.get(`head ${id}`) ?? 0);
      expect(row?.firstSequence).toBeGreaterThanOrEqual(said.get(`first ${id}`) ?? 1);
      const kept = (row?.head ?? 0) - (row?.firstSequence ?? 0) + 1;
      expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: kept }, (_, index) => (row?.firstSequence ?? 0) + index));
      expect(new Set(events.map((event) => event.id)).size).toBe(kept);
      expectTrue(events);
    }
  }
  const check = parts.database.sqlite.query<{ integrity_check: string }, []>('PRAGMA integrity_check').get();
  expect(check?.integrity_check).toBe('ok');
  expect(packed).toBeGreaterThan(ROUNDS);
});
