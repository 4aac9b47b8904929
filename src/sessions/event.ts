// What an event is: in the log, and as the API shows it.

import { isUtf8 } from 'node:buffer';
import type { JsonObject } from '../json.ts';

export const CHANNELS = ['stdin', 'stdout', 'stderr', 'system'] as const;
export type Channel = (typeof CHANNELS)[number];

/** An event before it has a place in the log. `output` carries bytes, all else JSON. */
export interface NewEvent {
  channel: Channel;
  type: string;
  data: Uint8Array | JsonObject;
  /** ms since the epoch; the moment of append when absent. */
  timestamp?: number;
}

/** A row of the log: immutable, its sequence gapless per session from 1. */
export interface LogEvent {
  id: string;
  runId: string;
  sequence: number;
  timestamp: number;
  channel: Channel;
  type: string;
  data: Uint8Array | JsonObject;
}

/** An event as the API gives it. */
export interface ApiEvent {
  id: string;
  sessionId: string;
  sequence: number;
  /** ISO 8601 UTC. */
  timestamp: string;
  channel: Channel;
  type: string;
  data: JsonObject;
}

/** `{ text }` where the bytes are UTF-8, else `{ base64 }`: never a lossy decoding. */
export function bytesAsJson(bytes: Uint8Array): { text: string } | { base64: string } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(view) ? { text: view.toString('utf8') } : { base64: view.toString('base64') };
}

export function toApiEvent(event: LogEvent): ApiEvent {
  return {
    id: event.id,
    sessionId: event.runId,
    sequence: event.sequence,
    timestamp: new Date(event.timestamp).toISOString(),
    channel: event.channel,
    type: event.type,
    data: event.data instanceof Uint8Array ? bytesAsJson(event.data) : event.data,
  };
}
