// Signing in and out: the key, the one-time link, devices and the change of the key. Forms
// for people, the same under /api for programs.

import { Elysia, t } from 'elysia';
import { deviceName } from '../auth/device-name.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { linkPage, loginPage } from '../views/login.tsx';
import { html } from './html.ts';
import type { Parts } from './parts.ts';
import { wantsJson } from './problem.ts';
import { queryOf } from './query.ts';

const LoginBody = t.Object({ key: t.String({ maxLength: 4096 }), next: t.Optional(t.String()) }, { additionalProperties: false });
const LinkBody = t.Object({ token: t.String({ maxLength: 256 }), next: t.Optional(t.String()) }, { additionalProperties: false });
const NextQuery = queryOf({ next: t.Optional(t.String()), token: t.Optional(t.String()) });

const HIDDEN = { detail: { hide: true } };

export function signInRoutes(parts: Parts) {
  const { auth, gate } = parts;
  return new Elysia()
    .get('/login', ({ request, query }) => {
      const next = ownPath(query.next);
      return gate.caller(request).identity === null ? html(loginPage({ next })) : seeOther(next);
    }, { query: NextQuery, ...HIDDEN })
    .post('/login', async ({ request, body, set }) => {
      const caller = gate.caller(request);
      const next = ownPath(body.next);
      try {
        const token = await auth.signIn(body.key.trim(), caller.address, deviceName(request.headers.get('user-agent')));
        return signedIn(request, set, next, gate.cookieFor(token, caller.secure));
      } catch (error) {
        if (!(error instanceof AppError) || wantsJson(request)) throw error;
        const { retryAfter } = error.detail;
        const page = loginPage({ next, error: error.message, ...(retryAfter === undefined ? {} : { retryAfter }) });
        return html(page, error.status, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
      }
    }, { body: LoginBody, ...HIDDEN })
    .get('/login/link', ({ query }) => html(linkPage({ token: query.token ?? '', next: ownPath(query.next) })), { query: NextQuery, ...HIDDEN })
    .post('/login/link', ({ request, body, set }) => {
      const caller = gate.caller(request);
      const next = ownPath(body.next);
      try {
        const token = auth.signInByLink(body.token, deviceName(request.headers.get('user-agent')));
        return signedIn(request, set, next, gate.cookieFor(token, caller.secure));
      } catch (error) {
        if (!(error instanceof AppError) || wantsJson(request)) throw error;
        return html(loginPage({ next, error: error.message }), error.status);
      }
    }, { body: LinkBody, ...HIDDEN })
    .post('/logout', ({ request, set }) => {
      const { identity, secure } = gate.caller(request);
      if (identity?.deviceId != null) auth.revoke(identity.deviceId);
      delete set.headers['set-cookie'];
      return seeOther('/login', { 'set-cookie': gate.cookieFor('', secure), 'clear-site-data': '"cache"' });
    }, HIDDEN);
}

export function accessRoutes({ auth, gate, origins }: Parts) {
  const detail = { tags: ['access'] };
  return new Elysia()
    .get('/api/devices', ({ request }) => {
      const current = gate.caller(request).identity?.deviceId ?? null;
      const devices = auth.devices().map(({ id, name, created, lastSeen }) => ({
        id,
        name,
        created: new Date(created).toISOString(),
        lastSeen: new Date(lastSeen).toISOString(),
        current: id === current,
      }));
      return { devices };
    }, { detail: { ...detail, summary: 'Browsers that are signed in' } })
    .delete('/api/devices/:id', ({ params, set }) => {
      auth.revoke(params.id);
      set.status = 204;
    }, { detail: { ...detail, summary: 'Signs one browser out and closes its streams' } })
    .delete('/api/devices', ({ set }) => {
      auth.revokeAll();
      set.status = 204;
    }, { detail: { ...detail, summary: 'Signs every browser out and closes their streams' } })
    .post('/api/links', ({ set }) => {
      const { token, expires } = auth.links.make();
      set.status = 201;
      return { url: `${origins().main}/login/link?token=${token}`, expires: new Date(expires).toISOString() };
    }, { detail: { ...detail, summary: 'Makes a sign-in link that works once, for ten minutes' } })
    .post('/api/key', async ({ body }) => ({ key: await auth.changeKey(body?.key) }), {
      body: t.Optional(t.Object({ key: t.Optional(t.String({ maxLength: limits.keyLengthMax })) }, { additionalProperties: false })),
      detail: { ...detail, summary: 'Changes the key: to the one given, or to a new one; everyone is signed out' },
    });
}

/** `next` where it is a path of ours, else the front page: never a way to another site. */
export function ownPath(next: string | undefined): string {
  if (next === undefined || !/^\/(?![/\\])/.test(next) || /[\\\p{Cc}]/u.test(next)) return '/';
  return next.startsWith('/login') || next.startsWith('/logout') ? '/' : next;
}

function signedIn(request: Request, set: { headers: Record<string, unknown> }, next: string, cookie: string): Response {
  delete set.headers['set-cookie']; // The cookie of before is not to be renewed beside the new one.
  if (wantsJson(request)) return Response.json({ signedIn: true }, { headers: { 'set-cookie': cookie } });
  return seeOther(next, { 'set-cookie': cookie });
}

function seeOther(location: string, headers: Record<string, string> = {}): Response {
  return new Response(null, { status: 303, headers: { location, ...headers } });
}
