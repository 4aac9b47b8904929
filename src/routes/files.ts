// The files of a workspace by their paths: read, written, removed, and their names changed. The
// bytes are as they are; what changes a file says which version of it is meant.

import { lstatSync } from 'node:fs';
import { Elysia, t } from 'elysia';
import { AppError, invalid } from '../errors.ts';
import { archiveOf } from '../files/archive.ts';
import { duplicate, makeFolder, makeFolders, move } from '../files/change.ts';
import { disposition } from '../files/media.ts';
import { type Ground, openTarget } from '../files/open.ts';
import { addressOf, folderOf, fromAddress, nameOf, newName, shownName } from '../files/path-text.ts';
import { etagOf } from '../files/version.ts';
import { type Expected, writeFile } from '../files/write.ts';
import { limits } from '../limits.ts';
import { fileAnswer, FOREIGN_HEADERS, mustMatch, tagsOf } from './file-answer.ts';
import { oneOf } from './one-of.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';
import { DeletedSchema } from './trash.ts';

const tags = ['files'];
const FileQuery = queryOf({ format: t.Optional(oneOf(['tar', 'zip'])), download: t.Optional(t.Boolean()) });
const FileSchema = t.Object({ path: t.String(), etag: t.String(), size: t.Integer(), modified: t.String({ format: 'date-time' }) });
const Action = t.Object(
  {
    action: oneOf(['mkdir', 'rename', 'move', 'duplicate']),
    to: t.Optional(t.String({ description: 'move, duplicate: the whole new path. rename: the new name alone.' })),
    parents: t.Optional(t.Boolean({ description: 'mkdir: with the folders above it that are missing.' })),
  },
  { additionalProperties: false },
);

/** The only body of a file route that is not JSON. */
export function fileRoutes(parts: Parts) {
  return new Elysia().use(read(parts)).use(written(parts)).use(changed(parts));
}

function read({ workspaces }: Parts) {
  const answer = (request: Request, id: string, path: string, { format, download }: { format?: 'tar' | 'zip'; download?: boolean }) => {
    const ground = workspaces.ground(id);
    const at = fromAddress(path);
    if (format === undefined) return fileAnswer(request, ground, at, { keep: download ?? false });
    const name = at === '' ? workspaces.get(id).name : shownName(nameOf(at));
    const headers = { ...FOREIGN_HEADERS, 'content-type': format === 'tar' ? 'application/x-tar' : 'application/zip', 'content-disposition': disposition('attachment', `${name}.${format}`) };
    return new Response(request.method === 'HEAD' ? null : archiveOf(ground, at, format, name.replaceAll('/', '_')), { headers });
  };
  return new Elysia()
    .get('/api/workspaces/:id/files/*', ({ request, params, query }) => answer(request, params.id, params['*'], query), {
      query: FileQuery,
      detail: {
        tags,
        summary: 'The bytes of a file, or a folder as an archive',
        description:
          'The path is percent-encoded bytes, `%FF` being a byte that is no UTF-8. Answers `ETag`, takes `Range`, `If-Range`, `If-None-Match`, `If-Match`. ' +
          'Shown inline only as PNG, JPEG, GIF, WebP, AVIF or PDF. A folder comes as `format=tar` or `zip`, streamed.',
      },
    })
    .head('/api/workspaces/:id/files/*', ({ request, params, query }) => answer(request, params.id, params['*'], query), {
      query: FileQuery,
      detail: { tags, summary: 'What a file is, without its bytes' },
    });
}

