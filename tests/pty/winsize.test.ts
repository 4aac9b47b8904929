// Who leads the size: a table of stories, each a list of steps and what holds after them.

import { expect, test } from 'bun:test';
import { clampWinsize, type Winsize, WinsizeRule } from '../../src/pty/winsize.ts';

interface Client {
  name: string;
  mode: 'rw' | 'ro';
}
const a: Client = { name: 'a', mode: 'rw' };
const b: Client = { name: 'b', mode: 'rw' };
const c: Client = { name: 'c', mode: 'rw' };
const watcher: Client = { name: 'watcher', mode: 'ro' };
const size = (cols: number, rows: number): Winsize => ({ cols, rows });

type Rule = WinsizeRule<Client>;
const stories: [string, (rule: Rule) => unknown, Client | undefined, Winsize][] = [
  ['without clients the size stays', () => {}, undefined, size(80, 24)],
  ['the first rw client leads, at its size', (rule) => rule.join(a, size(100, 30)), a, size(100, 30)],
  ['the first rw client leads, also without a size', (rule) => rule.join(a, undefined), a, size(80, 24)],
  ['a watcher neither leads nor resizes', (rule) => [rule.join(watcher, size(10, 10)), rule.want(watcher, size(11, 11)), rule.lead(watcher)], undefined, size(80, 24)],
  ['the first rw client leads though a watcher came before', (rule) => [rule.join(watcher, size(10, 10)), rule.join(a, size(90, 20))], a, size(90, 20)],
  ['another is remembered, not applied', (rule) => [rule.join(a, size(100, 30)), rule.join(b, size(50, 20)), rule.want(b, size(51, 21))], a, size(100, 30)],
  ['who types leads, at the size that was remembered', (rule) => [rule.join(a, size(100, 30)), rule.join(b, size(50, 20)), rule.want(b, size(51, 21)), rule.lead(b)], b, size(51, 21)],
  ['the leader resizes at once', (rule) => [rule.join(a, size(100, 30)), rule.want(a, size(101, 31))], a, size(101, 31)],
  ['when the leader leaves, the most recently active one follows', (rule) => [rule.join(a, size(1, 1)), rule.join(b, size(50, 20)), rule.join(c, size(60, 25)), rule.lead(b), rule.lead(c), rule.lead(a), rule.leave(a)], c, size(60, 25)],
  ['where none was active, the first to come follows', (rule) => [rule.join(a, size(90, 20)), rule.join(b, size(50, 20)), rule.join(c, size(60, 25)), rule.leave(a)], b, size(50, 20)],
  ['when one that does not lead leaves, nothing changes', (rule) => [rule.join(a, size(90, 20)), rule.join(b, size(50, 20)), rule.leave(b)], a, size(90, 20)],
  ['when the last leaves, the size stays', (rule) => [rule.join(a, size(90, 20)), rule.leave(a)], undefined, size(90, 20)],
  ['a watcher never follows', (rule) => [rule.join(a, size(90, 20)), rule.join(watcher, size(10, 10)), rule.leave(a)], undefined, size(90, 20)],
  ['one that left is forgotten', (rule) => [rule.join(a, size(90, 20)), rule.join(b, size(50, 20)), rule.leave(b), rule.lead(b), rule.want(b, size(5, 5))], a, size(90, 20)],
  ['a size from outside applies', (rule) => rule.set(size(120, 40)), undefined, size(120, 40)],
];

test.each(stories)('%s', (_, steps, leader, current) => {
  const rule = new WinsizeRule<Client>(() => size(80, 24));
  steps(rule);
  expect(rule.leader).toBe(leader);
  expect(rule.current).toEqual(clampWinsize(current));
});

test('a change is told only where there is one', () => {
  const rule = new WinsizeRule<Client>(() => size(80, 24));
  expect(rule.join(a, size(80, 24))).toEqual({ leaderChanged: true });
  expect(rule.want(a, size(80, 24))).toEqual({ leaderChanged: false });
  expect(rule.want(a, size(81, 24))).toEqual({ apply: size(81, 24), leaderChanged: false });
  expect(rule.lead(a)).toEqual({ leaderChanged: false });
  expect(rule.join(b, size(40, 10))).toEqual({ leaderChanged: false });
  expect(rule.lead(b)).toEqual({ apply: size(40, 10), leaderChanged: true });
});

test.each([
  [size(2, 1), size(2, 1)],
  [size(1, 0), size(2, 1)],
  [size(500, 300), size(500, 300)],
  [size(501, 301), size(500, 300)],
  [size(65535, 65535), size(500, 300)],
])('a size out of bounds is clamped to them, and one within stays', (given, clamped) => {
  expect(clampWinsize(given)).toEqual(clamped);
});
