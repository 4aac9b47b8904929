// What the pages of git show, gathered: status and diffs of one moment, comments, whom they can
// be sent to.

import { lstatSync } from 'node:fs';
import { AppError } from '../errors.ts';
import { diffOf, type FileDiff, untrackedOrNothing } from '../git/diff.ts';
import type { GitWorkspace } from '../git/git.ts';
import { bytesOfPath } from '../git/names.ts';
import { type Branch, type ChangedFile, type Status, statusOf } from '../git/status.ts';
import { limits } from '../limits.ts';
import type { ChangesView } from '../views/changes.tsx';
import type { HeadView } from '../views/changes-head.tsx';
import type { CommentForm } from '../views/changes-review.tsx';
import { NOTHING_TYPED } from '../views/form.tsx';
import { gitOf } from './git.ts';
import { lookOf } from './page-answer.ts';
import type { Parts } from './parts.ts';

/** Of what was discarded, the latest are offered. */
const KEPT_SHOWN = 8;

/** @throws NoRepository, AppError */
export async function changesView(parts: Parts, id: string, more: Partial<ChangesView> = {}): Promise<ChangesView> {
  const at = gitOf(parts, id);
  const reading = at.reading();
  const status = await statusOf(reading);
  const [staged, unstaged] = await Promise.all([diffOf(reading, 'staged'), diffOf(reading, 'unstaged')]);
  const unknown = status.files.filter((file) => file.unstaged === 'untracked' && !file.folder);
  const shown = unknown.slice(0, limits.gitUntrackedShown).flatMap((file) => untrackedOrNothing(at.ground, file.path) ?? []);
  return {
    ...headView(parts, id, status.branch, status.files.length),
    status,
    staged: staged.files,
    unstaged: [...unstaged.files, ...shown],
    cut: staged.cut || unstaged.cut || unknown.length > limits.gitUntrackedShown,
    kept: parts.git.kept.list(at.id, KEPT_SHOWN),
    comments: parts.reviews.waiting(at.id),
    sent: parts.reviews.sent(at.id),
    conversations: liveConversations(parts, at.id),
    version: versionOf(at, status),
    comment: null,
    commit: NOTHING_TYPED,
    ...more,
  };
}

export function headView(parts: Parts, id: string, branch: Branch | null, changed: number, problem?: string): HeadView {
  return { workspace: parts.workspaces.get(id), branch, exchange: parts.git.exchanges.latest(id), changed, look: lookOf(parts), problem };
}

/** The head of a page that looks at something else than the files. */
export async function headOf(parts: Parts, id: string, problem?: string): Promise<HeadView> {
  const { branch, files } = await statusOf(gitOf(parts, id).reading());
  return headView(parts, id, branch, files.length, problem);
}

const live = ['starting', 'active'] as const;

function liveConversations({ sessions }: Parts, workspaceId: string) {
  return live.flatMap((status) => sessions.list({ workspaceId, kind: 'claude', status, limit: limits.liveSessionsMax, offset: 0 }).sessions);
}

const looked = new Map<string, { at: number; version: Promise<string> }>();
const LOOK_MS = 1_000;

/** Whether a page is still true: asked often, so all that ask at a time get one answer. */
export function presentVersion(parts: Parts, id: string): Promise<string> {
  const at = gitOf(parts, id);
  const now = performance.now();
  for (const [key, one] of looked) if (now - one.at > LOOK_MS) looked.delete(key);
  const known = looked.get(id);
  if (known !== undefined) return known.version;
  const version = statusOf(at.reading()).then((status) => versionOf(at, status));
  looked.set(id, { at: now, version });
  return version;
}

/** Of the status, and of when each file that it names was written. */
function versionOf(at: GitWorkspace, { version, files }: Status): string {
  const hasher = new Bun.CryptoHasher('sha256').update(version);
  for (const { path, unstaged } of files) if (unstaged !== null) hasher.update(writtenOf(at, path));
  return hasher.digest('hex').slice(0, 16);
}

function writtenOf({ place }: GitWorkspace, path: ChangedFile['path']): string {
  try {
    const stat = lstatSync(Buffer.concat([Buffer.from(`${place.folder}/`), bytesOfPath(path)]), { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? 'none' : `${stat.mtimeNs} ${stat.size} `;
  } catch {
    return 'none'; // A folder in its path may have become a file.
  }
}

/** The line that an address names: `<file's id>-n12`, of what is shown. @throws AppError conflict where it is no more */
export function commentAt(files: readonly (readonly [source: string, files: readonly FileDiff[]])[], name: string): CommentForm {
  const [, id, letter, digits] = /^([0-9a-f]{20})-([on])(\d{1,9})$/.exec(name) ?? [];
  const line = Number(digits);
  const side = letter === 'o' ? 'old' : 'new';
  for (const [source, all] of files) {
    const file = all.find((one) => one.id === id);
    const found = file?.hunks.flatMap(({ lines }) => lines).find((one) => (side === 'old' ? one.is === 'went' && one.before === line : one.is !== 'went' && one.after === line));
    if (file !== undefined && found !== undefined) return { id: null, path: file.path, source, side, line, lineText: found.text, text: '' };
  }
  throw new AppError('conflict', 'This file was changed since it was shown: look at it again, then comment.');
}

/** A comment that waits, to be changed. @throws AppError not_found */
export function commentToEdit({ reviews }: Parts, workspaceId: string, id: string): CommentForm {
  const comment = reviews.waiting(workspaceId).find((one) => one.id === id);
  if (comment === undefined) throw new AppError('not_found', 'There is no such comment any more.');
  return { ...comment };
}

