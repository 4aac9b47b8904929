// The present screen of a terminal for those who have no emulator, and what lies above it, page
// by page. Made by the server's own emulator; text of the program is escaped in all of it.

import { Elysia, t } from 'elysia';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Parts } from './parts.ts';
import { MOMENT_QUERY, momentOf, type MomentQuery } from './replay.ts';
import { queryOf } from './query.ts';

const TYPES = {
  text: 'text/plain; charset=utf-8',
  ansi: 'text/plain; charset=utf-8',
  html: 'text/html; charset=utf-8',
} as const;

/** It is no page of ours: it may run nothing and ask for nothing. */
const SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

const ScrollbackSchema = t.Object({
  lines: t.Array(t.Object({ n: t.Integer(), html: t.String() })),
  firstLine: t.Integer(),
  generation: t.Integer(),
});

export function screenRoutes(parts: Parts) {
  const { screens, sessions } = parts;
  /** Head of a terminal's log. @throws AppError not_found, conflict */
  const headOf = (id: string): number => {
    if (sessions.get(id).kind !== 'terminal') throw new AppError('conflict', 'Only a terminal has a screen.');
    return sessions.log(id).head;
  };
  return new Elysia()
    .get(
      '/api/sessions/:id/screen',
      async ({ params: { id }, query: { format, ...wanted }, request: { signal } }) => {
        const head = headOf(id);
        const isPast = wanted.sequence !== undefined || wanted.t !== undefined;
        const { shown, sequence } = isPast ? await pastScreen(parts, id, wanted, format, signal) : await screens.shown(id, head, format);
        const headers = { 'content-type': TYPES[format], 'content-security-policy': SANDBOX, 'cache-control': 'no-store' };
        return new Response(shown, { headers: { ...headers, 'dispatch-sequence': String(sequence) } });
      },
      {
        query: queryOf({ format: t.UnionEnum(['text', 'ansi', 'html'], { default: 'text' }), ...MOMENT_QUERY }),
        detail: {
          tags: ['sessions'],
          summary: "A terminal's screen, now or at a moment of the past",
          description: 'As text, as text with its colours (`ansi`), or as an HTML `pre`. While output outruns the screen, as far as it is. ' +
            'With `sequence`, the screen right after that event; with `t` (ms since 1970) that of the last event until then. ' +
            '410 where it was pruned, with `kept`: where what is kept begins. `Dispatch-Sequence` names the event.',
        },
      },
    )
    .get(
      '/api/sessions/:id/scrollback',
      async ({ params: { id }, query: { before, limit, generation } }) => {
        const scrollback = await screens.scrollback(id, headOf(id), { before, limit });
        if (generation !== undefined && generation !== scrollback.generation) {
          throw new AppError('conflict', 'The size of the terminal has changed, and the lines with it: begin at the newest again.', { conflict: {} });
        }
        return scrollback;
      },
      {
        query: queryOf({
          before: t.Optional(t.Integer({ minimum: 0 })),
          limit: t.Integer({ minimum: 1, maximum: limits.scrollbackLinesMax, default: limits.scrollbackLinesDefault }),
          generation: t.Optional(t.Integer({ minimum: 0 })),
        }),
        response: ScrollbackSchema,
        detail: {
          tags: ['sessions'],
          summary: "Lines above a terminal's screen",
          description:
            'The lines right before line `before`, oldest first; without it the newest. `firstLine` is the oldest that is ' +
            'kept. A resize numbers all lines anew: another `generation`, and 409 for who gives the old one.',
        },
      },
    );
}

async function pastScreen(parts: Parts, id: string, wanted: MomentQuery, what: keyof typeof TYPES, signal: AbortSignal): Promise<{ shown: string; sequence: number }> {
  const sequence = await momentOf(parts, id, wanted, signal);
  const { shown } = await parts.past.ask(id, { what, sequence }, signal);
  return { shown, sequence };
}
