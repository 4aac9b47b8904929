// A file as an answer: its bytes or a range of them, under its ETag. It is somebody else's
// content on our address, so it runs nothing, asks for nothing and is shown only where that is
// safe.

import { AppError } from '../errors.ts';
import { disposition, MEDIA_BYTES, mediaType } from '../files/media.ts';
import { type Ground, openFile, type OpenFile } from '../files/open.ts';
import { nameOf, shownName } from '../files/path-text.ts';
import { type ByteRange, piecesOf } from '../files/pieces.ts';
import { etagOf } from '../files/version.ts';
import { limits } from '../limits.ts';

/** Nothing of what lies in a workspace is a page of ours. */
export const SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

export const FOREIGN_HEADERS = { 'content-security-policy': SANDBOX, 'x-content-type-options': 'nosniff', 'cache-control': 'private, no-cache' };

/** @throws AppError not_found, conflict, precondition, forbidden */
export async function fileAnswer(request: Request, ground: Ground, path: string, { keep }: { keep: boolean }): Promise<Response> {
  const file = openFile(ground, path);
  let handedOver = false;
  try {
    const size = Number(file.stat.size);
    const etag = etagOf(file.stat);
    const headers: Record<string, string> = {
      ...FOREIGN_HEADERS,
      ...(await shownAs(file, path, keep)),
      etag,
      'accept-ranges': 'bytes',
      'last-modified': new Date(Number(file.stat.mtimeMs)).toUTCString(),
    };
    if (isKnown(request.headers, etag)) return new Response(null, { status: 304, headers });
    const range = rangeOf(request.headers, size, etag);
    if (range === 'none') return unsatisfiable(size);
    const { from, to } = range ?? { from: 0, to: size };
    if (range !== undefined) headers['content-range'] = `bytes ${from}-${to - 1}/${size}`;
    handedOver = true;
    return new Response(Bun.file(file.way).slice(from, to), { status: range === undefined ? 200 : 206, headers });
  } finally {
    // The server opens it anew by its descriptor, as soon as it answers.
    if (handedOver) setTimeout(() => file.close(), limits.fileHandOverMs);
    else file.close();
  }
}

/** @throws AppError precondition where the file is another one */
export function mustMatch(header: string, etag: string): void {
  if (header.trim() !== '*' && !tagsOf(header).includes(etag)) {
    throw new AppError('precondition', 'The file was changed since this version of it: read it again.');
  }
}

/** As If-Match and If-None-Match list them; weak ones stay weak. */
export const tagsOf = (header: string): string[] => [...header.matchAll(/(?:W\/)?"[^"]*"/g)].map(([tag]) => tag);

async function shownAs(file: OpenFile, path: string, keep: boolean): Promise<Record<string, string>> {
  const { value } = await piecesOf(file.descriptor, { from: 0, to: MEDIA_BYTES }).next();
  const type = value instanceof Uint8Array ? mediaType(value) : undefined;
  return {
    'content-type': type ?? 'application/octet-stream',
    'content-disposition': disposition(type === undefined || keep ? 'attachment' : 'inline', shownName(nameOf(path))),
  };
}

/** @throws AppError precondition */
function isKnown(asked: Headers, etag: string): boolean {
  const match = asked.get('if-match');
  if (match !== null) mustMatch(match, etag);
  const none = asked.get('if-none-match');
  return none !== null && (none.trim() === '*' || tagsOf(none).some((tag) => tag.replace(/^W\//, '') === etag));
}

/** One range of bytes; `none` where nothing of it is there. Anything else means the whole. */
function rangeOf(asked: Headers, size: number, etag: string): ByteRange | 'none' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(asked.get('range')?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const only = asked.get('if-range');
  if (only !== null && only !== etag) return undefined;
  if (first === '') return Number(last) === 0 || size === 0 ? 'none' : { from: Math.max(0, size - Number(last)), to: size };
  if (last !== '' && Number(last) < Number(first)) return undefined;
  return Number(first) >= size ? 'none' : { from: Number(first), to: last === '' ? size : Math.min(size, Number(last) + 1) };
}

function unsatisfiable(size: number): Response {
  const body = JSON.stringify({ error: 'range', message: `The file has ${size} bytes: ask for bytes that it has.` });
  return new Response(body, { status: 416, headers: { 'content-type': 'application/json; charset=utf-8', 'content-range': `bytes */${size}` } });
}
