// Wires the search to the program: its threads, and what it is told of.

import { Worker } from 'node:worker_threads';
import type { Changes } from './changes.ts';
import { Search } from './search/search.ts';

export interface SearchingParts {
  dataFolder: string;
  epoch: number;
  changes: Changes;
  report: (line: string) => void;
}

export function openSearch({ dataFolder, epoch, changes, report }: SearchingParts): Search {
  const search = new Search({
    spawn: (role) => new Worker(new URL('./search-worker.ts', import.meta.url), { workerData: { dataFolder, epoch, role } }),
    report,
  });
  changes.listen((name) => {
    if (name === 'sessions' || name === 'workspaces') search.look();
  });
  return search;
}
