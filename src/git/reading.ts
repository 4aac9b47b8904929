// Our own looks at a repository. Nothing that it configures may start a program by them: no
// hook, filter, file watcher, pager, other diff, signature check or remote. The settings that
// could are blanked by name; those whose names a repository chooses are listed first.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { type GitAnswer, type GitOptions, type GitPlace, runGit } from './run.ts';

/** Of the environment's own words to git only those that say where its settings are. */
const KEPT = /^GIT_(CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|EXEC_PATH|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)$/;

/** What could start a program, or lead elsewhere, and a few that would change what we parse. */
const BLANK: Readonly<Record<string, string>> = {
  'core.fsmonitor': '',
  'core.hooksPath': '/dev/null',
  'core.pager': 'cat',
  'core.editor': 'true',
  'core.sshCommand': 'false',
  'core.askPass': '',
  'core.alternateRefsCommand': 'true',
  'credential.helper': '',
  'diff.external': '',
  'gpg.program': 'false',
  'gpg.openpgp.program': 'false',
  'gpg.x509.program': 'false',
  'gpg.ssh.program': 'false',
  'gpg.ssh.defaultKeyCommand': 'false',
  'log.showSignature': 'false',
  'log.mailmap': 'false',
  'protocol.allow': 'never',
  'safe.bareRepository': 'explicit',
  'submodule.recurse': 'false',
  'fetch.recurseSubmodules': 'false',
  'status.submoduleSummary': 'false',
  'diff.submodule': 'short',
  'diff.ignoreSubmodules': 'dirty',
  'diff.suppressBlankEmpty': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'core.quotePath': 'true',
  'color.ui': 'false',
  'column.ui': 'never',
};

/** What a diff gets in any case: its own words win over settings and attributes. */
export const PLAIN_DIFF = [
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--ignore-submodules=dirty',
  '--submodule=short',
  '--no-relative',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '-O/dev/null',
] as const;

/** One look at a repository, of a few questions: the names that it may choose are listed once. */
export class Reading {
  readonly #place: GitPlace;
  readonly #signal: AbortSignal | undefined;
  #environment: Promise<Record<string, string>> | undefined;

  constructor(place: GitPlace, signal?: AbortSignal) {
    this.#place = place;
    this.#signal = signal;
  }

  get folder(): string {
    return this.#place.folder;
  }

  /** Git's answer, whatever its exit code. @throws AppError as `runGit`; conflict where the repository cannot be read safely */
  async ask(args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> {
    const given = { signal: this.#signal, ...options };
    return inTurn(this.#place.folder, async () => {
      const environment = await (this.#environment ??= this.#blanked());
      return runGit(this.#place.folder, ['--no-pager', ...args], environment, given);
    });
  }

  async #blanked(): Promise<Record<string, string>> {
    const environment = blankEnvironment(this.#place.environment, BLANK);
    // Listing names runs nothing.
    const { exitCode, stdout, cut } = await runGit(this.#place.folder, ['config', '--list', '-z', '--name-only'], environment, {
      outputBytesMax: limits.gitConfigBytesMax,
      signal: this.#signal,
    });
    if (exitCode !== 0 && exitCode !== null && stdout.byteLength === 0) return environment; // Git itself will say what is wrong with it.
    const names = cut ? undefined : filtersIn(stdout);
    if (names === undefined) {
      throw new AppError('conflict', 'The settings of this repository name filters in a way that they cannot be kept from running: use git in a terminal.');
    }
    const filters = names.flatMap((name) => [
      [`filter.${name}.clean`, ''],
      [`filter.${name}.smudge`, ''],
      [`filter.${name}.process`, ''],
      [`filter.${name}.required`, 'false'],
    ]);
    return blankEnvironment(this.#place.environment, { ...BLANK, ...Object.fromEntries(filters) });
  }
}

/** Names of filters among NUL-ended names of settings; undefined where one is no text, or they are too many to be blanked. */
export function filtersIn(listed: Buffer): string[] | undefined {
  const names = new Set<string>();
  const text = listed.toString('latin1');
  for (const setting of text.split('\0')) {
    const name = /^filter\.([^]+)\.[^.]+$/i.exec(setting)?.[1];
    if (name === undefined) continue;
    const bytes = Buffer.from(name, 'latin1');
    const spelled = bytes.toString('utf8');
    if (!Buffer.from(spelled, 'utf8').equals(bytes)) return undefined;
    names.add(spelled);
  }
  return names.size > limits.gitFiltersMax ? undefined : [...names];
}

/** With settings by environment, after those that are there: the last one holds. */
function blankEnvironment(environment: Readonly<Record<string, string>>, settings: Readonly<Record<string, string>>): Record<string, string> {
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('GIT_') || KEPT.test(name)));
  const first = /^\d{1,4}$/.test(env.GIT_CONFIG_COUNT ?? '') ? Number(env.GIT_CONFIG_COUNT) : 0;
  const entries = Object.entries(settings);
  for (const [index, [name, value]] of entries.entries()) {
    env[`GIT_CONFIG_KEY_${first + index}`] = name;
    env[`GIT_CONFIG_VALUE_${first + index}`] = value;
  }
  return {
    ...env,
    GIT_CONFIG_COUNT: String(first + entries.length),
    GIT_OPTIONAL_LOCKS: '0', // A look writes nothing, not even a fresher index.
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1', // What a partial clone lacks stays lacking,
    GIT_ALLOW_PROTOCOL: 'none', // also with a git that does not know the line above.
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C', // Messages are told apart by their words.
    LANGUAGE: 'C',
    TERM: 'dumb',
  };
}

interface Turns {
  under: number;
  waiting: (() => void)[];
}

const turns = new Map<string, Turns>();

/**
 * A page of many looks must not start a process for each at once. By folder: one whose disk
 * does not answer holds up no other.
 */
async function inTurn<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const its = turns.get(folder) ?? { under: 0, waiting: [] };
  turns.set(folder, its);
  if (its.under >= limits.gitReadsMax) await new Promise<void>((go) => its.waiting.push(go));
  else its.under += 1;
  try {
    return await act();
  } finally {
    const next = its.waiting.shift();
    if (next !== undefined) next();
    else if ((its.under -= 1) === 0) turns.delete(folder);
  }
}
