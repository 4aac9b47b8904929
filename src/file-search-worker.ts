// The thread of one search in files: does the job that it was started for, and ends.

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from './errors.ts';
import { work } from './files/search-own.ts';
import type { SearchJob } from './files/search-terms.ts';

const port = parentPort;
assert(port !== null, 'this file is the entry of a worker');
await work(workerData as SearchJob, (message) => port.postMessage(message));
port.close();
