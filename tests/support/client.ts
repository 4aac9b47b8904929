// A client of the terminal stream over a real WebSocket. It checks on every message that no
// sequence is missing or comes twice: a test that uses it proves that by the way. With a screen
// it shows what it gets, as a page does.

import { Screen } from '../../src/pty/screen/screen.ts';
import type { TestServer } from './server.ts';
import { differences } from './screen-state.ts';
import { until } from './until.ts';

export interface AttachOptions {
  after?: number;
  epoch?: number;
  cols?: number;
  rows?: number;
  mode?: 'rw' | 'ro';
  client?: string;
  name?: string;
  looks?: '0' | '1';
}

export interface ClientOptions extends AttachOptions {
  /** Acknowledges each message when it comes; `true` unless said. */
  acks?: boolean;
  /** Keeps an emulator of what it gets: a new one, or that of a client that left. */
  screen?: boolean | Screen;
  /** Instead of the key, e.g. a cookie and an origin. */
  headers?: Record<string, string>;
}

/** EVENT frames as they come. */
export interface SeenEvent {
  sequence: number;
  channel: string;
  type: string;
  data: Record<string, unknown>;
}

export class TestClient {
  readonly #socket: WebSocket;
  readonly #output: Uint8Array[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
  /** The first SYNCED: its head, performance.now() then, and bytes of all frames until then. */
  readonly firstSynced: Promise<{ head: number; at: number; bytes: number }>;
  readonly #firstSynced = Promise.withResolvers<{ head: number; at: number; bytes: number }>();
  /** Last sequence that came; what a client gives as `after` when it comes back. */
  sequence: number;
  /** Sequences in the order in which they came, of OUTPUT and EVENT. */
  readonly sequences: number[] = [];
  /** The same with those of SNAPSHOTs, for who acknowledges one by one. */
  readonly arrived: number[] = [];
  readonly events: SeenEvent[] = [];
  readonly notices: { code: string; message: string; bytes?: number }[] = [];
  readonly winsizes: { cols: number; rows: number; leads: boolean }[] = [];
  readonly snapshots: number[] = [];
  /** What the last SNAPSHOT shows, as its bytes. */
  shown = '';
  /** Of all frames. */
  receivedBytes = 0;
  /** Where it was asked for. */
  screen: Screen | undefined;
  /** Kinds of frames in the order in which they came. */
  readonly frames: string[] = [];
  synced: { head: number; epoch: number } | undefined;
  close_: { code: number; reason: string } | undefined;
  outputBytes = 0;
  acks: boolean;
  #ackTimer: ReturnType<typeof setImmediate> | undefined;
  /** The first break of the rules; every wait throws it. */
  broken: Error | undefined;

