// How much of a log comes after an event: what decides between sending it and sending a screen.

import type { SessionLog } from '../sessions/log.ts';

/** What a frame has beside the event's own data, about. */
const FRAME_BYTES = 200;

/** About as many bytes as the frames of all events after `after` have; undefined where that is more than allowed, or some are gone. */
export function tailBytes(log: SessionLog, after: number, bytesMax: number, eventsMax: number): number | undefined {
  const count = log.head - after;
  if (count <= 0) return 0;
  if (count > eventsMax) return undefined;
  const known = log.outputBytesAfter(after);
  if (known !== undefined) return bounded(known + count * FRAME_BYTES, bytesMax);
  const events = log.read(after, eventsMax, bytesMax + 1);
  if (events.length < count) return undefined;
  const bytes = events.reduce((sum, { data }) => sum + FRAME_BYTES + (data instanceof Uint8Array ? data.byteLength : 0), 0);
  return bounded(bytes, bytesMax);
}

const bounded = (bytes: number, bytesMax: number): number | undefined => (bytes > bytesMax ? undefined : bytes);
