// Cuts in a program's output: nothing lost, never inside a sequence or a character, unless a
// bound says so. The judge of "inside" is the real parser of xterm.

import { describe, expect, test } from 'bun:test';
import { Terminal } from '@xterm/headless';
import { limits } from '../../src/limits.ts';
import { OutputSplitter } from '../../src/pty/splitter.ts';
import { Dice, seedOf } from '../support/dice.ts';

const encoder = new TextEncoder();
const bytesOf = (text: string): Uint8Array => encoder.encode(text);
const joined = (pieces: Uint8Array[]): string => Buffer.concat(pieces).toString('latin1');

/** Whether xterm, having read `piece` after all before it, waits for nothing. */
class Judge {
  readonly #core = (new Terminal({ allowProposedApi: true, logLevel: 'off' }) as unknown as { _core: XtermCore })._core;

  atRest(piece: Uint8Array): boolean {
    this.#core._inputHandler.parse(piece);
    return this.#core._inputHandler._parser.currentState === 0 && this.#core._inputHandler._utf8Decoder.interim[0] === 0;
  }
}
interface XtermCore {
  _inputHandler: {
    parse(bytes: Uint8Array): void;
    _parser: { currentState: number };
    _utf8Decoder: { interim: Uint8Array };
  };
}

const FRAGMENTS = [
  'plain text ',
  '\r\n',
  '\x1b',
  '\x1b[',
  '\x1b[31m',
  '\x1b[?1049h',
  '\x1b[38;2;1;2;3m',
  '\x1b[1;2<3m',
  '\x1b[ !q',
  '\x1b(0',
  '\x1b#8',
  '\x1b]0;title\x07',
  '\x1b]2;überschrift ⌘\x1b\\',
  '\x1b]52;c;aGVsbG8=\x07',
  '\x1b]8;;http://x/\x1b\\',
  '\x1bPq#0;2;0;0;0#0~~\x1b\\',
  '\x1bP1$r0m\x1b\\',
  '\x1bP1;2',
  '\x1b_Gf=24;AAAA\x1b\\',
  '\x1b^private\x1b\\',
  '\x1bXstring é after\x1b\\',
  '\u009b1m',
  '\u009d0;c1\u009c',
  '\u0090q~\u009c',
  '\u0085',
  '\u0018',
  '\x1a',
  '\x07',
  '日本語',
  '　。「',
  'naïve ©\u00a0®',
  '👩‍👩‍👧‍👦',
  '\ufeff',
  '\x7f',
  '\0',
  'A'.repeat(300),
  '\\',
  '\x1b\\',
];
const BROKEN = [[0xc3], [0xe3, 0x80], [0xff], [0xf0, 0x9f], [0x80], [0x9b], [0xc2], [0xed, 0xa0, 0x80], [0xc0, 0xaf]];

function program(dice: Dice): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let count = dice.below(60); count >= 0; count -= 1) {
    if (dice.chance(0.08)) parts.push(Uint8Array.from(dice.pick(BROKEN)));
    const fragment = bytesOf(dice.pick(FRAGMENTS));
    parts.push(dice.chance(0.1) ? fragment.subarray(0, dice.below(fragment.byteLength + 1)) : fragment);
  }
  return Buffer.concat(parts);
}

