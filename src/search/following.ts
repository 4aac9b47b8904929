// The thread of the indexer: works in small turns, so that messages are heard between them, and
// starts the index anew where it was lost.

import { limits } from '../limits.ts';
import { indexExists, type IndexFile, isUnusable, openIndex, removeIndex } from './index-file.ts';
import { Indexer, type IndexerParts } from './indexer.ts';
import type { FromIndexer, ToIndexer } from './protocol.ts';

export interface FollowingParts extends Omit<IndexerParts, 'file'> {
  dataFolder: string;
  /** Of the log. */
  epoch: number;
  tell: (message: FromIndexer) => void;
}

const LOST_CHECK_MS = 2_000;

export class Following {
  readonly #parts: FollowingParts;
  #file: IndexFile | undefined;
  #indexer: Indexer | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #immediate: ReturnType<typeof setImmediate> | undefined;
  #lookAtAll = false;
  #checkedAt = 0;
  #stopped = false;
  /** What is wrong, as it was last told. */
  #said = '';

  constructor(parts: FollowingParts) {
    this.#parts = parts;
    this.#soon();
  }

  receive(message: ToIndexer): void {
    switch (message.kind) {
      case 'look':
        this.#lookAtAll = true;
        return this.#soon();
      case 'anew':
        this.#startAnew('it cannot be read');
        return this.#soon();
      case 'stop':
        this.#stop();
        return this.#parts.tell({ kind: 'stopped' });
    }
  }

  #soon(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#immediate ??= setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#immediate = undefined;
    let wait: number = limits.searchRetryMs;
    try {
      wait = this.#work();
      if (wait > 0) this.#said = '';
    } catch (error) {
      if (isUnusable(error)) this.#startAnew(String(error));
      else {
        // A full disk, mostly: what was read and not written is read again. Said once, for it may last.
        const message = error instanceof Error ? error.message : String(error);
        if (message !== this.#said) this.#parts.report(`search: ${message}`);
        this.#said = message;
        this.#close();
      }
    }
    if (wait === 0) this.#soon();
    else if (!this.#stopped) this.#timer = setTimeout(() => this.#soon(), wait);
  }

  #work(): number {
    const now = performance.now();
    const { dataFolder, epoch } = this.#parts;
    if (this.#indexer !== undefined && (this.#lookAtAll || now - this.#checkedAt > LOST_CHECK_MS)) {
      this.#checkedAt = now;
      if (!indexExists(dataFolder)) this.#startAnew('it is gone');
    }
    if (this.#indexer === undefined) {
      this.#file = openIndex(dataFolder, epoch);
      this.#indexer = new Indexer({ ...this.#parts, file: this.#file });
      this.#lookAtAll = true;
    }
    const all = this.#lookAtAll;
    this.#lookAtAll = false;
    return this.#indexer.work(now, all);
  }

  #startAnew(why: string): void {
    this.#parts.report(`search: the index is made anew: ${why}`);
    this.#close();
    removeIndex(this.#parts.dataFolder);
  }

  #close(): void {
    this.#indexer?.dispose();
    this.#indexer = undefined;
    this.#file?.dispose();
    this.#file = undefined;
  }

  #stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    try {
      this.#indexer?.flush();
    } catch {
      // It is read from the log again.
    }
    this.#close();
  }
}
