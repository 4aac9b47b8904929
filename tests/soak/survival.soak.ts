// The long form of tests/program/survival.test.ts, for `bun run soak`: twenty sessions of about
// 1 MB/s under ten kills, and 200 MB printed while no server runs for a minute.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { leavesNothing } from '../support/cycles.ts';
import { smallDisk } from '../support/small-disk.ts';
import { numbered, numbersIn, Survivor } from '../support/survivor.ts';
import { until } from '../support/until.ts';

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

test('200 MB are printed into a full disk while no server runs: the programs live, and each lost byte is told of', async () => {
  const disk = smallDisk();
  if (!disk.real) return disk.remove();
  await survivor.dispose();
  survivor = new Survivor(disk.folder);
  try {
    await survivor.start();
    const lines = 3_200_000;
    const id = await survivor.terminal(['sh', '-c', '"$@"; exec cat', 'sh', ...numbered(lines, 200_000)]);
    await survivor.kill();
    disk.fill();
    await Bun.sleep(MINUTE);
    disk.free();
    await survivor.start();
    const last = String(lines - 1).padStart(9, '0');
    await until('the last line', async () => (await survivor.screen(id)).includes(last), 5 * MINUTE);
    const gaps = (await survivor.events(id)).filter(({ type }) => type === 'gap');
    const lost = gaps.reduce((sum, { data }) => sum + data.bytes, 0);
    expect(lost).toBeGreaterThan(0);
    expect(lost + Buffer.byteLength(await survivor.output(id))).toBe(lines * 64);
    await survivor.type(id, 'alive\n');
    await survivor.prints(id, 'alive\r\nalive');
  } finally {
    await survivor.dispose();
    disk.remove();
    survivor = new Survivor();
  }
}, 15 * MINUTE);

test('a thousand sessions that come and go leave no process and no descriptor', async () => {
  await survivor.start();
  const [, after] = await leavesNothing(survivor, 1_000);
  expect(after?.processes).toBe(0);
}, 15 * MINUTE);