describe('the splitter', () => {
  test('loses nothing and cuts only where xterm is at rest', () => {
    const seed = seedOf('SPLITTER_SEED');
    for (let round = 0; round < 1500; round += 1) {
      const dice = new Dice(`${seed}/${round}`);
      const bytes = program(dice);
      const splitter = new OutputSplitter();
      const judge = new Judge();
      const out: Uint8Array[] = [];
      let at = 0;
      while (at < bytes.byteLength) {
        const length = 1 + dice.below(dice.chance(0.5) ? 4 : 200);
        for (const piece of splitter.push(bytes.slice(at, at + length))) {
          out.push(piece);
          const where = `${seed}/${round} after ${JSON.stringify(joined(out).slice(-80))}`;
          expect([judge.atRest(piece), where]).toEqual([true, where]);
        }
        at += length;
      }
      out.push(...splitter.flush());
      expect(joined(out)).toBe(Buffer.from(bytes).toString('latin1'));
    }
  });

  test('passes whole lines through at once, and a prompt too', () => {
    const splitter = new OutputSplitter();
    expect(splitter.push(bytesOf('hello\r\n')).map((piece) => joined([piece]))).toEqual(['hello\r\n']);
    expect(splitter.push(bytesOf('\x1b[32m$ ')).map((piece) => joined([piece]))).toEqual(['\x1b[32m$ ']);
    expect(splitter.heldBytes).toBe(0);
  });

  test('holds an unfinished sequence, lets it go after a silence, and never holds its rest', () => {
    const splitter = new OutputSplitter();
    expect(joined(splitter.push(bytesOf('a\x1b]0;tit')))).toBe('a');
    expect(splitter.heldBytes).toBe(7);
    expect(joined(splitter.settle())).toBe('\x1b]0;tit');
    expect(joined(splitter.push(bytesOf('le')))).toBe('le');
    expect(joined(splitter.push(bytesOf('\x07b\x1b[')))).toBe('\x07b');
    expect(joined(splitter.flush())).toBe('\x1b[');
  });

  test('keeps the string open while its end may be half there', () => {
    const splitter = new OutputSplitter();
    expect(splitter.push(bytesOf('\x1b]0;title\x1b'))).toEqual([]);
    expect(joined(splitter.push(bytesOf('\\x')))).toBe('\x1b]0;title\x1b\\x');
  });

  test('does not let half a character go, even after a silence', () => {
    const splitter = new OutputSplitter();
    expect(joined(splitter.push(Uint8Array.of(0x61, 0xe3, 0x80)))).toBe('a');
    expect(splitter.settle()).toEqual([]);
    expect(joined(splitter.push(Uint8Array.of(0x82)))).toBe('\xe3\x80\x82');
  });

  test('holds a sequence at the bound and lets one past it through', () => {
    const most = limits.outputHeldBytesMax;
    const atBound = new OutputSplitter();
    expect(atBound.push(bytesOf(`\x1b]0;${'x'.repeat(most - 4)}`))).toEqual([]);
    expect(atBound.heldBytes).toBe(most);
    const past = new OutputSplitter();
    expect(joined(past.push(bytesOf(`\x1b]0;${'x'.repeat(most - 3)}`)))).toHaveLength(most + 1);
    expect(past.heldBytes).toBe(0);
  });

  test('does not collect without end what never becomes a character', () => {
    const splitter = new OutputSplitter();
    for (let at = 0; at < 100; at += 1) {
      splitter.push(new Uint8Array(1000).fill(0xc3));
      expect(splitter.heldBytes).toBeLessThanOrEqual(limits.outputHeldBytesMax);
    }
  });

  test('follows a picture of a megabyte to its end, in pieces within the bound', () => {
    const splitter = new OutputSplitter();
    const judge = new Judge();
    const picture = bytesOf(`before\x1bPq${'#1~~@@vv@@'.repeat(100_000)}\x1b\\`);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < picture.byteLength; at += 10_000) pieces.push(...splitter.push(picture.slice(at, at + 10_000)));
    pieces.push(...splitter.push(bytesOf('after\x1b[')));
    expect(joined(pieces)).toBe(`${Buffer.from(picture).toString('latin1')}after`);
    expect(Math.max(...pieces.map((piece) => piece.byteLength))).toBeLessThanOrEqual(limits.outputEventBytesMax);
    expect(pieces.map((piece) => judge.atRest(piece)).at(-1)).toBe(true);
    expect(splitter.heldBytes).toBe(2);
  });

  test('cuts a megabyte in one read into pieces that each end at rest', () => {
    const splitter = new OutputSplitter();
    const judge = new Judge();
    const text = bytesOf('\x1b[31m日本\x1b]8;;http://example.org/\x1b\\語\x1b[0m '.repeat(20_000));
    const pieces = splitter.push(text);
    expect(joined(pieces)).toBe(Buffer.from(text).toString('latin1'));
    expect(pieces.length).toBeLessThan(text.byteLength / limits.outputEventBytesMax + 2);
    for (const piece of pieces) {
      expect(piece.byteLength).toBeLessThanOrEqual(limits.outputEventBytesMax);
      expect(judge.atRest(piece)).toBe(true);
    }
  });
});
