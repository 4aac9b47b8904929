// The past of a session for programs and for the page that plays it: its life with its marks, the
// moment of a time, and pieces of a terminal's log with a screen to begin from.

import { Elysia, t } from 'elysia';
import { AppError, invalid } from '../errors.ts';
import { limits } from '../limits.ts';
import { type Life, type Mark, type Moment, placeOf } from '../pty/past/protocol.ts';
import { encodeEvent, encodeSnapshot } from '../pty/wire.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const Sequence = t.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Time = t.String({ format: 'date-time' });
const MomentSchema = t.Object({ sequence: t.Integer(), timestamp: Time });
const MarksSchema = t.Object({
  first: t.Union([MomentSchema, t.Null()]),
  last: t.Union([MomentSchema, t.Null()]),
  points: t.Array(t.Tuple([t.Integer(), t.Integer()])),
  marks: t.Array(t.Object({ sequence: t.Integer(), timestamp: Time, type: t.String(), label: t.String() })),
  thinned: t.Boolean(),
});

/** What a moment may be named by; at most one of the two. */
export const MOMENT_QUERY = {
  sequence: t.Optional(Sequence),
  t: t.Optional(t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
};

export interface MomentQuery {
  sequence?: number | undefined;
  /** ms since the epoch. */
  t?: number | undefined;
}

const FORMAT = 'application/octet-stream';
const PREFIX_BYTES = 12;

export function replayRoutes(parts: Parts) {
  return new Elysia()
    .get(
      '/api/sessions/:id/marks',
      async ({ params, request }) => {
        parts.sessions.get(params.id);
        return lifeView((await parts.past.ask(params.id, { what: 'life' }, request.signal)).life);
      },
      {
        response: MarksSchema,
        detail: {
          tags: ['sessions'],
          summary: "A session's whole life, with its marks",
          description:
            'For an axis of time: its ends, `points` ([sequence, ms] from the first event to the last), and `marks`: commands, ' +
            'prompts, decisions, saves, attaches, sizes, bells, starts and ends. Where they lie too close some are left out, and ' +
            '`thinned` says so.',
        },
      },
    )
    .get('/api/sessions/:id/replay', ({ params, query, request }) => page(parts, params.id, query, request.signal), {
      query: queryOf({ from: t.Optional(Sequence), t: MOMENT_QUERY.t, after: t.Optional(t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })), until: t.Optional(Sequence) }),
      detail: {
        tags: ['sessions'],
        summary: "A piece of a terminal's past, to be played",
        description:
          'With `from` (or `t`, in ms) the screen after that event, then the events behind it; with `after` only those. Binary: for each a ' +
          'u32 with its length, an f64 with its time (ms), and a frame of the terminal stream (SNAPSHOT, OUTPUT, EVENT). A ' +
          'piece is bounded: the next begins `after` its last event. `Dispatch-Head` says how far the log goes.',
      },
    });
}

/** The event that a moment means: the last one where nothing is said. @throws AppError not_found, gone, invalid */
export async function momentOf({ past, sessions }: Parts, id: string, { sequence, t: time }: MomentQuery, signal?: AbortSignal): Promise<number> {
  const { currentSequence } = sessions.get(id);
  if (sequence !== undefined && time !== undefined) throw invalid('t', 'Name a moment by its sequence or by its time, not by both.');
  const found = time === undefined ? (sequence ?? currentSequence) : (await past.ask(id, { what: 'moment', time }, signal)).moment?.sequence;
  if (found === undefined || found < 1) throw new AppError('gone', 'Nothing of this session is kept.');
  if (found > currentSequence) throw invalid('sequence', `Must be at most ${currentSequence}, the last event so far.`);
  return found;
}

async function page(parts: Parts, id: string, query: { from?: number; t?: number; after?: number; until?: number }, signal: AbortSignal): Promise<Response> {
  const { past, sessions } = parts;
  const { kind, currentSequence: head } = sessions.get(id);
  if (kind !== 'terminal') throw new AppError('conflict', 'Only a terminal can be played.');
  const frames: Uint8Array[] = [];
  let after = query.after ?? 0;
  if (query.from !== undefined || query.t !== undefined) {
    const sequence = await momentOf(parts, id, { sequence: query.from, t: query.t }, signal);
    const { moment, snapshot } = await past.ask(id, { what: 'snapshot', sequence, bytesMax: limits.keyframeBytesMax }, signal);
    frames.push(...record(moment.timestamp, encodeSnapshot(sequence, snapshot, snapshot.vt)));
    after = sequence;
  }
  const upTo = Math.min(query.until ?? head, head);
  const bytesMax = frames.length > 0 ? limits.replayFirstBytes : limits.replayPageBytes;
  const { events } = sessions.read(id, { after, upTo, limit: limits.replayPageEvents, bytesMax });
  for (const event of events) frames.push(...record(event.timestamp, encodeEvent(event)));
  return new Response(Buffer.concat(frames), { headers: { 'content-type': FORMAT, 'dispatch-head': String(head), 'cache-control': 'no-store' } });
}

function record(timestamp: number, frame: Uint8Array): [Uint8Array, Uint8Array] {
  const prefix = new DataView(new ArrayBuffer(PREFIX_BYTES));
  prefix.setUint32(0, frame.byteLength);
  prefix.setFloat64(4, timestamp);
  return [new Uint8Array(prefix.buffer), frame];
}

const momentView = ({ sequence, timestamp }: Moment) => ({ sequence, timestamp: new Date(timestamp).toISOString() });

function lifeView(life: Life | undefined): typeof MarksSchema.static {
  if (life === undefined) return { first: null, last: null, points: [], marks: [], thinned: false };
  return {
    first: momentView(life.first),
    last: momentView(life.last),
    points: life.points.map(({ sequence, timestamp }): [number, number] => [sequence, timestamp]),
    marks: life.marks.map((mark) => ({ ...momentView(placeOf(mark)), type: mark.type, label: labelOf(mark) })),
    thinned: life.thinned,
  };
}

const LABEL_LENGTH = 120;

/** A mark in a few words. */
export function labelOf({ type, data }: Mark): string {
  const text = (name: string): string => (typeof data[name] === 'string' ? data[name] : '');
  const words: Record<string, () => string> = {
    command: () => text('line') || 'command',
    prompt: () => text('text') || 'prompt',
    permission: () => 'permission asked',
    decision: () => 'decided',
    save: () => `saved ${text('path')}`.trim(),
    conflict: () => 'conflict',
    attach: () => `${text('name') || 'a client'} attached`,
    resize: () => `${String(data.cols)}×${String(data.rows)}`,
    bell: () => 'bell',
    gap: () => 'output was lost here',
    status: () => ({ starting: 'started', active: 'running', stopped: 'ended', error: 'failed' })[text('status')] ?? text('status'),
  };
  const label = Object.hasOwn(words, type) ? words[type]?.() ?? type : type;
  return label.length > LABEL_LENGTH ? `${label.slice(0, LABEL_LENGTH)}…`.toWellFormed() : label;
}
