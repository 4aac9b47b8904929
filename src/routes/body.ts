// Reads a request's body within its bound: JSON, or a form as an object of texts. A stream
// without a length is cut at the bound too.

import { AppError, invalid } from '../errors.ts';
import { type JsonValue, nestsWithin } from '../json.ts';
import { limits } from '../limits.ts';

/** A document may come back whole, by an undo or from a merge. */
const LARGER = /^\/api\/sessions\/[^/]+\/(changes|resolve)$/;
const BEFORE_SIGN_IN = /^\/login(\/|$)/;
/** Bytes are left to the route that takes them, which has a bound of its own. */
const RAW = /^(image\/|application\/octet-stream$)/;

/** A file is written as it is, whatever it says that it be. */
const isFile = ({ method, url }: Request): boolean => method === 'PUT' && /^\/api\/workspaces\/[^/]+\/files\//.test(new URL(url).pathname);

/** @throws AppError too_large, bad_request, media_type, invalid */
export async function readBody(request: Request): Promise<unknown> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (RAW.test(type) || isFile(request)) return null;
  const text = await boundedText(request, bytesMax(new URL(request.url).pathname));
  if (text === '') return undefined;
  if (type === 'application/x-www-form-urlencoded') return formObject(new URLSearchParams(text));
  if (type !== 'application/json' && !type.endsWith('+json')) {
    throw new AppError('media_type', 'Send JSON (Content-Type: application/json) or a form.');
  }
  const body = parsed(text);
  if (!nestsWithin(body, limits.bodyDepthMax)) throw invalid('body', `Must nest at most ${limits.bodyDepthMax} deep.`);
  return body;
}

const bytesMax = (pathname: string): number =>
  BEFORE_SIGN_IN.test(pathname) ? limits.signInBodyBytesMax : LARGER.test(pathname) ? limits.changesBytesMax : limits.jsonBodyBytesMax;

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('bad_request', 'The body is not JSON that can be read.');
  }
}

async function boundedText(request: Request, most: number): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge(most);
  if (request.body === null) return '';
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const reader = request.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength;
    if (bytes > most) throw tooLarge(most);
    parts.push(part.value);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    throw new AppError('bad_request', 'The body is not UTF-8.');
  }
}

/** A name given more than once becomes a list. */
function formObject(form: URLSearchParams): Record<string, string | string[]> {
  const fields = new Map<string, string | string[]>();
  for (const [name, value] of form) {
    const before = fields.get(name);
    if (before === undefined) fields.set(name, value);
    else if (Array.isArray(before)) before.push(value);
    else fields.set(name, [before, value]);
  }
  return Object.fromEntries(fields);
}

const tooLarge = (most: number): AppError => new AppError('too_large', `A body may have ${most} bytes: send less at a time.`);
