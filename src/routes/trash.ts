// What was deleted from a workspace: listed, put back, removed for ever.

import { Elysia, t } from 'elysia';
import { addressOf } from '../files/path-text.ts';
import { oneOf } from './one-of.ts';
import type { Parts } from './parts.ts';

const tags = ['files'];
const Time = t.String({ format: 'date-time' });

export const DeletedSchema = t.Object({
  id: t.String(),
  path: t.String({ description: 'Where it was.' }),
  kind: oneOf(['folder', 'file', 'link', 'other']),
  size: t.Union([t.Integer(), t.Null()]),
  deleted: Time,
  expires: Time,
});

export function trashRoutes({ workspaces, trash }: Parts) {
  return new Elysia()
    .get('/api/workspaces/:id/trash', ({ params }) => ({ deleted: trash.list(workspaces.get(params.id).id) }), {
      response: t.Object({ deleted: t.Array(DeletedSchema) }),
      detail: { tags, summary: 'What was deleted', description: 'Latest first, until it expires.' },
    })
    .post(
      '/api/workspaces/:id/trash/:item/restore',
      async ({ params, body, set, status }) => {
        const path = await trash.restore(params.id, params.item, workspaces.ground(params.id), body?.to);
        set.headers.location = `/api/workspaces/${params.id}/files/${addressOf(path)}`;
        return status(201, { path });
      },
      {
        body: t.Optional(t.Object({ to: t.Optional(t.String()) }, { additionalProperties: false })),
        response: { 201: t.Object({ path: t.String() }) },
        detail: { tags, summary: 'Put back what was deleted', description: 'To where it was, or to the path `to`; 409 where something is there by now.' },
      },
    )
    .delete(
      '/api/workspaces/:id/trash/:item',
      async ({ params, set }) => {
        await trash.remove(workspaces.get(params.id).id, params.item);
        set.status = 204;
      },
      { detail: { tags, summary: 'Remove for ever' } },
    );
}
