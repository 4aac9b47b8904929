// Review comments over JSON, and the prompt that they become.

import { Elysia } from 'elysia';
import { AppError } from '../errors.ts';
import type { ReviewComment } from '../git/reviews.ts';
import { liveConversation } from './agents.ts';
import { callerClient } from './client.ts';
import { CommentSchema, CommentsSchema, EditCommentBody, NewCommentBody, SendBody, SentSchema } from './git-schema.ts';
import type { Parts } from './parts.ts';

const detail = (summary: string, description?: string) => ({ tags: ['git'], summary, ...(description === undefined ? {} : { description }) });

export function reviewRoutes(parts: Parts) {
  const { reviews, workspaces } = parts;
  return new Elysia()
    .get(
      '/api/workspaces/:id/review',
      ({ params }) => {
        const { id } = workspaces.get(params.id);
        return { waiting: reviews.waiting(id).map(view), sent: reviews.sent(id).map(view) };
      },
      { response: CommentsSchema, detail: detail('Comments on lines of diffs', 'Oldest first.') },
    )
    .post(
      '/api/workspaces/:id/review',
      ({ params, body, status, set }) => {
        const comment = reviews.add(workspaces.get(params.id).id, body);
        set.headers.location = `/api/workspaces/${comment.workspaceId}/review/${comment.id}`;
        return status(201, view(comment));
      },
      { body: NewCommentBody, response: { 201: CommentSchema }, detail: detail('Comment on a line') },
    )
    .patch('/api/workspaces/:id/review/:comment', ({ params, body }) => view(reviews.edit(workspaces.get(params.id).id, params.comment, body.text)), {
      body: EditCommentBody,
      response: CommentSchema,
      detail: detail('Change a comment', '409 once it was sent.'),
    })
    .delete(
      '/api/workspaces/:id/review/:comment',
      ({ params, set }) => {
        reviews.remove(workspaces.get(params.id).id, params.comment);
        set.status = 204;
      },
      { detail: detail('Remove a comment') },
    )
    .post(
      '/api/workspaces/:id/review/send',
      ({ params, body, request, status }) => status(202, sendReview(parts, request, params.id, body.sessionId, body.note ?? '')),
      { body: SendBody, response: { 202: SentSchema }, detail: detail('Send all comments that wait, as one prompt', 'To a live conversation of this workspace. While its agent works the prompt is queued.') },
    );
}

/** @throws AppError conflict (no live conversation, none waits), invalid */
export function sendReview(parts: Parts, request: Request, workspaceId: string, sessionId: string, note: string): { sent: number; sessionId: string } {
  const { reviews, sessions, workspaces, conversations } = parts;
  const workspace = workspaces.get(workspaceId);
  const conversation = liveConversation(parts, sessionId);
  if (sessions.get(sessionId).workspaceId !== workspace.id) throw new AppError('conflict', 'This conversation is of another workspace.');
  const sent = reviews.send(workspace.id, note, sessionId, (text) => {
    conversation.prompt(conversations.kind.promptOf(sessionId, workspace, { text }, callerClient(parts, request)));
  });
  return { sent, sessionId };
}

function view({ id, path, source, side, line, lineText, text, created, updated, sent, sentSessionId }: ReviewComment) {
  const time = (at: number): string => new Date(at).toISOString();
  return { id, path, source, side, line, lineText, text, created: time(created), updated: time(updated), sent: sent === null ? null : time(sent), sentSessionId };
}
