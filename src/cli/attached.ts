// One session as an attached terminal follows it: the stream and what it says, kept in an
// emulator. Its connection comes back by itself, from where it was, until the session has ended.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { Screen } from '../pty/screen/screen.ts';
import * as wire from '../pty/wire.ts';
import type { Winsize } from '../pty/winsize.ts';

export interface AttachedOptions {
  /** Where the server is now, with what lets us in; looked at again for each try. @throws AppError where no try can help */
  server: () => Promise<{ url: string; token: string } | undefined>;
  id: string;
  mode: 'rw' | 'ro';
  client: string;
  name: string;
  local: () => Winsize;
  /** There is something new to be drawn. */
  changed: () => void;
  /** The program rings, now. */
  rings: () => void;
  ended: (failure: AppError | undefined) => void;
}

/** Closes after which nothing is tried again. */
const FINAL = new Set([4401, 4403, 4404, 4413, 4422]);
const SESSION_ENDED = 4410;
const NO_SCROLLBACK = 0;

export class Attached {
  readonly #options: AttachedOptions;
  #socket: WebSocket | undefined;
  #screen: Screen | undefined;
  /** Parsed up to here. */
  #sequence = 0;
  #epoch: number | undefined;
  #size: (Winsize & { leads: boolean }) | undefined;
  #live = false;
  /** Takes the lead once it is live: who sits down at a terminal wants it to fit. */
  #wantsLead: boolean;
  #note: { text: string; until: number } | undefined;
  #away: string | undefined = 'connecting…';
  #retryMs: number = limits.attachRetryMs;
  #refusals = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #acking = false;
  #over = false;

  constructor(options: AttachedOptions) {
    this.#options = options;
    this.#wantsLead = options.mode === 'rw';
    void this.#connect();
  }

  get screen(): Screen | undefined {
    return this.#screen;
  }

