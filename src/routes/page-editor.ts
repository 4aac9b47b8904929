// The page of a file session: its parts, and every form on it. And the one address by which a
// file of a workspace is opened from anywhere.

import { Elysia, t } from 'elysia';
import { viewOf } from '../editor/document.ts';
import type { Resolution } from '../editor/editor.ts';
import { writtenOf } from '../editor/format.ts';
import { type Peek, peek } from '../editor/peek.ts';
import { AppError } from '../errors.ts';
import { mediaType } from '../files/media.ts';
import { addressOf, folderOf, normalPath } from '../files/path-text.ts';
import { limits } from '../limits.ts';
import { inBytes } from '../sessions/caps.ts';
import { isLive, type Session } from '../sessions/session.ts';
import { documentList, documentStanding, editorPage, editorTile, type EditorView } from '../views/editor.tsx';
import type { Pages, ShownFile } from '../views/file-shown.tsx';
import { openPage } from '../views/open-file.tsx';
import { callerClient } from './client.ts';
import { fileSession, liveEditor } from './documents.ts';
import { html } from './html.ts';
import { oneOf } from './one-of.ts';
import { goTo, HIDDEN, lookOf } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const closed = { additionalProperties: false } as const;
const Path = t.String({ minLength: 1, maxLength: limits.pathBytesMax });
const Line = t.Optional(t.Union([t.Literal(''), t.Numeric({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })]));
const PathForm = t.Object({ path: Path, line: Line }, closed);
const CloseForm = t.Object({ path: Path, discard: t.Optional(t.Literal('true')) }, closed);
const ResolveForm = t.Object({ path: Path, take: oneOf(['mine', 'theirs']), hash: t.String({ maxLength: 64 }) }, closed);

export interface Wanted {
  path?: string | undefined;
  line?: number | undefined;
  /** Byte of the file from which it is shown. */
  at?: number | undefined;
  /** Beside others in a page of theirs. */
  tile?: boolean | undefined;
}

export function editorPageRoutes(parts: Parts) {
  return new Elysia().use(shown(parts)).use(acted(parts)).use(openedFrom(parts));
}

/** The page itself, for the route that all kinds of session share. */
export const editorAnswer = (parts: Parts, id: string, wanted: Wanted): Response => html(editorPage(editorView(parts, id, wanted)));

/** The same for a tile beside others. */
export const editorTileAnswer = (parts: Parts, id: string, wanted: Wanted): Response => html(editorTile(editorView(parts, id, { ...wanted, tile: true })));

function shown(parts: Parts) {
  return new Elysia().get(
    '/sessions/:id/documents',
    ({ params, query: { part, path, tile } }) => {
      const view = editorView(parts, params.id, { path, tile });
      return html(part === 'standing' ? documentStanding(view) : documentList(view));
    },
    { query: queryOf({ path: t.Optional(Path), part: t.Optional(t.Literal('standing')), tile: t.Optional(t.Boolean()) }), ...HIDDEN },
  );
}

function acted(parts: Parts) {
  const editor = (id: string) => liveEditor(parts, id);
  return new Elysia()
    .post(
      '/sessions/:id/documents/open',
      async ({ params, body, request }) => goTo(request, await openIn(parts, request, params.id, body.path, body.line)),
      { body: PathForm, ...HIDDEN },
    )
    .post(
      '/sessions/:id/documents/close',
      ({ params, body, request }) => {
        editor(params.id).close(body.path, body.discard === 'true');
        const [next] = editor(params.id).documents();
        return goTo(request, addressIn(params.id, next?.path));
      },
      { body: CloseForm, ...HIDDEN },
    )
    .post(
      '/sessions/:id/documents/save',
      async ({ params, body, request }) => {
        try {
          await editor(params.id).save(body.path, callerClient(parts, request));
        } catch (error) {
          // The page says what is in the way, and what can be done.
          if (!(error instanceof AppError) || error.detail.conflict?.document === undefined) throw error;
        }
        return goTo(request, addressIn(params.id, body.path));
      },
      { body: PathForm, ...HIDDEN },
    )
    .post(
      '/sessions/:id/documents/resolve',
      async ({ params, body, request }) => {
        const resolution: Resolution = { take: body.take, hash: body.hash === '' ? null : body.hash };
        await editor(params.id).resolve(body.path, callerClient(parts, request), resolution);
        return goTo(request, addressIn(params.id, body.path));
      },
      { body: ResolveForm, ...HIDDEN },
    );
}

