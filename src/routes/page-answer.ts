// What page routes share: whether htmx asks for a part of a page, where to go after a form,
// and how an error comes back into the form that it belongs to.

import { AppError } from '../errors.ts';
import type { FormState } from '../views/form.tsx';
import type { Look } from '../views/layout.tsx';
import { inboxItems } from './inbox.ts';
import type { Parts } from './parts.ts';

/** Routes of pages are no part of the API's description. */
export const HIDDEN = { detail: { hide: true } } as const;

/** True where only a part of the page is wanted; the browser's history asks for whole pages. */
export function wantsPart(request: Request): boolean {
  return request.headers.has('hx-request') && !request.headers.has('hx-history-restore-request');
}

/** After a form: the browser goes to `location`, by itself or by htmx. */
export function goTo(request: Request, location: string, headers: Record<string, string> = {}): Response {
  if (wantsPart(request)) return new Response(null, { status: 200, headers: { 'hx-redirect': location, ...headers } });
  return new Response(null, { status: 303, headers: { location, ...headers } });
}

/** The page that the form was on, where it is a workspace's or a session's; else `fallback`. */
export function backOr(request: Request, fallback: string): string {
  const referer = request.headers.get('referer');
  if (referer === null || !URL.canParse(referer)) return fallback;
  const { host, pathname, search } = new URL(referer);
  if (host !== request.headers.get('host') || !/^\/(workspaces|sessions)(\/[^/]+)?$/.test(pathname)) return fallback;
  return `${pathname}${search}`;
}

export function lookOf(parts: Parts): Look {
  const { shortcuts = {}, ...look } = parts.settings.get('appearance');
  return { ...look, shortcuts, waiting: inboxItems(parts).length };
}

export type Form = Readonly<Record<string, string | undefined>>;

/**
 * The form again, as it was typed, with what is wrong beside its field. A field of the core
 * (`metadata.env.A`) goes to the field of the form that is part of its path (`env`).
 * @throws what is no fault of the form
 */
export function returnedForm(error: unknown, form: Form, fields: readonly string[]): FormState & { status: number } {
  if (!(error instanceof AppError) || error.status >= 500 || error.code === 'not_found') throw error;
  const errors: Record<string, string> = {};
  for (const [path, message] of Object.entries(error.detail.fields ?? {})) {
    const parts = path.split('.');
    const field = parts.find((part) => fields.includes(part));
    if (field === undefined) continue;
    const below = parts.slice(parts.indexOf(field) + 1).join('.');
    errors[field] ??= below === '' ? message : `${below}: ${message}`;
  }
  const typed = Object.fromEntries(
    Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const message = Object.keys(errors).length === 0 ? error.message : undefined;
  return { typed, errors, message, status: error.status };
}
