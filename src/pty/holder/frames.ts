// PROTOCOL between server and holder: every frame on their socket, both ways.
// A frame is u32 length of the rest, u8 tag, body; integers big-endian, JSON in UTF-8. Frames of
// one session begin with its id (u8 length, bytes). Unknown tags and unknown JSON fields are
// ignored by both, so an old holder serves a new server. The first block of each side never
// changes, whatever the version: by it any server can tell, list, release and end any holder.

/** A greater major means: only the first block is understood. */
export const HOLDER_VERSION = { major: 1, minor: 0 } as const;

export const TO_HOLDER = {
  /** JSON Hello; anything else before it closes the connection. The last server that greets is the server. */
  hello: 0x01,
  /** Asks for SESSIONS. */
  list: 0x02,
  /** id: forget an ended session. */
  release: 0x03,
  /** Ends all programs: SIGHUP, a grace, SIGKILL. */
  stopAll: 0x04,

  /** id, JSON SpawnRequest. */
  spawn: 0x10,
  /** id, u64: send the session's output from this offset, then as it comes, then EXIT. */
  adopt: 0x11,
  /** id, bytes of input; answered by WRITTEN. */
  write: 0x12,
  /** id: no more input (pipes only). */
  endInput: 0x13,
  /** id, u16 cols, u16 rows. */
  resize: 0x14,
  /** id, u8 whom (0 process, 1 its group, 2 all of its session), name of the signal. */
  signal: 0x15,
  /** id, u64: output before this offset is logged. */
  ack: 0x16,
} as const;

export const TO_SERVER = {
  /** JSON Welcome. */
  welcome: 0x81,
  /** JSON HeldSession[], the answer to LIST. */
  sessions: 0x82,
  /** Text: why the holder closes this connection. */
  bye: 0x83,

  /** id, u32 pid. */
  spawned: 0x90,
  /** id, JSON { code, message }. */
  spawnFailed: 0x91,
  /** id, u8 stream (1 stdout, 2 stderr), u64 offset of the first byte, bytes. */
  output: 0x92,
  /** id, u64 offset, u64 count: these bytes were produced and could not be kept. */
  gap: 0x93,
  /** id, JSON HeldExit: all output was sent before it. */
  exit: 0x94,
  /**
   * id; of the terminal just before the bytes went in: u8 whether it could be looked at (else take
   * the input for a secret), u32 c_iflag, u32 c_lflag; u32 input that is undrained now. In the order
   * of WRITE, and ahead of all output that the input can have caused.
   */
  written: 0x95,
  /** id, u32: undrained input fell to this. */
  pending: 0x96,
} as const;

export interface Hello {
  major: number;
  minor: number;
  token: string;
}

export interface Welcome {
  major: number;
  minor: number;
  /** Version of the program that it is. */
  program: string;
  pid: number;
  sessions: HeldSession[];
}

/** pty: a terminal of its own. pipes: stdin, stdout and stderr apart, in a session of its own. */
export type HeldMode = 'pty' | 'pipes';

export interface SpawnRequest {
  command: string[];
  cwd: string;
  env: Record<string, string>;
  mode: HeldMode;
  /** Of a pty. */
  cols: number;
  rows: number;
}

export interface HeldExit {
  exitCode: number | null;
  exitSignal: string | null;
  /** ms; when all of its output had come. */
  at: number;
}

export interface HeldSession {
  id: string;
  pid: number;
  mode: HeldMode;
  /** ms. */
  started: number;
  /** Bytes produced so far, lost ones included. */
  offset: number;
  /** Bytes that a server said are logged. */
  acknowledged: number;
  exit: HeldExit | null;
}

export type OutputStream = 1 | 2;
export const SIGNAL_TO = { process: 0, group: 1, session: 2 } as const;

const LENGTH_BYTES = 4;

