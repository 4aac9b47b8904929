// How sessions lie side by side, as data: whatever is done, each is there once, the shares add
// up, and what was stored elsewhere is taken only as far as it is sound.

import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { Dice, seedOf } from '../support/dice.ts';

interface Tree {
  tabs?: string[];
  shown?: string | null;
  split?: string;
  parts?: { share: number; node: Tree }[];
}

interface Trees {
  EMPTY: Tree;
  carried(tree: Tree, id: string, side: string): Tree;
  moved(tree: Tree, split: Tree, index: number, by: number): Tree;
  placed(tree: Tree): { leaves: { leaf: Tree; width: number; height: number }[] };
  sessionsIn(tree: Tree): string[];
  showing(tree: Tree, id: string): Tree;
  sound(stored: unknown, known: Set<string>): Tree;
  withSession(tree: Tree, id: string, near: string | null, where?: string): Tree;
  without(tree: Tree, id: string): Tree;
}
const trees: Trees = await import(join(import.meta.dir, '../../public/workbench/tree.js'));
const { carried, EMPTY, moved, placed, sessionsIn, showing, sound, withSession, without } = trees;

test('a session gets a place of its own beside another, and its place goes with it', () => {
  const one = withSession(EMPTY, 'a', null);
  const two = withSession(one, 'b', 'a', 'right');
  const three = withSession(two, 'c', 'b', 'down');
  expect(three).toEqual({
    split: 'row',
    parts: [
      { share: 0.5, node: { tabs: ['a'], shown: 'a' } },
      { share: 0.5, node: { split: 'column', parts: [{ share: 0.5, node: { tabs: ['b'], shown: 'b' } }, { share: 0.5, node: { tabs: ['c'], shown: 'c' } }] } },
    ],
  });
  expect(without(three, 'c')).toEqual(two);
  expect(without(without(three, 'c'), 'a')).toEqual({ tabs: ['b'], shown: 'b' });
});

test('what was stored by another version, or for sessions that are gone, is taken as far as it is sound', () => {
  const known = new Set(['a', 'b']);
  for (const nonsense of [undefined, null, 7, 'x', {}, { tabs: 'a' }, { parts: 4 }, { parts: [null, { share: -1 }, { node: 3 }] }]) {
    expect(sound(nonsense, known)).toEqual(EMPTY);
  }
  const stored = { split: 'row', parts: [{ share: 3, node: { tabs: ['a', 'gone', 'a', 5], shown: 'gone' } }, { share: 1, node: { tabs: ['a', 'b'], shown: 'b' } }] };
  expect(sound(stored, known)).toEqual({
    split: 'row',
    parts: [{ share: 0.75, node: { tabs: ['a'], shown: 'a' } }, { share: 0.25, node: { tabs: ['b'], shown: 'b' } }],
  });
});

test('a session that is carried goes step by step: out of its place, into the next, and no further than the edge', () => {
  const leaf = (...tabs: string[]): Tree => ({ tabs, shown: tabs[0] ?? null });
  const row = (...nodes: Tree[]): Tree => ({ split: 'row', parts: nodes.map((node) => ({ share: 1 / nodes.length, node })) });
  const column = (...nodes: Tree[]): Tree => ({ ...row(...nodes), split: 'column' });
  const start = row(leaf('a', 'b'), leaf('c'));
  const below = carried(start, 'b', 'down');
  expect(below).toEqual(row(column(leaf('a'), leaf('b')), leaf('c')));
  expect(carried(below, 'b', 'right')).toMatchObject({ split: 'row', parts: [{ node: leaf('a') }, { node: { tabs: ['c', 'b'], shown: 'b' } }] });
  expect(carried(below, 'b', 'down')).toEqual(below);
  expect(carried(below, 'b', 'left')).toEqual(below);
  // Of several beside it, the one that lies across from its middle.
  expect(carried(row(leaf('a'), column(leaf('b'), leaf('c'), leaf('d'))), 'a', 'right')).toMatchObject({ parts: [{ node: leaf('b') }, { node: { tabs: ['c', 'a'] } }, { node: leaf('d') }] });
  expect(carried(start, 'unknown', 'left')).toEqual(start);
});

test('shares that are none, or leave a session no room, become ones that can be seen', () => {
  for (const share of ['1e999', Number.NaN, 0, -3, null, {}, 1e-300]) {
    const stored = { split: 'row', parts: [{ share, node: { tabs: ['a'], shown: 'a' } }, { share: 1, node: { tabs: ['b'], shown: 'b' } }] };
    const { leaves } = placed(sound(stored, new Set(['a', 'b'])));
    expect(leaves.map(({ width }) => width > 1e-4 && width < 1)).toEqual([true, true]);
  }
});

test('whatever is opened, moved, split and closed, every session is there once and the whole place is used', () => {
  const dice = new Dice(seedOf('BENCH_SEED'));
  const pick = <Value>(from: readonly Value[]): Value => from[dice.below(from.length)] as Value;
  for (let round = 0; round < 50; round += 1) {
    let tree: Tree = EMPTY;
    const open = new Set<string>();
    for (let step = 0; step < 60; step += 1) {
      const id = pick(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
      const what = dice.roll();
      if (what < 0.55) {
        tree = withSession(tree, id, open.size === 0 ? null : pick([...open]), pick(['tab', 'left', 'right', 'up', 'down']));
        open.add(id);
      } else if (what < 0.75) {
        tree = without(tree, id);
        open.delete(id);
      } else if (what < 0.9) tree = showing(tree, id);
      else if (what < 0.95) tree = carried(tree, id, pick(['left', 'right', 'up', 'down']));
      else if (tree.parts !== undefined) tree = moved(tree, tree, Math.floor(dice.roll() * tree.parts.length), dice.roll() - 0.5);
      expect([...sessionsIn(tree)].sort()).toEqual([...open].sort());
      const { leaves } = placed(tree);
      expect(leaves.reduce((sum, { width, height }) => sum + width * height, 0)).toBeCloseTo(1, 9);
      for (const { leaf } of leaves) expect(open.size === 0 ? leaf.shown === null : leaf.tabs?.includes(leaf.shown ?? '')).toBe(true);
      expect(sound(tree, open)).toEqual(tree);
    }
  }
});
