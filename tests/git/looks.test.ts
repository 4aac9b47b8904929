// Our looks at a repository wake nothing that it configures: each case sets up what would run
// a program, shows that it does with a plain git, and that none of our questions does it.

import { afterEach, expect, test } from 'bun:test';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { branchesOf } from '../../src/git/branches.ts';
import { commitDiff, commitOf, logOf } from '../../src/git/commits.ts';
import { diffOf } from '../../src/git/diff.ts';
import { marksOf } from '../../src/git/marks.ts';
import { filtersIn, Reading } from '../../src/git/reading.ts';
import { runGit } from '../../src/git/run.ts';
import { statusOf } from '../../src/git/status.ts';
import { worktreesOf } from '../../src/git/worktrees.ts';
import { GIT_ENVIRONMENT, gitIn, Repository } from '../support/repository.ts';

const made: Repository[] = [];
afterEach(() => {
  for (const repository of made.splice(0)) repository.remove();
});

interface Trap {
  repository: Repository;
  /** A program that leaves a mark when it runs. */
  program: string;
  sprung(): boolean;
  reset(): void;
}

function trap(): Trap {
  const repository = new Repository();
  made.push(repository);
  const witness = join(repository.folder, '.git', 'witness');
  const program = join(repository.folder, '.git', 'trap.sh');
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> ${witness}\n[ "$1" = end ] || cat\n`);
  chmodSync(program, 0o755);
  repository.write('a.txt', 'one\n');
  repository.commit('one');
  repository.write('a.txt', 'two\n');
  repository.commit('two');
  repository.write('a.txt', 'six\n'); // As long as before, so that only its words tell.
  return { repository, program, sprung: () => existsSync(witness), reset: () => rmSync(witness, { force: true }) };
}

const place = ({ folder }: Repository) => ({ folder, environment: GIT_ENVIRONMENT });

/** Everything that we ever ask. */
async function look(repository: Repository): Promise<void> {
  const reading = () => new Reading(place(repository));
  await statusOf(reading());
  await marksOf(place(repository));
  await diffOf(reading(), 'unstaged');
  await diffOf(reading(), 'staged');
  const { commits } = await logOf(reading(), { limit: 10, offset: 0 });
  await commitDiff(reading(), await commitOf(reading(), commits[0]?.hash ?? 'HEAD'));
  await branchesOf(reading());
  await worktreesOf(reading());
}

/** Runs whatever a plain git would, its failure included: only the witness counts. */
function plainly(repository: Repository, ...args: string[]): void {
  Bun.spawnSync(['git', ...args], { cwd: repository.folder, env: GIT_ENVIRONMENT, stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' });
}

const CASES: readonly [name: string, setUp: (at: Trap) => void, plain: string[][]][] = [
  ['a file watcher', ({ repository, program }) => void repository.git('config', 'core.fsmonitor', program), [['status']]],
  [
    'a clean filter',
    ({ repository, program }) => {
      repository.git('config', 'filter.evil.clean', program);
      repository.write('.gitattributes', '* filter=evil\n');
    },
    [['status']],
  ],
  [
    'a filter process, required, under a name with dots, an equals sign and quotes',
    ({ repository, program }) => {
      repository.git('config', 'filter.a.b=c"d.process', program);
      repository.git('config', 'filter.a.b=c"d.required', 'true');
      repository.write('.gitattributes', 'a.txt filter=a.b=c"d\n');
    },
    [['status']],
  ],
  [
    'a filter in the settings of the worktree',
    ({ repository, program }) => {
      repository.git('config', 'extensions.worktreeConfig', 'true');
      repository.git('config', '--worktree', 'filter.evil.clean', program);
      repository.write('.gitattributes', '* filter=evil\n');
    },
    [['status']],
  ],
  [
    'a filter in an included file',
    ({ repository, program }) => {
      repository.write('more.config', `[filter "evil"]\n\tclean = ${program}\n`);
      repository.git('config', 'include.path', join(repository.folder, 'more.config'));
      repository.write('.gitattributes', '* filter=evil\n');
    },
    [['status']],
  ],
  ['another diff', ({ repository, program }) => void repository.git('config', 'diff.external', program), [['diff']]],
  [
    'another diff, by attributes',
    ({ repository, program }) => {
      repository.git('config', 'diff.evil.command', program);
      repository.write('.gitattributes', '* diff=evil\n');
    },
    [['diff']],
  ],
  [
    'a text conversion',
    ({ repository, program }) => {
      repository.git('config', 'diff.evil.textconv', program);
      repository.write('.gitattributes', '* diff=evil\n');
    },
    [['diff'], ['log', '-p']],
  ],
  [
    'a hook on changes of the index',
    ({ repository, program }) => {
      mkdirSync(join(repository.folder, '.git/hooks'), { recursive: true });
      writeFileSync(join(repository.folder, '.git/hooks/post-index-change'), `#!/bin/sh\n${program} </dev/null\n`, { mode: 0o755 });
      const now = new Date();
      repository.write('a.txt', 'two\n');
      Bun.spawnSync(['touch', '-d', new Date(now.getTime() + 60_000).toISOString(), join(repository.folder, 'a.txt')]);
    },
    [['status']],
  ],
  [
    'a program for signatures',
    ({ repository, program }) => {
      repository.git('config', 'log.showSignature', 'true');
      repository.git('config', 'gpg.program', program);
      const tree = repository.git('rev-parse', 'HEAD^{tree}').trim();
      const signed = `tree ${tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n\nsigned\n`;
      const { stdout } = Bun.spawnSync(['git', 'hash-object', '-t', 'commit', '-w', '--literally', '--stdin'], { cwd: repository.folder, env: GIT_ENVIRONMENT, stdin: Buffer.from(signed) });
      repository.git('update-ref', 'refs/heads/main', stdout.toString().trim());
    },
    [['log']],
  ],
  [
    'a remote that lends missing objects',
    ({ repository, program }) => {
      repository.git('config', 'core.repositoryFormatVersion', '1');
      repository.git('config', 'extensions.partialClone', 'origin');
      repository.git('config', 'remote.origin.url', `ext::sh ${program} end`);
      repository.git('config', 'remote.origin.promisor', 'true');
      repository.git('config', 'protocol.ext.allow', 'always');
      const blob = repository.git('rev-parse', 'HEAD:a.txt').trim();
      rmSync(join(repository.folder, '.git/objects', blob.slice(0, 2), blob.slice(2)), { force: true });
    },
    [['show', 'HEAD']],
  ],
];

