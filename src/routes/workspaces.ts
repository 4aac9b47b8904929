// Workspaces over JSON: list, make, show, change, remove.

import { Elysia, t } from 'elysia';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import type { Session } from '../sessions/session.ts';
import { oneOf } from './one-of.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';
import { SessionSchema } from './session-schema.ts';

const Json = t.Unsafe<JsonObject>(t.Object({}, { additionalProperties: true }));
const Status = oneOf(['active', 'archived', 'error']);
const ChosenStatus = oneOf(['active', 'archived']);
const Time = t.String({ format: 'date-time' });
const Force = t.Object({ force: t.Boolean({ default: false, description: 'Stop live sessions first.' }) });

const workspaceFields = {
  id: t.String(),
  name: t.String(),
  path: t.String(),
  status: Status,
  statusReason: t.Union([t.String(), t.Null()]),
  metadata: Json,
  created: Time,
  lastAccessed: Time,
  sessionCounts: t.Object({
    total: t.Integer(),
    starting: t.Integer(),
    active: t.Integer(),
    stopped: t.Integer(),
    error: t.Integer(),
  }),
};
const WorkspaceSchema = t.Object(workspaceFields);
const OpenWorkspaceSchema = t.Object({ ...workspaceFields, sessions: t.Array(SessionSchema) });
const WorkspacePageSchema = t.Object({
  workspaces: t.Array(WorkspaceSchema),
  pagination: t.Object({ total: t.Integer(), limit: t.Integer(), offset: t.Integer(), hasMore: t.Boolean() }),
});

const WorkspaceListQuery = queryOf({
  status: t.Optional(Status),
  q: t.Optional(t.String({ maxLength: limits.queryLengthMax })),
  limit: t.Integer({ minimum: 1, maximum: limits.listLimitMax, default: limits.listLimitDefault }),
  offset: t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 }),
});
const NewWorkspace = t.Object(
  { path: t.String(), name: t.Optional(t.String()), metadata: t.Optional(Json), create: t.Optional(t.Boolean()) },
  { additionalProperties: false },
);
const WorkspacePatchBody = t.Object(
  {
    name: t.Optional(t.String()),
    status: t.Optional(ChosenStatus),
    metadata: t.Optional(Json),
    path: t.Optional(t.String()),
  },
  { additionalProperties: false },
);
const WorkspaceBody = t.Object(
  { name: t.String(), status: ChosenStatus, metadata: Json },
  { additionalProperties: false },
);

const detail = (summary: string, description?: string) => ({
  tags: ['workspaces'],
  summary,
  ...(description === undefined ? {} : { description }),
});

export function workspaceRoutes(parts: Parts) {
  const { workspaces } = parts;
  return new Elysia()
    .get('/api/workspaces', ({ query }) => workspaces.list(query), {
      query: WorkspaceListQuery,
      response: WorkspacePageSchema,
      detail: detail(
        'List workspaces',
        'Latest accessed first; archived ones only with `status=archived`. `q` is part of a name or path. ' +
          '`metadata.env` is a list of names here.',
      ),
    })
    .post(
      '/api/workspaces',
      ({ body, status, set }) => {
        const workspace = workspaces.create(body);
        set.headers.location = `/api/workspaces/${workspace.id}`;
        return status(201, workspace);
      },
      {
        body: NewWorkspace,
        response: { 201: WorkspaceSchema },
        detail: detail('Make a workspace', 'The folder must be there and inside a root; with `create` it is made.'),
      },
    )
    .get(
      '/api/workspaces/:id',
      ({ params }) => ({ ...workspaces.get(params.id), sessions: liveSessions(parts, params.id) }),
      { response: OpenWorkspaceSchema, detail: detail('A workspace and its live sessions') },
    )
    .patch('/api/workspaces/:id', ({ params, body, query }) => workspaces.update(params.id, body, query), {
      body: WorkspacePatchBody,
      query: Force,
      response: WorkspaceSchema,
      detail: detail(
        'Change a workspace',
        '`metadata` is a JSON merge patch: null removes a key. `path` follows a folder that was moved. ' +
          'Archiving or moving with live sessions answers 409 unless `force` stops them first.',
      ),
    })
    .put('/api/workspaces/:id', ({ params, body, query }) => workspaces.replace(params.id, body, query), {
      body: WorkspaceBody,
      query: Force,
      response: WorkspaceSchema,
      detail: detail('Replace the name, status and metadata of a workspace'),
    })
    .delete(
      '/api/workspaces/:id',
      async ({ params, query, set }) => {
        await workspaces.delete(params.id, query);
        set.status = 204;
      },
      { query: Force, detail: detail('Remove a workspace with its history', 'Files stay as they are.') },
    );
}

/** Latest active first; there are at most limits.liveSessionsMax. */
function liveSessions({ sessions }: Parts, workspaceId: string): Session[] {
  return (['starting', 'active'] as const).flatMap(
    (status) => sessions.list({ workspaceId, status, limit: limits.liveSessionsMax, offset: 0 }).sessions,
  );
}
