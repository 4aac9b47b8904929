// A terminal's recording as a download, made page by page while it is read: a session of
// gigabytes costs no memory.

import { Elysia, t } from 'elysia';
import { basename } from 'node:path';
import { AppError, invalid } from '../errors.ts';
import { limits } from '../limits.ts';
import { winsizeOf } from '../pty/kind.ts';
import { RECORDING_FORMATS, type RecordingFormat, recording } from '../pty/recording.ts';
import type { Winsize } from '../pty/winsize.ts';
import type { Session } from '../sessions/session.ts';
import { oneOf } from './one-of.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const FILES: Record<RecordingFormat, { extension: string; type: string }> = {
  'asciicast-v2': { extension: 'cast', type: 'application/x-asciicast' },
  'asciicast-v3': { extension: 'cast', type: 'application/x-asciicast' },
  text: { extension: 'txt', type: 'text/plain; charset=utf-8' },
};

export function recordingRoutes(parts: Parts) {
  return new Elysia().get(
    '/api/sessions/:id/recording',
    async ({ params, query, request, server }) => {
      const session = parts.sessions.get(params.id);
      if (session.kind !== 'terminal') throw new AppError('conflict', 'Only a terminal has a recording.');
      server?.timeout(request, 0); // A slow reader of a long recording is no idle one.
      const { extension, type } = FILES[query.format];
      const withInput = query.input === '1' || query.input === 'true';
      const part = await partOf(parts, session, query, request.signal);
      return new Response(streamOf(recordingOf(parts, session, query.format, withInput, part)), {
        headers: {
          'content-type': type,
          'content-disposition': attachment(`${session.name}.${extension}`),
          'cache-control': 'no-store',
        },
      });
    },
    {
      query: queryOf({
        format: t.UnionEnum(RECORDING_FORMATS, { default: 'asciicast-v2' }),
        input: t.Optional(oneOf(['0', '1', 'false', 'true'])),
        from: t.Optional(t.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
        until: t.Optional(t.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
      }),
      detail: {
        tags: ['sessions'],
        summary: "A terminal's recording",
        description:
          'What was printed until now, as asciicast (v2, v3) or plain text. `input=1` adds what was typed, ' +
          'where it was recorded. `from` begins with the screen after that event, `until` ends with that one.',
      },
    },
  );
}

/** From where to where; undefined for all. */
interface Part {
  from?: Winsize & { sequence: number; vt: Uint8Array };
  started?: number;
  until: number;
}

/** @throws AppError gone, invalid */
async function partOf(parts: Parts, { id, currentSequence }: Session, query: { from?: number; until?: number }, signal: AbortSignal): Promise<Part> {
  const until = Math.min(query.until ?? currentSequence, currentSequence);
  if (query.from === undefined) return { until };
  if (query.from > until) throw invalid('from', `Must be at most ${until}, where the part ends.`);
  const { moment, snapshot } = await parts.past.ask(id, { what: 'snapshot', sequence: query.from, bytesMax: limits.keyframeBytesMax }, signal);
  return { from: snapshot, started: moment.timestamp, until };
}

/** What there is now: a program that prints on would make a recording without an end. */
function recordingOf(parts: Parts, session: Session, format: RecordingFormat, input: boolean, part: Part): Generator<string> {
  const { sessions, terminals, workspaces } = parts;
  const bytesMax = limits.recordingPageBytes;
  const read = (after: number, limit: number) => sessions.read(session.id, { after, upTo: part.until, limit, bytesMax }).events;
  const [first] = read(0, 1);
  return recording(read, {
    format,
    started: part.started ?? first?.timestamp ?? Date.parse(session.created),
    title: session.name,
    shell: basename(terminals.shell(workspaces.get(session.workspaceId))),
    input,
    pruned: part.from === undefined && session.firstSequence > 1 ? sizeOf(parts, session) : undefined,
    from: part.from,
  });
}

/** What it was about when that was dropped which told it. */
function sizeOf({ snapshots }: Parts, { id, meta }: Session): Winsize {
  return snapshots.latest(id) ?? winsizeOf({ cols: Number(meta.cols ?? 80), rows: Number(meta.rows ?? 24) });
}

function streamOf(texts: Generator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        let { value, done } = texts.next();
        // A page may have nothing that is recorded.
        while (done !== true && value === '') ({ value, done } = texts.next());
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      cancel() {
        texts.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}

/** RFC 6266: a plain name for old readers, the true one beside it. */
function attachment(name: string): string {
  const safe = name.replace(/[/\\]/g, '_');
  const plain = safe.replace(/[^\x20-\x7e]|["%]/g, '_');
  const exact = encodeURIComponent(safe.toWellFormed()).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
