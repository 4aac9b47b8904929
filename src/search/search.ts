// The search as the server's thread sees it: two threads, one that keeps the index and one that
// answers. Nothing here waits for either; a search whose thread is gone is refused, never lost.

import type { Worker } from 'node:worker_threads';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { within } from '../within.ts';
import type { FromFinder, FromIndexer, SearchAnswer, SearchRequest, ToFinder, ToIndexer } from './protocol.ts';

export interface SearchOptions {
  spawn: (role: 'index' | 'find') => Worker;
  report: (line: string) => void;
}

interface Waiting {
  resolve: (answer: SearchAnswer) => void;
  reject: (error: unknown) => void;
}

const LOOK_MS = 100;

export class Search {
  readonly #options: SearchOptions;
  readonly #waiting = new Map<number, Waiting>();
  #indexer: Worker | undefined;
  #finder: Worker | undefined;
  /** Asked before the thread listened. */
  #unasked: ToFinder[] | undefined = [];
  #nextId = 1;
  #look: ReturnType<typeof setTimeout> | undefined;
  #restart: ReturnType<typeof setTimeout> | undefined;
  #stopped: (() => void) | undefined;
  #disposed = false;

  constructor(options: SearchOptions) {
    this.#options = options;
    // What a start is needed for comes first.
    this.#indexLater(limits.searchStartMs);
  }

  /** @throws AppError unavailable */
  find(request: SearchRequest): Promise<SearchAnswer> {
    if (this.#disposed) return Promise.reject(new AppError('unavailable', 'The server is stopping.'));
    if (this.#waiting.size >= limits.searchesWaitingMax) {
      return Promise.reject(new AppError('rate_limited', 'Too many searches wait already: try again in a moment.', { retryAfter: 1 }));
    }
    this.#finder ??= this.#startFinder();
    this.#indexer ??= this.#startIndexer();
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const asked: ToFinder = { id, request };
      if (this.#unasked === undefined) this.#finder?.postMessage(asked);
      else this.#unasked.push(asked);
      this.look();
    });
  }

  /** A session came, went or ended. */
  look(): void {
    this.#look ??= setTimeout(() => {
      this.#look = undefined;
      this.#indexer?.postMessage({ kind: 'look' } satisfies ToIndexer);
    }, LOOK_MS);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#look);
    clearTimeout(this.#restart);
    this.#refuseAll(new AppError('unavailable', 'The server is stopping.'));
    if (this.#indexer !== undefined) {
      const stopped = new Promise<void>((resolve) => (this.#stopped = resolve));
      this.#indexer.postMessage({ kind: 'stop' } satisfies ToIndexer);
      await within(stopped, limits.searchStopMs);
    }
    await Promise.all([this.#indexer?.terminate(), this.#finder?.terminate()]);
  }

  #indexLater(ms: number): void {
    clearTimeout(this.#restart);
    this.#restart = setTimeout(() => {
      if (!this.#disposed) this.#indexer ??= this.#startIndexer();
    }, ms);
    this.#restart.unref();
  }

  #startIndexer(): Worker {
    const worker = this.#start('index', () => {
      this.#stopped?.();
      this.#indexer = undefined;
      this.#indexLater(limits.searchRetryMs);
    });
    worker.on('message', (message: FromIndexer) => {
      if (message.kind === 'stopped') this.#stopped?.();
      else if (message.kind === 'report') this.#options.report(message.line);
    });
    return worker;
  }

  #startFinder(): Worker {
    const worker = this.#start('find', () => {
      this.#finder = undefined;
      this.#unasked = [];
      this.#refuseAll(new AppError('unavailable', 'The search failed: try again in a moment.'));
    });
    worker.on('message', (message: FromFinder) => this.#answered(worker, message));
    return worker;
  }

  #answered(worker: Worker, message: FromFinder): void {
    if (message.kind === 'ready') {
      for (const asked of this.#unasked ?? []) worker.postMessage(asked);
      this.#unasked = undefined;
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'found') return waiting?.resolve(message.answer);
    this.#options.report(`search: ${message.message}`);
    if (message.kind === 'refused') return waiting?.reject(new AppError('unavailable', 'The search failed: try again in a moment.', { retryAfter: 2 }));
    this.#indexer?.postMessage({ kind: 'anew' } satisfies ToIndexer);
    waiting?.resolve(message.answer);
  }

  #start(role: 'index' | 'find', ended: () => void): Worker {
    const worker = this.#options.spawn(role);
    worker.unref();
    worker.on('error', (error) => {
      if (!this.#disposed) this.#options.report(`search: ${error instanceof Error ? error.message : String(error)}`);
    });
    worker.on('exit', () => {
      if (!this.#disposed) ended();
    });
    return worker;
  }

  #refuseAll(error: AppError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
