// What search asks of a kind of session: text, line by line, as a person saw or said it, each
// line with the moment at which it was shown. A kind reads its own events; search knows none.

import type { JsonObject } from '../json.ts';
import type { Channel, LogEvent } from '../sessions/event.ts';

export interface Line {
  /** No line break in it. */
  text: string;
  /** Of the event after which it was shown. */
  sequence: number;
  /** ms; of that event. */
  timestamp: number;
  channel: Channel;
  /** Of the event that it comes from. */
  type: string;
}

/** Reads the events of one session, in order, each once. */
export interface TextReader {
  take(event: LogEvent): void;
  /** Lines that stay as they are, since this was last asked: each is given once. */
  settled(): Line[];
  /** What shows now and may still change. */
  open(): Line[];
  /** What a new reader needs to go on after the last event taken. */
  state(): JsonObject;
  dispose(): void;
}
