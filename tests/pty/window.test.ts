// How quick a client is believed to be decides between the bytes that it missed and a screen: one
// pause must not cost a quick client its scrollback, and a slow one must not be fed for minutes.

import { afterEach, beforeEach, expect, spyOn, test } from 'bun:test';
import { limits } from '../../src/limits.ts';
import { Window } from '../../src/pty/window.ts';

let now = 0;
let clock: { mockRestore(): void };
beforeEach(() => {
  now = 1_000;
  clock = spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => clock.mockRestore());

const PIECE = limits.outputEventBytesMax;

/** A client that takes windowfuls, each in so many ms. */
function client() {
  const window = new Window(0, () => 0);
  let sequence = 0;
  const takes = (ms: number): number => {
    while (!window.isFull) window.event((sequence += 1), PIECE);
    now += ms;
    window.ack(sequence);
    expect(window.isDrained).toBe(true);
    return window.tailBytesMax;
  };
  return { window, takes };
}

test('a quick client that paused once is still given what it missed, and one that stays slow is not', () => {
  const { takes } = client();
  for (let turn = 0; turn < 3; turn += 1) takes(1);
  expect(takes(1)).toBe(limits.clientBehindBytesMax);
  expect(takes(800)).toBe(limits.clientBehindBytesMax / 2);
  expect(takes(1)).toBe(limits.clientBehindBytesMax);
  for (let turn = 0; turn < 5; turn += 1) takes(2_000);
  expect(takes(2_000)).toBe(limits.clientUnackedBytesMax);
});

test('a client of which nothing is known yet may miss more than a window', () => {
  const { window } = client();
  expect(window.tailBytesMax).toBeGreaterThan(limits.clientUnackedBytesMax);
});
