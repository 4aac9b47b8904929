// One client of a terminal, from handshake to close, independent of the transport. It is sent
// the events after what it has, or, where that would be more, the screen and what follows it.
// A client that is too slow gets nothing until it has drained; then it is placed anew the same
// way. Every OUTPUT and EVENT has the sequence before it plus one; a SNAPSHOT sets it.

import { limits } from '../limits.ts';
import type { LogEvent } from '../sessions/event.ts';
import { Follower } from '../sessions/follower.ts';
import type { SessionLog } from '../sessions/log.ts';
import type { Snapshot } from './screen/screen.ts';
import type { Screens } from './screen/screens.ts';
import { tailBytes } from './tail.ts';
import type { Terminal, TerminalClient } from './terminal.ts';
import { Window } from './window.ts';
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
  screens: Pick<Screens, 'snapshot' | 'position' | 'settled'>;
  /** The last screen that was kept, for when no other can be had. */
  kept: () => Snapshot | undefined;
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
  /** Whether a person can see it, as far as it says. */
  looks: boolean;
  client: string;
  name: string;
}

export class TerminalStream implements TerminalClient {
  readonly client: string;
  readonly name: string;
  readonly mode: 'rw' | 'ro';
  looks: boolean;
  readonly #options: StreamOptions;
  readonly #sink: Sink;
  readonly #terminal: Terminal | undefined;
  readonly #follower: Follower;
  readonly #window: Window;
  /** Whether what the client shows is the log up to the follower's cursor. */
  #placed: boolean;
  /** A screen was asked for: until it is there nothing is sent. */
  #asking = false;
  /** The screen that was sent is far behind the log: others follow until one is not. */
  #catchingUp = false;
  #shownAt = 0;
  #screenRetryAt = 0;
  /** Sequence to reach before SYNCED; cleared when it was sent. */
  #syncAt: number | undefined;
  /** Head at the attach; what comes later happens while the client looks. */
  #openedAt = 0;
  #lagging = false;
  #lagTimer: ReturnType<typeof setTimeout> | undefined;
  #againTimer: ReturnType<typeof setTimeout> | undefined;
  #ended: boolean;
  /** After the end: waited for, then nothing more is to come. */
  #settling: 'not yet' | 'waited for' | 'over' = 'not yet';
  #closed = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#sink = options.sink;
    this.#terminal = options.terminal;
    this.client = options.client;
    this.name = options.name;
    this.mode = options.mode;
    this.looks = options.looks;
    this.#ended = options.terminal === undefined;
    const { after, firstSequence, log, clientEpoch, epoch } = options;
    const known = clientEpoch === undefined || clientEpoch === epoch;
    this.#placed = known && after >= firstSequence - 1 && after <= log.head;
    const from = this.#placed ? after : firstSequence - 1;
    this.#window = new Window(from, () => options.sink.unsentBytes());
    this.#follower = new Follower(log, from, {
      deliver: (event) => this.#deliver(event),
      missed: (event) => this.#missed(event),
      pruned: (first) => this.#pruned(first),
      unavailable: (now) => this.#unavailable(now),
      closed: (why) => this.release(why),
      failed: (error) => options.sink.failed(error),
    });
  }

  /** The handshake: `attach`, WINSIZE, SNAPSHOT or the tail, SYNCED. */
  open(): void {
    const { log, terminal, wanted, winsize } = this.#options;
    if (terminal === undefined) this.winsize(winsize, false);
    else terminal.attach(this, wanted);
    this.#openedAt = log.head;
    if (log.unavailable) this.#unavailable(true);
    const { attachTailBytesMax, attachTailEventsMax } = limits;
    const tail = this.#placed ? tailBytes(log, this.#follower.cursor, attachTailBytesMax, attachTailEventsMax) : undefined;
    // Also where a screen is asked for: it may be none, or older than what the client has.
    this.#syncAt = log.head;
    if (tail === undefined) this.#askForScreen();
    else this.#pump();
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
      case wire.LOOKS:
        if (this.looks === frame.looks) return;
        this.looks = frame.looks;
        return this.#terminal?.looked();
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
    clearTimeout(this.#againTimer);
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
    if (this.#closed || this.#asking || this.#catchingUp) return false;
    if (this.#window.isFull) {
      this.#lag();
      return false;
    }
    const frame = wire.encodeEvent(event);
    this.#sink.send(frame);
    this.#window.event(event.sequence, frame.byteLength);
    this.#statusOf(event);
    this.#settle(event.sequence);
    return true;
  }

  /** It may be in no frame of its own, but in a SNAPSHOT: what it means for the connection is known here. */
  #missed(event: LogEvent): void {
    if (!this.#closed) this.#statusOf(event);
  }

  /** Retention took what was not yet sent. */
  #pruned(firstSequence: number): void {
    this.#placed = false;
    this.#follower.seek(firstSequence - 1, Infinity);
    this.#catchingUp = true;
    this.#again();
  }

  #askForScreen(): void {
    const { log, screens } = this.#options;
    const { attachScrollbackLines: scrollback, attachScreenBytesMax: bytesMax } = limits;
    this.#asking = true;
    const asked = screens.snapshot(log.runId, log.head, { scrollback, bytesMax });
    let late: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      late = setTimeout(() => reject(new Error('The screen takes too long.')), limits.attachScreenMs);
    });
    void Promise.race([asked, tooLate])
      .then(
        (snapshot) => this.#show(snapshot),
        () => this.#withoutScreen(),
      )
      .catch((error: unknown) => this.#sink.failed(error))
      .finally(() => clearTimeout(late));
  }

  #show(snapshot: Snapshot): void {
    this.#asking = false;
    if (this.#closed) return;
    // A quick client may be ahead of the screen: what it lacks is in the log.
    const isAhead = this.#placed && snapshot.sequence <= this.#follower.cursor;
    if (!isAhead) this.#place(snapshot);
    const { cursor } = this.#follower;
    const behind = tailBytes(this.#options.log, cursor, this.#window.tailBytesMax, limits.attachTailEventsMax);
    this.#follower.seek(cursor, behind ?? Infinity);
    this.#catchingUp = behind === undefined && (this.#catchingUp || !isAhead);
    if (!this.#catchingUp) {
      if (!isAhead) this.#syncAt = this.#options.log.head;
      return this.#pump();
    }
    if (!isAhead) {
      this.#syncAt = undefined;
      this.#sendSynced(cursor);
    }
    this.#tellLagging();
    this.#again();
  }

  /** The log has it all: what was kept last, or nothing, and all that came after it. */
  #withoutScreen(): void {
    this.#asking = false;
    if (this.#closed) return;
    const { firstSequence, kept, log, winsize } = this.#options;
    this.#screenRetryAt = performance.now() + limits.attachScreenRetryMs;
    this.#catchingUp = false;
    if (!this.#placed) {
      this.#place(kept() ?? { sequence: firstSequence - 1, ...winsize, vt: new Uint8Array() });
      this.#follower.seek(this.#follower.cursor, Infinity);
      this.#syncAt = log.head;
    }
    this.#pump();
  }

  #place({ sequence, cols, rows, vt }: Snapshot): void {
    // Too slow for what was to follow the screen before: that one is synced where the client is.
    if (this.#syncAt !== undefined && this.#shownAt > 0) this.#sendSynced(this.#window.sent);
    this.#syncAt = undefined;
    const frame = wire.encodeSnapshot(sequence, { cols, rows }, vt);
    this.#sink.send(frame);
    this.#window.snapshot(sequence, frame.byteLength);
    this.#follower.seek(sequence, Infinity);
    this.#placed = true;
    this.#shownAt = performance.now();
  }

  /** The next screen of those that catch up: not before the last one is on the client's. */
  #again(): void {
    if (this.#closed || this.#asking || !this.#catchingUp || !this.#window.isEmpty) return;
    clearTimeout(this.#againTimer);
    const wait = this.#shownAt + limits.catchUpMs - performance.now();
    if (wait <= 0) this.#askForScreen();
    else this.#againTimer = setTimeout(() => this.#again(), wait);
  }

  #statusOf({ type, data, sequence }: LogEvent): void {
    if (type === 'status' && !(data instanceof Uint8Array)) this.#status(sequence, data.status);
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
      this.#sendSynced(this.#syncAt);
      this.#syncAt = undefined;
    }
    if (this.#ended && this.#syncAt === undefined && cursor >= this.#options.log.head) this.#finish();
  }

  /** The last output may have brought about a title, or a bell: they come after the end. */
  #finish(): void {
    if (this.#settling === 'waited for') return;
    const settled = this.#settling === 'over' ? undefined : this.#options.screens.settled(this.#options.log.runId);
    if (settled === undefined) return this.#close(4410, 'The session has ended.');
    this.#settling = 'waited for';
    let late: ReturnType<typeof setTimeout> | undefined;
    const longest = new Promise<void>((resolve) => (late = setTimeout(resolve, limits.endSettleMs)));
    void Promise.race([settled, longest])
      .then(() => {
        this.#settling = 'over';
        if (!this.#closed) this.#pump();
      })
      .catch((error: unknown) => this.#sink.failed(error))
      .finally(() => clearTimeout(late));
  }

  #sendSynced(sequence: number): void {
    this.#sink.send(wire.encodeSynced(sequence, this.#options.epoch));
  }

  #pump(): void {
    this.#follower.pump();
    if (this.#closed || this.#asking) return;
    this.#settle(this.#follower.cursor);
    if (this.#closed || !this.#follower.caughtUp) return;
    clearTimeout(this.#lagTimer);
    this.#lagTimer = undefined;
    if (this.#lagging) this.#sink.send(wire.encodeNotice('live', 'This connection has caught up.'));
    this.#lagging = false;
  }

  #lag(): void {
    // A replay is paced by acknowledgements too, but nothing is late in it.
    if (this.#lagging || this.#lagTimer !== undefined || this.#syncAt !== undefined) return;
    this.#lagTimer = setTimeout(() => this.#tellLagging(), limits.lagNoticeMs);
  }

  #tellLagging(): void {
    if (this.#lagging || this.#closed) return;
    this.#lagging = true;
    this.#sink.send(wire.encodeNotice('lagging', 'This connection is slower than the output: it will catch up.'));
  }

  #ack(sequence: number): void {
    const isNew = this.#window.ack(sequence);
    if (isNew === undefined) return this.#close(4422, 'An acknowledgement of a sequence that was never sent.');
    if (isNew) this.#resumeIfDrained();
  }

  #resumeIfDrained(): void {
    if (this.#closed || this.#asking) return;
    if (this.#catchingUp) return this.#again();
    if (this.#follower.caughtUp || !this.#window.isDrained) return;
    // Screens are at most so many: who is quick enough for more gets bytes in between.
    if (!this.#isFarBehind() || performance.now() < this.#shownAt + limits.catchUpMs) this.#pump();
    else if (this.#window.isEmpty) this.#askForScreen();
  }

  /** It would need long for what is to be sent, and there is a later screen than the client's. */
  #isFarBehind(): boolean {
    const { log, screens } = this.#options;
    const { behindBytes, cursor } = this.#follower;
    if (behindBytes <= this.#window.tailBytesMax) return false;
    return performance.now() >= this.#screenRetryAt && screens.position(log.runId) > cursor;
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
