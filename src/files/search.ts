// Searching in the files of a workspace, and replacing: by the user's ripgrep where it is there,
// else by a program of ours. What is replaced is the version that was seen, or nothing.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Ground } from './open.ts';
import { ripgrep } from './search-ripgrep.ts';
import { patternOf, type Replaced, type SearchEvent, type SearchJob, type SearchTerms } from './search-terms.ts';
import { writeFile } from './write.ts';

export interface FileSearchParts {
  /** Begins a job of our own search. @returns ends it, wherever it is */
  spawn: (job: SearchJob, heard: { told: (message: SearchEvent | Replaced) => void; ended: () => void }) => () => void;
  /** What a workspace's programs get; ripgrep is found on its PATH. */
  environment: Record<string, string>;
}

export interface SearchOptions {
  terms: SearchTerms;
  /** Left out by us; ripgrep reads the ignore files itself. */
  ignored: () => Promise<readonly string[]>;
  /** Shows what each line would be: only in our own syntax, so ripgrep does not do it. */
  replacement?: string | undefined;
  signal: AbortSignal;
}

export interface ReplaceResult {
  path: string;
  /** Null where it was left as it was. */
  etag: string | null;
  count: number;
  reason: string | null;
}

export class FileSearch {
  readonly #parts: FileSearchParts;
  #under = 0;

  constructor(parts: FileSearchParts) {
    this.#parts = parts;
  }

  /** As it is found. @throws AppError invalid (field q), rate_limited: before the first event */
  search(ground: Ground, options: SearchOptions): AsyncGenerator<SearchEvent> {
    if (this.#under >= limits.fileSearchesMax) throw new AppError('rate_limited', 'Too many searches are under way: wait until one of them ends.', { retryAfter: 1 });
    const program = options.replacement === undefined ? Bun.which('rg', { PATH: this.#parts.environment.PATH ?? '' }) : null;
    if (program === null) patternOf(options.terms);
    const found = program === null ? this.#own(ground, options) : ripgrep(program, ground, options.terms, this.#parts.environment, options.signal);
    this.#under += 1;
    return this.#counted(found);
  }

  /** In just these versions of files. @throws AppError invalid (field q) */
  async replace(ground: Ground, terms: SearchTerms, replacement: string, files: readonly { path: string; etag: string }[]): Promise<ReplaceResult[]> {
    patternOf(terms);
    const results: ReplaceResult[] = [];
    const late = AbortSignal.timeout(limits.fileSearchMs);
    for await (const message of this.#told({ kind: 'replace', ground, terms, replacement, files }, late)) {
      if (message.type === 'replaced') results.push(await this.#write(ground, message));
    }
    for (const { path } of files.slice(results.length)) results.push({ path, etag: null, count: 0, reason: 'It took too long: nothing was changed in it.' });
    return results;
  }

  async #write(ground: Ground, { path, bytes, etag, count, reason }: Replaced): Promise<ReplaceResult> {
    if (bytes === null) return { path, etag: null, count: 0, reason };
    try {
      const written = await writeFile(ground, path, bytes, { expected: { etags: [etag] } });
      return { path, etag: written.etag, count, reason: null };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { path, etag: null, count: 0, reason: error.message };
    }
  }

  async *#own(ground: Ground, { terms, ignored, replacement, signal }: SearchOptions): AsyncGenerator<SearchEvent> {
    const left = await ignored();
    if (signal.aborted) return;
    // It ends itself in time but for an expression that never comes to an end.
    const late = AbortSignal.timeout(limits.fileSearchMs + limits.fileSearchGraceMs);
    let done = false;
    for await (const event of this.#told({ kind: 'search', ground, terms, ignored: left, replacement }, AbortSignal.any([signal, late]))) {
      if (event.type === 'replaced') continue;
      done = event.type !== 'match';
      yield event;
    }
    if (!done && !signal.aborted) yield { type: 'error', message: 'The search took too long and was ended: look for something simpler, or in fewer files.' };
  }

  async *#counted(found: AsyncGenerator<SearchEvent>): AsyncGenerator<SearchEvent> {
    try {
      yield* found;
    } finally {
      this.#under -= 1;
    }
  }

  /** What a job says until it ends, or is ended. */
  async *#told(job: SearchJob, signal: AbortSignal): AsyncGenerator<SearchEvent | Replaced> {
    const waiting: (SearchEvent | Replaced)[] = [];
    let wake = (): void => undefined;
    let over = false;
    const ended = (): void => {
      over = true;
      wake();
    };
    const told = (message: SearchEvent | Replaced): void => {
      waiting.push(message);
      wake();
    };
    signal.addEventListener('abort', ended);
    const end = this.#parts.spawn(job, { told, ended });
    try {
      while (!signal.aborted) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (over) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', ended);
      end();
    }
  }
}
