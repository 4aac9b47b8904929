// A snapshot taken anywhere, then what comes after it, gives the screen of an emulator that
// never left: whatever was printed, wherever it was cut, whatever the size became.

import { describe, expect, test } from 'bun:test';
import { Screen, type ScreenEvent } from '../../src/pty/screen/screen.ts';
import { OutputSplitter } from '../../src/pty/splitter.ts';
import { Dice, seedOf } from '../support/dice.ts';
import { randomSequence } from '../support/random-output.ts';
import { recordings } from '../support/recordings.ts';
import { differences } from '../support/screen-state.ts';

const seed = seedOf('SCREEN_SEED');
const cases = Number(process.env.SCREEN_CASES ?? 600);
const encoder = new TextEncoder();
/** What a client does before it takes a snapshot. */
const RESET = encoder.encode('\x18\x1bc');

const smallSize = (dice: Dice): { cols: number; rows: number } => ({ cols: dice.between(2, 30), rows: dice.between(2, 10) });
const output = (bytes: Uint8Array): ScreenEvent => ({ sequence: 1, type: 'output', data: bytes });

function madeUp(dice: Dice): ScreenEvent[] {
  const events: Omit<ScreenEvent, 'sequence'>[] = [{ type: 'resize', data: smallSize(dice) }];
  const splitter = new OutputSplitter();
  for (let count = dice.between(3, 80); count > 0; count -= 1) {
    if (dice.chance(0.05)) {
      events.push({ type: 'resize', data: smallSize(dice) });
      continue;
    }
    let text = '';
    for (let more = dice.between(1, 4); more > 0; more -= 1) text += randomSequence(dice);
    for (const piece of splitter.push(encoder.encode(text))) events.push({ type: 'output', data: piece });
  }
  return events.map((event, index) => ({ ...event, sequence: index + 1 }));
}

/** A client that comes to `snapshot` from `before`, whatever that left behind. */
function client(before: ScreenEvent[], scrollback: number, from: Screen, lines: number): Screen {
  const screen = new Screen({ winsize: { cols: 80, rows: 24 }, scrollback });
  for (const event of before) screen.take(event);
  screen.take(output(RESET));
  screen.restore(from.snapshot(lines));
  return screen;
}

/** What went wrong, or nothing. */
function follow(dice: Dice, events: ScreenEvent[], scrollback: number): string[] {
  const stayed = new Screen({ winsize: { cols: 80, rows: 24 }, scrollback });
  const cut = dice.between(1, events.length);
  for (const event of events.slice(0, cut)) stayed.take(event);
  const before = dice.chance(0.5) ? events.slice(0, dice.below(cut)) : [];
  let came = client(before, scrollback, stayed, 100_000);
  for (let index = cut; ; index += 1) {
    const found = differences(stayed.emulator.core, came.emulator.core);
    if (found.length > 0) return [`cut at ${cut} of ${events.length}, differs after ${index}: ${describeEvent(events[index - 1])}`, ...found];
    const event = events[index];
    if (event === undefined) return [];
    stayed.take(event);
    came.take(event);
    // Left behind, and brought to the present by another snapshot.
    if (dice.chance(0.03)) came = client(dice.chance(0.5) ? events.slice(0, index - 1) : [], scrollback, stayed, 100_000);
  }
}

const describeEvent = (event: ScreenEvent | undefined): string =>
  event?.data instanceof Uint8Array ? JSON.stringify(Buffer.from(event.data).toString()) : JSON.stringify(event?.data);

describe('a snapshot and what comes after it', () => {
  test(`give the same screen: ${cases} made-up programs`, () => {
    for (let round = 0; round < cases; round += 1) {
      const dice = new Dice(`${seed}/${round}`);
      const found = follow(dice, madeUp(dice), dice.pick([0, 5, 200]));
      expect([`SCREEN_SEED=${seed} round ${round}`, ...found].join('\n')).toBe(`SCREEN_SEED=${seed} round ${round}`);
    }
  }, 120_000);

  for (const [name, record] of Object.entries(recordings)) {
    test(`give the same screen: ${name}`, async () => {
      const recorded = await record();
      expect(recorded.length).toBeGreaterThan(3); // htop may say all of it in five.
      for (let round = 0; round < 25; round += 1) {
        const dice = new Dice(`${seed}/${name}/${round}`);
        const events = withSizes(dice, recut(dice, recorded));
        const found = follow(dice, events, 1000);
        expect([`SCREEN_SEED=${seed} ${name} ${round}`, ...found].join('\n')).toBe(`SCREEN_SEED=${seed} ${name} ${round}`);
      }
    }, 60_000);
  }
});

/** The same output in other pieces. */
function recut(dice: Dice, events: ScreenEvent[]): ScreenEvent[] {
  const again: ScreenEvent[] = [];
  const splitter = new OutputSplitter();
  for (const event of events) {
    if (!(event.data instanceof Uint8Array)) {
      again.push(...splitter.flush().map(output), event);
      continue;
    }
    for (let at = 0; at < event.data.byteLength; ) {
      const length = dice.between(1, 2000);
      again.push(...splitter.push(event.data.slice(at, at + length)).map(output));
      at += length;
    }
  }
  return again.concat(splitter.flush().map(output)).map((event, index) => ({ ...event, sequence: index + 1 }));
}

/** Sizes in between that the program never heard of. */
function withSizes(dice: Dice, events: ScreenEvent[]): ScreenEvent[] {
  const size = (): ScreenEvent => ({ sequence: 1, type: 'resize', data: { cols: dice.between(20, 150), rows: dice.between(5, 60) } });
  const sized = events.flatMap((event) => (dice.chance(2 / events.length) ? [event, size()] : [event]));
  return sized.map((event, index) => ({ ...event, sequence: index + 1 }));
}
