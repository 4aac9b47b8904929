// One client of a terminal, from handshake to close, independent of the transport. Every
// frame but WINSIZE, SYNCED and NOTICE has the sequence before it plus one. A client that is
// too slow gets nothing more until it drains; then the log goes on where it stopped.

import { limits } from '../limits.ts';
import type { LogEvent } from '../sessions/event.ts';
import { Follower } from '../sessions/follower.ts';
import type { SessionLog } from '../sessions/log.ts';
import type { Terminal, TerminalClient } from './terminal.ts';
import type { Winsize } from './winsize.ts';
import * as wire from './wire.ts';

/** What carries the frames. */
export interface Sink {
  send(frame: Uint8Array): void;
  /** Bytes taken by `send` and not yet on the wire. */
  unsentBytes(): number;
  close(code: number, reason: string): void;
  /** What we did not foresee, thrown while nobody of the sink's own was asking: it ends the connection. */
  failed(error: unknown): void;
}

export interface StreamOptions {
  sink: Sink;
  log: SessionLog;
  /** The live terminal; undefined where the session has ended. */
  terminal: Terminal | undefined;
  firstSequence: number;
  epoch: number;
  /** Last sequence that the client has parsed. */
  after: number;
  /** The epoch that the client knows; undefined where it gave none. */
  clientEpoch: number | undefined;
  /** Size to show an ended session at. */
  winsize: Winsize;
  wanted: Winsize | undefined;
  mode: 'rw' | 'ro';
  client: string;
  name: string;
}

/** Where a client that was lagging counts as drained: with a quarter of the window free it gets a run. */
const DRAINED_BYTES = limits.clientUnackedBytesMax * 0.75;

