// Sessions over JSON: make, list, name, stop, resume, delete, and give them input.

import { Type } from '@sinclair/typebox';
import { Elysia, t } from 'elysia';
import { AppError, invalid } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Session } from '../sessions/session.ts';
import { callerClient } from './client.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';
import { ClientId, Kind, Meta, SessionListQuery, SessionPageSchema, SessionSchema } from './session-schema.ts';

const NewSession = t.Object(
  { kind: Kind, name: t.Optional(t.String()), meta: t.Optional(Meta) },
  { additionalProperties: false },
);
const Input = t.Object(
  { text: t.Optional(t.String()), base64: t.Optional(t.String()) },
  { additionalProperties: false },
);
const Size = t.Object(
  {
    // TypeBox's own: Elysia's takes a text for a number too.
    cols: Type.Integer({ minimum: limits.winsizeColsMin, maximum: limits.winsizeColsMax }),
    rows: Type.Integer({ minimum: limits.winsizeRowsMin, maximum: limits.winsizeRowsMax }),
  },
  { additionalProperties: false },
);
const detail = (summary: string, description?: string) => ({
  tags: ['sessions'],
  summary,
  ...(description === undefined ? {} : { description }),
});

export function sessionRoutes(parts: Parts) {
  return new Elysia().use(collectionRoutes(parts)).use(memberRoutes(parts)).use(programRoutes(parts));
}

function collectionRoutes({ sessions, workspaces }: Parts) {
  return new Elysia()
    .get('/api/sessions', ({ query }) => sessions.list(query), {
      query: queryOf({ workspaceId: t.Optional(t.String()), ...SessionListQuery.properties }),
      response: SessionPageSchema,
      detail: detail('List sessions', 'Latest active first. `meta.env` is a list of names here.'),
    })
    .post(
      '/api/sessions',
      async ({ body: { workspaceId, kind, name, meta }, status, set }) =>
        status(201, located(set, await sessions.create({ workspaceId, kind, name, meta }))),
      {
        body: t.Composite([t.Object({ workspaceId: t.String() }), NewSession], { additionalProperties: false }),
        response: { 201: SessionSchema },
        detail: detail('Start a session', 'A start that failed is 201 too: status `error`, with its reason.'),
      },
    )
    .get(
      '/api/workspaces/:id/sessions',
      ({ params, query }) => sessions.list({ ...query, workspaceId: workspaces.get(params.id).id }),
      { query: SessionListQuery, response: SessionPageSchema, detail: detail("List a workspace's sessions") },
    )
    .post(
      '/api/workspaces/:id/sessions',
      async ({ params, body: { kind, name, meta }, status, set }) =>
        status(201, located(set, await sessions.create({ workspaceId: params.id, kind, name, meta }))),
      { body: NewSession, response: { 201: SessionSchema }, detail: detail('Start a session in a workspace') },
    );
}

function memberRoutes({ sessions }: Parts) {
  return new Elysia()
    .get('/api/sessions/:id', ({ params }) => sessions.get(params.id), {
      response: SessionSchema,
      detail: detail('A session'),
    })
    .patch('/api/sessions/:id', ({ params, body }) => sessions.rename(params.id, body.name), {
      body: t.Object({ name: t.String() }, { additionalProperties: false }),
      response: SessionSchema,
      detail: detail('Rename a session'),
    })
    .delete(
      '/api/sessions/:id',
      async ({ params, set }) => {
        await sessions.delete(params.id);
        set.status = 204;
      },
      { detail: detail('Stop a session and remove it with its history') },
    )
    .post('/api/sessions/:id/stop', ({ params }) => sessions.stop(params.id), {
      response: SessionSchema,
      detail: detail('Stop a session', 'Answers once it has ended. Stopping twice is no error.'),
    })
    .post('/api/sessions/:id/resume', ({ params }) => sessions.resume(params.id), {
      response: SessionSchema,
      detail: detail('Start an ended session again', 'Same id, same history, next sequence; 409 while it is live.'),
    });
}

function programRoutes(parts: Parts) {
  const { sessions, terminals } = parts;
  return new Elysia()
    .post(
      '/api/sessions/:id/input',
      async ({ params, body, query, request, set }) => {
        await sessions.input(params.id, inputBytes(body), query.client ?? callerClient(parts, request));
        set.status = 204;
      },
      {
        body: Input,
        query: queryOf({ client: t.Optional(ClientId) }),
        detail: detail(
          'Give a session input',
          'Exactly one of `text` and `base64`. Taken whole, or refused whole (429) where too much is unread.',
        ),
      },
    )
    .post(
      '/api/sessions/:id/resize',
      ({ params, body, set }) => {
        const { kind } = sessions.get(params.id);
        if (kind !== 'terminal') throw new AppError('conflict', 'Only a terminal has a size.');
        sessions.program(params.id);
        terminals.terminal(params.id)?.resize(body);
        set.status = 204;
      },
      { body: Size, detail: detail("Set a terminal's size", '409 while an attached device leads the size.') },
    );
}

/** Bytes of `{ text }` or `{ base64 }`. @throws AppError invalid, too_large */
function inputBytes({ text, base64 }: { text?: string; base64?: string }): Uint8Array {
  if ((text === undefined) === (base64 === undefined)) {
    throw invalid(text === undefined ? 'text' : 'base64', 'Give exactly one of text and base64.');
  }
  const bytes = text === undefined ? decoded(base64 ?? '') : encoded(text);
  if (bytes.byteLength === 0) throw invalid(text === undefined ? 'base64' : 'text', 'Must not be empty.');
  if (bytes.byteLength > limits.inputPendingBytesMax) {
    throw new AppError('too_large', `Input may have ${limits.inputPendingBytesMax} bytes: send less at a time.`);
  }
  return bytes;
}

function encoded(text: string): Uint8Array {
  // A lone surrogate has no bytes; to send U+FFFD in its place would be to type something else.
  if (!text.isWellFormed()) throw invalid('text', 'Must be Unicode text: send other bytes as base64.');
  return Buffer.from(text, 'utf8');
}

/** Strict: no whitespace, no URL alphabet, padding right, no stray bits at the end. */
function decoded(base64: string): Uint8Array {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) throw invalid('base64', 'Must be base64 as in RFC 4648, with padding.');
  return bytes;
}

function located(set: { headers: Record<string, string | number | undefined> }, session: Session): Session {
  set.headers.location = `/api/sessions/${session.id}`;
  return session;
}
