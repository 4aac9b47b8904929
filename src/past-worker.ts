// The thread that looks into the past: hands it its reader, which has the log open for reading
// only, and its messages.

import { parentPort, workerData } from 'node:worker_threads';
import { pastReader } from './db/past-reader.ts';
import { openForReading } from './db/reading.ts';
import { assert } from './errors.ts';
import type { ToPast } from './pty/past/protocol.ts';
import { PastServer } from './pty/past/worker.ts';

const port = parentPort;
assert(port !== null, 'this file is the entry of a worker');
const { dataFolder } = workerData as { dataFolder: string };

const server = new PastServer(pastReader(openForReading(dataFolder)), (message) => port.postMessage(message));
port.on('message', (message: ToPast) => server.receive(message));
port.postMessage({ kind: 'ready' });
