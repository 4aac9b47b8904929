// Commits: made of what is staged, read page by page, each with what it changed. The message is
// the person's own; hooks and signatures are their git's.

import { AppError, invalid } from '../errors.ts';
import { limits } from '../limits.ts';
import { type Diff, diffOf } from './diff.ts';
import type { GitWorkspace } from './git.ts';
import { pathspec, piecesOf } from './names.ts';
import { standingOf } from './place.ts';
import type { Reading } from './reading.ts';
import { statusOf } from './status.ts';
import { mustSucceed } from './trouble.ts';

export interface Commit {
  hash: string;
  parents: string[];
  author: { name: string; email: string };
  committer: string;
  /** ISO 8601 UTC. */
  authored: string;
  committed: string;
  /** Branches and tags that stand here. */
  refs: string[];
  subject: string;
  /** The message below its first line. */
  body: string;
}

export interface LogPage {
  commits: Commit[];
  hasMore: boolean;
}

export interface NewCommit {
  /** Left out with `amend`: the message stays. */
  message?: string | undefined;
  /** In the place of the last one. */
  amend?: boolean | undefined;
  /** All that changed in the workspace, new files too, is staged first. */
  all?: boolean | undefined;
}

const FIELDS = ['%H', '%P', '%an', '%ae', '%cn', '%at', '%ct', '%D', '%B'] as const;
const FORMAT = `--format=tformat:${FIELDS.join('%x00')}`;
/** The tree of nothing, by the length of the repository's hashes. */
const EMPTY_TREE: Readonly<Record<number, string>> = {
  40: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  64: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
};

/** @throws AppError invalid (field message), conflict with what git or a hook says */
export async function commit(git: GitWorkspace, { message, amend = false, all = false }: NewCommit): Promise<Commit> {
  const text = message?.replaceAll('\r\n', '\n').trim() ?? '';
  if (text.length > limits.gitMessageLengthMax) throw invalid('message', `A message may have ${limits.gitMessageLengthMax} characters.`);
  if (text.includes('\0')) throw invalid('message', 'Must be text without NUL.');
  const before = await statusOf(git.reading());
  // A merge has a message of its own.
  const told = text !== '' || amend || (before.underway !== null && before.underway !== 'bisect');
  if (!told) throw invalid('message', 'Say what this commit does.');
  if (before.counts.conflicts > 0) throw new AppError('conflict', 'There are files with conflicts: settle and stage them first.');
  if (all) mustSucceed(await git.own(['add', '-A', '--', '.'], { timeoutMs: limits.gitWriteMs }), 'Git did not stage the files.');
  const nothing = before.counts.staged === 0 && before.stagedElsewhere === 0 && !all;
  if (nothing && !amend && before.underway === null) throw new AppError('conflict', 'Nothing is staged: stage what belongs to this commit first.');
  const words = text === '' ? ['--no-edit'] : ['--file=-', '--cleanup=whitespace'];
  const options = { timeoutMs: limits.gitWriteMs, ...(text === '' ? {} : { input: `${text}\n` }) };
  const answer = await git.own(['commit', '--quiet', ...(amend ? ['--amend'] : []), ...words], options);
  if (/Please tell me who you are|unable to auto-detect email|empty ident name/i.test(answer.stderr)) {
    throw new AppError('conflict', 'Git does not know who you are. In a terminal: git config --global user.name "Your Name", and git config --global user.email you@example.org');
  }
  mustSucceed(answer, 'Git did not commit: nothing to commit, or a hook refused without a word.');
  return commitOf(git.reading(), 'HEAD');
}

/** Latest first. @param path only what touched it */
export async function logOf(reading: Reading, { limit, offset, path }: { limit: number; offset: number; path?: string | undefined }): Promise<LogPage> {
  const { part } = await standingOf(reading);
  const { exitCode } = await reading.ask(['rev-parse', '--verify', '--quiet', 'HEAD']);
  if (exitCode !== 0) return { commits: [], hasMore: false }; // Before the first one.
  const where = path !== undefined ? ['--', pathspec(path)] : part.byteLength > 0 ? ['--', '.'] : ['--'];
  const answer = await reading.ask(['log', '-z', FORMAT, '--encoding=UTF-8', '--no-notes', '--decorate=short', `--max-count=${limit + 1}`, `--skip=${offset}`, 'HEAD', ...where]);
  const commits = parsedCommits(mustSucceed(answer, 'Git could not read its log.').stdout);
  return { commits: commits.slice(0, limit), hasMore: commits.length > limit };
}

/** @param name a hash, or HEAD. @throws AppError not_found */
export async function commitOf(reading: Reading, name: string): Promise<Commit> {
  if (!/^([0-9a-f]{4,64}|HEAD)$/.test(name)) throw noCommit();
  await standingOf(reading);
  const answer = await reading.ask(['log', '-z', FORMAT, '--encoding=UTF-8', '--no-notes', '--decorate=short', '--max-count=1', '--end-of-options', name, '--']);
  const [found] = answer.exitCode === 0 ? parsedCommits(answer.stdout) : [];
  if (found === undefined) throw noCommit();
  return found;
}

/** Against its first parent. */
export async function commitDiff(reading: Reading, { hash, parents }: Commit, paths: readonly string[] = []): Promise<Diff> {
  const from = parents[0] ?? EMPTY_TREE[hash.length] ?? hash;
  return diffOf(reading, { from, to: hash }, paths);
}

const noCommit = (): AppError => new AppError('not_found', 'There is no such commit.');

function parsedCommits(output: Buffer): Commit[] {
  const pieces = piecesOf(output).map((piece) => piece.toString('utf8'));
  const commits: Commit[] = [];
  for (let at = 0; at + FIELDS.length <= pieces.length; at += FIELDS.length) {
    const [hash = '', parents = '', name = '', email = '', committer = '', authored = '', committed = '', refs = '', message = ''] = pieces.slice(at, at + FIELDS.length);
    const { subject, body } = partsOf(message);
    commits.push({
      hash,
      parents: parents.split(' ').filter(Boolean),
      author: { name, email },
      committer,
      authored: timeOf(authored),
      committed: timeOf(committed),
      refs: refs.split(', ').map((ref) => ref.replace(/^HEAD -> /, '')).filter((ref) => ref !== '' && ref !== 'HEAD'),
      subject,
      body,
    });
  }
  return commits;
}

/** Up to the first empty line, and what is below. By lines: an expression takes minutes for a message of blanks. */
function partsOf(message: string): { subject: string; body: string } {
  const lines = message.split('\n');
  const blank = lines.findIndex((line, index) => index > 0 && line.trim() === '');
  const end = blank === -1 ? lines.length : blank;
  const subject = lines.slice(0, end).map((line) => line.trim()).filter((line) => line !== '').join(' ');
  return { subject, body: lines.slice(end).join('\n').trim() };
}

/** A commit may carry any number; the calendar has an end. */
function timeOf(seconds: string): string {
  const ms = Number(seconds) * 1000;
  return new Date(Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? ms : 0).toISOString();
}
