// What git says when it does not do a thing, for a person: its own words, without codes of a
// terminal, and what to do about the few that everybody meets.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { GitAnswer } from './run.ts';

/** Why there is nothing to see. */
export type Absence = 'none' | 'unsafe' | 'bare' | 'elsewhere' | 'unreadable';

export class NoRepository extends AppError {
  constructor(
    readonly absence: Absence,
    message: string,
  ) {
    super('conflict', message);
  }
}

/** Git's words on one or more lines, the last ones where there are many. */
export function wordsOf(text: string): string {
  const lines = Bun.stripANSI(text)
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r', line.length - 2) + 1).replace(/[^\P{C}\t]/gu, '').trimEnd())
    .filter((line) => line !== '');
  const words = lines.join('\n').replace(/^(fatal|error): /gm, '');
  return words.length <= limits.gitWordsLengthMax ? words : `…${words.slice(-limits.gitWordsLengthMax)}`;
}

/** @throws AppError with git's words where it failed; `instead` where it has none */
export function mustSucceed(answer: GitAnswer, instead: string): GitAnswer {
  if (answer.exitCode === 0 || answer.cut) return answer;
  throw new AppError('conflict', wordsOf(answer.stderr) || wordsOf(answer.stdout.toString('utf8')) || instead);
}

/** Of a look that failed before it saw anything. */
export function absenceOf(words: string, folder: string): NoRepository {
  if (/not a git repository/i.test(words)) return new NoRepository('none', 'This folder is not in a git repository.');
  if (/dubious ownership/i.test(words)) {
    return new NoRepository('unsafe', `Git does not open this repository, for it belongs to another user. If you trust it, run: git config --global --add safe.directory '${folder}'`);
  }
  if (/bare repository|must be run in a work tree/i.test(words)) return new NoRepository('bare', 'This is a repository without files of its own (a bare one): there are no changes to show.');
  return new NoRepository('unreadable', wordsOf(words) || 'Git cannot read this repository.');
}
