// The page that searches in the files of a workspace, and replaces what it showed.

import { Elysia, t } from 'elysia';
import { AppError } from '../errors.ts';
import { openFile } from '../files/open.ts';
import { shownName } from '../files/path-text.ts';
import type { Match } from '../files/search-terms.ts';
import { etagOf } from '../files/version.ts';
import { limits } from '../limits.ts';
import {
  type FileMatches, MATCHES_PLACE, matchesBegin, matchesEnd, matchesFailed, matchesOfFile, noMatches, replacedNote, replacedPage, searchFilesPage, type SearchView,
} from '../views/files-found.tsx';
import { NOTHING_TYPED } from '../views/form.tsx';
import { ignoredIn } from './file-marks.ts';
import { termsOf } from './file-search.ts';
import { html } from './html.ts';
import { HIDDEN, lookOf, returnedForm, wantsPart } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const Flag = t.Optional(t.Literal('true'));
const Query = queryOf({
  q: t.Optional(t.String({ maxLength: limits.queryLengthMax })),
  replacement: t.Optional(t.String({ maxLength: limits.replacementLengthMax })),
  glob: t.Optional(t.String({ maxLength: limits.queryLengthMax })),
  regex: Flag,
  case: Flag,
  preview: Flag,
});
const ReplaceForm = t.Object(
  { q: t.String({ maxLength: limits.queryLengthMax }), replacement: t.String({ maxLength: limits.replacementLengthMax }), regex: t.String(), case: t.String(), file: t.Optional(t.Union([t.String(), t.Array(t.String())])) },
  { additionalProperties: false },
);

export function searchFilesPageRoutes(parts: Parts) {
  const { workspaces, fileSearch } = parts;
  return new Elysia()
    .get(
      '/workspaces/:id/search-files',
      ({ params, query, request, server }) => {
        const view = viewOf(parts, params.id, query);
        const page = wantsPart(request) ? MATCHES_PLACE : String(searchFilesPage(view, lookOf(parts)));
        if (view.form.typed.q === '') return html(page.replace(MATCHES_PLACE, String(noMatches())));
        server?.timeout(request, 0); // A large search may find nothing for a while.
        return piecewise(page, (signal) => found(parts, view, signal), request.signal);
      },
      { query: Query, ...HIDDEN },
    )
    .post(
      '/workspaces/:id/search-files/replace',
      async ({ params, body, request }) => {
        const workspace = workspaces.get(params.id);
        const chosen = body.file === undefined ? [] : typeof body.file === 'string' ? [body.file] : body.file;
        const files = chosen.slice(0, limits.replaceFilesMax).flatMap((file) => {
          const [, etag, path] = /^("[^"]*") ([^]+)$/.exec(file) ?? [];
          return etag === undefined || path === undefined ? [] : [{ etag, path }];
        });
        const terms = termsOf({ q: body.q, regex: body.regex === 'true', case: body.case === 'true', glob: '' });
        const results = files.length === 0 ? [] : await fileSearch.replace(workspaces.ground(workspace.id), terms, body.replacement, files);
        const said = results.map(({ path, count, reason }) => ({ shown: shown(path), count, reason }));
        return html(wantsPart(request) ? replacedNote(said) : replacedPage(workspace, said, lookOf(parts)));
      },
      { body: ReplaceForm, ...HIDDEN },
    );
}

function viewOf(parts: Parts, id: string, query: typeof Query.static): SearchView {
  const { q = '', replacement = '', glob = '' } = query;
  return {
    workspace: parts.workspaces.get(id),
    regex: query.regex !== undefined,
    exactCase: query.case !== undefined,
    preview: query.preview !== undefined,
    form: { ...NOTHING_TYPED, typed: { q, replacement, glob } },
  };
}

/** What is found, file by file as it comes, as much as a page shows. */
async function* found(parts: Parts, view: SearchView, signal: AbortSignal): AsyncGenerator<string> {
  const { workspace: { id }, preview, regex, exactCase } = view;
  const { q = '', glob = '', replacement = '' } = view.form.typed;
  const ground = parts.workspaces.ground(id);
  const shownOf = (file: FileMatches): string => matchesOfFile(id, preview ? { ...file, etag: etagAt(ground, file.path) } : file, preview);
  yield matchesBegin();
  try {
    let file: (FileMatches & { matches: Match[] }) | undefined;
    let [matches, files] = [0, 0];
    let note: string | undefined;
    const terms = termsOf({ q, regex, case: exactCase, glob });
    for await (const event of parts.fileSearch.search(ground, { terms, ignored: () => ignoredIn(parts, id), replacement: preview ? replacement : undefined, signal })) {
      if (event.type === 'error') throw new AppError('invalid', event.message);
      if (event.type === 'done' || matches === limits.fileSearchPageMatches) {
        note = event.type === 'done' ? noteOf(matches, files, event.limited) : `the first ${matches} lines: say more of what you look for to see others`;
        break;
      }
      matches += 1;
      if (file !== undefined && file.path !== event.path) yield shownOf(file);
      if (file?.path !== event.path) {
        files += 1;
        file = { path: event.path, shown: shown(event.path), etag: null, matches: [] };
      }
      file.matches.push(event);
    }
    if (file !== undefined) yield shownOf(file);
    yield matchesEnd(view, note ?? 'the search broke off', files);
  } catch (error) {
    const { message, errors } = returnedForm(error, {}, ['q']);
    yield matchesFailed(message ?? errors.q ?? '');
  }
}

const encoder = new TextEncoder();

/** A page whose place is filled by what comes; who leaves ends what it comes from. */
function piecewise(page: string, pieces: (signal: AbortSignal) => AsyncGenerator<string>, gone: AbortSignal): Response {
  const [before = '', after = ''] = page.split(MATCHES_PLACE);
  const leave = new AbortController();
  gone.addEventListener('abort', () => leave.abort());
  const all = (async function* () {
    yield before;
    yield* pieces(leave.signal);
    yield after;
  })();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await all.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      leave.abort();
      await all.return(undefined);
    },
  });
  return new Response(stream, { headers: { 'content-type': 'text/html; charset=utf-8' } });
}

function noteOf(matches: number, files: number, limited: string | null): string {
  if (matches === 0) return limited === 'time' ? 'nothing in the time that there was' : 'nothing';
  const counted = `${matches} ${matches === 1 ? 'line' : 'lines'} in ${files} ${files === 1 ? 'file' : 'files'}`;
  return limited === null ? counted : `${counted}, and more`;
}

function etagAt(ground: { path: string; dataFolder: string }, path: string): string | null {
  try {
    const file = openFile(ground, path);
    file.close();
    return etagOf(file.stat);
  } catch {
    return null; // Gone meanwhile: it cannot be chosen.
  }
}

const shown = (path: string): string => path.split('/').map(shownName).join('/');
