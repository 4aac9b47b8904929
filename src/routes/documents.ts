// Documents of a file session over JSON: open, edit together, save, end a conflict, and read
// any version. Live news of them: `documents` of /api/events, and the session's own events.

import { Elysia, t } from 'elysia';
import type { Editor, Resolution } from '../editor/editor.ts';
import { writtenOf } from '../editor/format.ts';
import { AppError, invalid } from '../errors.ts';
import type { Session } from '../sessions/session.ts';
import { callerClient } from './client.ts';
import {
  CaretBody,
  ChangesSchema,
  CloseBody,
  DocumentSchema,
  DocumentsSchema,
  OpenedSchema,
  PathBody,
  PathQuery,
  PushBody,
  ResolveBody,
  TextSchema,
  TheirsSchema,
  VersionNumber,
} from './document-schema.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const detail = (summary: string, description?: string) => ({
  tags: ['documents'],
  summary,
  ...(description === undefined ? {} : { description }),
});

export function documentRoutes(parts: Parts) {
  return new Elysia().use(openRoutes(parts)).use(changeRoutes(parts)).use(fileRoutes(parts));
}

/** The session, which is one over files. @throws AppError not_found, conflict */
export function fileSession({ sessions }: Parts, id: string): Session {
  const session = sessions.get(id);
  if (session.kind !== 'fileEditor') throw new AppError('conflict', 'This session has no documents: it is no file session.');
  return session;
}

/** The live editor. @throws AppError not_found, conflict */
export function liveEditor(parts: Parts, id: string): Editor {
  fileSession(parts, id);
  parts.sessions.program(id);
  const editor = parts.editors.kind.editor(id);
  if (editor === undefined) throw new AppError('conflict', 'The session has ended: resume it first.', { conflict: { sessions: [id] } });
  return editor;
}

function openRoutes(parts: Parts) {
  return new Elysia()
    .post('/api/sessions/:id/open', ({ params, body, request }) => liveEditor(parts, params.id).open(body.path, callerClient(parts, request)), {
      body: PathBody,
      response: OpenedSchema,
      detail: detail(
        'Open a file as a document',
        'Or get the document that it is already, with what is not saved. Lines of `text` end with \\n alone. ' +
          '415 where the file is no UTF-8 text, 413 where it is too large to be edited. ' +
          'Appends `open { client, path, version, hash, format: { bom, lineEnding } }`.',
      ),
    })
    .post(
      '/api/sessions/:id/close',
      ({ params, body, set }) => {
        liveEditor(parts, params.id).close(body.path, body.discard === true);
        set.status = 204;
      },
      { body: CloseBody, detail: detail('Take a document off the list', '409 where something is unsaved, but with `discard`. Its history stays.') },
    )
    .get('/api/sessions/:id/documents', ({ params }) => ({ documents: liveEditor(parts, params.id).documents() }), {
      response: DocumentsSchema,
      detail: detail(
        'Open documents',
        '`dirty`: there is something that the file has not. `conflict` between document and file: the file `changed`, is `gone` ' +
          '(`detail` then says where it was moved to, where that is known) or `unreadable`.',
      ),
    })
    .get(
      '/api/sessions/:id/documents/text',
      ({ params, query }) => {
        fileSession(parts, params.id);
        const { path, version, sequence } = query;
        if (version !== undefined && sequence !== undefined) throw invalid('sequence', 'Give a version or a sequence, not both.');
        const until = version !== undefined ? { version } : { sequence: sequence ?? parts.sessions.log(params.id).head };
        const found = parts.editors.past.textAt(params.id, path, until);
        return { ...found, text: writtenOf(found.text) };
      },
      {
        query: queryOf({ ...PathQuery, version: t.Optional(VersionNumber), sequence: t.Optional(VersionNumber) }),
        response: TextSchema,
        detail: detail('The text of a document at any moment', 'At a version, or as it was after an event; without either the present one. `sequence` of the answer is the last event that it is made of.'),
      },
    );
}

