// The frames of the terminal stream as the browser reads and writes them: one tag byte,
// big-endian. Twin of src/pty/wire.ts; tags that are not known here are ignored.

export const OUTPUT = 0x01;
export const SNAPSHOT = 0x02;
export const EVENT = 0x03;
export const SYNCED = 0x04;
export const WINSIZE = 0x05;
export const NOTICE = 0x06;

const INPUT = 0x11;
const RESIZE = 0x12;
const ACK = 0x13;
const LEAD = 0x14;
const LOOKS = 0x15;

/** Payload of one INPUT; a frame may have 64 KiB, and a terminal takes it whole or not at all. */
export const INPUT_BYTES_MAX = 60 * 1024;

const decoder = new TextDecoder();

/**
 * @param {ArrayBuffer} buffer
 * @returns {{ tag: number, sequence?: number, bytes?: Uint8Array, cols?: number, rows?: number,
 *   leads?: boolean, epoch?: string, event?: any, notice?: any } | null} null where it is unknown or broken
 */
export function decode(buffer) {
  const view = new DataView(buffer);
  if (view.byteLength === 0) return null;
  try {
    switch (view.getUint8(0)) {
      case OUTPUT:
        return { tag: OUTPUT, sequence: u64(view, 1), bytes: new Uint8Array(buffer, 9) };
      case SNAPSHOT:
        return {
          tag: SNAPSHOT,
          sequence: u64(view, 1),
          cols: view.getUint16(9),
          rows: view.getUint16(11),
          bytes: new Uint8Array(buffer, 13),
        };
      case EVENT: {
        const event = json(buffer);
        return { tag: EVENT, sequence: event.sequence, event };
      }
      case SYNCED:
        // The epoch is only ever given back: as text it keeps all 64 bits.
        return { tag: SYNCED, sequence: u64(view, 1), epoch: view.getBigUint64(9).toString() };
      case WINSIZE:
        return { tag: WINSIZE, cols: view.getUint16(1), rows: view.getUint16(3), leads: view.getUint8(5) === 1 };
      case NOTICE:
        return { tag: NOTICE, notice: json(buffer) };
      default:
        return null;
    }
  } catch (error) {
    console.error('A frame that cannot be read', error);
    return null;
  }
}

/** @param {Uint8Array} bytes */
export function encodeInput(bytes) {
  const frame = new Uint8Array(1 + bytes.byteLength);
  frame[0] = INPUT;
  frame.set(bytes, 1);
  return frame;
}

/** @param {{ cols: number, rows: number }} winsize */
export function encodeResize({ cols, rows }) {
  const view = new DataView(new ArrayBuffer(5));
  view.setUint8(0, RESIZE);
  view.setUint16(1, cols);
  view.setUint16(3, rows);
  return view.buffer;
}

/** @param {number} sequence */
export function encodeAck(sequence) {
  const view = new DataView(new ArrayBuffer(9));
  view.setUint8(0, ACK);
  view.setBigUint64(1, BigInt(sequence));
  return view.buffer;
}

export function encodeLead() {
  return new Uint8Array([LEAD]);
}

/** @param {boolean} looks whether a person can see it */
export function encodeLooks(looks) {
  return new Uint8Array([LOOKS, looks ? 1 : 0]);
}

function u64(view, at) {
  const value = view.getBigUint64(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError('A sequence beyond what a number holds');
  return Number(value);
}

function json(buffer) {
  return JSON.parse(decoder.decode(new Uint8Array(buffer, 1)));
}
