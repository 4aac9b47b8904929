// The commands of a terminal over HTTP: what its shell told of, and what each printed.

import { Elysia, t } from 'elysia';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Command } from '../pty/past/commands.ts';
import { oneOf } from './one-of.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const Time = t.String({ format: 'date-time' });
const orNull = <Schema extends ReturnType<typeof t.String> | ReturnType<typeof t.Integer>>(schema: Schema) => t.Union([schema, t.Null()]);
const Sequence = t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const CommandsSchema = t.Object({
  commands: t.Array(
    t.Object({
      sequence: t.Integer(),
      line: orNull(t.String()),
      cwd: orNull(t.String()),
      started: Time,
      ended: t.Union([Time, t.Null()]),
      durationMs: orNull(t.Integer()),
      exit: orNull(t.Integer()),
      outputFrom: t.Integer(),
      outputUntil: orNull(t.Integer()),
      folded: t.Integer(),
      foldedFailed: t.Integer(),
    }),
  ),
  hasMore: t.Boolean(),
});

export interface CommandsQuery {
  after: number;
  before?: number | undefined;
  limit: number;
  failed: boolean;
}

export function commandRoutes(parts: Parts) {
  return new Elysia()
    .get(
      '/api/sessions/:id/commands',
      async ({ params, query: { failed, ...query }, request }) => {
        const wanted = { ...query, failed: failed === '1' || failed === 'true' };
        const { commands, hasMore } = await commandsOf(parts, params.id, wanted, request.signal);
        return { commands: commands.map(commandView), hasMore };
      },
      {
        query: queryOf({
          after: t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 }),
          before: t.Optional(Sequence),
          limit: t.Integer({ minimum: 1, maximum: limits.historyLimitMax, default: limits.historyLimitDefault }),
          failed: t.Optional(oneOf(['0', '1', 'false', 'true'])),
        }),
        response: CommandsSchema,
        detail: {
          tags: ['sessions'],
          summary: 'Commands of a terminal',
          description:
            "As its shell tells of them (OSC 133, 633), oldest first: those after the sequence `after`, or the last ones before `before`. " +
            'Where commands follow one another too quickly, some are not recorded one by one: `folded` says how many were left out right ' +
            'before a command, `foldedFailed` how many of those failed. `failed=1` gives only what failed.',
        },
      },
    )
    .get(
      '/api/sessions/:id/commands/:sequence/output',
      async ({ params: { id, sequence }, request }) => {
        const { text, truncated } = await outputOf(parts, id, sequence, request.signal);
        const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
        return new Response(text, { headers: { ...headers, ...(truncated ? { 'dispatch-truncated': 'start' } : {}) } });
      },
      {
        params: t.Object({ id: t.String(), sequence: Sequence }),
        detail: {
          tags: ['sessions'],
          summary: 'What a command printed, as text',
          description: 'As a terminal of that width showed it in the end. Of a long output the last part; `Dispatch-Truncated` then says so.',
        },
      },
    );
}

/** @throws AppError not_found, conflict */
export async function commandsOf({ past, sessions }: Parts, id: string, query: CommandsQuery, signal?: AbortSignal): Promise<{ commands: Command[]; hasMore: boolean }> {
  if (sessions.get(id).kind !== 'terminal') throw new AppError('conflict', 'Only a terminal has commands.');
  return past.ask(id, { what: 'commands', ...query }, signal);
}

/** @throws AppError not_found */
export async function outputOf({ past, sessions }: Parts, id: string, sequence: number, signal?: AbortSignal): Promise<{ text: string; truncated: boolean }> {
  sessions.get(id);
  const { output } = await past.ask(id, { what: 'output', sequence }, signal);
  if (output === undefined) throw new AppError('not_found', 'No command began with that event, or it is not kept.');
  return output;
}

const iso = (ms: number): string => new Date(ms).toISOString();

function commandView({ started, ended, ...command }: Command): typeof CommandsSchema.static.commands[number] {
  return { ...command, started: iso(started), ended: ended === null ? null : iso(ended), durationMs: ended === null ? null : ended - started };
}
