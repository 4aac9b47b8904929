// An index over a database, without threads: what is read when, tests say.

import type { Database } from 'bun:sqlite';
import { Events } from '../../src/db/events.ts';
import { openForReading } from '../../src/db/reading.ts';
import { SearchedSessions } from '../../src/db/searched.ts';
import { TerminalText } from '../../src/pty/screen/terminal-text.ts';
import { Finder } from '../../src/search/finder.ts';
import { openIndex, openIndexForReading } from '../../src/search/index-file.ts';
import { Indexer } from '../../src/search/indexer.ts';
import { parseQuery } from '../../src/search/query.ts';

/** An index over a database, worked on by hand. */
export class Index {
  readonly #database;
  readonly #sessions;
  readonly #indexer: Indexer;
  readonly #file;
  readonly #read: Database;
  readonly finder: Finder;
  #now = 0;

  constructor(dataFolder: string, epoch = 1) {
    this.#database = openForReading(dataFolder);
    this.#sessions = new SearchedSessions(this.#database);
    const events = new Events(this.#database);
    const sessions = this.#sessions;
    this.#file = openIndex(dataFolder, epoch);
    this.#indexer = new Indexer({
      file: this.#file,
      log: {
        changed: () => sessions.changed(),
        sessions: (which) => sessions.list(which),
        session: (runId) => sessions.one(runId),
        read: (runId, range) => events.read(runId, range),
      },
      openReader: (_, state) => new TerminalText(state),
      report: (line) => {
        throw new Error(line);
      },
    });
    const read = openIndexForReading(dataFolder);
    if (read === undefined) throw new Error('There is no index');
    this.#read = read;
    this.finder = new Finder(read, sessions);
  }

  /** Until nothing is left to do; time goes as it is told to. */
  work(ms = 0): void {
    this.#now += ms;
    while (this.#indexer.work(this.#now, true) === 0);
    this.#now += 60_000;
    while (this.#indexer.work(this.#now, true) === 0);
  }

  find(q: string): string[] {
    const { results } = this.finder.find({ query: parseQuery(q), limit: 1000 });
    return results.map(({ context }) => context.map(({ text }) => text).join(''));
  }

  count(sql: string): number {
    return Number(Object.values(this.#read.query<Record<string, number>, []>(sql).get() ?? {})[0]);
  }

  dispose(): void {
    this.#indexer.dispose();
    this.#file.dispose();
    this.#read.close();
    this.#database.dispose();
  }
}