function openedFrom(parts: Parts) {
  const { sessions, workspaces } = parts;
  /** The workspace's own one: the last used. */
  const liveOne = (workspaceId: string): Session | undefined =>
    sessions.list({ workspaceId, kind: 'fileEditor', status: 'active', limit: 1, offset: 0 }).sessions[0];
  return new Elysia()
    .post(
      '/workspaces/:id/editor',
      async ({ params, body, request }) => {
        const { id } = workspaces.get(params.id);
        const session = liveOne(id) ?? (await sessions.create({ workspaceId: id, kind: 'fileEditor' }));
        return goTo(request, await openIn(parts, request, session.id, body.path, body.line));
      },
      { body: PathForm, ...HIDDEN },
    )
    .get(
      '/workspaces/:id/open',
      ({ params, query: { path, line }, request }) => {
        const workspace = workspaces.get(params.id);
        const session = liveOne(workspace.id);
        if (session !== undefined) return goTo(request, addressIn(session.id, normalPath(path), line));
        return html(openPage({ workspace, path: normalPath(path), line, look: lookOf(parts) }));
      },
      { query: queryOf({ path: Path, line: t.Optional(t.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })) }), ...HIDDEN },
    );
}

/** Opens it where it can be edited. What cannot is shown all the same. @returns where to go */
async function openIn(parts: Parts, request: Request, id: string, path: string, line: number | '' | undefined): Promise<string> {
  const at = line === '' ? undefined : line;
  try {
    const { document } = await liveEditor(parts, id).open(path, callerClient(parts, request));
    return addressIn(id, document.path, at);
  } catch (error) {
    if (!(error instanceof AppError) || !['media_type', 'too_large', 'not_found', 'forbidden'].includes(error.code)) throw error;
    return addressIn(id, normalPath(path), at);
  }
}

function addressIn(id: string, path: string | undefined, line?: number): string {
  const query = path === undefined ? '' : `?path=${encodeURIComponent(path)}${line === undefined ? '' : `&line=${line}`}`;
  return `/sessions/${id}${query}`;
}

function editorView(parts: Parts, id: string, { path, line, at = 0, tile }: Wanted): EditorView {
  const session = fileSession(parts, id);
  const workspace = parts.workspaces.get(session.workspaceId);
  const live = isLive(session.status) && parts.editors.kind.editor(id) !== undefined;
  const documents = live ? liveEditor(parts, id).documents() : parts.editors.past.documents(id).map(viewOf);
  const first = path ?? documents[0]?.path;
  return {
    session,
    workspace,
    settings: parts.settings.effective('workspaces', workspace.metadata),
    live,
    path: first,
    line,
    folderUrl: `/workspaces/${workspace.id}/files/${addressOf(folderOf(first ?? ''))}`,
    documents,
    shown: first === undefined ? { is: 'nothing' } : shownOf(parts, session, live, normalPath(first), at),
    look: lookOf(parts),
    suffix: tile === true ? `-${id}` : '',
  };
}

function shownOf(parts: Parts, { id, workspaceId }: Session, live: boolean, path: string, at: number): ShownFile {
  const state = live ? liveEditor(parts, id).find(path)?.state : parts.editors.past.load(id, path)?.state;
  if (state !== undefined) return { is: 'document', document: viewOf(state), text: writtenOf(state.text) };
  try {
    const found = peek(parts.workspaces.ground(workspaceId), path, at);
    return peeked(found, `/api/workspaces/${workspaceId}/files/${addressOf(path)}`);
  } catch (error) {
    if (error instanceof AppError && error.status < 500) return { is: 'missing', message: error.message };
    throw error;
  }
}

function peeked({ size, from, to, bytes, text }: Peek, url: string): ShownFile {
  const words = inWords(size);
  const type = from === 0 ? mediaType(bytes) : undefined;
  if (type !== undefined) return { is: type === 'application/pdf' ? 'pdf' : 'picture', url, size: words };
  const step = text === null ? limits.hexPageBytes : limits.filePageBytes;
  const pages: Pages = { from, to, size, before: from === 0 ? null : Math.max(0, from - step), after: to < size ? to : null };
  if (text === null) return { is: 'bytes', rows: hexRows(bytes, from), note: `This is no text: its bytes, ${words}.`, url, pages };
  const note = text.editable ? null : text.encoding === 'UTF-8' ? `It has ${words}: too large to be edited, shown in pages.` : `Its text is ${text.encoding}, not UTF-8: it can be read, not edited.`;
  return { is: 'text', text: text.text, editable: text.editable, note, pages: from === 0 && to === size ? null : pages };
}

const inWords = (bytes: number): string => (bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(bytes < 10240 ? 1 : 0)} KiB` : inBytes(bytes));

function hexRows(bytes: Uint8Array, from: number): { at: string; hex: string; text: string }[] {
  const rows = [];
  for (let at = 0; at < bytes.byteLength; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte, index) => `${index === 8 ? ' ' : ''}${byte.toString(16).padStart(2, '0')}`).join(' ');
    rows.push({ at: (from + at).toString(16).padStart(8, '0'), hex, text: row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('') });
  }
  return rows;
}
