// A program in the holder, as the server sees it. Output comes with its offset in all that the
// program ever printed, in order and each byte once; what is acknowledged comes to no server
// again, so acknowledge what is logged and nothing else.

import { limits } from '../../limits.ts';
import type { PtyExit, Taken, TerminalFlags } from '../pty.ts';
import type { Winsize } from '../winsize.ts';
import {
  frame,
  type HeldExit,
  idBytes,
  OUTPUT_HEADER_BYTES,
  type OutputStream,
  readOffset,
  SIGNAL_TO,
  TO_HOLDER,
  TO_SERVER,
  uint,
} from './frames.ts';

export interface HeldSink {
  /** The bytes are only good during the call; `offset` is that of the first. */
  output(bytes: Uint8Array, offset: number, stream: OutputStream): void;
  /** The holder could not keep these bytes. */
  gap(offset: number, bytes: number): void;
}

export interface HeldEnd extends PtyExit {
  /** ms; when the last of its output had come. */
  at: number;
  /** Why nothing is known of its end; null when it is. */
  lost: string | null;
}

export interface HeldPtyOptions {
  id: string;
  pid: number;
  /** Offset up to which the output is logged. */
  from: number;
  send: (frame: Uint8Array) => void;
  released: () => void;
}

export class HeldPty {
  readonly pid: number;
  /** Resolves after all output was given, or when the holder is lost. */
  readonly exited: Promise<HeldEnd>;
  readonly #options: HeldPtyOptions;
  readonly #id: Buffer;
  readonly #end = Promise.withResolvers<HeldEnd>();
  #sink: HeldSink | undefined;
  #received: number;
  #acknowledged: number;
  #acknowledgedTold: number;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;
  #over = false;
  /** Inputs that the holder has not answered yet. */
  #underWay: { bytes: number; taken: Taken | undefined }[] = [];
  #underWayBytes = 0;
  #undrainedBytes = 0;

  constructor(options: HeldPtyOptions) {
    this.#options = options;
    this.#id = idBytes(options.id);
    this.pid = options.pid;
    this.#received = options.from;
    this.#acknowledged = options.from;
    this.#acknowledgedTold = options.from;
    this.exited = this.#end.promise;
  }

  /** Output begins to come; to be called once. */
  listen(sink: HeldSink): void {
    this.#sink = sink;
    this.#send(TO_HOLDER.adopt, uint(this.#received, 8));
  }

  /** Everything before `offset` is committed. The holder hears of it a little later: the log is what counts. */
  acknowledge(offset: number): void {
    if (offset <= this.#acknowledged || this.#over) return;
    this.#acknowledged = offset;
    if (offset - this.#acknowledgedTold >= limits.holderAckBytes) this.#tellAcknowledged();
    else this.#ackTimer ??= setTimeout(() => this.#tellAcknowledged(), limits.holderAckMs);
  }

  /** Bytes that the program has not read yet, as far as we know. */
  get pendingBytes(): number {
    return this.#underWayBytes + this.#undrainedBytes;
  }

  /**
   * The caller has looked at `pendingBytes`. `taken` is called once, in the order of writes and
   * before any output that these bytes cause, with the terminal's flags as they were when the
   * bytes went in; undefined where they cannot be known, which may be a secret being read.
   */
  write(bytes: Uint8Array, taken?: Taken): void {
    if (this.#over) return taken?.(undefined);
    this.#underWay.push({ bytes: bytes.byteLength, taken });
    this.#underWayBytes += bytes.byteLength;
    this.#send(TO_HOLDER.write, bytes);
  }

  /** Pipes only. */
  endInput(): void {
    this.#send(TO_HOLDER.endInput);
  }

  resize({ cols, rows }: Winsize): void {
    this.#send(TO_HOLDER.resize, uint(cols, 2), uint(rows, 2));
  }

  signal(whom: keyof typeof SIGNAL_TO, name: NodeJS.Signals): void {
    this.#send(TO_HOLDER.signal, uint(SIGNAL_TO[whom], 1), Buffer.from(name));
  }

  /** Its end is in the log: the holder may forget it. */
  release(): void {
    this.#over = true;
    clearTimeout(this.#ackTimer);
    this.#send(TO_HOLDER.release);
    this.#options.released();
  }

  /** The server goes: nothing of it comes here any more. It lives on, for another. */
  leave(): void {
    this.#tellAcknowledged();
    this.#over = true;
    while (this.#underWay.length > 0) this.#taken(undefined);
    this.#options.released();
  }

  /** A frame of this session came. */
  take(tag: number, rest: Buffer): void {
    if (tag === TO_SERVER.output) {
      this.#output(rest.subarray(OUTPUT_HEADER_BYTES), readOffset(rest, 1), rest[0] === 2 ? 2 : 1);
    } else if (tag === TO_SERVER.gap) {
      this.#skipTo(readOffset(rest) + readOffset(rest, 8));
    } else if (tag === TO_SERVER.written) {
      this.#undrainedBytes = rest.readUInt32BE(9);
      this.#taken(rest[0] === 1 ? { input: rest.readUInt32BE(1), local: rest.readUInt32BE(5) } : undefined);
    } else if (tag === TO_SERVER.pending) {
      this.#undrainedBytes = rest.readUInt32BE(0);
    } else if (tag === TO_SERVER.exit) {
      this.#finish({ ...(JSON.parse(rest.toString()) as HeldExit), lost: null });
    }
  }

  /** The holder is gone, and with it every terminal that it had. */
  lose(reason: string): void {
    this.#finish({ exitCode: null, exitSignal: null, at: Date.now(), lost: reason });
  }

  #output(bytes: Buffer, offset: number, stream: OutputStream): void {
    if (offset > this.#received) this.#skipTo(offset);
    const known = Math.min(this.#received - offset, bytes.byteLength);
    if (known === bytes.byteLength) return;
    const at = this.#received;
    this.#received = offset + bytes.byteLength;
    this.#sink?.output(bytes.subarray(known), at, stream);
  }

  #skipTo(offset: number): void {
    const lost = offset - this.#received;
    if (lost <= 0) return;
    const at = this.#received;
    this.#received = offset;
    this.#sink?.gap(at, lost);
  }

  #tellAcknowledged(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    this.#acknowledgedTold = this.#acknowledged;
    this.#send(TO_HOLDER.ack, uint(this.#acknowledged, 8));
  }

  #taken(flags: TerminalFlags | undefined): void {
    const first = this.#underWay.shift();
    if (first === undefined) return;
    this.#underWayBytes -= first.bytes;
    first.taken?.(flags);
  }

  #finish(end: HeldEnd): void {
    this.#over = true;
    while (this.#underWay.length > 0) this.#taken(undefined);
    this.#undrainedBytes = 0;
    this.#end.resolve(end);
  }

  #send(tag: number, ...parts: Uint8Array[]): void {
    this.#options.send(frame(tag, this.#id, ...parts));
  }
}
