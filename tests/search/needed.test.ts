// What the index says of a block before its text is looked through: it may name one in vain, and
// never leaves one out.

import { Database } from 'bun:sqlite';
import { afterEach, describe, expect, test } from 'bun:test';
import { limits } from '../../src/limits.ts';
import { fold } from '../../src/search/fold.ts';
import { mayHave, packPieces, piecesOf } from '../../src/search/pieces.ts';
import { ListedWords, Vocabulary, VOCABULARY_TABLE } from '../../src/search/vocabulary.ts';
import { Dice, seedOf } from '../support/dice.ts';
import { sessionRow } from '../support/history.ts';
import { Index } from '../support/indexed.ts';
import { openSessions, type SessionParts } from '../support/sessions.ts';

let parts: SessionParts | undefined;
let index: Index | undefined;
afterEach(async () => {
  index?.dispose();
  index = undefined;
  await parts?.stop();
  parts = undefined;
});

function indexOf(lines: readonly string[]): Index {
  parts = openSessions();
  const id = sessionRow(parts, 'session');
  parts.events.append(id, [{ channel: 'system', type: 'resize', data: { cols: 500, rows: 24 } }]);
  for (let at = 0; at < lines.length; at += 500) {
    parts.events.append(id, [{ channel: 'stdout', type: 'output', data: Buffer.from(lines.slice(at, at + 500).map((line) => `${line}\r\n`).join('')) }]);
  }
  index = new Index(parts.dataFolder);
  index.work();
  return index;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const of = (roll: Dice, letters: string, count: number): string => Array.from({ length: count }, () => roll.pick([...letters])).join('');
/** Lines of every make: names, paths, numbers, hashes, rulers, other scripts, signs. */
function lineOf(roll: Dice): string {
  const word = (): string => of(roll, `${LETTERS}ABC_`, roll.between(1, 12));
  const makes = [
    () => `${word()}.${word()}(${word()}${roll.below(100_000)}, "${word()}")`,
    () => `/usr/${word()}/${word()}-${roll.below(99)}/${word()}.so.${roll.below(9)}`,
    () => `${of(roll, '0123456789abcdef', 40)} ${word()} ${word()}`,
    () => `${'_'.repeat(roll.between(1, 90))}|${'─'.repeat(roll.between(1, 20))}┐ ${word()}…`,
    () => `${of(roll, 'абвгдеёжзÉñüçøß你好世界人民ﬁ', 14)} ${word()}`,
    () => `2026-11-23T10:${roll.between(10, 59)}:00Z [${word()}] ${word()}=${roll.below(1e9)}; ${word()}\t${word()}`,
  ];
  return roll.pick(makes)();
}

/** A screen has no tabs. */
const blanked = (text: string): string => text.replace(/\s+/g, ' ');

describe('any piece of a line that has three characters', () => {
  test('is found where it is, whatever it is made of', () => {
    const roll = new Dice(seedOf('DISPATCH_SEARCH_SEED', 7));
    const lines = Array.from({ length: 2000 }, () => lineOf(roll));
    const found = indexOf(lines);
    for (let round = 0; round < 120; round += 1) {
      const line = roll.pick(lines);
      const from = roll.below(Math.max(1, line.length - 3));
      const piece = line.slice(from, from + roll.between(3, 24)).trim();
      if (piece.includes('"') || fold(piece).replace(/\s+/g, ' ').length < 3) continue;
      expect(found.find(`"${piece}"`).some((each) => blanked(each).includes(blanked(piece).slice(0, 3))), JSON.stringify(piece)).toBe(true);
    }
    // Not on the list: a word of no line, however often its letters occur.
    expect(found.find('quixoticneverwas')).toEqual([]);
  });

  test('is found beside what is no text, whose words are not listed', () => {
    const roll = new Dice('garbage');
    const garbage = Array.from({ length: 4200 }, () => of(roll, `${LETTERS}${LETTERS.toUpperCase()}0123456789+/`, 76));
    const lines = ['the needle-of-plenty lies here', ...garbage, 'another needleworker 12345'];
    const found = indexOf(lines);
    const listed = found.count('SELECT sum(length(word) + 1) FROM vocabulary');
    expect(listed).toBeLessThanOrEqual(limits.searchNewWordsBytesMax);
    expect(found.find('needle')).toHaveLength(2);
    for (const at of [0, 17, 2000, 4199]) {
      const line = garbage[at] ?? '';
      expect(found.find(line.slice(20, 34))).toEqual([line]);
      expect(found.find(line)).toEqual([line]);
    }
    expect(found.find('noneedleatall')).toEqual([]);
  });
});

describe('the list of words', () => {
  function listOf(): { sqlite: Database; vocabulary: Vocabulary; listed: ListedWords } {
    const sqlite = new Database(':memory:');
    sqlite.run(VOCABULARY_TABLE);
    return { sqlite, vocabulary: new Vocabulary(sqlite), listed: new ListedWords(sqlite) };
  }
  const anywhere = { begins: false, ends: false };

  test('says which words have something in them, at an end or anywhere, also those that came later', () => {
    const { vocabulary, listed } = listOf();
    expect(vocabulary.list(['compile', 'compiler', 'recompile', 'pile'])).toHaveLength(4);
    listed.refresh();
    expect(listed.with({ letters: 'compile', ...anywhere }, 9)).toEqual(['compile', 'compiler', 'recompile']);
    expect(listed.with({ letters: 'compile', begins: true, ends: false }, 9)).toEqual(['compile', 'compiler']);
    expect(listed.with({ letters: 'compile', begins: false, ends: true }, 9)).toEqual(['compile', 'recompile']);
    expect(listed.with({ letters: 'pile', begins: true, ends: true }, 9)).toEqual(['pile']);
    expect(listed.with({ letters: 'ecompiler', ...anywhere }, 9)).toEqual([]);
    expect(vocabulary.list(['pile', 'decompile'])).toEqual(['pile', 'decompile']);
    listed.refresh();
    expect(listed.with({ letters: 'compile', ...anywhere }, 4)).toHaveLength(4);
    expect(listed.with({ letters: 'compile', ...anywhere }, 3)).toBeUndefined();
    const many = Array.from({ length: 9000 }, (_, number) => `word${[...String(number)].map((digit) => LETTERS[Number(digit)]).join('')}`);
    expect(vocabulary.list(many)).toHaveLength(9000);
    listed.refresh();
    expect(listed.with({ letters: 'wordihgf', begins: true, ends: true }, 9)).toEqual(['wordihgf']);
  });

  test('takes none of what has more new words than any text, and nothing past its bound', () => {
    const { sqlite, vocabulary } = listOf();
    const word = (number: number, length: number): string => [...String(number).padStart(length, '0')].map((digit) => LETTERS[Number(digit)]).join('');
    const fits = Array.from({ length: limits.searchNewWordsBytesMax / 16 }, (_, number) => word(number, 15));
    expect(vocabulary.list(fits)).toHaveLength(fits.length);
    const more = Array.from({ length: fits.length + 1 }, (_, number) => `z${word(number, 14)}`);
    expect(vocabulary.list([...more, fits[3] ?? ''])).toEqual([fits[3] ?? '']);
    sqlite.run(`INSERT INTO vocabulary (word) VALUES (printf('%.*c', ${limits.searchVocabularyBytesMax - limits.searchNewWordsBytesMax - 17}, 'x'))`);
    vocabulary.forget();
    expect(vocabulary.list(['fifteen_letters'])).toEqual(['fifteen_letters']);
    expect(vocabulary.list(['abc', 'fifteen_letters'])).toEqual(['fifteen_letters']);
  });

  test('forgets what was not committed', () => {
    const { sqlite, vocabulary } = listOf();
    sqlite.run('BEGIN');
    vocabulary.list(['needle']);
    sqlite.run('ROLLBACK');
    vocabulary.forget();
    expect(vocabulary.list(['needle'])).toEqual(['needle']);
    expect(sqlite.query('SELECT word FROM vocabulary').values()).toEqual([['needle']]);
  });
});

test('the pieces of a block have all that is in it, and next to nothing that is not', () => {
  const roll = new Dice('pieces');
  const hashes = Array.from({ length: 1500 }, () => of(roll, '0123456789abcdef', 12));
  const packed = packPieces(Buffer.from(hashes.join('\n')), false);
  expect(packed.byteLength).toBeLessThan(17_000);
  for (const hash of hashes) expect(mayHave(packed, piecesOf([hash.slice(2, 9)]))).toBe(true);
  const wrong = Array.from({ length: 1000 }, () => of(roll, '0123456789abcdef', 8)).filter((other) => /\d.*\d/.test(other) && mayHave(packed, piecesOf([other])));
  expect(wrong.length).toBeLessThan(20);
  // Of letters alone only where the words are not listed.
  expect(mayHave(packed, piecesOf(['letters']))).toBe(true);
  expect(mayHave(packPieces(Buffer.from('number1'), true), piecesOf(['letters']))).toBe(false);
  expect(() => mayHave(packed.subarray(0, 100), piecesOf(['12345']))).toThrow('not whole');
});
