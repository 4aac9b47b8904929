// One WebSocket between Bun and a terminal's stream. Nothing that goes wrong here is thrown
// at Bun or at the session's log: it is reported, and this one connection closes with 4500.

import { AppError } from '../errors.ts';
import type { Sink, TerminalStream } from '../pty/stream.ts';
import { Heartbeat, type HeartbeatTimes } from './heartbeat.ts';

/** What this needs of Bun's ServerWebSocket: Elysia's own `send` would turn bytes into JSON. */
export interface Socket {
  readonly readyState: number;
  /** @returns 0 where the frame was dropped */
  send(frame: Uint8Array): number;
  cork(act: () => void): void;
  getBufferedAmount(): number;
  ping(): number;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** RFC 6455: a close frame's payload is at most 125 bytes, 2 of them the code. */
const REASON_BYTES_MAX = 123;
const OPEN = 1;
/** Closed without a close frame: the line dropped. */
const ABNORMAL = 1006;

export class Connection implements Sink {
  readonly #socket: Socket;
  readonly #report: (line: string) => void;
  readonly #heartbeat: Heartbeat;
  #stream: TerminalStream | undefined;
  #frames: Uint8Array[] = [];
  #framesBytes = 0;
  #unlisten: (() => void) | undefined;

  constructor(socket: Socket, report: (line: string) => void, times: HeartbeatTimes) {
    this.#socket = socket;
    this.#report = report;
    const lost = (): void => this.#lost(times.pongTimeoutMs);
    this.#heartbeat = new Heartbeat({ ping: () => void socket.ping(), lost }, times);
  }

  /** `unlisten` is called at the end, whatever ends it. */
  start(make: () => TerminalStream, unlisten: () => void): void {
    this.#unlisten = unlisten;
    this.#guarded(() => {
      this.#stream = make();
      this.#stream.open();
    });
  }

  message(message: unknown): void {
    this.#guarded(() => {
      if (message instanceof Uint8Array) this.#stream?.receive(message);
      else this.end(4422, 'Frames are binary.');
    });
  }

  drain(): void {
    this.#guarded(() => this.#stream?.drained());
  }

  pong(): void {
    this.#heartbeat.pong();
  }

  /** The socket is closed, by whichever side. */
  closed(code: number): void {
    this.#heartbeat.dispose();
    this.#unlisten?.();
    try {
      this.#stream?.dispose(code === ABNORMAL ? 'the connection was lost' : undefined);
    } catch (error) {
      this.#failed(error);
    }
  }

  end(code: number, reason: string): void {
    if (this.#stream === undefined) this.close(code, reason);
    else this.#stream.end(code, reason);
  }

  /** Frames of one moment go out together, at its end: a key and its echo are one packet. */
  send(frame: Uint8Array): void {
    if (this.#socket.readyState !== OPEN) return;
    this.#frames.push(frame);
    this.#framesBytes += frame.byteLength;
    if (this.#frames.length === 1) queueMicrotask(() => this.#guarded(() => this.#flush()));
  }

  unsentBytes(): number {
    return this.#socket.getBufferedAmount() + this.#framesBytes;
  }

  close(code: number, reason: string): void {
    this.#flush();
    if (this.#socket.readyState !== OPEN) return;
    const bytes = Buffer.from(reason, 'utf8').subarray(0, REASON_BYTES_MAX);
    this.#socket.close(code, bytes.toString('utf8').replace(/\ufffd+$/, ''));
  }

  failed(error: unknown): void {
    this.#failed(error);
    this.end(4500, 'Something went wrong on our side: connect again.');
  }

  #flush(): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    this.#frames = [];
    this.#framesBytes = 0;
    if (this.#socket.readyState !== OPEN) return;
    let dropped = false;
    const send = (): void => {
      for (const frame of frames) dropped ||= this.#socket.send(frame) === 0;
    };
    if (frames.length === 1) send();
    else this.#socket.cork(send);
    // The stream would have a hole; a client that comes back has none.
    if (dropped) this.end(4500, 'A frame could not be sent.');
  }

  #lost(afterMs: number): void {
    this.#stream?.dispose(`no answer for ${afterMs / 1000} s`);
    this.#socket.terminate();
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (error instanceof AppError && error.code !== 'internal') this.end(error.closeCode, error.message);
      else this.failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#report(`terminal stream: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}
