// The one place where an error becomes an answer: JSON for programs, a page for people, a
// fragment for htmx. Only what we did not foresee is logged, with its stack, on our side.

import { ValidationError } from 'elysia';
import { AppError } from '../errors.ts';
import { sqliteCode } from '../db/open.ts';
import { errorFragment, errorPage } from '../views/error.tsx';

export interface Problem {
  error: AppError;
  /** Whether it is ours to look into. */
  unforeseen: boolean;
}

/** `code` is what Elysia calls the error. */
export function problemOf(code: string | number, thrown: unknown): Problem {
  if (thrown instanceof AppError) return { error: thrown, unforeseen: false };
  if (thrown instanceof ValidationError) return { error: fromValidation(thrown), unforeseen: false };
  switch (code) {
    case 'PARSE':
      return { error: new AppError('bad_request', 'The body could not be read: it must be JSON, or a form.'), unforeseen: false };
    case 'NOT_FOUND':
      return { error: new AppError('not_found', 'There is nothing at this address.'), unforeseen: false };
    case 'INVALID_COOKIE_SIGNATURE':
    case 'INVALID_FILE_TYPE':
      return { error: new AppError('bad_request', 'The request could not be read.'), unforeseen: false };
  }
  if (sqliteCode(thrown) === 'SQLITE_FULL') {
    return { error: new AppError('full', 'The disk is full: nothing was changed. Free some space and try again.'), unforeseen: false };
  }
  return { error: new AppError('internal', 'Something went wrong on our side. It was logged; try again.'), unforeseen: true };
}

/** JSON under /api and where it is asked for; else HTML. */
export function problemResponse(request: Request, error: AppError): Response {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers();
  if (error.detail.retryAfter !== undefined) headers.set('retry-after', String(error.detail.retryAfter));
  if (error.code === 'unauthorized') headers.set('www-authenticate', 'Bearer realm="Dispatch"');
  if (wantsJson(request)) {
    headers.set('content-type', 'application/json; charset=utf-8');
    const { fields, conflict } = error.detail;
    const body = {
      error: error.code,
      message: error.message,
      ...(fields === undefined ? {} : { fields }),
      ...(error.code === 'conflict' ? { conflict: conflict ?? {} } : {}),
    };
    return new Response(JSON.stringify(body), { status: error.status, headers });
  }
  headers.set('content-type', 'text/html; charset=utf-8');
  const partial = request.headers.has('hx-request');
  if (error.code === 'unauthorized') {
    const here = request.method === 'GET' && !partial ? `${pathname}${search}` : '/';
    const login = here === '/' ? '/login' : `/login?next=${encodeURIComponent(here)}`;
    headers.set(partial ? 'hx-redirect' : 'location', login);
    return new Response(null, { status: partial ? 401 : 303, headers });
  }
  const shown = { status: error.status, message: error.message };
  return new Response(String(partial ? errorFragment(shown) : errorPage(shown)), { status: error.status, headers });
}

/** Whether a program asks, not a page. */
export function wantsJson(request: Request): boolean {
  const { pathname } = new URL(request.url);
  if (/^\/api(\/|$)/.test(pathname) || request.headers.has('upgrade')) return true;
  const accept = request.headers.get('accept') ?? '';
  return accept.includes('application/json') && !accept.includes('text/html');
}

/** Field paths as `meta.cols`, and what each must be. */
function fromValidation(thrown: ValidationError): AppError {
  const fields: Record<string, string> = {};
  for (const issue of thrown.all) {
    if (!('path' in issue)) continue;
    const path = issue.path.replace(/^\//, '').replaceAll('/', '.');
    fields[path === '' ? thrown.type : path] ??= issue.message;
  }
  const first = Object.entries(fields)[0];
  const where = first === undefined ? '' : ` ${first[0]}: ${first[1]}`;
  return new AppError('invalid', `The ${thrown.type === 'body' ? 'body' : thrown.type} is not right.${where}`, { fields });
}

