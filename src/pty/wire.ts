// The whole vocabulary of the terminal stream: binary frames, one tag byte, big-endian.
// Unknown tags are ignored by both sides, so that either may be newer.

import type { LogEvent } from '../sessions/event.ts';
import { toApiEvent } from '../sessions/event.ts';
import type { Winsize } from './winsize.ts';

/** sequence u64, bytes: one output event. Server. */
export const OUTPUT = 0x01;
/** sequence u64, cols u16, rows u16, VT bytes: reset, resize, write. Server. */
export const SNAPSHOT = 0x02;
/** Any other event of the session as JSON; of an input only client and byte count. Server. */
export const EVENT = 0x03;
/** head u64, epoch u64: replay is over, live from here. Server. */
export const SYNCED = 0x04;
/** cols u16, rows u16, leads u8: what to letterbox and who leads; resizes no emulator. Server. */
export const WINSIZE = 0x05;
/** JSON `{ code, message, bytes? }`, without a sequence. Server. */
export const NOTICE = 0x06;
/** Bytes for the program. Client. */
export const INPUT = 0x11;
/** cols u16, rows u16: what fits this client. Client. */
export const RESIZE = 0x12;
/** sequence u64: parsed up to here, cumulative. Client. */
export const ACK = 0x13;
/** Take the winsize. Client. */
export const LEAD = 0x14;
/** u8 0 or 1: whether a person can see it; 0 while its page is hidden. Said only by pages of ours: of another form it is unknown. Client. */
export const LOOKS = 0x15;

export type NoticeCode = 'lagging' | 'live' | 'input_refused' | 'log_unavailable' | 'restarting';

export type ClientFrame =
  | { tag: typeof INPUT; bytes: Uint8Array }
  | { tag: typeof RESIZE; winsize: Winsize }
  | { tag: typeof ACK; sequence: number }
  | { tag: typeof LEAD }
  | { tag: typeof LOOKS; looks: boolean }
  | { tag: 'unknown' }
  | { tag: 'malformed'; why: string };

const SEQUENCED_HEADER = 9;
const encoder = new TextEncoder();

function frame(tag: number, payloadBytes: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(1 + payloadBytes);
  bytes[0] = tag;
  return { bytes, view: new DataView(bytes.buffer) };
}

function jsonFrame(tag: number, value: unknown): Uint8Array {
  const json = encoder.encode(JSON.stringify(value));
  const { bytes } = frame(tag, json.byteLength);
  bytes.set(json, 1);
  return bytes;
}

/** OUTPUT for an event of bytes, EVENT for all else. */
export function encodeEvent(event: LogEvent): Uint8Array {
  if (event.data instanceof Uint8Array) {
    const { bytes, view } = frame(OUTPUT, 8 + event.data.byteLength);
    view.setBigUint64(1, BigInt(event.sequence));
    bytes.set(event.data, SEQUENCED_HEADER);
    return bytes;
  }
  const shown = toApiEvent(event);
  if (event.type === 'input') shown.data = { client: event.data.client ?? 'api', bytes: event.data.bytes ?? 0 };
  return jsonFrame(EVENT, shown);
}

export function encodeSnapshot(sequence: number, { cols, rows }: Winsize, vt: Uint8Array): Uint8Array {
  const { bytes, view } = frame(SNAPSHOT, 12 + vt.byteLength);
  view.setBigUint64(1, BigInt(sequence));
  view.setUint16(9, cols);
  view.setUint16(11, rows);
  bytes.set(vt, 13);
  return bytes;
}

export function encodeSynced(head: number, epoch: number): Uint8Array {
  const { bytes, view } = frame(SYNCED, 16);
  view.setBigUint64(1, BigInt(head));
  view.setBigUint64(9, BigInt(epoch));
  return bytes;
}

export function encodeWinsize({ cols, rows }: Winsize, leads: boolean): Uint8Array {
  const { bytes, view } = frame(WINSIZE, 5);
  view.setUint16(1, cols);
  view.setUint16(3, rows);
  view.setUint8(5, leads ? 1 : 0);
  return bytes;
}

export function encodeNotice(code: NoticeCode, message: string, bytes?: number): Uint8Array {
  return jsonFrame(NOTICE, { code, message, ...(bytes === undefined ? {} : { bytes }) });
}

export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  const tag = bytes[0];
  if (tag === undefined) return { tag: 'malformed', why: 'An empty frame.' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (tag) {
    case INPUT:
      return bytes.byteLength === 1 ? short('INPUT') : { tag, bytes: bytes.subarray(1) };
    case RESIZE:
      if (bytes.byteLength < 5) return short('RESIZE');
      return { tag, winsize: { cols: view.getUint16(1), rows: view.getUint16(3) } };
    case ACK: {
      if (bytes.byteLength < 9) return short('ACK');
      const sequence = view.getBigUint64(1);
      // Past what a number holds it is past every head too, and refused as never sent.
      return { tag, sequence: sequence > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(sequence) };
    }
    case LEAD:
      return { tag };
    case LOOKS:
      return bytes.byteLength === 2 && (bytes[1] ?? 2) < 2 ? { tag, looks: bytes[1] === 1 } : { tag: 'unknown' };
    default:
      return { tag: 'unknown' };
  }
}

const short = (name: string): ClientFrame => ({ tag: 'malformed', why: `A ${name} frame that is too short.` });
