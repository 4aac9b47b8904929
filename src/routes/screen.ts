// The present screen of a terminal for those who have no emulator, and what lies above it, page
// by page. Made by the server's own emulator; text of the program is escaped in all of it.

import { Elysia, t } from 'elysia';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Parts } from './parts.ts';
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

export function screenRoutes({ screens, sessions }: Parts) {
  /** Head of a terminal's log. @throws AppError not_found, conflict */
  const headOf = (id: string): number => {
    if (sessions.get(id).kind !== 'terminal') throw new AppError('conflict', 'Only a terminal has a screen.');
    return sessions.log(id).head;
  };
  return new Elysia()
    .get(
      '/api/sessions/:id/screen',
      async ({ params: { id }, query: { format } }) => {
        const { shown } = await screens.shown(id, headOf(id), format);
        return new Response(shown, { headers: { 'content-type': TYPES[format], 'content-security-policy': SANDBOX, 'cache-control': 'no-store' } });
      },
      {
        query: queryOf({ format: t.UnionEnum(['text', 'ansi', 'html'], { default: 'text' }) }),
        detail: {
          tags: ['sessions'],
          summary: "A terminal's present screen",
          description: 'As text, as text with its colours (`ansi`), or as an HTML `pre`. While output outruns the screen, as far as it is.',
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