function written({ workspaces, trash }: Parts) {
  return new Elysia()
    .put(
      '/api/workspaces/:id/files/*',
      async ({ request, params, query, set, status }) => {
        const ground = workspaces.ground(params.id);
        const path = fromAddress(params['*']);
        const expected = expectedOf(request.headers, ground, path);
        if (Number(request.headers.get('content-length') ?? 0) > limits.fileUploadBytesMax) throw tooLarge();
        if (query.parents === true) makeFolders(ground, folderOf(path));
        const { created, etag, size, modified } = await writeFile(ground, path, bodyOf(request), { expected, bytesMax: limits.fileUploadBytesMax });
        set.headers.etag = etag;
        const file = { path, etag, size, modified: new Date(modified).toISOString() };
        if (!created) return file;
        set.headers.location = `/api/workspaces/${params.id}/files/${addressOf(path)}`;
        return status(201, file);
      },
      {
        query: queryOf({ parents: t.Optional(t.Boolean({ description: 'Make the folders above it that are missing.' })) }),
        response: { 200: FileSchema, 201: FileSchema },
        detail: {
          tags,
          summary: 'Write a file whole',
          description: 'The body is its bytes, at most 50 MiB. An existing file needs `If-Match` with its ETag (428 without, 412 where it is another one by now); `If-None-Match: *` only makes a new one.',
        },
      },
    )
    .delete(
      '/api/workspaces/:id/files/*',
      async ({ request, params }) => {
        const ground = workspaces.ground(params.id);
        const path = fromAddress(params['*']);
        const match = request.headers.get('if-match');
        if (match !== null) mustMatch(match, etagAt(ground, path) ?? '');
        return trash.take(params.id, ground, path);
      },
      { response: DeletedSchema, detail: { tags, summary: 'Move a file or folder to the trash', description: 'It can be restored by its `id` until it expires. A link is removed, not what it leads to. `If-Match` is honoured.' } },
    );
}

function changed({ workspaces }: Parts) {
  return new Elysia().post(
    '/api/workspaces/:id/files/*',
    async ({ params, body, set, status }) => {
      const ground = workspaces.ground(params.id);
      const path = await act(ground, fromAddress(params['*']), body);
      set.headers.location = `/api/workspaces/${params.id}/files/${addressOf(path)}`;
      return status(201, { path });
    },
    {
      body: Action,
      response: { 201: t.Object({ path: t.String() }) },
      detail: { tags, summary: 'Make a folder, rename, move or duplicate', description: 'Never replaces what is there (409). Answers the new path.' },
    },
  );
}

async function act(ground: Ground, path: string, { action, to, parents }: typeof Action.static): Promise<string> {
  if (action === 'mkdir') return makeFolder(ground, path, { above: parents ?? false });
  if (action === 'duplicate') return (await duplicate(ground, path, to)).path;
  if (to === undefined) throw invalid('to', 'Is missing.');
  if (action === 'move') return move(ground, path, to);
  return move(ground, path, folderOf(path) === '' ? newName(to, 'to') : `${folderOf(path)}/${newName(to, 'to')}`);
}

/** @throws AppError precondition_required, precondition */
function expectedOf(headers: Headers, ground: Ground, path: string): Expected {
  const match = headers.get('if-match');
  const none = headers.get('if-none-match');
  if (match !== null) return match.trim() === '*' ? whatIsThere(ground, path) : { etags: tagsOf(match) };
  if (none === null && etagAt(ground, path) !== undefined) {
    throw new AppError('precondition_required', 'There is a file at this path: say by If-Match which version of it is to be replaced.');
  }
  newName(nameOf(path), 'path');
  return 'absent';
}

function whatIsThere(ground: Ground, path: string): Expected {
  const etag = etagAt(ground, path);
  if (etag === undefined) throw new AppError('precondition', 'There is no file at this path.');
  return 'anything';
}

function etagAt(ground: Ground, path: string): string | undefined {
  const place = openTarget(ground, path);
  try {
    const stat = lstatSync(place.at, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? undefined : etagOf(stat);
  } finally {
    place.folder.dispose();
  }
}

/** The bytes as they come; an upload that breaks off is no fault of ours. */
async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  if (request.body === null) return;
  const reader = request.body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } catch (error) {
    if (error instanceof Error && error.message.includes('maxRequestBodySize')) throw tooLarge();
    throw new AppError('bad_request', 'The upload broke off: nothing was changed.');
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

const tooLarge = (): AppError => new AppError('too_large', `A file may have ${limits.fileUploadBytesMax / 1024 / 1024} MiB here: bring larger ones by a terminal.`);
