// What may be typed into the search, and where it is then found in lines.

import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { decodeBlock, encodeBlock } from '../../src/search/block.ts';
import { foldLine } from '../../src/search/fold.ts';
import { Matcher } from '../../src/search/matching.ts';
import { neededFor } from '../../src/search/needed.ts';
import { parseQuery } from '../../src/search/query.ts';
import { ListedWords, VOCABULARY_TABLE } from '../../src/search/vocabulary.ts';

const sqlite = new Database(':memory:');
sqlite.run(VOCABULARY_TABLE);
const NONE_LISTED = new ListedWords(sqlite);

const block = (texts: string[]) =>
  decodeBlock(encodeBlock(texts.map((text, index) => ({ text, sequence: index + 1, timestamp: index, channel: 'stdout', type: 'output' }))).packed);

/** Lines that a query finds, nearest words first, latest first. */
function found(query: string, ...texts: string[]): number[] {
  const hits = new Matcher(parseQuery(query)).hits(block(texts), () => true);
  return hits.sort((one, other) => one.nearness - other.nearness || other.line - one.line).map(({ line }) => line);
}

describe('a query', () => {
  test('finds words in any case, with or without accents, in the middle of others', () => {
    expect(found('ÉCOLE', 'une école', 'une ecole', 'decoleter', 'nothing')).toEqual([2, 1, 0]);
    expect(found('userName', 'const getUsername = 1;')).toEqual([0]);
    expect(found('src/app.ts', 'at /work/src/app.ts:12')).toEqual([0]);
    expect(found('straße', 'Straße')).toEqual([0]);
    expect(found('ΟΔΟΣ', 'οδός')).toEqual([0]);
    expect(found('世界人', '你好世界人民')).toEqual([0]);
    expect(found('ﬁle', 'a file')).toEqual([0]);
  });

  test('takes a phrase as it stands, however wide its blanks are', () => {
    expect(found('"not found"', 'file not   found', 'found not', 'not\tfound')).toEqual([2, 0]);
    expect(found('"never closed', 'it was never closed')).toEqual([0]);
  });

  test('takes word* for the beginning of a word', () => {
    expect(found('test*', 'contest', 'testing', 'a_test', 'my-test')).toEqual([3, 1]);
  });

  test('leaves out what has an excluded word', () => {
    expect(found('error -warning', 'error one', 'error with warning', 'warning')).toEqual([0]);
    expect(found('error -"with care"', 'error with care', 'error with it')).toEqual([1]);
  });

  test('wants all words, and puts those nearest to each other first', () => {
    const texts = ['alpha beta', ...Array.from({ length: 40 }, () => '-'), 'alpha', 'between', 'beta', ...Array.from({ length: 40 }, () => '-'), 'alpha'];
    expect(found('alpha beta', ...texts)).toEqual([0, 43]);
    expect(found('alpha beta', 'alpha', ...Array.from({ length: 40 }, () => '-'), 'beta')).toHaveLength(1);
    expect(found('alpha gamma', ...texts)).toEqual([]);
  });

  test('may have words that are too short for the index beside one that is not', () => {
    expect(found('go build', 'go build ./...', 'make build')).toEqual([0]);
  });

  test('says that it is too short, or says nothing but what is not wanted', () => {
    for (const text of ['', '  ', 'ab', 'a b c', '"', '""', '**', '世界', 'é*']) expect(() => parseQuery(text)).toThrow('3 characters');
    expect(() => parseQuery('-error')).toThrow('only excludes');
  });

  test('is text whatever it is made of', () => {
    const hostile = ['" OR 1=1 --', "'; DROP TABLE texts; --", 'NEAR(a b)', 'text:abc', '%%%', '***', '^abc$', '(((', '[a-', 'a\0b\0c', '\ud800abc', 'AND OR NOT', '{abc}', '\\\\\\', '"a"b"c"', '🧨🧨🧨', '*abc*', 'abc'.repeat(5000)];
    for (const text of hostile) {
      const query = parseQuery(text);
      // Nothing but words in quotes, of letters that are no syntax.
      const word = '"([^\\x00-\\x7f]+|[a-z0]{3,})"';
      const condition = `(${word}|\\(${word}( OR ${word})*\\))`;
      expect(neededFor(query, NONE_LISTED).match).toMatch(new RegExp(`^${condition}( AND ${condition})*$`, 'u'));
      expect(() => new Matcher(query).hits(block(['abc', text.replaceAll('\n', ' ')]), () => true)).not.toThrow();
    }
    expect(found('^abc$', 'abc', 'x ^abc$ y')).toEqual([1]);
    expect(found('.*x', 'axb', 'a.*xb')).toEqual([1]);
  });

  test('marks what it found, in the line as it is', () => {
    const marked = (query: string, line: string): string =>
      new Matcher(parseQuery(query)).parts(line).map(({ text, match }) => (match ? `[${text}]` : text)).join('');
    expect(marked('ecole une', 'Une École')).toBe('[Une] [École]');
    expect(marked('e\u0301cole', 'l’e\u0301cole')).toBe('l’[e\u0301cole]');
    expect(marked('abc', 'x'.repeat(500) + 'abc' + 'y'.repeat(500))).toMatch(/^…x+\[abc\]y+…$/);
    expect(marked('aba', 'ababa')).toBe('[aba]ba');
    expect(foldLine('İß').folded.length).toBeGreaterThan(1);
  });
});

test('a block comes back as it was, capitals and all', () => {
  const texts = ['Plain ASCII', '', 'ALL CAPITALS', 'x'.repeat(300) + 'Y', 'none', 'camelCaseName'];
  for (const lines of [texts, [...texts, 'É ñ 世界'], ['']]) {
    expect(block(lines).text).toBe(lines.join('\n'));
    expect(lines.map((_, index) => block(lines).line(index))).toEqual(lines);
  }
  expect(block(texts).folded.toString()).toBe(texts.join('\n').toLowerCase());
  expect(block(texts).moments.of(5)).toEqual({ sequence: 6, timestamp: 5, channel: 'stdout', type: 'output' });
});
