// The WebSocket of a terminal: what PRODUCT's stream is over src/pty/stream.ts. Refusals come
// before the upgrade as HTTP; after it every failure closes with a code, none is thrown.

import { Elysia, t } from 'elysia';
import { AppError, invalid } from '../errors.ts';
import { limits } from '../limits.ts';
import { winsizeOf } from '../pty/kind.ts';
import type { StoredSnapshot } from '../pty/screen/protocol.ts';
import type { Snapshot } from '../pty/screen/screen.ts';
import { TerminalStream } from '../pty/stream.ts';
import type { Winsize } from '../pty/winsize.ts';
import type { LogEvent } from '../sessions/event.ts';
import { callerClient, whenRevoked } from './client.ts';
import { Connection, type Socket } from './connection.ts';
import type { HeartbeatTimes } from './heartbeat.ts';
import { oneOf } from './one-of.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';
import { ClientId, ClientName } from './session-schema.ts';

/** Bun's own options for WebSockets, for the whole server: Elysia takes them from the app only. */
export const websocketOptions = {
  maxPayloadLength: limits.websocketPayloadBytesMax,
  backpressureLimit: limits.clientSocketBytesMax,
  closeOnBackpressureLimit: true,
  idleTimeout: 0, // Our own pings tell, and a detach has its reason.
  sendPings: false,
  perMessageDeflate: false, // On a loopback or a LAN it costs more than it saves, per client.
} as const;

const U16_MAX = 0xffff;

const AttachQuery = queryOf({
  after: t.Integer({ minimum: 0, default: 0 }),
  epoch: t.Optional(t.Integer({ minimum: 0 })),
  cols: t.Optional(t.Integer({ minimum: 0, maximum: U16_MAX })),
  rows: t.Optional(t.Integer({ minimum: 0, maximum: U16_MAX })),
  mode: t.UnionEnum(['rw', 'ro'], { default: 'rw' }),
  /** 0: nobody can see it yet, as a LOOKS frame says it later. */
  looks: t.Optional(oneOf(['0', '1'])),
  client: t.Optional(ClientId),
  name: t.Optional(ClientName),
});
type Query = typeof AttachQuery.static;

/** What the handlers find in every form that a WebSocket takes here. */
interface Context {
  request: Request;
  params: { id: string };
  query: Query;
}

export function attachRoutes(parts: Parts, heartbeat: HeartbeatTimes = limits) {
  const attached = new Attached(parts, heartbeat);
  const path = '/api/sessions/:id/attach';
  return new Elysia()
    .get(path, () => {
      throw new AppError('bad_request', 'This is a WebSocket: connect with Upgrade: websocket.');
    }, { detail: { hide: true } })
    .ws(path, {
      query: AttachQuery,
      detail: {
        tags: ['sessions'],
        summary: 'Attach to a terminal (WebSocket)',
        description: 'Binary frames only. Replays what came after `after`, says SYNCED, then goes on live.',
      },
      beforeHandle: ({ params, query }) => attached.check(params.id, query),
      open: ({ raw, data }) => attached.open(raw as typeof raw & Socket, data),
      message: ({ data }, message) => attached.of(data)?.message(message),
      drain: ({ data }) => attached.of(data)?.drain(),
      pong: ({ data }) => attached.of(data)?.pong(),
      close: ({ data }, code) => attached.close(data, code),
    });
}

/** All connections of the server, and so the count that is bounded. */
class Attached {
  readonly #parts: Parts;
  readonly #heartbeat: HeartbeatTimes;
  readonly #connections = new Map<Request, Connection>();
  readonly #counts = new Map<string, number>();

  constructor(parts: Parts, heartbeat: HeartbeatTimes) {
    this.#parts = parts;
    this.#heartbeat = heartbeat;
  }

  of({ request }: Context): Connection | undefined {
    return this.#connections.get(request);
  }

  /** @throws AppError not_found, conflict, invalid */
  check(id: string, query: Query): void {
    const session = this.#parts.sessions.get(id);
    if (session.kind !== 'terminal') throw new AppError('conflict', 'Only a terminal can be attached to.');
    wantedOf(query);
    if ((this.#counts.get(id) ?? 0) < limits.clientsPerSessionMax) return;
    const message = `${limits.clientsPerSessionMax} clients are attached, the most there may be: close one first.`;
    throw new AppError('conflict', message, {
      conflict: { limit: 'clientsPerSessionMax' },
    });
  }

  open(socket: Socket, { request, params, query }: Context): void {
    const { id } = params;
    const connection = new Connection(socket, (line) => this.#parts.report('error', line), this.#heartbeat);
    this.#connections.set(request, connection);
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
    connection.start(() => {
      if ((this.#counts.get(id) ?? 0) > limits.clientsPerSessionMax) this.check(id, query);
      return this.#stream(connection, request, id, query);
    }, whenRevoked(this.#parts, request, () => connection.end(4401, 'Signed out: sign in again.')));
  }

  close({ request, params }: Context, code: number): void {
    const connection = this.#connections.get(request);
    if (connection === undefined) return;
    this.#connections.delete(request);
    const left = (this.#counts.get(params.id) ?? 1) - 1;
    if (left > 0) this.#counts.set(params.id, left);
    else this.#counts.delete(params.id);
    connection.closed(code);
  }

  #stream(connection: Connection, request: Request, id: string, query: Query): TerminalStream {
    const { epoch, gate, screens, sessions, snapshots, terminals } = this.#parts;
    const { firstSequence, meta } = sessions.get(id);
    const terminal = terminals.terminal(id);
    const client = query.client ?? callerClient(this.#parts, request);
    return new TerminalStream({
      sink: connection,
      log: sessions.log(id),
      screens,
      kept: () => uncompressed(snapshots.latest(id)),
      terminal,
      firstSequence,
      epoch,
      after: query.after,
      clientEpoch: query.epoch,
      winsize: terminal?.winsize ?? winsizeOf(lastSize(sessions.latest(id, 'resize')) ?? meta),
      wanted: wantedOf(query),
      mode: query.mode,
      looks: query.looks !== '0',
      client,
      name: query.name ?? gate.caller(request).identity?.name ?? client,
    });
  }
}

function uncompressed(kept: StoredSnapshot | undefined): Snapshot | undefined {
  return kept && { ...kept, vt: Bun.zstdDecompressSync(kept.vt) };
}

/** The size that an ended session had last. */
function lastSize(resize: LogEvent | undefined): Winsize | undefined {
  if (resize === undefined || resize.data instanceof Uint8Array) return undefined;
  return { cols: Number(resize.data.cols), rows: Number(resize.data.rows) };
}

/** @throws AppError invalid where only one of the two is given */
function wantedOf({ cols, rows }: Query): Winsize | undefined {
  if (cols === undefined && rows === undefined) return undefined;
  if (cols === undefined || rows === undefined) {
    throw invalid(cols === undefined ? 'cols' : 'rows', 'Give cols and rows together, or neither.');
  }
  return { cols, rows };
}
