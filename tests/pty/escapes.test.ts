// Sequences are kept or dropped whole, wherever the stream is cut.

import { describe, expect, test } from 'bun:test';
import { EscapeFilter, isClipboard } from '../../src/pty/escapes.ts';

const withoutClipboard = (parts: readonly string[]): string => {
  const filter = new EscapeFilter((sequence) => !isClipboard(sequence));
  return parts.map((part) => filter.filter(part)).join('');
};

const KEPT = [
  'plain text',
  '\x1b[1;31mred\x1b[0m',
  '\x1b]0;a title\x07after',
  '\x1b]0;a title\x1b\\after',
  '\x1b]0;ended by the next\x1b[1mbold',
  '\x1b(0lqk\x1b(B',
  '\x1b7saved\x1b8',
  '\x1bPq#0;2;0;0;0#0~~\x1b\\',
  'é 日本語 👩‍💻',
  `\x1b]1337;File=:${'A'.repeat(200_000)}\x07after`,
];

const DROPPED: readonly [string, string][] = [
  ['a\x1b]52;c;aGk=\x07b', 'ab'],
  ['a\x1b]52;c;aGk=\x1b\\b', 'ab'],
  ['a\x1b]052;c;aGk=\x07b', 'ab'],
  ['a\u009d52;c;aGk=\u009cb', 'ab'],
  ['a\x1b\x1b]52;c;eA==\x07]52;c;aGFjaw==\x07b', 'a]52;c;aGFjaw==\x07b'],
  ['a\x1b]52;c;aGk=\x1b[1mb', 'a\x1b[1mb'],
  [`a\x1b]52;c;${'A'.repeat(300_000)}\x07b`, 'ab'],
  ['a\x1b]52;c;never ended', 'a'],
];

describe('the filter', () => {
  test('keeps all that is not asked out', () => {
    for (const text of KEPT) expect(withoutClipboard([text])).toBe(text);
  });

  test('drops every writing of the clipboard, and joins nothing into one by it', () => {
    for (const [text, left] of DROPPED) expect(withoutClipboard([text])).toBe(left);
  });

  test('gives the same wherever the stream is cut', () => {
    for (const text of [...KEPT, ...DROPPED.map(([given]) => given)]) {
      const whole = withoutClipboard([text]);
      const cuts = text.length > 1000 ? [1, 2, 70_000, text.length - 1] : Array.from({ length: text.length }, (_, cut) => cut);
      for (const cut of cuts) expect(withoutClipboard([text.slice(0, cut), text.slice(cut)])).toBe(whole);
      if (text.length < 100) expect(withoutClipboard([...text.split('')])).toBe(whole);
    }
  });

  test('drops them all where nothing is kept', () => {
    const filter = new EscapeFilter(() => false);
    expect(filter.filter('\x1b[1mbold\x1b[0m \x1b]0;title\x07and \x1b(Btext')).toBe('bold and text');
  });
});
