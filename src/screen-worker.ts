// The thread with the screens: hands them their reader, which has the log open for reading
// only, and their messages.

import { parentPort, workerData } from 'node:worker_threads';
import { Events } from './db/events.ts';
import { openForReading } from './db/reading.ts';
import { Snapshots } from './db/snapshots.ts';
import { assert } from './errors.ts';
import type { ScreenReader } from './pty/screen/follower.ts';
import type { ToWorker } from './pty/screen/protocol.ts';
import { ScreenServer } from './pty/screen/worker.ts';

const port = parentPort;
assert(port !== null, 'this file is the entry of a worker');
const { dataFolder } = workerData as { dataFolder: string };

const database = openForReading(dataFolder);
const events = new Events(database);
const snapshots = new Snapshots(database.db);
const reader: ScreenReader = {
  read: (runId, range) => events.read(runId, range).events,
  snapshot: (runId) => snapshots.latest(runId),
};

const server = new ScreenServer(reader, (message) => port.postMessage(message));
port.on('message', (message: ToWorker) => server.receive(message));
port.postMessage({ kind: 'ready' });
