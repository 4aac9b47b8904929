// The pages of a workspace's files: folders as lists, what is done with names, the trash, and
// files by their names. With htmx the same forms say what they did, and the lists follow.

import { Elysia, t } from 'elysia';
import { AppError } from '../errors.ts';
import { duplicate, makeFolder, makeFolders, move } from '../files/change.ts';
import { findFiles } from '../files/find.ts';
import { kindAt, listFolder } from '../files/list.ts';
import { addressOf, folderOf, fromAddress, joined, nameOf, newName, normalPath, shownName } from '../files/path-text.ts';
import { writeFile } from '../files/write.ts';
import { limits } from '../limits.ts';
import { doneNote, type DoneView, fileActions, filesPage, folderList, folderUrl, type FolderView, furtherRows } from '../views/files.tsx';
import { foundFiles, foundPage, frame, trashPage } from '../views/files-found.tsx';
import { changedBelow, markAt, marksWithin } from './file-marks.ts';
import { html } from './html.ts';
import { oneOf } from './one-of.ts';
import { goTo, HIDDEN, lookOf, wantsPart } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const FolderQuery = queryOf({
  part: t.Optional(oneOf(['list', 'actions'])),
  path: t.Optional(t.String()),
  hidden: t.Optional(t.Literal('1')),
  nested: t.Optional(t.Literal('1')),
  rows: t.Optional(t.Literal('1')),
  offset: t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 }),
  done: t.Optional(oneOf(['made', 'moved', 'copied', 'deleted', 'restored'])),
  item: t.Optional(t.String({ maxLength: 64 })),
});
const closed = { additionalProperties: false } as const;
/** After a form without htmx: an address says no more than this, for anybody may write one. */
const DONE = { made: 'It was made.', moved: 'It was moved.', copied: 'It was copied.', deleted: 'It was deleted, and stays in the trash for 30 days.', restored: 'It is back.' } as const;
const NamesForm = t.Object(
  { action: oneOf(['file', 'folder', 'move', 'duplicate', 'delete', 'restore']), name: t.Optional(t.String()), to: t.Optional(t.String()), item: t.Optional(t.String()) },
  closed,
);

export function treePageRoutes(parts: Parts) {
  return new Elysia().use(shown(parts)).use(changed(parts)).use(trashed(parts)).use(found(parts));
}

function shown(parts: Parts) {
  const { workspaces } = parts;
  const answer = async (id: string, path: string, query: typeof FolderQuery.static, request: Request): Promise<Response> => {
    const workspace = workspaces.get(id);
    if (query.part === 'actions') {
      const actions = fileActions({ workspaceId: id, address: addressOf(path), path, folder: kindAt(workspaces.ground(id), path) === 'folder' });
      return html(wantsPart(request) ? actions : frame(workspace, shownName(nameOf(path)), lookOf(parts), actions));
    }
    const folder = await folderView(parts, id, path, { hidden: query.hidden !== undefined, offset: query.offset, nested: query.nested !== undefined });
    if (wantsPart(request) && query.part === 'list') return html(query.rows === undefined ? folderList(folder) : furtherRows(folder));
    workspaces.opened(id);
    const done = query.done === undefined ? undefined : { workspaceId: id, text: DONE[query.done], item: query.item };
    return html(filesPage({ workspace, crumbs: crumbsOf(path), folder, done, look: lookOf(parts) }));
  };
  return new Elysia()
    .get('/workspaces/:id/files', ({ params, query, request }) => answer(params.id, normalPath(query.path ?? ''), query, request), { query: FolderQuery, ...HIDDEN })
    .get('/workspaces/:id/files/*', ({ params, query, request }) => answer(params.id, fromAddress(params['*']), query, request), { query: FolderQuery, ...HIDDEN });
}

async function folderView(parts: Parts, id: string, path: string, { hidden, offset, nested }: { hidden: boolean; offset: number; nested: boolean }): Promise<FolderView> {
  const limit = limits.treePageRows;
  const ground = parts.workspaces.ground(id);
  const [page, marks] = await Promise.all([listFolder(ground, path, { hidden, offset, limit }), marksWithin(parts, id, limits.marksWaitMs)]);
  return {
    workspaceId: id,
    address: addressOf(page.path),
    key: keyOf(page.path),
    rows: page.entries.map((entry) => ({
      workspaceId: id,
      entry,
      address: addressOf(entry.path),
      shown: shownName(entry.name),
      key: keyOf(entry.path),
      mark: marks === undefined ? null : markAt(marks, entry.path),
      changed: marks !== undefined && entry.kind === 'folder' && changedBelow(marks, entry.path),
    })),
    offset,
    limit,
    total: page.pagination.total,
    hidden,
    hiddenTotal: page.hiddenTotal,
    marksLate: marks === undefined,
    nested,
  };
}

