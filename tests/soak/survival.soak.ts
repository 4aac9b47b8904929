// The long form of tests/program/survival.test.ts, for `bun run soak`: twenty sessions of about
// 1 MB/s under ten kills, and 200 MB printed while no server runs for a minute.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { numbered, numbersIn, Survivor } from '../support/survivor.ts';

const MINUTE = 60_000;

let survivor: Survivor;
beforeEach(() => {
  survivor = new Survivor();
});
afterEach(() => survivor.dispose());

/** @throws at the first line that is missing, comes twice or is out of its turn */
function expectEachOnce(text: string, least: number): void {
  const numbers = numbersIn(text.slice(0, text.lastIndexOf('\r\n') + 2));
  const wrong = numbers.findIndex((number, index) => number !== index);
  expect(wrong === -1 ? 'each once' : `line ${numbers[wrong]} in place of ${wrong}`).toBe('each once');
  expect(numbers.length).toBeGreaterThanOrEqual(least);
}

test('twenty sessions of 1 MB/s under ten kills at random moments', async () => {
  await survivor.start();
  const ids = await Promise.all(Array.from({ length: 20 }, () => survivor.terminal(numbered(100_000_000, 16_000))));
  for (let round = 0; round < 10; round += 1) {
    await Bun.sleep(500 + Math.random() * 2_500);
    await survivor.kill();
    await survivor.start();
  }
  await Promise.all(ids.map((id) => survivor.api(`/api/sessions/${id}/stop`, 'POST')));
  for (const id of ids) {
    await survivor.ended(id, MINUTE);
    expectEachOnce(await survivor.output(id), 16_000);
  }
}, 15 * MINUTE);

test('200 MB are printed while no server runs for a minute', async () => {
  await survivor.start();
  const lines = 800_000; // 50 MB each.
  const ids = await Promise.all(Array.from({ length: 4 }, () => survivor.terminal(numbered(lines, 20_000))));
  await survivor.kill();
  await Bun.sleep(MINUTE);
  await survivor.start();
  for (const id of ids) {
    expect(await survivor.ended(id, 3 * MINUTE)).toMatchObject({ status: 'stopped', exitCode: 0 });
    expectEachOnce(await survivor.output(id), lines);
  }
}, 15 * MINUTE);