export function frame(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const bytes = parts.reduce((sum, part) => sum + part.byteLength, 1);
  const whole = Buffer.allocUnsafe(LENGTH_BYTES + bytes);
  whole.writeUInt32BE(bytes, 0);
  whole[LENGTH_BYTES] = tag;
  let at = LENGTH_BYTES + 1;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

export const jsonFrame = (tag: number, value: unknown): Buffer => frame(tag, Buffer.from(JSON.stringify(value)));

export function idBytes(id: string): Buffer {
  const text = Buffer.from(id);
  return Buffer.concat([Buffer.from([text.byteLength]), text]);
}

export function splitId(body: Buffer): { id: string; rest: Buffer } {
  const end = 1 + (body[0] ?? 0);
  if (body.byteLength < end) throw new Error('A frame is shorter than its id');
  return { id: body.toString('utf8', 1, end), rest: body.subarray(end) };
}

export function uint(value: number, bytes: 1 | 2 | 4 | 8): Buffer {
  const encoded = Buffer.alloc(bytes);
  if (bytes === 8) encoded.writeBigUInt64BE(BigInt(value));
  else encoded.writeUIntBE(value, 0, bytes);
  return encoded;
}

export const readOffset = (bytes: Buffer, at = 0): number => Number(bytes.readBigUInt64BE(at));

/** Where the payload of an OUTPUT begins in its body, after the id. */
export const OUTPUT_HEADER_BYTES = 9;

/** In one allocation: the hot path. */
export function outputFrame(id: Uint8Array, stream: OutputStream, offset: number, bytes: Uint8Array): Buffer {
  const header = LENGTH_BYTES + 1 + id.byteLength + OUTPUT_HEADER_BYTES;
  const whole = Buffer.allocUnsafe(header + bytes.byteLength);
  whole.writeUInt32BE(header - LENGTH_BYTES + bytes.byteLength, 0);
  whole[LENGTH_BYTES] = TO_SERVER.output;
  whole.set(id, LENGTH_BYTES + 1);
  const at = LENGTH_BYTES + 1 + id.byteLength;
  whole[at] = stream;
  whole.writeUInt32BE(Math.floor(offset / 2 ** 32), at + 1);
  whole.writeUInt32BE(offset % 2 ** 32, at + 5);
  whole.set(bytes, header);
  return whole;
}

/** Cuts what a socket brings into frames. */
export class FrameReader {
  readonly #bytesMax: number;
  readonly #take: (tag: number, body: Buffer) => void;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #wanted = LENGTH_BYTES;

  /** `body` is only good during the call of `take`. */
  constructor(bytesMax: number, take: (tag: number, body: Buffer) => void) {
    this.#bytesMax = bytesMax;
    this.#take = take;
  }

  /** @throws Error when a frame is larger than its bound, or empty */
  push(bytes: Uint8Array): void {
    let all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#heldBytes > 0) {
      if (this.#heldBytes + all.byteLength < this.#wanted) return this.#hold(all);
      all = Buffer.concat([...this.#held, all]);
      this.#held = [];
      this.#heldBytes = 0;
    }
    let at = 0;
    while (all.byteLength - at >= LENGTH_BYTES) {
      const length = all.readUInt32BE(at);
      if (length < 1 || length > this.#bytesMax) throw new Error(`A frame of ${length} bytes`);
      const end = at + LENGTH_BYTES + length;
      if (end > all.byteLength) break;
      this.#take(all[at + LENGTH_BYTES] ?? 0, all.subarray(at + LENGTH_BYTES + 1, end));
      at = end;
    }
    const rest = all.subarray(at);
    this.#wanted = rest.byteLength < LENGTH_BYTES ? LENGTH_BYTES : LENGTH_BYTES + rest.readUInt32BE(0);
    if (rest.byteLength > 0) this.#hold(rest);
  }

  /** Copied: the socket uses its memory again. */
  #hold(bytes: Buffer): void {
    this.#held.push(Buffer.from(bytes));
    this.#heldBytes += bytes.byteLength;
  }
}
