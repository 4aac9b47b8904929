// Exchanges with remotes: push, pull, fetch. They may take long, so they go on by themselves,
// one at a time in a workspace, and what git says can be read while and after it does.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { within } from '../within.ts';
import type { GitWorkspace } from './git.ts';
import type { Reading } from './reading.ts';
import { wordsOf } from './trouble.ts';

export type ExchangeKind = 'push' | 'pull' | 'fetch';

export interface Exchange {
  id: string;
  kind: ExchangeKind;
  state: 'working' | 'done' | 'failed' | 'cancelled';
  /** What git said, as far as it has. */
  output: string;
  /** What to do, where it failed in a way that is known. */
  advice: string | null;
  /** ISO 8601 UTC. */
  started: string;
  ended: string | null;
}

export interface ExchangeChoice {
  /** Pull: how to join what both sides have; without it as git is set up. */
  how?: 'ff-only' | 'merge' | 'rebase' | undefined;
  /** Push: replace what the remote has, if it is what was last seen there. */
  force?: boolean | undefined;
}

interface Under {
  exchange: Exchange;
  stop: AbortController;
  end: Promise<void>;
}

export class Exchanges {
  readonly #latest = new Map<string, Under>();
  readonly #changed: (workspaceId: string) => void;

  constructor(changed: (workspaceId: string) => void) {
    this.#changed = changed;
  }

  /** The one under way, or the last one. */
  latest(workspaceId: string): Exchange | null {
    return this.#latest.get(workspaceId)?.exchange ?? null;
  }

  /** @throws AppError conflict while one is under way */
  begin(git: GitWorkspace, kind: ExchangeKind, args: readonly string[]): Exchange {
    if (this.latest(git.id)?.state === 'working') throw new AppError('conflict', `A ${this.latest(git.id)?.kind ?? ''} is under way here: wait for it, or cancel it.`);
    const exchange: Exchange = { id: Bun.randomUUIDv7(), kind, state: 'working', output: '', advice: null, started: new Date().toISOString(), ended: null };
    const stop = new AbortController();
    const end = this.#follow(git, exchange, args, stop.signal);
    this.#latest.set(git.id, { exchange, stop, end });
    this.#changed(git.id);
    return exchange;
  }

  /** Waits for its end, but not for ever. */
  async settled(workspaceId: string, ms: number): Promise<void> {
    const latest = this.#latest.get(workspaceId);
    if (latest !== undefined) await within(latest.end, ms);
  }

  /** One that is under way ends; one that ended is told of no longer. */
  cancel(workspaceId: string): void {
    const latest = this.#latest.get(workspaceId);
    if (latest?.exchange.state === 'working') return latest.stop.abort();
    this.#latest.delete(workspaceId);
    this.#changed(workspaceId);
  }

  dispose(): void {
    for (const { stop } of this.#latest.values()) stop.abort();
  }

  async #follow(git: GitWorkspace, exchange: Exchange, args: readonly string[], signal: AbortSignal): Promise<void> {
    const decoder = new TextDecoder();
    let said = '';
    const onOutput = (bytes: Uint8Array): void => {
      said = (said + decoder.decode(bytes, { stream: true })).slice(-limits.gitMessageBytesMax);
      exchange.output = wordsOf(said);
    };
    try {
      const { exitCode } = await git.own(args, { signal, onOutput, timeoutMs: limits.gitNetworkMs });
      exchange.state = exitCode === 0 ? 'done' : 'failed';
    } catch (error) {
      exchange.state = signal.aborted ? 'cancelled' : 'failed';
      if (!signal.aborted) exchange.output = [exchange.output, error instanceof AppError ? error.message : 'Git could not be run.'].filter(Boolean).join('\n');
    }
    exchange.advice = exchange.state === 'failed' ? adviceFor(exchange.kind, exchange.output) : null;
    exchange.ended = new Date().toISOString();
    this.#changed(git.id);
  }
}

/** Arguments of a push: where the branch has no upstream it gets one. @throws AppError conflict */
export async function pushArguments(reading: Reading, { force = false }: ExchangeChoice): Promise<string[]> {
  const rule = force ? ['--force-with-lease'] : [];
  const branch = await currentBranch(reading);
  if (branch === null) throw new AppError('conflict', 'No branch is checked out here: make one for these commits, then push it.');
  if ((await setting(reading, `branch.${branch}.merge`)) !== null) return ['push', '--progress', ...rule];
  const remotes = (await reading.ask(['remote'])).stdout.toString('utf8').split('\n').filter(Boolean);
  const wanted = (await setting(reading, `branch.${branch}.pushRemote`)) ?? (await setting(reading, 'remote.pushDefault'));
  const remote = wanted ?? (remotes.includes('origin') ? 'origin' : remotes.length === 1 ? remotes[0] : undefined);
  if (remote === undefined) {
    throw new AppError('conflict', remotes.length === 0 ? 'This repository has no remote: add one in a terminal (git remote add origin ADDRESS).' : 'There are several remotes: say which one in a terminal, once (git push -u REMOTE BRANCH).');
  }
  return ['push', '--progress', ...rule, '--set-upstream', '--', remote, `refs/heads/${branch}`];
}

export function pullArguments({ how }: ExchangeChoice): string[] {
  const joined = { 'ff-only': ['--ff-only'], merge: ['--no-rebase', '--no-edit'], rebase: ['--rebase'] } as const;
  return ['pull', '--progress', ...(how === undefined ? [] : joined[how])];
}

async function currentBranch(reading: Reading): Promise<string | null> {
  const { exitCode, stdout } = await reading.ask(['symbolic-ref', '--quiet', '--short', 'HEAD']);
  return exitCode === 0 ? stdout.toString('utf8').trim() : null;
}

async function setting(reading: Reading, name: string): Promise<string | null> {
  const { exitCode, stdout } = await reading.ask(['config', '--get', name]);
  return exitCode === 0 ? stdout.toString('utf8').trim() : null;
}

function adviceFor(kind: ExchangeKind, output: string): string | null {
  if (/terminal prompts disabled|could not read (Username|Password)|Permission denied|Authentication failed|Host key verification/i.test(output)) {
    return 'Nobody is signed in to the remote, and here git has no one to ask: do it once in a terminal session, so that a credential helper or an ssh agent knows it.';
  }
  if (/\(non-fast-forward\)|\(fetch first\)|\[rejected\]/i.test(output)) return 'The remote has commits that are not here: pull first.';
  if (/divergent branches|not possible to fast-forward/i.test(output)) return 'Both sides have commits of their own: pull again by merge or by rebase.';
  if (/conflict/i.test(output) && kind === 'pull') return 'Both sides changed the same lines: the files with conflicts are named under Changes.';
  return null;
}
