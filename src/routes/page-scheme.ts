// The form for a terminal's colours of one's own: looked at first, or used at once.

import { Elysia, t } from 'elysia';
import { limits } from '../limits.ts';
import { parseScheme } from '../settings/scheme.ts';
import { NOTHING_TYPED } from '../views/form.tsx';
import { schemeForm } from '../views/terminal-themes.tsx';
import { html } from './html.ts';
import { oneOf } from './one-of.ts';
import { goTo, HIDDEN, returnedForm, wantsPart } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { settingsView } from './settings-view.ts';

const SchemeForm = t.Object(
  { scheme: t.String({ maxLength: limits.jsonBodyBytesMax }), act: t.Optional(oneOf(['look', 'use'])) },
  { additionalProperties: false },
);

export function schemeRoutes(parts: Parts) {
  const { settings } = parts;
  return new Elysia().post(
    '/settings/scheme',
    ({ request, body }) => {
      const own = settings.get('terminal').scheme;
      try {
        const scheme = parseScheme(body.scheme);
        if (body.act !== 'look') {
          settings.patch('terminal', { scheme, theme: 'own' });
          return goTo(request, '/settings?saved=terminal#terminal');
        }
        const state = { ...NOTHING_TYPED, typed: { scheme: body.scheme } };
        return html(wantsPart(request) ? schemeForm(own, scheme, state) : settingsView(parts, request, { scheme: { state, tried: scheme } }));
      } catch (error) {
        const state = returnedForm(error, { scheme: body.scheme }, ['scheme']);
        return html(wantsPart(request) ? schemeForm(own, undefined, state) : settingsView(parts, request, { scheme: { state, tried: undefined } }), state.status);
      }
    },
    { body: SchemeForm, ...HIDDEN },
  );
}
