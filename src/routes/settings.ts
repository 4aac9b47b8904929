// Settings and layouts over JSON.

import { Elysia, t } from 'elysia';
import type { JsonObject } from '../json.ts';
import { categoryNamed, SECRET_SET } from '../settings/settings.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const Json = t.Unsafe<JsonObject>(t.Object({}, { additionalProperties: true }));
const Layout = t.Object({ layout: Json }, { additionalProperties: false });
const LayoutQuery = queryOf({ client: t.String({ description: 'Device id, 1 to 64 characters.' }) });

const SECRETS =
  `Of a secret only whether it is set comes back: \`"${SECRET_SET}"\` or null; ` +
  `given back, \`"${SECRET_SET}"\` leaves it as it is.`;

const detail = (tag: 'settings' | 'workspaces', summary: string, description?: string) => ({
  tags: [tag],
  summary,
  ...(description === undefined ? {} : { description }),
});

export function settingsRoutes(parts: Parts) {
  const { settings } = parts;
  return new Elysia()
    .get('/api/settings', () => settings.all(), {
      response: t.Record(t.String(), Json),
      detail: detail('settings', 'All settings, by category', SECRETS),
    })
    .get('/api/settings/:category', ({ params }) => settings.shown(categoryNamed(params.category)), {
      response: Json,
      detail: detail('settings', 'The settings of a category', SECRETS),
    })
    .put('/api/settings/:category', ({ params, body }) => settings.replace(categoryNamed(params.category), body), {
      body: Json,
      response: Json,
      detail: detail('settings', 'Replace a category of settings', `Fields left out take their defaults. ${SECRETS}`),
    })
    .patch('/api/settings/:category', ({ params, body }) => settings.patch(categoryNamed(params.category), body), {
      body: Json,
      response: Json,
      detail: detail('settings', 'Change settings of a category', `Null sets a field back to its default. ${SECRETS}`),
    })
    .use(layoutRoutes(parts));
}

function layoutRoutes({ layouts }: Parts) {
  return new Elysia()
    .get('/api/workspaces/:id/layout', ({ params, query }) => ({ layout: layouts.get(params.id, query.client) }), {
      query: LayoutQuery,
      response: Layout,
      detail: detail('workspaces', "A client's layout of a workspace", 'Empty where the client has stored none.'),
    })
    .put(
      '/api/workspaces/:id/layout',
      ({ params, query, body }) => ({ layout: layouts.put(params.id, query.client, body.layout) }),
      {
        body: Layout,
        query: LayoutQuery,
        response: Layout,
        detail: detail('workspaces', "Store a client's layout of a workspace"),
      },
    );
}
