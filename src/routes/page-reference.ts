// The page that describes the API, from the same document that programs get.

import { Elysia, t } from 'elysia';
import { limits } from '../limits.ts';
import { referenceList, referencePage } from '../views/reference.tsx';
import { html } from './html.ts';
import type { OpenApiDocument } from './openapi.ts';
import { HIDDEN, lookOf, wantsPart } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';
import { operationsOf } from './reference-operations.ts';

export function referencePageRoutes(parts: Parts, describe: () => OpenApiDocument) {
  return new Elysia().get(
    '/reference',
    ({ request, query }) => {
      const document = describe();
      const q = query.q?.trim() ?? '';
      const groups = operationsOf(document, q);
      if (wantsPart(request)) return html(referenceList({ groups, q }));
      const { title, version, description } = document.info;
      return html(referencePage({ groups, q, title, version, description, look: lookOf(parts) }));
    },
    { query: queryOf({ q: t.Optional(t.String({ maxLength: limits.queryLengthMax })) }), ...HIDDEN },
  );
}
