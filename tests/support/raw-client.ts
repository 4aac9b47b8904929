// A client of the terminal stream made of a bare socket, which reads as slowly as it is told, or
// not at all: what a phone in a tunnel is to the server. It acknowledges what it has read, and
// checks like the usual one that no sequence is missing.

import { Screen } from '../../src/pty/screen/screen.ts';
import { attachUrl } from './client.ts';
import type { TestServer } from './server.ts';

const SMALL = 125;
const MEDIUM = 126;

export class RawClient {
  /** Bytes a second that it reads; 0 is none at all, Infinity as they come. */
  bytesPerSecond = Infinity;
  /** All that it has read. */
  receivedBytes = 0;
  sequence = 0;
  /** Of the last SYNCED. */
  syncedHead = -1;
  snapshots = 0;
  /** SNAPSHOTs that no SYNCED has followed yet. */
  unsynced = 0;
  isClosed = false;
  readonly notices: string[] = [];
  /** performance.now() of each SNAPSHOT. */
  readonly snapshotTimes: number[] = [];
  readonly screen = new Screen({ winsize: { cols: 80, rows: 24 }, scrollback: 1000 });
  broken: string | undefined;
  #shown = this.screen;
  #socket: Bun.Socket | undefined;
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  #rest: Buffer = Buffer.alloc(0);
  #isOpen = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #opened = Promise.withResolvers<void>();

  /** @param before one that left, whose screen it goes on with */
  static async attach(server: Pick<TestServer, 'url' | 'key'>, id: string, query: { client?: string } = {}, before?: RawClient): Promise<RawClient> {
    const client = new RawClient();
    if (before !== undefined) {
      client.sequence = before.sequence;
      client.#shown = before.shown;
    }
    const { hostname, port, pathname, search } = new URL(attachUrl(server, id, { after: client.sequence, ...query }));
    client.#socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        open: (socket) => {
          socket.write(
            `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${server.key}\r\n` +
              'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
          );
        },
        data: (_, bytes) => client.#arrived(Buffer.from(bytes)),
        close: () => {
          client.isClosed = true;
        },
      },
    });
    await client.#opened.promise;
    return client;
  }

  /** The screen as of what it has read. */
  get shown(): Screen {
    return this.#shown;
  }

  /** From now on it reads so much a second. */
  pace(bytesPerSecond: number): void {
    this.bytesPerSecond = bytesPerSecond;
    clearInterval(this.#timer);
    if (bytesPerSecond === 0) return void this.#socket?.pause();
    this.#socket?.resume();
    this.#read(Infinity === bytesPerSecond ? Infinity : 0);
    if (bytesPerSecond !== Infinity) this.#timer = setInterval(() => this.#read(bytesPerSecond / 50), 20);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket?.end();
  }

  #arrived(bytes: Buffer): void {
    this.#unread.push(bytes);
    this.#unreadBytes += bytes.byteLength;
    // What it does not read stays with the kernel, as far as it can help it.
    if (this.bytesPerSecond === Infinity) this.#read(Infinity);
    else this.#socket?.pause();
  }

  #read(budget: number): void {
    let left = budget;
    while (left > 0 && this.#unread.length > 0) {
      const [first = Buffer.alloc(0)] = this.#unread;
      const taken = first.subarray(0, Math.min(left, first.byteLength));
      if (taken.byteLength === first.byteLength) this.#unread.shift();
      else this.#unread[0] = first.subarray(taken.byteLength);
      left -= taken.byteLength;
      this.#unreadBytes -= taken.byteLength;
      this.receivedBytes += taken.byteLength;
      this.#rest = this.#rest.byteLength === 0 ? taken : Buffer.concat([this.#rest, taken]);
      this.#parse();
    }
    if (this.#unreadBytes === 0 && this.bytesPerSecond > 0) this.#socket?.resume();
  }

  #parse(): void {
    if (!this.#isOpen) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#rest = this.#rest.subarray(end + 4);
      this.#isOpen = true;
      this.#opened.resolve();
    }
    for (;;) {
      const [opcode = 0, short = 0] = this.#rest;
      const header = short <= SMALL ? 2 : short === MEDIUM ? 4 : 10;
      if (this.#rest.byteLength < header) return;
      const length = short <= SMALL ? short : short === MEDIUM ? this.#rest.readUInt16BE(2) : Number(this.#rest.readBigUInt64BE(2));
      if (this.#rest.byteLength < header + length) return;
      const payload = this.#rest.subarray(header, header + length);
      this.#rest = this.#rest.subarray(header + length);
      if ((opcode & 15) === 2) this.#frame(payload);
      if ((opcode & 15) === 9) this.#send(10, payload);
    }
  }

  #frame(frame: Buffer): void {
    const json = () => JSON.parse(frame.subarray(1).toString('utf8'));
    switch (frame[0]) {
      case 0x01: {
        const sequence = Number(frame.readBigUInt64BE(1));
        return this.#next(sequence, { sequence, type: 'output', data: frame.subarray(9) });
      }
      case 0x03: {
        const event = json();
        return this.#next(event.sequence, event);
      }
      case 0x02:
        if (this.unsynced > 0) this.broken ??= 'A SNAPSHOT came before the SYNCED of the one before it';
        this.sequence = Number(frame.readBigUInt64BE(1));
        this.snapshots += 1;
        this.unsynced += 1;
        this.snapshotTimes.push(performance.now());
        this.#shown.dispose();
        this.#shown = new Screen({ winsize: { cols: 80, rows: 24 }, scrollback: 1000 });
        this.#shown.restore({ sequence: this.sequence, cols: frame.readUInt16BE(9), rows: frame.readUInt16BE(11), vt: frame.subarray(13) });
        return this.#ack();
      case 0x04:
        this.syncedHead = Number(frame.readBigUInt64BE(1));
        this.unsynced = 0;
        return;
      case 0x06:
        this.notices.push(json().code);
        return;
    }
  }

  #next(sequence: number, event: Parameters<Screen['take']>[0]): void {
    if (sequence !== this.sequence + 1) this.broken ??= `Sequence ${sequence} came after ${this.sequence}`;
    this.sequence = sequence;
    this.#shown.take(event);
    this.#ack();
  }

  #ack(): void {
    const frame = Buffer.alloc(9, 0x13);
    frame.writeBigUInt64BE(BigInt(this.sequence), 1);
    this.#send(2, frame);
  }

  /** Masked with zeros, as a client must. */
  #send(opcode: number, payload: Uint8Array): void {
    if (this.isClosed) return;
    this.#socket?.write(Buffer.concat([Uint8Array.of(0x80 | opcode, 0x80 | payload.byteLength, 0, 0, 0, 0), payload]));
  }
}
