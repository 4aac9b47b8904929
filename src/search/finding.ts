// The thread that answers searches: opens the index when it is asked, again where it was made
// anew, and says so where there is none to read.

import type { Database } from 'bun:sqlite';
import { statSync } from 'node:fs';
import { type FactReader, Finder } from './finder.ts';
import { indexPath, isUnusable, openIndexForReading } from './index-file.ts';
import type { FromFinder, SearchAnswer, ToFinder } from './protocol.ts';

export interface FindingParts {
  dataFolder: string;
  facts: FactReader;
  tell: (message: FromFinder) => void;
}

export class Finding {
  readonly #parts: FindingParts;
  #open: { finder: Finder; sqlite: Database; inode: number } | undefined;

  constructor(parts: FindingParts) {
    this.#parts = parts;
  }

  receive({ id, request }: ToFinder): void {
    const { tell, facts } = this.#parts;
    try {
      tell({ kind: 'found', id, answer: this.#finder()?.find(request) ?? nothingYet(facts) });
    } catch (error) {
      this.#close();
      const message = error instanceof Error ? error.message : String(error);
      if (isUnusable(error)) tell({ kind: 'unusable', id, message, answer: nothingYet(facts) });
      else tell({ kind: 'refused', id, message });
    }
  }

  /** None where there is no index, or not yet. */
  #finder(): Finder | undefined {
    const { dataFolder, facts } = this.#parts;
    const inode = statSync(indexPath(dataFolder), { throwIfNoEntry: false })?.ino;
    if (inode !== undefined && this.#open?.inode === inode) return this.#open.finder;
    this.#close();
    const sqlite = inode === undefined ? undefined : openIndexForReading(dataFolder);
    if (inode === undefined || sqlite === undefined) return undefined;
    this.#open = { sqlite, inode, finder: new Finder(sqlite, facts) };
    return this.#open.finder;
  }

  #close(): void {
    this.#open?.sqlite.close();
    this.#open = undefined;
  }
}

/** All of the log is still to be read. */
function nothingYet(facts: FactReader): SearchAnswer {
  const behindEvents = facts.heads().reduce((sum, { head, firstSequence }) => sum + head - firstSequence + 1, 0);
  return { results: [], names: [], next: null, indexed: { complete: behindEvents === 0, behindEvents } };
}
