// The forms of a review: a comment on a line, changed or removed, and all of them sent.

import { Elysia, t } from 'elysia';
import { AppError } from '../errors.ts';
import { changesPage, changesRegions } from '../views/changes.tsx';
import { commentBox, type CommentForm } from '../views/changes-review.tsx';
import { changesView, commentToEdit } from './changes-view.ts';
import { html } from './html.ts';
import { goTo, HIDDEN, wantsPart } from './page-answer.ts';
import { oneOf } from './one-of.ts';
import type { Parts } from './parts.ts';
import { sendReview } from './reviews.ts';

const closed = { additionalProperties: false } as const;
const NewForm = t.Object(
  { path: t.String(), source: t.String(), side: oneOf(['old', 'new']), line: t.Numeric({ minimum: 1, maximum: 100_000_000 }), lineText: t.String(), text: t.String() },
  closed,
);
const TextForm = t.Object({ text: t.String() }, closed);
const SendForm = t.Object({ sessionId: t.String(), note: t.Optional(t.String()) }, closed);

export function reviewPageRoutes(parts: Parts) {
  const { reviews, workspaces } = parts;
  return new Elysia()
    .post(
      '/workspaces/:id/changes/comment',
      ({ params: { id }, body, request }) => commented(parts, request, id, { ...body, id: null }, () => reviews.add(workspaces.get(id).id, body)),
      { body: NewForm, ...HIDDEN },
    )
    .post(
      '/workspaces/:id/changes/comment/:comment',
      ({ params: { id, comment }, body, request }) => {
        const form = commentToEdit(parts, id, comment);
        return commented(parts, request, id, { ...form, text: body.text }, () => reviews.edit(id, comment, body.text));
      },
      { body: TextForm, ...HIDDEN },
    )
    .post(
      '/workspaces/:id/changes/comment/:comment/remove',
      ({ params: { id, comment }, request }) => {
        const form = commentToEdit(parts, id, comment);
        return commented(parts, request, id, form, () => reviews.remove(id, comment));
      },
      HIDDEN,
    )
    .post(
      '/workspaces/:id/changes/send',
      async ({ params: { id }, body, request }) => {
        try {
          sendReview(parts, request, id, body.sessionId, body.note ?? '');
        } catch (error) {
          if (wantsPart(request) || !(error instanceof AppError) || error.status >= 500) throw error;
          return html(changesPage(await changesView(parts, id, { problem: error.message })), error.status);
        }
        if (wantsPart(request)) return html(changesRegions(await changesView(parts, id)));
        return goTo(request, `/sessions/${body.sessionId}`);
      },
      { body: SendForm, ...HIDDEN },
    );
}

/** The box closes and what is said shows under its line; or the form comes back. */
async function commented(parts: Parts, request: Request, id: string, form: CommentForm, act: () => unknown): Promise<Response> {
  const working = form.source === 'staged' || form.source === 'unstaged';
  const address = working ? `/workspaces/${id}/changes` : `/workspaces/${id}/changes/commit/${form.source}`;
  try {
    act();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid') throw error;
    const back = { ...form, error: error.message };
    return html(wantsPart(request) ? commentBox(id, back) : changesPage(await changesView(parts, id, { comment: back })), error.status);
  }
  if (!wantsPart(request)) return goTo(request, address);
  if (!working) return new Response(null, { status: 200, headers: { 'hx-refresh': 'true' } });
  return html(`${String(commentBox(id, null))}${String(changesRegions(await changesView(parts, id)))}`);
}
