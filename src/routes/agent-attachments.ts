// Pictures of a conversation: uploaded before the prompt that names them, and shown again. And
// the names of files that a prompt can mention.

import { Elysia, t } from 'elysia';
import { filesNamed } from '../agent/mentions.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { AttachmentSchema } from './agent-schema.ts';
import { conversationSession } from './agents.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const tags = ['conversations'];

export function attachmentRoutes(parts: Parts) {
  const { workspaces, conversations } = parts;
  return new Elysia()
    .post(
      '/api/sessions/:id/attachments',
      async ({ params, request, status, set }) => {
        const { id } = conversationSession(parts, params.id);
        const attachment = conversations.attachments.add(id, await boundedBytes(request));
        set.headers.location = `/api/sessions/${id}/attachments/${attachment.id}`;
        return status(201, attachment);
      },
      {
        response: { 201: AttachmentSchema },
        detail: { tags, summary: 'Upload a picture', description: 'The body is the picture itself: PNG, JPEG, GIF or WebP, at most 50 MiB.' },
      },
    )
    .post(
      '/api/sessions/:id/pictures',
      async ({ params, request, status }) => {
        const { id, kind } = parts.sessions.get(params.id);
        if (kind !== 'terminal') throw new AppError('conflict', 'This is for terminals: a conversation takes pictures as attachments.');
        const { id: picture } = conversations.attachments.add(id, await boundedBytes(request));
        return status(201, { path: conversations.attachments.get(id, picture).path });
      },
      {
        response: { 201: t.Object({ path: t.String({ description: 'Where the programs of this machine find it.' }) }) },
        detail: { tags: ['sessions'], summary: 'Upload a picture for a program in a terminal', description: 'The body is the picture itself: PNG, JPEG, GIF or WebP. It lies outside the workspace and goes with the session.' },
      },
    )
    .get(
      '/api/sessions/:id/attachments/:attachment',
      ({ params, set }) => {
        const { path, mimeType } = conversations.attachments.get(conversationSession(parts, params.id).id, params.attachment);
        return new Response(Bun.file(path), {
          headers: { ...texts(set.headers), 'content-type': mimeType, 'cache-control': 'private, max-age=31536000, immutable', 'content-security-policy': "default-src 'none'; sandbox" },
        });
      },
      { detail: { tags, summary: 'A picture' } },
    )
    .get(
      '/api/sessions/:id/mentions',
      async ({ params, query }) => {
        const { workspaceId } = conversationSession(parts, params.id);
        return { files: await filesNamed(workspaces.get(workspaceId).path, query.q) };
      },
      {
        query: queryOf({ q: t.String({ maxLength: limits.queryLengthMax, default: '' }) }),
        response: t.Object({ files: t.Array(t.String()) }),
        detail: { tags, summary: 'Files of the workspace by a part of their name', description: 'Best first, without what version control and package managers keep for themselves.' },
      },
    );
}

async function boundedBytes(request: Request): Promise<Uint8Array> {
  const tooLarge = new AppError('too_large', `A picture may have ${limits.fileUploadBytesMax / 1024 / 1024} MiB.`);
  if (Number(request.headers.get('content-length') ?? 0) > limits.fileUploadBytesMax) throw tooLarge;
  const bytes = await request.bytes();
  if (bytes.byteLength > limits.fileUploadBytesMax) throw tooLarge;
  return bytes;
}

const texts = (headers: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