  constructor(server: Pick<TestServer, 'url' | 'key'>, sessionId: string, options: ClientOptions = {}) {
    const { acks = true, headers, screen = false, ...query } = options;
    this.acks = acks;
    if (screen !== false) this.screen = screen === true ? newScreen() : screen;
    this.sequence = options.after ?? 0;
    this.#socket = new WebSocket(attachUrl(server, sessionId, query), {
      headers: headers ?? { authorization: `Bearer ${server.key}` },
    } as unknown as string[]); // Bun takes headers here, the DOM's types do not.
    this.#socket.binaryType = 'arraybuffer';
    const opened = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<{ code: number; reason: string }>();
    this.opened = opened.promise;
    this.closed = closed.promise;
    this.firstSynced = this.#firstSynced.promise;
    this.opened.catch(() => {});
    this.#socket.onopen = () => opened.resolve();
    this.#socket.onmessage = ({ data }) => this.#receive(new Uint8Array(data as ArrayBuffer));
    this.#socket.onclose = ({ code, reason }) => {
      this.close_ = { code, reason };
      opened.reject(new Error(`Closed with ${code} before it was open`));
      closed.resolve(this.close_);
    };
  }

  /** All OUTPUT so far. */
  get output(): Buffer {
    return Buffer.concat(this.#output);
  }

  get text(): string {
    return this.output.toString('utf8');
  }

  /** The end of it, without putting all of it together. */
  get lastText(): string {
    return Buffer.concat(this.#output.slice(-4)).toString('utf8');
  }

  get winsize(): { cols: number; rows: number; leads: boolean } | undefined {
    return this.winsizes.at(-1);
  }

  input(text: string | Uint8Array): void {
    this.raw(Buffer.concat([Uint8Array.of(0x11), Buffer.from(text)]));
  }

  resize(cols: number, rows: number): void {
    const frame = Buffer.alloc(5, 0x12);
    frame.writeUInt16BE(cols, 1);
    frame.writeUInt16BE(rows, 3);
    this.raw(frame);
  }

  ack(sequence = this.sequence): void {
    const frame = Buffer.alloc(9, 0x13);
    frame.writeBigUInt64BE(BigInt(sequence), 1);
    this.raw(frame);
  }

  lead(): void {
    this.raw(Uint8Array.of(0x14));
  }

  raw(frame: Uint8Array | string): void {
    this.#socket.send(frame);
  }

  close(): Promise<{ code: number; reason: string }> {
    this.#socket.close(1000);
    return this.closed;
  }

  /** Drops the line without a word. */
  terminate(): void {
    (this.#socket as unknown as { terminate(): void }).terminate();
  }

  async until<T>(what: string, check: () => T, deadlineMs?: number): Promise<NonNullable<T>> {
    const seen = (): string => `${what}; seen: ${this.frames.slice(-20).join(' ')}, close ${JSON.stringify(this.close_)}, ${JSON.stringify(this.lastText.slice(-300))}`;
    return until(
      seen,
      () => {
        if (this.broken !== undefined) throw this.broken;
        return check();
      },
      deadlineMs,
    );
  }

  /** Each look is at what came since the last: all of a flood, again and again, would be the work of the server's own thread. */
  sees(text: string, deadlineMs?: number): Promise<boolean> {
    const wanted = Buffer.from(text);
    let looked = 0;
    let end = Buffer.alloc(0);
    const found = (): boolean => {
      if (this.shown.includes(text)) return true;
      const all = Buffer.concat([end, ...this.#output.slice(looked)]);
      looked = this.#output.length;
      end = all.subarray(Math.max(0, all.byteLength - wanted.byteLength + 1));
      return all.includes(wanted);
    };
    return this.until(`output ${JSON.stringify(text)}`, found, deadlineMs);
  }

  isSynced(): Promise<{ head: number; epoch: number }> {
    return this.until('SYNCED', () => this.synced);
  }

  notice(code: string): Promise<{ code: string; message: string; bytes?: number }> {
    return this.until(`NOTICE ${code}`, () => this.notices.find((notice) => notice.code === code));
  }

  hasClosed(deadlineMs?: number): Promise<{ code: number; reason: string }> {
    return this.until('the close', () => this.close_, deadlineMs);
  }

  #receive(frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    this.receivedBytes += frame.byteLength;
    const json = () => JSON.parse(Buffer.from(frame.subarray(1)).toString('utf8'));
    switch (frame[0]) {
      case 0x01:
        this.frames.push('OUTPUT');
        this.#next(Number(view.getBigUint64(1)));
        this.#output.push(frame.subarray(9));
        this.screen?.take({ sequence: this.sequence, type: 'output', data: frame.subarray(9) });
        this.outputBytes += frame.byteLength - 9;
        break;
      case 0x02:
        this.frames.push('SNAPSHOT');
        this.#show(Number(view.getBigUint64(1)), view.getUint16(9), view.getUint16(11), frame.subarray(13));
        break;
      case 0x03: {
        const event: SeenEvent = json();
        this.frames.push(event.type);
        this.#next(event.sequence);
        this.events.push(event);
        this.screen?.take(event);
        break;
      }
      case 0x04:
        this.frames.push('SYNCED');
        this.synced = { head: Number(view.getBigUint64(1)), epoch: Number(view.getBigUint64(9)) };
        this.#firstSynced.resolve({ head: this.synced.head, at: performance.now(), bytes: this.receivedBytes });
        break;
      case 0x05:
        this.frames.push('WINSIZE');
        this.winsizes.push({ cols: view.getUint16(1), rows: view.getUint16(3), leads: view.getUint8(5) === 1 });
        break;
      case 0x06:
        this.frames.push('NOTICE');
        this.notices.push(json());
        break;
      default:
        this.broken ??= new Error(`A frame with the unknown tag ${frame[0]}`);
    }
  }

  #show(sequence: number, cols: number, rows: number, vt: Uint8Array): void {
    this.sequence = sequence;
    this.snapshots.push(sequence);
    this.arrived.push(sequence);
    this.shown = Buffer.from(vt).toString();
    if (this.screen !== undefined) {
      this.screen.dispose();
      this.screen = newScreen();
      this.screen.restore({ sequence, cols, rows, vt });
    }
    if (this.acks) this.#ackSoon();
  }

  #next(sequence: number): void {
    if (sequence !== this.sequence + 1) this.broken ??= new Error(`Sequence ${sequence} came after ${this.sequence}`);
    this.sequence = sequence;
    this.sequences.push(sequence);
    this.arrived.push(sequence);
    if (this.acks) this.#ackSoon();
  }

  /** One acknowledgement for all that came together, as a page gives it after it has parsed. */
  #ackSoon(): void {
    this.#ackTimer ??= setImmediate(() => {
      this.#ackTimer = undefined;
      if (this.#socket.readyState === WebSocket.OPEN) this.ack();
    });
  }
}

const newScreen = (): Screen => new Screen({ winsize: { cols: 80, rows: 24 }, scrollback: 1000 });

/** What differs between the screens of two clients, for a person to read. */
export function screensDiffer(one: TestClient, other: TestClient): string[] {
  if (one.screen === undefined || other.screen === undefined) throw new Error('A client has no screen.');
  return differences(one.screen.emulator.core, other.screen.emulator.core);
}

export function attachUrl(server: Pick<TestServer, 'url'>, sessionId: string, query: AttachOptions = {}): string {
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return `${server.url.replace(/^http/, 'ws')}/api/sessions/${sessionId}/attach?${search}`;
}

/** An attach that is open and has all of the past. */
export async function attach(server: Pick<TestServer, 'url' | 'key'>, sessionId: string, options: ClientOptions = {}): Promise<TestClient> {
  const client = new TestClient(server, sessionId, options);
  await client.opened;
  return client;
}
