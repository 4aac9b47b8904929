// A loop of quick commands: the log takes ten marks a second at most, and what is told stays true.

import { describe, expect, test } from 'bun:test';
import { limits } from '../../src/limits.ts';
import { CommandFold } from '../../src/pty/screen/command-fold.ts';
import type { DerivedEvent } from '../../src/pty/screen/protocol.ts';
import { Dice, seedOf } from '../support/dice.ts';

const mark = (sequence: number, phase: string, more: Record<string, string | number> = {}): DerivedEvent => ({ type: 'command', data: { phase, ...more }, sequence });

/** One command as a shell tells of it. */
const command = (number: number, exit: number): DerivedEvent[] => [
  mark(number * 4, 'output', { line: `command ${number}` }),
  mark(number * 4 + 1, 'done', { exit }),
  mark(number * 4 + 2, 'prompt'),
  mark(number * 4 + 3, 'input'),
];

describe('commands that come too quickly', () => {
  test('are left out as wholes, counted, and the last one is there', () => {
    const fold = new CommandFold();
    const told: DerivedEvent[] = [];
    for (let number = 0; number < 100; number += 1) {
      for (const event of command(number, number % 10 === 5 ? 1 : 0)) fold.push(event);
      told.push(...fold.take(number));
    }
    for (let now = 1000; fold.first !== Infinity; now += 100) told.push(...fold.take(now));
    const started = told.filter(({ data }) => data.phase === 'output');
    const folded = started.reduce((sum, { data }) => sum + Number(data.folded ?? 0), 0);
    expect(started.length + folded).toBe(100);
    expect(started.at(-1)?.data.line).toBe('command 99');
    const failed = told.filter(({ data }) => data.exit === 1).length + started.reduce((sum, { data }) => sum + Number(data.foldedFailed ?? 0), 0);
    expect(failed).toBe(10);
  });

  test('never end without a beginning, nor come out of order or more than ten a second', () => {
    const seed = seedOf('FOLD_SEED');
    const dice = new Dice(seed);
    for (let round = 0; round < 50; round += 1) {
      const fold = new CommandFold();
      const told: { event: DerivedEvent; at: number }[] = [];
      let now = 0;
      let count = 0;
      const take = () => told.push(...fold.take(now).map((event) => ({ event, at: now })));
      for (let number = 0; number < 60; number += 1) {
        for (const event of command(number, dice.below(3))) {
          if (dice.chance(0.1)) continue; // A mark that the shell did not print.
          if (event.data.phase === 'output') count += 1;
          fold.push(event);
          now += dice.chance(0.2) ? dice.below(800) : dice.below(5);
          if (dice.chance(0.5)) take();
        }
      }
      for (; fold.first !== Infinity; now += 50) take();
      const sequences = told.map(({ event }) => event.sequence);
      expect(sequences).toEqual([...new Set(sequences)].sort((one, other) => one - other));
      const started = told.filter(({ event }) => event.data.phase === 'output');
      expect([`FOLD_SEED=${seed} ${round}`, started.length + started.reduce((sum, { event }) => sum + Number(event.data.folded ?? 0), 0)]).toEqual([`FOLD_SEED=${seed} ${round}`, count]);
      for (const [index, { at }] of told.entries()) {
        const tenth = told[index - limits.derivedPerSecondMax];
        if (tenth !== undefined) expect(at - tenth.at).toBeGreaterThanOrEqual(1000);
      }
    }
  });
});
