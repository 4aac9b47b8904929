// The thread that answers searches: opens the index when it is asked, again where it was made
// anew, and says so where there is none to read.

import type { Database } from 'bun:sqlite';
import { statSync } from 'node:fs';
import { AppError } from '../errors.ts';
import { type FactReader, Finder } from './finder.ts';
import { indexPath, isUnusable, openIndexForReading } from './index-file.ts';
import type { FromFinder, ToFinder } from './protocol.ts';

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
    const { tell } = this.#parts;
    try {
      tell({ kind: 'found', id, answer: this.#finder().find(request) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!(error instanceof AppError)) this.#close();
      tell({ kind: isUnusable(error) ? 'unusable' : 'refused', id, message });
    }
  }

  #finder(): Finder {
    const { dataFolder, facts } = this.#parts;
    const inode = statSync(indexPath(dataFolder)).ino;
    if (this.#open?.inode === inode) return this.#open.finder;
    this.#close();
    const sqlite = openIndexForReading(dataFolder);
    this.#open = { sqlite, inode, finder: new Finder(sqlite, facts) };
    return this.#open.finder;
  }

  #close(): void {
    this.#open?.sqlite.close();
    this.#open = undefined;
  }
}
