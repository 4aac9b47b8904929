// RFC 7396's own examples, and the keys that JavaScript objects trip over.

import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/json.ts';
import { mergePatch } from '../../src/workspaces/merge-patch.ts';

/** Appendix A, those whose patch and target are objects. */
const EXAMPLES: readonly [JsonObject, JsonObject, JsonObject][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{ a: 'foo' }, { a: { b: { c: null } } }, { a: { b: {} } }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

describe('a merge patch', () => {
  test.each(EXAMPLES)('of %j by %j gives %j', (target, patch, merged) => {
    const before = JSON.stringify([target, patch]);
    expect(mergePatch(target, patch)).toEqual(merged);
    expect(JSON.stringify([target, patch])).toBe(before);
  });

  test('keeps __proto__ and constructor as keys like any other', () => {
    const patch = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    const merged = mergePatch({ a: 1 }, JSON.parse(patch));
    expect(JSON.stringify(merged)).toBe(`{"a":1,${patch.slice(1)}`);
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });
});
