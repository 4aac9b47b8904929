// One end of the socket between server and holder: whole frames in, whole frames out. What
// the kernel does not take waits here, in order; the caller looks at `queuedBytes`.

import { limits } from '../../limits.ts';
import { FrameReader } from './frames.ts';

/** What a link needs of a socket. */
export interface LinkSocket {
  write(bytes: Uint8Array): number;
  end(): void;
  terminate(): void;
}

export class Link {
  readonly #socket: LinkSocket;
  readonly #reader: FrameReader;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #closed = false;
  #ending = false;

  constructor(socket: LinkSocket, take: (tag: number, body: Buffer) => void) {
    this.#socket = socket;
    this.#reader = new FrameReader(limits.holderFrameBytesMax, (tag, body) => {
      if (!this.#closed) take(tag, body);
    });
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  send(frame: Uint8Array): void {
    if (this.#closed) return;
    const written = this.#queue.length === 0 ? Math.max(0, this.#socket.write(frame)) : 0;
    if (written === frame.byteLength) return;
    this.#queue.push(written === 0 ? frame : frame.subarray(written));
    this.#queuedBytes += frame.byteLength - written;
  }

  /** The socket takes more. @returns whether all that waited is gone */
  drain(): boolean {
    while (!this.#closed) {
      const first = this.#queue[0];
      if (first === undefined) break;
      const written = Math.max(0, this.#socket.write(first));
      this.#queuedBytes -= written;
      if (written < first.byteLength) {
        this.#queue[0] = first.subarray(written);
        return false;
      }
      this.#queue.shift();
    }
    if (this.#ending && !this.#closed) this.#end();
    return true;
  }

  /** Bytes came. @throws Error when they are no frames */
  receive(bytes: Uint8Array): void {
    if (!this.#closed) this.#reader.push(bytes);
  }

  /** Closes once all is sent; nothing more is taken. */
  endAfter(last: Uint8Array): void {
    this.send(last);
    this.#ending = true;
    if (this.#queue.length === 0 && !this.#closed) this.#end();
  }

  /** Closes at once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#socket.terminate();
  }

  #end(): void {
    this.#closed = true;
    this.#socket.end();
  }
}