for (const [name, setUp, plain] of CASES) {
  test(`a look does not wake ${name}`, async () => {
    const at = trap();
    setUp(at);
    await look(at.repository).catch(() => undefined); // What is missing may make a look fail, and must.
    expect(at.sprung()).toBe(false);
    for (const args of plain) plainly(at.repository, ...args);
    expect(at.sprung()).toBe(true); // Or the trap is none.
  });
}

test('a look leaves a submodule with its own settings alone', async () => {
  const { repository, program, sprung } = trap();
  const inner = new Repository();
  made.push(inner);
  inner.write('x', '1\n');
  inner.commit('inner');
  repository.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.folder, 'sub');
  repository.commit('with a submodule');
  gitIn(join(repository.folder, 'sub'), 'config', 'core.fsmonitor', program);
  repository.write('sub/x', '2\n');
  repository.git('config', 'diff.submodule', 'diff');
  repository.git('config', 'status.submoduleSummary', 'true');
  await look(repository);
  expect(sprung()).toBe(false);
  plainly(repository, 'status');
  expect(sprung()).toBe(true);
});

test('a filter whose name is no text cannot be blanked, so such a repository is not looked at', async () => {
  const { repository, program, sprung } = trap();
  const config = Buffer.concat([Buffer.from('[filter "'), Buffer.of(0xff), Buffer.from(`"]\n\tclean = ${program}\n`)]);
  repository.write('.git/config', Buffer.concat([Buffer.from(repository.git('config', '--list') === '' ? '' : '[core]\n\trepositoryformatversion = 0\n'), config]));
  repository.write('.gitattributes', Buffer.concat([Buffer.from('* filter='), Buffer.of(0xff), Buffer.from('\n')]));
  await expect(statusOf(new Reading(place(repository)))).rejects.toThrow('cannot be kept from running');
  expect(sprung()).toBe(false);
});