function changeRoutes(parts: Parts) {
  return new Elysia()
    .get('/api/sessions/:id/changes', ({ params, query }) => liveEditor(parts, params.id).document(query.path).missed(query.version), {
      query: queryOf({ ...PathQuery, version: VersionNumber }),
      response: ChangesSchema,
      detail: detail(
        'Edits after a version',
        'With the state of the document and where others stand in it. `more`: ask again from the version reached. ' +
          '409 where this server does not have the version, 410 where the edits are no longer kept: open the document again. ' +
          'What is new is announced as `documents` of /api/events.',
      ),
    })
    .post(
      '/api/sessions/:id/changes',
      ({ params, body, request }) => {
        const { path, version, updates } = body;
        return liveEditor(parts, params.id).push(path, { version, updates }, callerClient(parts, request));
      },
      {
        body: PushBody,
        response: ChangesSchema,
        detail: detail(
          'Push edits',
          'Collaborative editing as of @codemirror/collab: updates for just `version`, taken all or none. 409 with ' +
            '`conflict.changes` (as the answer to a GET) where there are newer ones: rebase, then push again. A push that is ' +
            'repeated because its answer was lost gets its own updates back, by their `clientID`. Appends ' +
            '`change { client?, path, version, cause?, hash?, format?, updates: [{ clientID, changes }] }`; with `hash` the text is that of the file. ' +
            'A body may have 24 MiB here.',
        ),
      },
    )
    .post(
      '/api/sessions/:id/carets',
      ({ params, body, request, set }) => {
        const { path, clientID, version, ranges } = body;
        const client = callerClient(parts, request);
        const name = body.name ?? parts.auth.devices().find(({ id }) => id === client)?.name ?? 'A program';
        liveEditor(parts, params.id).caret(path, clientID, ranges.length === 0 ? null : { client, name, version, ranges });
        set.status = 204;
      },
      { body: CaretBody, detail: detail('Say where you stand', 'Shown to others for 45 s, kept nowhere. No ranges: you leave.') },
    );
}

function fileRoutes(parts: Parts) {
  return new Elysia()
    .post('/api/sessions/:id/save', ({ params, body, request }) => liveEditor(parts, params.id).save(body.path, callerClient(parts, request)), {
      body: PathBody,
      response: DocumentSchema,
      detail: detail(
        'Save a document',
        'Whole or not at all; mode, owner, links, line endings and byte order mark stay. 409 with `conflict.document` where the ' +
          'file is another than the one that the document is based on: nothing is overwritten. Appends ' +
          '`save { client, path, version, hash, bytes, cause: asked|autosave|mine|merge|found }`, or `conflict { path, version, reason: changed|gone|unreadable|over, hash, detail }`.',
      ),
    })
    .get(
      '/api/sessions/:id/documents/theirs',
      ({ params, query }) => {
        const theirs = liveEditor(parts, params.id).document(query.path).theirs();
        return { path: query.path, ...theirs };
      },
      { query: queryOf(PathQuery), response: TheirsSchema, detail: detail('The file of a document as it is now', '`text` is null where it is gone, or no text; `detail` says why.') },
    )
    .post(
      '/api/sessions/:id/resolve',
      ({ params, body, request }) => {
        const { path, take, hash, version, text } = body;
        return liveEditor(parts, params.id).resolve(path, callerClient(parts, request), resolutionOf(take, hash, version, text));
      },
      {
        body: ResolveBody,
        response: DocumentSchema,
        detail: detail(
          'End a conflict',
          '`mine` is saved over the file, `theirs` becomes the document, `merge` takes `text`, made of `version` and the file, and saves it. ' +
            '`hash` is the file that you saw (null: there was none); 409 where it is another by now.',
        ),
      },
    );
}

function resolutionOf(take: 'mine' | 'theirs' | 'merge', hash: string | null, version: number | undefined, text: string | undefined): Resolution {
  if (take !== 'merge') return { take, hash };
  if (version === undefined || text === undefined) throw invalid(text === undefined ? 'text' : 'version', 'A merge needs version and text.');
  if (!text.isWellFormed()) throw invalid('text', 'Must be Unicode text.');
  return { take, hash, version, text };
}
