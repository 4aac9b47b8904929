// Server-sent events: framing, heartbeat, and an end that is reached exactly once, however
// the stream ends. A reader that takes nothing is cut when too much waits for it.

import { limits } from '../limits.ts';

export interface SseMessage {
  event?: string;
  id?: string;
  /** Sent as JSON on one line. */
  data: unknown;
}

export interface SseWriter {
  send(message: SseMessage): void;
  /** True while the reader takes what is sent: a pull-style source waits for `onReady` else. */
  ready(): boolean;
  close(): void;
}

export interface SseSource {
  /** Called once, when the stream is open. */
  start(writer: SseWriter): void;
  /** The reader has room again. */
  onReady?(): void;
  /** Called exactly once, at the end. */
  end(): void;
}

/** The part of Bun's server that keeps an idle stream open. */
export interface IdleTimeouts {
  timeout(request: Request, seconds: number): void;
}

const encoder = new TextEncoder();
const COMMENT = encoder.encode(':\n\n');
/** Bytes that may wait in the stream before `ready` turns false. */
const HIGH_WATER_BYTES = 64 * 1024;

const SSE_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };

export function sseResponse(request: Request, server: IdleTimeouts | null, source: SseSource): Response {
  if (request.method === 'HEAD') {
    source.end();
    return new Response(null, { headers: SSE_HEADERS });
  }
  server?.timeout(request, 0); // Bun cuts an idle response else.
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    clearInterval(heartbeat);
    source.end();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const close = (): void => {
          if (ended) return;
          end();
          controller.close();
        };
        const put = (bytes: Uint8Array): void => {
          if (ended) return;
          controller.enqueue(bytes);
          if ((controller.desiredSize ?? 0) < HIGH_WATER_BYTES - limits.ssePendingBytesMax) close();
        };
        heartbeat = setInterval(() => put(COMMENT), limits.sseCommentMs);
        request.signal.addEventListener('abort', end, { once: true });
        put(COMMENT); // Headers go out with the first byte.
        source.start({
          send: (message) => put(encodeMessage(message)),
          ready: () => !ended && (controller.desiredSize ?? 0) > 0,
          close,
        });
      },
      pull() {
        source.onReady?.();
      },
      cancel: end,
    },
    { highWaterMark: HIGH_WATER_BYTES, size: (bytes) => bytes?.byteLength ?? 0 },
  );
  return new Response(body, { headers: SSE_HEADERS });
}

function encodeMessage({ event, id, data }: SseMessage): Uint8Array {
  const head = (event === undefined ? '' : `event: ${event}\n`) + (id === undefined ? '' : `id: ${id}\n`);
  return encoder.encode(`${head}data: ${JSON.stringify(data)}\n\n`);
}
