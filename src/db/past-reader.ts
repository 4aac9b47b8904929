// What the thread that looks into the past reads: log, keyframes, moments, all on one connection.

import type { PastReader } from '../pty/past/worker.ts';
import { Events } from './events.ts';
import { Keyframes } from './keyframes.ts';
import { Moments } from './moments.ts';
import type { OpenDatabase } from './open.ts';
import { Packs } from './packs.ts';

export function pastReader(database: Pick<OpenDatabase, 'db' | 'sqlite'>): PastReader {
  const packs = new Packs(database.db);
  const events = new Events(database, packs);
  const keyframes = new Keyframes(database.db);
  const moments = new Moments(database.db, packs);
  return {
    read: (runId, range) => events.read(runId, range).events,
    before: (runId, sequence) => keyframes.before(runId, sequence),
    firstFrom: (runId, from) => keyframes.firstFrom(runId, from),
    span: (runId) => moments.span(runId),
    timeOf: (runId, sequence) => moments.timeOf(runId, sequence),
    lastUntil: (runId, time) => moments.lastUntil(runId, time),
    points: (runId) => moments.points(runId),
    marks: (runId, range) => moments.marks(runId, range),
    thinnedMarks: (runId, from, until, parts) => moments.thinnedMarks(runId, from, until, parts),
  };
}