test('names of filters are found whatever they are, and too many are refused', () => {
  const listed = (names: string[]) => Buffer.from(names.map((name) => `${name}\0`).join(''));
  expect(filtersIn(listed(['core.bare', 'filter.lfs.clean', 'filter.lfs.required', 'FILTER.Mixed.Case.process', 'filter.line', 'filtered.x.clean']))).toEqual(['lfs', 'Mixed.Case']);
  expect(filtersIn(listed(Array.from({ length: 257 }, (_, index) => `filter.f${index}.clean`)))).toBeUndefined();
});

test('a folder whose files lie elsewhere, a bare repository and no repository are told apart', async () => {
  const { repository } = trap();
  const elsewhere = new Repository();
  made.push(elsewhere);
  repository.git('config', 'core.worktree', elsewhere.folder);
  await expect(statusOf(new Reading(place(repository)))).rejects.toMatchObject({ absence: 'elsewhere' });
  const bare = join(elsewhere.folder, 'bare.git');
  gitIn(elsewhere.folder, 'init', '-q', '--bare', bare);
  await expect(statusOf(new Reading({ folder: bare, environment: GIT_ENVIRONMENT }))).rejects.toMatchObject({ absence: 'bare' });
  const none = join(elsewhere.folder, 'none');
  mkdirSync(none);
  rmSync(join(elsewhere.folder, '.git'), { recursive: true });
  await expect(statusOf(new Reading({ folder: none, environment: GIT_ENVIRONMENT }))).rejects.toMatchObject({ absence: 'none' });
});

test('what a server inherited from a git command does not lead its looks elsewhere', async () => {
  const { repository } = trap();
  const other = trap();
  const environment = { ...GIT_ENVIRONMENT, GIT_DIR: join(other.repository.folder, '.git'), GIT_INDEX_FILE: '/nowhere', GIT_EXTERNAL_DIFF: other.program };
  const { files } = await statusOf(new Reading({ folder: repository.folder, environment }));
  expect(files.map(({ path }) => path)).toEqual(['a.txt']);
  expect(other.sprung()).toBe(false);
});

test('git is ended, with all that it started, when it says too much, takes too long or nobody waits', async () => {
  const { repository } = trap();
  const env = { ...GIT_ENVIRONMENT };
  repository.git('config', 'alias.much', '!yes');
  repository.git('config', 'alias.long', '!sleep 600');
  const much = await runGit(repository.folder, ['much'], env, { outputBytesMax: 1000 });
  expect(much).toMatchObject({ cut: true, exitCode: null });
  expect(much.stdout.byteLength).toBe(1000);
  await expect(runGit(repository.folder, ['long'], env, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'unavailable' });
  const leaving = new AbortController();
  const left = runGit(repository.folder, ['long'], env, { signal: leaving.signal });
  leaving.abort();
  await expect(left).rejects.toMatchObject({ code: 'gone' });
});

test('a repository that does not answer holds up no other', async () => {
  const { repository } = trap();
  const other = trap();
  const pipe = join(repository.folder, '.git', 'pipe');
  Bun.spawnSync(['mkfifo', pipe]);
  writeFileSync(join(repository.folder, '.git/config'), `[include]\n\tpath = ${pipe}\n`);
  const leaving = new AbortController();
  const stuck = Array.from({ length: 6 }, () => statusOf(new Reading(place(repository), leaving.signal)).catch(() => 'left'));
  expect((await statusOf(new Reading(place(other.repository)))).files).toHaveLength(1);
  leaving.abort();
  expect(await Promise.all(stuck)).toEqual(Array.from({ length: 6 }, () => 'left'));
});

test('a process that a hook leaves behind holds nobody up', async () => {
  const { repository } = trap();
  repository.git('config', 'alias.left', '!sleep 600 & echo $!');
  const env = { ...GIT_ENVIRONMENT };
  const { stdout, exitCode } = await runGit(repository.folder, ['left'], env);
  expect(exitCode).toBe(0);
  process.kill(Number(stdout.toString()));
});