export class TerminalStream implements TerminalClient {
  readonly client: string;
  readonly name: string;
  readonly mode: 'rw' | 'ro';
  readonly #options: StreamOptions;
  readonly #sink: Sink;
  readonly #terminal: Terminal | undefined;
  readonly #follower: Follower;
  /** Whether `after` could be gone on from. */
  readonly #honoured: boolean;
  /** Sent and not acknowledged: sequence and payload bytes of each, oldest first. */
  readonly #unacked: { sequence: number; bytes: number }[] = [];
  #unackedBytes = 0;
  #acked: number;
  #sent: number;
  /** Sequence to reach before SYNCED; cleared when it was sent. */
  #syncAt: number | undefined;
  /** Head at the attach; what comes later happens while the client looks. */
  #openedAt = 0;
  #lagging = false;
  #lagTimer: ReturnType<typeof setTimeout> | undefined;
  #ended: boolean;
  #closed = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#sink = options.sink;
    this.#terminal = options.terminal;
    this.client = options.client;
    this.name = options.name;
    this.mode = options.mode;
    this.#ended = options.terminal === undefined;
    const { after, firstSequence, log, clientEpoch, epoch } = options;
    const known = clientEpoch === undefined || clientEpoch === epoch;
    this.#honoured = known && after >= firstSequence - 1 && after <= log.head;
    const from = this.#honoured ? after : firstSequence - 1;
    this.#acked = from;
    this.#sent = from;
    this.#follower = new Follower(log, from, {
      deliver: (event) => this.#deliver(event),
      pruned: (first) => this.#pruned(first),
      unavailable: (now) => this.#unavailable(now),
      closed: (why) => this.release(why),
      failed: (error) => options.sink.failed(error),
    });
  }

  /** The handshake: `attach`, WINSIZE, SNAPSHOT or the tail, SYNCED. */
  open(): void {
    const { log, terminal, wanted, winsize, firstSequence } = this.#options;
    if (terminal === undefined) this.winsize(winsize, false);
    else terminal.attach(this, wanted);
    // Empty, and before the first event that is kept: reset, all that is kept follows.
    if (!this.#honoured) this.#reset(firstSequence - 1);
    this.#openedAt = log.head;
    this.#syncAt = log.head;
    if (log.unavailable) this.#unavailable(true);
    this.#pump();
  }

  /** A binary frame of the client. */
  receive(bytes: Uint8Array): void {
    if (this.#closed) return;
    if (bytes.byteLength > limits.clientFrameBytesMax) {
      return this.#close(4413, `A frame may have ${limits.clientFrameBytesMax} bytes: send less at a time.`);
    }
    const frame = wire.decodeClientFrame(bytes);
    switch (frame.tag) {
      case 'malformed':
        return this.#close(4422, frame.why);
      case 'unknown':
        return;
      case wire.ACK:
        return this.#ack(frame.sequence);
    }
    if (this.mode === 'ro') return this.#close(4403, 'This connection is read-only.');
    const terminal = this.#terminal;
    if (terminal === undefined) return;
    if (frame.tag === wire.RESIZE) terminal.resizeFrom(this, frame.winsize);
    else if (frame.tag === wire.LEAD) terminal.leadBy(this);
    else {
      const refusal = terminal.inputFrom(this, frame.bytes);
      if (refusal !== undefined) this.#sink.send(wire.encodeNotice('input_refused', refusal, frame.bytes.byteLength));
    }
  }

  /** The socket took what was unsent. */
  drained(): void {
    this.#resumeIfDrained();
  }

  /** The connection is gone, for `reason` where it was not the client's own wish. */
  dispose(reason?: string): void {
    this.#closed = true;
    clearTimeout(this.#lagTimer);
    this.#follower.dispose();
    this.#terminal?.detach(this, reason);
  }

  /** Ends the connection from our side. */
  end(code: number, reason: string): void {
    this.#close(code, reason);
  }

  winsize(current: Winsize, leads: boolean): void {
    if (!this.#closed) this.#sink.send(wire.encodeWinsize(current, leads));
  }

  release(why: 'restarting' | 'deleted'): void {
    if (this.#closed) return;
    if (why === 'deleted') return this.#close(4404, 'The session was deleted.');
    this.#sink.send(wire.encodeNotice('restarting', 'The server is restarting: come back in a moment.'));
    this.#close(1012, 'The server is restarting.');
  }

  #deliver(event: LogEvent): boolean {
    if (this.#closed) return false;
    if (this.#unackedBytes > limits.clientUnackedBytesMax || this.#sink.unsentBytes() > limits.clientUnsentBytesMax) {
      this.#lag();
      return false;
    }
    const frame = wire.encodeEvent(event);
    this.#sink.send(frame);
    this.#sent = event.sequence;
    this.#unacked.push({ sequence: event.sequence, bytes: frame.byteLength });
    this.#unackedBytes += frame.byteLength;
    if (event.type === 'status' && !(event.data instanceof Uint8Array)) this.#status(event.sequence, event.data.status);
    this.#settle(event.sequence);
    return true;
  }

  /** Retention took what was not yet sent: what is kept goes on from a clean screen. */
  #pruned(firstSequence: number): void {
    this.#unacked.length = 0;
    this.#unackedBytes = 0;
    this.#sent = firstSequence - 1;
    this.#reset(firstSequence - 1);
  }

  #reset(sequence: number): void {
    this.#sink.send(wire.encodeSnapshot(sequence, this.#options.winsize, new Uint8Array()));
  }

  #status(sequence: number, status: unknown): void {
    this.#ended = status === 'stopped' || status === 'error';
    // This connection is one with the program that it was opened to, or with none.
    if (status === 'starting' && sequence > this.#openedAt) {
      this.#close(1012, 'The session was resumed: attach again.');
    }
  }

  /** SYNCED once the head of the attach is reached; the end once there is nothing more. */
  #settle(cursor: number): void {
    if (this.#syncAt !== undefined && cursor >= this.#syncAt) {
      this.#sink.send(wire.encodeSynced(this.#syncAt, this.#options.epoch));
      this.#syncAt = undefined;
    }
    if (this.#ended && this.#syncAt === undefined && cursor >= this.#options.log.head) {
      this.#close(4410, 'The session has ended.');
    }
  }

  #pump(): void {
    this.#follower.pump();
    if (!this.#closed) this.#settle(this.#follower.cursor);
  }

  #lag(): void {
    // A replay is paced by acknowledgements too, but nothing is late in it.
    if (this.#lagging || this.#lagTimer !== undefined || this.#syncAt !== undefined) return;
    this.#lagTimer = setTimeout(() => {
      this.#lagging = true;
      this.#sink.send(wire.encodeNotice('lagging', 'This connection is slower than the output: it will catch up.'));
    }, limits.lagNoticeMs);
  }

  #ack(sequence: number): void {
    if (sequence > this.#sent) return this.#close(4422, 'An acknowledgement of a sequence that was never sent.');
    if (sequence <= this.#acked) return;
    this.#acked = sequence;
    let done = 0;
    for (const entry of this.#unacked) {
      if (entry.sequence > sequence) break;
      this.#unackedBytes -= entry.bytes;
      done += 1;
    }
    this.#unacked.splice(0, done);
    this.#resumeIfDrained();
  }

  #resumeIfDrained(): void {
    if (this.#closed || this.#follower.caughtUp) return;
    if (this.#unackedBytes > DRAINED_BYTES || this.#sink.unsentBytes() > DRAINED_BYTES) return;
    this.#pump();
    if (this.#closed || !this.#follower.caughtUp) return;
    clearTimeout(this.#lagTimer);
    this.#lagTimer = undefined;
    if (this.#lagging) this.#sink.send(wire.encodeNotice('live', 'This connection has caught up.'));
    this.#lagging = false;
  }

  #unavailable(now: boolean): void {
    if (this.#closed) return;
    const message = now
      ? 'The disk is full: the program goes on, but nothing new is shown until it can be recorded.'
      : 'Recording works again.';
    this.#sink.send(wire.encodeNotice(now ? 'log_unavailable' : 'live', message));
  }

  #close(code: number, reason: string): void {
    if (this.#closed) return;
    // A peer that does not answer our close frame is no longer attached all the same.
    this.dispose(code === 4410 ? undefined : reason);
    this.#sink.close(code, reason);
  }
}
