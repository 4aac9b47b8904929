// The screens as the server's thread sees them: it says how far the logs are, and is given
// answers for programs, events to record, snapshots to keep, and screens to show. Nothing here
// waits for an emulator; one that is behind, or gone, costs only those who ask for its screen.

import type { Worker } from 'node:worker_threads';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import type { Answer, DerivedEvent, FromWorker, Question, StoredSnapshot, ToWorker } from './protocol.ts';
import type { Scrollback, Snapshot } from './screen.ts';

export interface ScreensOptions {
  /** Starts the worker, which serves what ./worker.ts does. */
  spawn: () => Worker;
  /** Lines above the screen that are kept, of a session. */
  scrollback: (runId: string) => number;
  /** A program asked: its session is given these bytes as input, once. */
  onAnswer: (runId: string, bytes: Uint8Array, sequence: number) => void;
  /** Output brought these about: they are recorded, with the last one's sequence as how far that got. */
  onDerived: (runId: string, events: DerivedEvent[]) => void;
  /** A snapshot to keep. */
  onStored: (runId: string, snapshot: StoredSnapshot) => void;
  /** A screen to keep for looking at the past. */
  onKeyframe: (runId: string, keyframe: StoredSnapshot) => void;
  report: (line: string) => void;
}

interface Followed {
  head: number;
  /** performance.now() of the last word to the worker about it. */
  signalledAt: number;
  /** Answered up to there, as far as we were told. */
  answered: number;
  derived: number;
}

interface Waiting {
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

const RESTART_MS = 1_000;

export class Screens {
  readonly #options: ScreensOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #positions = new Map<string, number>();
  readonly #waiting = new Map<number, Waiting>();
  /** Sessions of which something may still be told though their program has ended. */
  readonly #settling = new Map<string, PromiseWithResolvers<void>>();
  /** Whose logs grew since the worker was told. */
  readonly #heads = new Set<string>();
  #worker: Worker;
  #isReady = false;
  #unsent: ToWorker[] = [];
  #nextId = 1;
  #signal: ReturnType<typeof setTimeout> | undefined;
  #restart: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  constructor(options: ScreensOptions) {
    this.#options = options;
    this.#worker = this.#start();
  }

  /**
   * A session lives, its log at `head`. Only what is printed after it is answered; what comes
   * after `derivedAfter` brings events about.
   */
  follow(runId: string, head: number, derivedAfter: number): void {
    this.#settle(runId);
    this.#followed.set(runId, { head, signalledAt: -Infinity, answered: head, derived: derivedAfter });
    this.#send(this.#follow(runId));
  }

  /** The log of a session that is followed has grown. Said at once after a rest, else a few times a second. */
  signal(runId: string, head: number): void {
    const followed = this.#followed.get(runId);
    if (followed === undefined) return;
    followed.head = head;
    this.#heads.add(runId);
    if (performance.now() - followed.signalledAt >= limits.screenSignalMs) this.#sendHeads();
    else this.#signal ??= setTimeout(() => this.#sendHeads(), limits.screenSignalMs);
  }

  /** Nobody looks any more: a good moment to keep a snapshot. */
  keep(runId: string): void {
    this.#sendHeads();
    this.#send({ kind: 'keep', runId });
  }

