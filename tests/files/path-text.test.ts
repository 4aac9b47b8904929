// How names that are any bytes are written as text and in addresses.

import { describe, expect, test } from 'bun:test';
import { addressOf, fromAddress, namesOf, newName, normalPath, pathOf, shownName, textOf } from '../../src/files/path-text.ts';
import { limits } from '../../src/limits.ts';
import { Dice, seedOf } from '../support/dice.ts';

describe('a path as text', () => {
  test('is what it is where it is UTF-8, also with a % in it', () => {
    for (const path of ['a/b.txt', 'naïve/日本', '100%', '50%20b', 'line\nbreak', '"<script>', '\u202egnp']) {
      expect(pathOf(namesOf(path))).toBe(path);
      expect(namesOf(path).map((name) => name.toString()).join('/')).toBe(path);
    }
  });

  test('writes a byte that is none as %XX, and what would read so as %25XX', () => {
    expect(textOf(Buffer.from([0xff, 0xfe, 0x41]))).toBe('%FF%FEA');
    expect(textOf(Buffer.from('caf\xe9', 'latin1'))).toBe('caf%E9');
    expect(textOf(Buffer.from('a%FFb'))).toBe('a%25FFb');
    expect(textOf(Buffer.from('\ufffd'))).toBe('\ufffd');
    expect(shownName('caf%E9')).toBe('caf\ufffd');
  });

  test('leads any bytes to themselves, as text and by an address', () => {
    const seed = seedOf('PATH_SEED');
    const dice = new Dice(seed);
    const likely = Buffer.from('%25F9aé\xff\xc3 \n?#&');
    for (let round = 0; round < 3_000; round++) {
      const name = Buffer.from(Array.from({ length: dice.between(1, 8) }, () => (dice.chance(0.5) ? dice.pick([...likely]) : dice.between(1, 255)))).map((byte) => (byte === 0x2f ? 0x30 : byte));
      const bytes = Buffer.from(name);
      if (bytes.equals(Buffer.from('.')) || bytes.equals(Buffer.from('..'))) continue;
      const text = textOf(bytes);
      expect({ seed, back: namesOf(text)[0]?.toString('hex') }).toEqual({ seed, back: bytes.toString('hex') });
      expect(fromAddress(addressOf(text))).toBe(text);
      expect(new URL(`http://x/${addressOf(text)}`).pathname).toBe(`/${addressOf(text)}`);
    }
  });

  test('takes the raw bytes of an address', () => {
    expect(fromAddress('a/%FF%FEA')).toBe('a/%FF%FEA');
    expect(fromAddress('a%25FF')).toBe('a%25FF');
    expect(fromAddress('caf%C3%A9')).toBe('café');
    for (const bad of ['a/%2e%2e/b', '..', 'a%00b']) expect(() => fromAddress(bad)).toThrow();
    expect(() => fromAddress('a%2fb%2f..')).toThrow();
  });

  test('ends at the bound of a path', () => {
    const path = 'a/'.repeat(limits.pathBytesMax / 2);
    expect(normalPath(path)).toBe(path.slice(0, -1));
    expect(() => normalPath(`${path}b`)).toThrow('bytes');
  });
});

test('a new name has no slash, no control character and at most 255 bytes', () => {
  expect(newName('é'.repeat(127))).toHaveLength(127);
  for (const bad of ['', '.', '..', 'a/b', 'a\nb', 'é'.repeat(128)]) expect(() => newName(bad)).toThrow();
});
