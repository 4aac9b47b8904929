// The page that searches in the files of a workspace, and replaces what it showed.

import { Elysia, t } from 'elysia';
import { AppError } from '../errors.ts';
import { openFile } from '../files/open.ts';
import { shownName } from '../files/path-text.ts';
import type { SearchEvent } from '../files/search-terms.ts';
import { etagOf } from '../files/version.ts';
import { limits } from '../limits.ts';
import { type FileMatches, fileMatches, replacedNote, replacedPage, searchFilesPage, type SearchView } from '../views/files-found.tsx';
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
      async ({ params, query, request }) => {
        const view = await viewOf(parts, params.id, query, request.signal);
        return html(wantsPart(request) ? fileMatches(view) : searchFilesPage({ ...view, look: lookOf(parts) }));
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

async function viewOf(parts: Parts, id: string, query: typeof Query.static, signal: AbortSignal): Promise<Omit<SearchView, 'look'>> {
  const { q = '', replacement = '', glob = '' } = query;
  const regex = query.regex !== undefined;
  const exactCase = query.case !== undefined;
  const preview = query.preview !== undefined;
  const view = { workspace: parts.workspaces.get(id), regex, exactCase, preview, form: { ...NOTHING_TYPED, typed: { q, replacement, glob } } };
  if (q === '') return { ...view, found: null };
  try {
    const leave = new AbortController();
    signal.addEventListener('abort', () => leave.abort());
    const ground = parts.workspaces.ground(id);
    const events = parts.fileSearch.search(ground, {
      terms: termsOf({ q, regex, case: exactCase, glob }),
      ignored: () => ignoredIn(parts, id),
      replacement: preview ? replacement : undefined,
      signal: leave.signal,
    });
    const found = await gathered(events);
    for (const file of found.files) if (preview) file.etag = etagAt(ground, file.path);
    return { ...view, found };
  } catch (error) {
    const { message, errors } = returnedForm(error, {}, ['q']);
    return { ...view, found: null, form: { ...view.form, message: message ?? errors.q } };
  }
}

/** As much as a page shows. @throws AppError invalid */
async function gathered(events: AsyncGenerator<SearchEvent>): Promise<{ files: FileMatches[]; note: string }> {
  const files = new Map<string, FileMatches & { matches: (SearchEvent & { type: 'match' })[] }>();
  let matches = 0;
  for await (const event of events) {
    if (event.type === 'error') throw new AppError('invalid', event.message);
    if (event.type === 'done') return { files: [...files.values()], note: noteOf(event.matches, files.size, event.limited) };
    if (matches === limits.fileSearchPageMatches) return { files: [...files.values()], note: `the first ${matches}: say more of what you look for` };
    matches += 1;
    const file = files.get(event.path) ?? { path: event.path, shown: shown(event.path), etag: null, matches: [] };
    files.set(event.path, file);
    file.matches.push(event);
  }
  return { files: [...files.values()], note: 'the search broke off' };
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