  /** The session's program has ended, and its log is at `head`. */
  ended(runId: string, head: number): void {
    if (!this.#followed.delete(runId)) return;
    this.#heads.delete(runId);
    if (!this.#settling.has(runId)) this.#settling.set(runId, Promise.withResolvers());
    this.#send({ kind: 'ended', runId, head });
  }

  /** The session is gone with its log. */
  drop(runId: string): void {
    this.#followed.delete(runId);
    this.#heads.delete(runId);
    this.#positions.delete(runId);
    this.#settle(runId);
    this.#send({ kind: 'deleted', runId });
  }

  /** Of a session that ended: resolves once all that its output brought about is told. Undefined where it is. */
  settled(runId: string): Promise<void> | undefined {
    if (this.#followed.has(runId) && !this.#settling.has(runId)) this.#settling.set(runId, Promise.withResolvers());
    return this.#settling.get(runId)?.promise;
  }

  /** Last event that the screen shows, as far as we were told; 0 where none was asked for. */
  position(runId: string): number {
    return this.#positions.get(runId) ?? 0;
  }

  /**
   * The screen at `head`, or as far as it is where that takes too long: look at its sequence.
   * @throws AppError unavailable
   */
  async snapshot(runId: string, head: number, { scrollback, bytesMax }: { scrollback: number; bytesMax: number }): Promise<Snapshot> {
    const answer = await this.#ask(runId, head, limits.screenWaitMs, { what: 'snapshot', scrollback, bytesMax });
    if (answer.what !== 'snapshot') throw new TypeError('A snapshot was asked for');
    return answer.snapshot;
  }

  /** @throws AppError unavailable */
  async shown(runId: string, head: number, format: 'text' | 'ansi' | 'html'): Promise<{ sequence: number; shown: string }> {
    const answer = await this.#ask(runId, head, limits.screenShownWaitMs, { what: format });
    if (answer.what !== 'shown') throw new TypeError('A screen was asked for');
    return answer;
  }

  /** Lines above the screen, for a reader of the past. @throws AppError unavailable */
  async scrollback(runId: string, head: number, { before, limit }: { before?: number | undefined; limit: number }): Promise<Scrollback> {
    const answer = await this.#ask(runId, head, limits.screenShownWaitMs, { what: 'scrollback', before, limit });
    if (answer.what !== 'scrollback') throw new TypeError('Scrollback was asked for');
    return answer.scrollback;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#signal);
    clearTimeout(this.#restart);
    this.#refuseAll('The server is stopping.');
    await this.#worker.terminate();
  }

  #ask(runId: string, head: number, waitMs: number, question: Question): Promise<Answer> {
    if (this.#disposed) return Promise.reject(new AppError('unavailable', 'The server is stopping.'));
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ kind: 'ask', id, runId, head, scrollback: this.#options.scrollback(runId), waitMs, question });
    });
  }

  #follow(runId: string): ToWorker {
    const { head = 0, answered = 0, derived = 0 } = this.#followed.get(runId) ?? {};
    return { kind: 'follow', runId, head, scrollback: this.#options.scrollback(runId), answersAfter: answered, derivedAfter: derived };
  }

  #send(message: ToWorker): void {
    if (this.#disposed) return;
    if (this.#isReady) this.#worker.postMessage(message);
    else this.#unsent.push(message);
  }

  #sendHeads(): void {
    clearTimeout(this.#signal);
    this.#signal = undefined;
    // Until the worker listens they wait.
    if (!this.#isReady || this.#heads.size === 0) return;
    const heads: [string, number][] = [];
    for (const runId of this.#heads) {
      const followed = this.#followed.get(runId);
      if (followed === undefined) continue;
      followed.signalledAt = performance.now();
      heads.push([runId, followed.head]);
    }
    this.#heads.clear();
    this.#send({ kind: 'heads', heads });
  }

  #start(): Worker {
    const worker = this.#options.spawn();
    worker.unref();
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error) => {
      if (!this.#disposed) this.#options.report(`screens: ${error instanceof Error ? error.message : String(error)}`);
    });
    worker.on('exit', () => this.#exited(worker));
    return worker;
  }

  /** Screens are rebuilt from what is kept and from the log; programs that asked meanwhile are answered then. */
  #exited(worker: Worker): void {
    if (this.#disposed || worker !== this.#worker) return;
    this.#isReady = false;
    this.#unsent = [];
    this.#refuseAll('The screen is being rebuilt: try again in a moment.');
    this.#restart = setTimeout(() => {
      this.#unsent = [...this.#followed.keys()].map((runId) => this.#follow(runId));
      this.#worker = this.#start();
    }, RESTART_MS);
  }

  #refuseAll(message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new AppError('unavailable', message));
    this.#waiting.clear();
    // Of those that ended nothing more will be told.
    for (const runId of [...this.#settling.keys()]) if (!this.#followed.has(runId)) this.#settle(runId);
  }

  #settle(runId: string): void {
    this.#settling.get(runId)?.resolve();
    this.#settling.delete(runId);
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        return this.#ready();
      case 'answer': {
        const followed = this.#followed.get(message.runId);
        if (followed === undefined) return;
        followed.answered = message.sequence;
        return this.#options.onAnswer(message.runId, Buffer.from(message.bytes, 'utf8'), message.sequence);
      }
      case 'derived': {
        const followed = this.#followed.get(message.runId);
        if (followed !== undefined) followed.derived = message.events.at(-1)?.sequence ?? followed.derived;
        return this.#options.onDerived(message.runId, message.events);
      }
      case 'positions':
        for (const [runId, sequence] of message.positions) this.#positions.set(runId, sequence);
        return;
      case 'settled':
        return this.#settle(message.runId);
      case 'stored':
        return this.#options.onStored(message.runId, message.snapshot);
      case 'keyframe':
        return this.#options.onKeyframe(message.runId, message.keyframe);
      case 'answered':
        this.#waiting.get(message.id)?.resolve(message.answer);
        this.#waiting.delete(message.id);
        return;
      case 'refused':
        this.#waiting.get(message.id)?.reject(new AppError('unavailable', message.message));
        this.#waiting.delete(message.id);
        return;
      case 'failed':
        this.#options.report(`screens: ${message.stack}`);
        this.#waiting.get(message.id)?.reject(new AppError('unavailable', 'The screen could not be drawn: try again in a moment.'));
        this.#waiting.delete(message.id);
        return;
    }
  }

  #ready(): void {
    this.#isReady = true;
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const message of unsent) this.#worker.postMessage(message);
    this.#sendHeads();
  }
}
