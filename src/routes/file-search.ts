// Files by a part of their name, and what is in them: found as it comes, ended when nobody
// waits, and replaced where that was seen before.

import { Elysia, t } from 'elysia';
import { AppError } from '../errors.ts';
import { findFiles } from '../files/find.ts';
import { openFile } from '../files/open.ts';
import type { SearchEvent, SearchTerms } from '../files/search-terms.ts';
import { etagOf } from '../files/version.ts';
import { limits } from '../limits.ts';
import { ignoredIn } from './file-marks.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const tags = ['files'];
const Text = t.String({ minLength: 1, maxLength: limits.queryLengthMax });
export const searchFields = {
  q: Text,
  regex: t.Boolean({ default: false }),
  case: t.Boolean({ default: false, description: 'Tell upper and lower case apart.' }),
  glob: t.String({ default: '', maxLength: limits.queryLengthMax, description: 'Names or paths with * and ?, comma-separated; one with ! before it leaves out.' }),
};
const Found = t.Object({ paths: t.Array(t.String()), complete: t.Boolean() });
const ReplaceBody = t.Object(
  {
    q: Text,
    replacement: t.String({ maxLength: limits.replacementLengthMax }),
    regex: t.Optional(t.Boolean()),
    case: t.Optional(t.Boolean()),
    files: t.Array(t.Object({ path: t.String(), etag: t.String() }, { additionalProperties: false }), { minItems: 1, maxItems: limits.replaceFilesMax }),
  },
  { additionalProperties: false },
);
const nullable = <T extends ReturnType<typeof t.String>>(schema: T) => t.Union([schema, t.Null()]);

export function fileSearchRoutes(parts: Parts) {
  const { workspaces, fileSearch } = parts;
  return new Elysia()
    .get('/api/workspaces/:id/find', ({ params, query }) => findFiles(workspaces.ground(params.id), query.q, query.limit), {
      query: queryOf({ q: t.String({ default: '', maxLength: limits.queryLengthMax }), limit: t.Integer({ minimum: 1, maximum: limits.listLimitMax, default: 50 }) }),
      response: Found,
      detail: { tags, summary: 'Files by a part of their name', description: 'Best first; letters may be left out. Looks at a bounded number of files: `complete` says whether at all.' },
    })
    .get(
      '/api/workspaces/:id/search',
      ({ params, query, request, server }) => {
        const ground = workspaces.ground(params.id);
        const leave = new AbortController();
        request.signal.addEventListener('abort', () => leave.abort());
        const events = fileSearch.search(ground, { terms: termsOf(query), ignored: () => ignoredIn(parts, params.id), replacement: replacementOf(query), signal: leave.signal });
        server?.timeout(request, 0); // A large search may find nothing for a while.
        const withEtag = replacementOf(query) === undefined ? events : etagged(events, (path) => etagAt(ground, path));
        return new Response(ndjson(withEtag, leave), { headers: { 'content-type': 'application/x-ndjson; charset=utf-8' } });
      },
      {
        query: queryOf({ ...searchFields, preview: t.Boolean({ default: false, description: 'Show what each line would be with `replacement` (`replaced`), and the `etag` that a replacement needs.' }), replacement: t.Optional(t.String({ maxLength: limits.replacementLengthMax })) }),
        detail: {
          tags,
          summary: 'Search in files',
          description:
            'One JSON object a line, as it is found: `{ type: match, path, line, before, text, ranges }`, at the end `{ type: done, engine, matches, files, limited }` or `{ type: error, message }`. ' +
            'By ripgrep where it is installed (regular expressions in its syntax), else by ourselves. What version control ignores is left out.',
        },
      },
    )
    .post(
      '/api/workspaces/:id/replace',
      async ({ params, body }) => {
        const terms = termsOf({ q: body.q, regex: body.regex ?? false, case: body.case ?? false, glob: '' });
        return { files: await fileSearch.replace(workspaces.ground(params.id), terms, body.replacement, body.files) };
      },
      {
        body: ReplaceBody,
        response: t.Object({ files: t.Array(t.Object({ path: t.String(), etag: nullable(t.String()), count: t.Integer(), reason: nullable(t.String()) })) }),
        detail: { tags, summary: 'Replace in files', description: 'In just the versions that are named by their ETags; one that changed meanwhile is left as it is, and `reason` says so. With `regex`, `$1` and `$&` stand for what was found.' },
      },
    );
}

const replacementOf = ({ preview, replacement }: { preview: boolean; replacement?: string | undefined }): string | undefined => (preview ? (replacement ?? '') : undefined);

export function termsOf(query: { q: string; regex: boolean; case: boolean; glob: string }): SearchTerms {
  const globs = query.glob.split(',').map((glob) => glob.trim()).filter((glob) => glob !== '' && glob !== '!');
  return { text: query.q, regex: query.regex, exactCase: query.case, globs };
}

async function* etagged(events: AsyncGenerator<SearchEvent>, etagOfPath: (path: string) => string | null): AsyncGenerator<object> {
  let last: { path: string; etag: string | null } | undefined;
  for await (const event of events) {
    if (event.type !== 'match') yield event;
    else {
      if (last?.path !== event.path) last = { path: event.path, etag: etagOfPath(event.path) };
      yield { ...event, etag: last.etag };
    }
  }
}

function etagAt(ground: { path: string; dataFolder: string }, path: string): string | null {
  try {
    const file = openFile(ground, path);
    file.close();
    return etagOf(file.stat);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

const encoder = new TextEncoder();

function ndjson(events: AsyncGenerator<object>, leave: AbortController): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await events.next();
        if (done === true) return controller.close();
        controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      },
      async cancel() {
        leave.abort();
        await events.return(undefined);
      },
    },
    { highWaterMark: 16 },
  );
}
