// Forms of the settings page about who may in: devices, one-time links, the key.

import { Elysia, t } from 'elysia';
import { renderSVG } from 'uqr';
import { limits } from '../limits.ts';
import { deviceList, linkForm, newKeyPage } from '../views/access.tsx';
import { html } from './html.ts';
import { goTo, HIDDEN, returnedForm, wantsPart } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { settingsView } from './settings-view.ts';

const KeyForm = t.Optional(
  t.Object({ key: t.Optional(t.String({ maxLength: 4 * limits.keyLengthMax })) }, { additionalProperties: false }),
);

export function accessPageRoutes(parts: Parts) {
  const { auth, gate } = parts;
  return new Elysia()
    .post(
      '/settings/devices/:id/revoke',
      ({ request, params }) => {
        const here = gate.caller(request).identity?.deviceId ?? null;
        auth.revoke(params.id);
        if (params.id === here) return signedOut(parts, request);
        return wantsPart(request) ? html(deviceList(auth.devices(), here)) : goTo(request, '/settings#devices');
      },
      HIDDEN,
    )
    .post(
      '/settings/link',
      ({ request }) => {
        const { token } = auth.links.make();
        // The address by which this page was opened is one that works from where its user is.
        const origin = request.headers.get('origin') ?? parts.origins().main;
        const url = `${origin}/login/link?token=${token}`;
        const link = { url, qr: renderSVG(url, { border: 3 }), minutes: limits.linkLifetimeMs / 60_000 };
        return html(wantsPart(request) ? linkForm(link) : settingsView(parts, request, { link }));
      },
      HIDDEN,
    )
    .post(
      '/settings/sign-out-everywhere',
      ({ request }) => {
        auth.revokeAll();
        return signedOut(parts, request);
      },
      HIDDEN,
    )
    .post(
      '/settings/key',
      async ({ request, body }) => {
        const wanted = body?.key?.trim() ?? '';
        try {
          const key = await auth.changeKey(wanted === '' ? undefined : wanted);
          return html(newKeyPage(key), 200, { 'set-cookie': gate.cookieFor('', gate.caller(request).secure) });
        } catch (error) {
          const key = returnedForm(error, {}, ['key']);
          return html(settingsView(parts, request, { key }), key.status);
        }
      },
      { body: KeyForm, ...HIDDEN },
    );
}

function signedOut({ gate }: Parts, request: Request): Response {
  return goTo(request, '/login', { 'set-cookie': gate.cookieFor('', gate.caller(request).secure) });
}
