// The past as the server's thread sees it: questions to a worker that is there while somebody
// asks, and is let go when nobody did for a while. Nothing here waits for an emulator.

import type { Worker } from 'node:worker_threads';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import type { StoredSnapshot } from '../screen/protocol.ts';
import type { FromPast, Moment, PastAnswer, PastQuestion, ToPast } from './protocol.ts';

export interface PastOptions {
  /** Starts the worker, which serves what ./worker.ts does. */
  spawn: () => Worker;
  /** A screen to keep: it was not near any. */
  onKeyframe: (runId: string, keyframe: StoredSnapshot) => void;
  report: (line: string) => void;
}

interface Waiting {
  resolve: (answer: PastAnswer) => void;
  reject: (error: unknown) => void;
}

type AnswerTo<What extends PastQuestion['what']> = What extends 'text' | 'ansi' | 'html'
  ? Extract<PastAnswer, { what: 'shown' }>
  : Extract<PastAnswer, { what: What }>;

export class Past {
  readonly #options: PastOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  constructor(options: PastOptions) {
    this.#options = options;
  }

  /**
   * @param signal aborts where nobody waits for the answer any more
   * @throws AppError gone where the moment was pruned; unavailable, rate_limited, internal
   */
  async ask<What extends PastQuestion['what']>(runId: string, question: PastQuestion & { what: What }, signal?: AbortSignal): Promise<AnswerTo<What>> {
    if (this.#disposed) throw new AppError('unavailable', 'The server is stopping.');
    if (this.#waiting.size >= limits.pastAsksMax) {
      throw new AppError('rate_limited', 'Too much of the past is asked for at once: try again in a moment.', { retryAfter: 1 });
    }
    const id = this.#nextId;
    this.#nextId += 1;
    const { promise, resolve, reject } = Promise.withResolvers<PastAnswer>();
    this.#waiting.set(id, { resolve, reject });
    const cancel = (): void => {
      if (!this.#waiting.delete(id)) return;
      this.#worker?.postMessage({ kind: 'cancel', id } satisfies ToPast);
      reject(new AppError('unavailable', 'Nobody waited for it any more.'));
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      this.#worker ??= this.#start();
      this.#worker.postMessage({ kind: 'ask', id, runId, question } satisfies ToPast);
      return (await promise) as AnswerTo<What>;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#rest();
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#idle);
    this.#refuseAll('The server is stopping.');
    await this.#worker?.terminate();
  }

  /** Messages wait in the thread's own queue until it listens. */
  #start(): Worker {
    const worker = this.#options.spawn();
    worker.unref();
    worker.on('message', (message: FromPast) => this.#receive(message));
    worker.on('error', (error) => {
      if (!this.#disposed) this.#options.report(`the past: ${error instanceof Error ? error.message : String(error)}`);
    });
    worker.on('exit', () => {
      if (worker !== this.#worker) return;
      this.#worker = undefined;
      this.#refuseAll('The past is being looked up anew: try again in a moment.');
    });
    return worker;
  }

  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#disposed) return;
    this.#idle = setTimeout(() => {
      if (this.#waiting.size > 0) return;
      const worker = this.#worker;
      this.#worker = undefined;
      void worker?.terminate();
    }, limits.pastRestMs);
    this.#idle.unref();
  }

  #refuseAll(message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new AppError('unavailable', message));
    this.#waiting.clear();
  }

  #receive(message: FromPast): void {
    if (message.kind === 'ready') return;
    if (message.kind === 'keyframe') return this.#options.onKeyframe(message.runId, message.keyframe);
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'answered') waiting?.resolve(message.answer);
    else if (message.kind === 'gone') waiting?.reject(goneError(message.kept));
    else {
      this.#options.report(`the past: ${message.stack}`);
      waiting?.reject(new AppError('internal', 'What was asked for could not be shown: something went wrong on our side. It was logged; try again.'));
    }
  }
}

/** To be said with 410. */
function goneError(kept: Moment | undefined): AppError {
  if (kept === undefined) return new AppError('gone', 'Nothing of this session can be shown any more: its history was pruned.');
  const since = new Date(kept.timestamp).toISOString();
  return new AppError('gone', `History before ${since.slice(0, 19).replace('T', ' ')} UTC was pruned: the first screen that can be shown is at ${kept.sequence}.`, {
    kept: { sequence: kept.sequence, since },
  });
}
