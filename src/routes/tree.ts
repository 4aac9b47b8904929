// Folders of a workspace as lists, and files by a part of their name.

import { Elysia, t } from 'elysia';
import { listFolder } from '../files/list.ts';
import { limits } from '../limits.ts';
import { oneOf } from './one-of.ts';
import { markAt, marksFor } from './file-marks.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const tags = ['files'];

const EntrySchema = t.Object({
  name: t.String({ description: 'As text; a byte that is no UTF-8 is written %XX, and a % that would read so %25XX.' }),
  path: t.String({ description: 'From the workspace down.' }),
  kind: oneOf(['folder', 'file', 'link', 'other']),
  link: t.Union([t.String(), t.Null()]),
  size: t.Union([t.Integer(), t.Null()]),
  modified: t.Union([t.String({ format: 'date-time' }), t.Null()]),
  hidden: t.Boolean(),
  mark: t.Union([oneOf(['conflict', 'modified', 'added', 'deleted', 'renamed', 'untracked', 'ignored']), t.Null()]),
});

export function treeRoutes(parts: Parts) {
  const { workspaces } = parts;
  return new Elysia().get(
    '/api/workspaces/:id/tree',
    async ({ params, query: { path, marks: wanted, ...options } }) => {
      const [page, marks] = await Promise.all([listFolder(workspaces.ground(params.id), path, options), wanted ? marksFor(parts, params.id) : new Map()]);
      return { ...page, entries: page.entries.map((entry) => ({ ...entry, mark: markAt(marks, entry.path) })) };
    },
    {
      query: queryOf({
        path: t.String({ default: '', description: 'Folder; empty for the workspace’s own.' }),
        hidden: t.Boolean({ default: true, description: 'Also names that begin with a dot.' }),
        marks: t.Boolean({ default: true, description: 'Ask git what changed and what it ignores; without, `mark` is null.' }),
        limit: t.Integer({ minimum: 1, maximum: limits.listLimitMax, default: limits.treeLimitDefault }),
        offset: t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 }),
      }),
      response: t.Object({
        path: t.String(),
        entries: t.Array(EntrySchema),
        hiddenTotal: t.Integer(),
        pagination: t.Object({ total: t.Integer(), limit: t.Integer(), offset: t.Integer(), hasMore: t.Boolean() }),
      }),
      detail: { tags, summary: 'A folder as a list', description: 'Folders first, then by name. A link that stays inside is what it leads to, any other one `link`.' },
    },
  );
}
