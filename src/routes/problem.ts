// The one place where an error becomes an answer: JSON for programs, a page for people, a
// fragment for htmx. Only what we did not foresee is logged, with its stack, on our side.

import { type TSchema, ValidationError } from 'elysia';
import { AppError } from '../errors.ts';
import { isFull } from '../db/sqlite-error.ts';
import { errorFragment, errorPage } from '../views/error.tsx';
import type { Look } from '../views/layout.tsx';

export interface Problem {
  error: AppError;
  /** Whether it is ours to look into. */
  unforeseen: boolean;
}

/** `code` is what Elysia calls the error. */
export function problemOf(code: string | number, thrown: unknown, request: Request): Problem {
  if (thrown instanceof AppError) return { error: thrown, unforeseen: false };
  // What reading a body throws comes wrapped.
  if (code === 'PARSE' && thrown instanceof Error && thrown.cause instanceof AppError) return { error: thrown.cause, unforeseen: false };
  if (thrown instanceof ValidationError) return { error: fromValidation(thrown, request), unforeseen: false };
  switch (code) {
    case 'PARSE':
      return { error: new AppError('bad_request', 'The body could not be read: it must be JSON, or a form.'), unforeseen: false };
    case 'NOT_FOUND':
      return { error: new AppError('not_found', 'There is nothing at this address.'), unforeseen: false };
    case 'INVALID_COOKIE_SIGNATURE':
    case 'INVALID_FILE_TYPE':
      return { error: new AppError('bad_request', 'The request could not be read.'), unforeseen: false };
  }
  if (isFull(thrown)) {
    return { error: new AppError('full', 'The disk is full: nothing was changed. Free some space and try again.'), unforeseen: false };
  }
  return { error: new AppError('internal', 'Something went wrong on our side. It was logged; try again.'), unforeseen: true };
}

/** JSON under /api and where it is asked for; else HTML, as pages look here. */
export function problemResponse(request: Request, error: AppError, look: () => Partial<Look> = () => ({})): Response {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers();
  if (error.detail.retryAfter !== undefined) headers.set('retry-after', String(error.detail.retryAfter));
  if (error.code === 'unauthorized') headers.set('www-authenticate', 'Bearer realm="Dispatch"');
  if (wantsJson(request)) {
    headers.set('content-type', 'application/json; charset=utf-8');
    const { fields, conflict, kept } = error.detail;
    const body = {
      error: error.code,
      message: error.message,
      ...(fields === undefined ? {} : { fields }),
      ...(kept === undefined ? {} : { kept }),
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
  return new Response(String(partial ? errorFragment(shown) : errorPage(shown, orPlain(look))), { status: error.status, headers });
}

/** Where the settings are what failed, the page looks as without them. */
function orPlain(look: () => Partial<Look>): Partial<Look> {
  try {
    return look();
  } catch {
    return {};
  }
}

/** Whether a program asks, not a page. */
export function wantsJson(request: Request): boolean {
  const { pathname } = new URL(request.url);
  if (/^\/api(\/|$)/.test(pathname) || request.headers.has('upgrade')) return true;
  const accept = request.headers.get('accept') ?? '';
  return accept.includes('application/json') && !accept.includes('text/html');
}

/** Field paths as `meta.cols`, and what each must be. */
function fromValidation(thrown: ValidationError, request: Request): AppError {
  const fields: Record<string, string> = {};
  for (const issue of thrown.all) {
    if (!('path' in issue)) continue;
    const path = issue.path.replace(/^\//, '').replaceAll('/', '.');
    fields[path === '' ? nameOf(thrown, request) : path] ??= ruleOf(issue.schema, issue.message);
  }
  if (Object.keys(fields).length === 0) fields[thrown.type] = 'Has a name or a value that it must not have.';
  const first = Object.entries(fields)[0];
  const where = first === undefined ? '' : ` ${first[0]}: ${first[1]}`;
  return new AppError('invalid', `The ${thrown.type === 'body' ? 'body' : 'query'} is not right.${where}`, { fields });
}

/** A number of the query is checked alone, without its name: found again by its value. */
function nameOf(thrown: ValidationError, request: Request): string {
  if (thrown.type !== 'property') return thrown.type;
  const given = [...new URL(request.url).searchParams].find(([, value]) => value === String(thrown.value) || Number(value) === thrown.value);
  return given?.[0] ?? 'query';
}

/** What a schema asks for, in words. */
function ruleOf(schema: TSchema, said: string): string {
  if (said === 'Unexpected property') return 'There is no such field.';
  if (said === 'Expected required property') return 'Is missing.';
  if (typeof schema.rule === 'string') return schema.rule;
  // A number in a query may come as a text: what it must be says the number.
  const number: unknown = Array.isArray(schema.anyOf) ? schema.anyOf.find(({ type }) => type === 'integer' || type === 'number') : undefined;
  if (isSchema(number)) return ruleOf(number, said);
  if (Array.isArray(schema.enum)) return `Must be one of ${schema.enum.join(', ')}.`;
  if (schema.type === 'integer' || schema.type === 'number') {
    const from = schema.minimum === undefined ? '' : ` from ${schema.minimum}`;
    const to = schema.maximum === undefined ? '' : ` to ${schema.maximum}`;
    return `Must be a ${schema.type === 'integer' ? 'whole number' : 'number'}${from}${to}.`;
  }
  if (schema.type === 'string' && schema.maxLength !== undefined) return `Must be a text of ${schema.minLength ?? 0} to ${schema.maxLength} characters.`;
  if (schema.type === 'string') return 'Must be a text.';
  if (schema.type === 'boolean') return 'Must be true or false.';
  if (schema.type === 'object') return 'Must be an object.';
  return `${said}.`;
}

const isSchema = (value: unknown): value is TSchema => typeof value === 'object' && value !== null;