  /** What to say of it beside its screen; undefined where that says it all. */
  get status(): string | undefined {
    if (this.#away !== undefined) return this.#away;
    if (this.#note !== undefined && this.#note.until > Date.now()) return this.#note.text;
    const local = this.#options.local();
    const shown = this.#screen?.winsize;
    if (shown === undefined || (shown.cols === local.cols && shown.rows === local.rows)) return undefined;
    const sizes = `session ${shown.cols}×${shown.rows}, this terminal ${local.cols}×${local.rows}`;
    if (this.#options.mode === 'ro') return `read-only; ${sizes}`;
    return this.#size?.leads === true ? sizes : `${sizes}; another device leads: type to take it`;
  }

  input(bytes: Uint8Array): void {
    if (this.#options.mode === 'ro') return this.#say('read-only: nothing was typed (Ctrl+C leaves)');
    if (!this.#live) return this.#options.rings(); // Nobody is there: typed blindly it would come late, or twice.
    for (let at = 0; at < bytes.byteLength; at += limits.clientFrameBytesMax - 1) {
      this.#send(Buffer.concat([Uint8Array.of(wire.INPUT), bytes.subarray(at, at + limits.clientFrameBytesMax - 1)]));
    }
  }

  resized(): void {
    if (this.#options.mode === 'rw' && this.#socket?.readyState === WebSocket.OPEN) {
      const { cols, rows } = this.#options.local();
      const frame = Buffer.alloc(5, wire.RESIZE);
      frame.writeUInt16BE(cols, 1);
      frame.writeUInt16BE(rows, 3);
      this.#send(frame);
    }
    this.#options.changed();
  }

  dispose(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#screen?.dispose();
  }

  async #connect(): Promise<void> {
    let server: Awaited<ReturnType<AttachedOptions['server']>>;
    try {
      server = await this.#options.server();
    } catch (error) {
      return this.#end(error instanceof AppError ? error : new AppError('internal', String(error)));
    }
    if (this.#over) return;
    if (server === undefined) return this.#later('waiting for the server');
    const { id, mode, client, name, local } = this.#options;
    const { cols, rows } = local();
    const query = new URLSearchParams({ mode, client, name, after: String(this.#sequence) });
    if (mode === 'rw') for (const [key, value] of Object.entries({ cols, rows })) query.set(key, String(value));
    if (this.#epoch !== undefined) query.set('epoch', String(this.#epoch));
    const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/api/sessions/${id}/attach?${query}`, {
      headers: { authorization: `Bearer ${server.token}` },
      tls: { rejectUnauthorized: false }, // Our own certificate, on our own machine.
    } as unknown as string[]); // The runtime takes options here, the DOM's types do not.
    socket.binaryType = 'arraybuffer';
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#refusals = 0;
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket && data instanceof ArrayBuffer) this.#take(new Uint8Array(data));
    };
    socket.onclose = ({ code, reason }) => {
      if (socket === this.#socket) this.#closed(code, reason, opened);
    };
    this.#socket = socket;
  }

  #closed(code: number, reason: string, opened: boolean): void {
    this.#socket = undefined;
    this.#wantsLead = this.#options.mode === 'rw' && (this.#wantsLead || this.#size?.leads === true);
    this.#live = false;
    if (this.#over) return;
    if (code === SESSION_ENDED) return this.#end(undefined);
    if (FINAL.has(code)) return this.#end(new AppError('unavailable', reason === '' ? `the server closed with ${code}` : reason));
    if (!opened && (this.#refusals += 1) > limits.attachRefusalsMax) {
      return this.#end(new AppError('unavailable', 'the server answers and lets this terminal not attach: close a device that shows the session, then try again'));
    }
    this.#later(code === 1012 ? 'server restarting: this comes back by itself' : 'connection lost: trying again');
  }

  #later(why: string): void {
    this.#away = `${why} (Ctrl+\\ twice leaves)`;
    this.#timer = setTimeout(() => void this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 1.5, limits.attachRetryMsMax);
    this.#options.changed();
  }

  #end(failure: AppError | undefined): void {
    this.#over = true;
    this.#options.ended(failure);
  }

  #take(frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    switch (frame[0]) {
      case wire.OUTPUT:
        this.#event({ sequence: Number(view.getBigUint64(1)), type: 'output', data: frame.subarray(9) });
        break;
      case wire.EVENT:
        this.#event(JSON.parse(Buffer.from(frame.subarray(1)).toString('utf8')));
        break;
      case wire.SNAPSHOT:
        this.#restore(Number(view.getBigUint64(1)), { cols: view.getUint16(9), rows: view.getUint16(11) }, frame.subarray(13));
        break;
      case wire.SYNCED:
        this.#synced(Number(view.getBigUint64(9)));
        break;
      case wire.WINSIZE:
        this.#size = { cols: view.getUint16(1), rows: view.getUint16(3), leads: view.getUint8(5) === 1 };
        if (this.#size.leads) this.#wantsLead = false;
        break;
      case wire.NOTICE: {
        const { code, message } = JSON.parse(Buffer.from(frame.subarray(1)).toString('utf8'));
        if (code !== 'live') this.#say(String(message));
      }
    }
    this.#options.changed();
  }

  #event(event: { sequence: number; type: string; data: Uint8Array | Record<string, unknown> }): void {
    this.#screen ??= this.#newScreen(this.#size ?? this.#options.local());
    this.#screen.take(event);
    this.#sequence = event.sequence;
    this.#ackSoon();
  }

  #restore(sequence: number, winsize: Winsize, vt: Uint8Array): void {
    this.#screen?.dispose();
    this.#screen = this.#newScreen(winsize);
    this.#screen.restore({ sequence, ...winsize, vt });
    this.#sequence = sequence;
    this.#ackSoon();
  }

  #newScreen(winsize: Winsize): Screen {
    const screen = new Screen({ winsize, scrollback: NO_SCROLLBACK });
    screen.emulator.terminal.onBell(() => {
      if (this.#live) this.#options.rings();
    });
    return screen;
  }

  #synced(epoch: number): void {
    this.#epoch = epoch;
    this.#live = true;
    this.#away = undefined;
    this.#retryMs = limits.attachRetryMs;
    if (!this.#wantsLead) return;
    this.#wantsLead = false;
    this.#send(Uint8Array.of(wire.LEAD));
  }

  /** What came together is acknowledged together. */
  #ackSoon(): void {
    if (this.#acking) return;
    this.#acking = true;
    setImmediate(() => {
      this.#acking = false;
      const frame = Buffer.alloc(9, wire.ACK);
      frame.writeBigUInt64BE(BigInt(this.#sequence), 1);
      this.#send(frame);
    });
  }

  #send(frame: Uint8Array): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  #say(text: string): void {
    this.#note = { text, until: Date.now() + limits.attachNoteMs };
    setTimeout(() => this.#options.changed(), limits.attachNoteMs + 1).unref();
    this.#options.changed();
  }
}