function changed(parts: Parts) {
  const { workspaces } = parts;
  const answer = async (id: string, path: string, form: typeof NamesForm.static, request: Request): Promise<Response> => {
    workspaces.get(id);
    const { folder, what, ...done } = await act(parts, id, path, form);
    if (wantsPart(request)) return html(doneNote({ workspaceId: id, ...done }), 200, { 'hx-trigger': 'dispatch:files' });
    const query = new URLSearchParams({ done: what, ...(done.item === undefined ? {} : { item: done.item }) });
    return goTo(request, `${folderUrl(id, addressOf(folder), false)}?${query}`);
  };
  return new Elysia()
    .post('/workspaces/:id/files', ({ params, body, request }) => answer(params.id, '', body, request), { body: NamesForm, ...HIDDEN })
    .post('/workspaces/:id/files/*', ({ params, body, request }) => answer(params.id, fromAddress(params['*']), body, request), { body: NamesForm, ...HIDDEN });
}

interface Done extends Omit<DoneView, 'workspaceId'> {
  what: keyof typeof DONE;
  folder: string;
}

/** @returns what was done, and in which folder */
async function act(parts: Parts, id: string, path: string, { action, name = '', to = '', item = '' }: typeof NamesForm.static): Promise<Done> {
  const ground = parts.workspaces.ground(id);
  const shown = shownName(nameOf(path));
  const folder = folderOf(path);
  switch (action) {
    case 'file': {
      const made = joined(path, normalPath(name));
      newName(nameOf(made));
      makeFolders(ground, folderOf(made));
      await writeFile(ground, made, new Uint8Array(), { expected: 'absent' }).catch(saidOfName);
      return { what: 'made', folder: folderOf(made), text: `Made ${name}.` };
    }
    case 'folder':
      return { what: 'made', folder: folderOf(makeFolder(ground, joined(path, normalPath(name)), { above: true })), text: `Made the folder ${name}.` };
    case 'move': {
      makeFolders(ground, folderOf(normalPath(to)));
      const moved = await move(ground, path, to);
      return { what: 'moved', folder: folderOf(moved), text: `${shown} is now ${to}.` };
    }
    case 'duplicate': {
      const { path: made, skipped } = await duplicate(ground, path);
      const left = skipped === 0 ? '' : ` ${skipped} pipes, sockets or devices in it were left out.`;
      return { what: 'copied', folder, text: `Copied to ${shownName(nameOf(made))}.${left}` };
    }
    case 'delete': {
      const deleted = await parts.trash.take(id, ground, path);
      return { what: 'deleted', folder, text: `Deleted ${shown}. It stays in the trash for 30 days.`, item: deleted.id };
    }
    case 'restore': {
      const restored = await parts.trash.restore(id, item, ground);
      return { what: 'restored', folder: folderOf(restored), text: `${shownName(restored)} is back.` };
    }
  }
}

function saidOfName(error: unknown): never {
  if (error instanceof AppError && error.code === 'precondition') throw new AppError('conflict', 'There is something of this name already.');
  throw error;
}

function trashed(parts: Parts) {
  const { workspaces, trash } = parts;
  const trashUrl = (id: string): string => `/workspaces/${id}/trash`;
  return new Elysia()
    .get(
      '/workspaces/:id/trash',
      ({ params }) => {
        const workspace = workspaces.get(params.id);
        const deleted = trash.list(workspace.id).map((item) => ({ ...item, shown: item.path.split('/').map(shownName).join('/') }));
        return html(trashPage({ workspace, deleted, look: lookOf(parts) }));
      },
      HIDDEN,
    )
    .post(
      '/workspaces/:id/trash/:item/restore',
      async ({ params, request }) => {
        await trash.restore(params.id, params.item, workspaces.ground(params.id));
        return goTo(request, trashUrl(params.id));
      },
      HIDDEN,
    )
    .post(
      '/workspaces/:id/trash/:item/remove',
      async ({ params, request }) => {
        await trash.remove(workspaces.get(params.id).id, params.item);
        return goTo(request, trashUrl(params.id));
      },
      HIDDEN,
    );
}

function found(parts: Parts) {
  const { workspaces } = parts;
  return new Elysia().get(
    '/workspaces/:id/find-files',
    async ({ params, query: { q }, request }) => {
      const workspace = workspaces.get(params.id);
      const { paths, complete } = q === '' ? { paths: [], complete: true } : await findFiles(workspaces.ground(workspace.id), q, limits.findShown);
      const view = { workspaceId: workspace.id, paths: paths.map((path) => ({ path, shown: path.split('/').map(shownName).join('/') })), complete, q };
      return html(wantsPart(request) ? foundFiles(view) : foundPage(workspace, view, lookOf(parts)));
    },
    { query: queryOf({ q: t.String({ default: '', maxLength: limits.queryLengthMax }) }), ...HIDDEN },
  );
}

function crumbsOf(path: string): { name: string; address: string }[] {
  const names = path === '' ? [] : path.split('/');
  return names.map((name, index) => ({ name: shownName(name), address: addressOf(names.slice(0, index + 1).join('/')) }));
}

/** For ids: names are any text. */
const keyOf = (path: string): string => Bun.hash(path).toString(36);
