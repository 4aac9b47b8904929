// Comments on lines of diffs, collected and then sent to an agent as one prompt. A comment
// keeps the words of its line: the file goes on changing, what was meant does not.

import { AppError, invalid } from '../errors.ts';
import { limits } from '../limits.ts';

export interface ReviewComment {
  id: string;
  workspaceId: string;
  path: string;
  /** The diff that it was said of: `staged`, `unstaged`, or the hash of a commit. */
  source: string;
  /** Of the file as it was, or as it is. */
  side: 'old' | 'new';
  line: number;
  lineText: string;
  text: string;
  /** ms since the epoch. */
  created: number;
  updated: number;
  /** The conversation that it went to, and when; null while it waits. */
  sentSessionId: string | null;
  sent: number | null;
}

export interface ReviewStore {
  /** @returns false where there are `most` already */
  insert(comment: ReviewComment, most: number): boolean;
  get(workspaceId: string, id: string): ReviewComment | undefined;
  /** Oldest first. */
  list(workspaceId: string, waiting: boolean, limit: number): ReviewComment[];
  update(id: string, change: { text: string; updated: number }): void;
  delete(id: string): void;
  /** All or none. */
  markSent(ids: readonly string[], sessionId: string, sent: number): void;
}

export interface NewComment {
  path: string;
  source: string;
  side: 'old' | 'new';
  line: number;
  lineText: string;
  text: string;
}

export class Reviews {
  readonly #rows: ReviewStore;
  readonly #changed: (workspaceId: string) => void;

  constructor(rows: ReviewStore, changed: (workspaceId: string) => void) {
    this.#rows = rows;
    this.#changed = changed;
  }

  waiting(workspaceId: string): ReviewComment[] {
    return this.#rows.list(workspaceId, true, limits.reviewCommentsMax);
  }

  /** The latest that were sent, oldest first. */
  sent(workspaceId: string): ReviewComment[] {
    return this.#rows.list(workspaceId, false, limits.reviewSentShown);
  }

  /** @throws AppError invalid (field text, source), conflict at the limit */
  add(workspaceId: string, comment: NewComment): ReviewComment {
    if (!/^(staged|unstaged|[0-9a-f]{40,64})$/.test(comment.source)) throw invalid('source', 'Must be staged, unstaged or the hash of a commit.');
    const now = Date.now();
    const lineText = comment.lineText.slice(0, limits.gitLineLengthMax);
    const row: ReviewComment = { id: Bun.randomUUIDv7(), workspaceId, ...comment, lineText, text: checkedText(comment.text), created: now, updated: now, sentSessionId: null, sent: null };
    if (!this.#rows.insert(row, limits.reviewCommentsMax)) {
      throw new AppError('conflict', `A review may have ${limits.reviewCommentsMax} comments: send these first.`, { conflict: { limit: 'reviewCommentsMax' } });
    }
    this.#changed(workspaceId);
    return row;
  }

  /** @throws AppError not_found, conflict once it was sent */
  edit(workspaceId: string, id: string, text: string): ReviewComment {
    this.#waitingOne(workspaceId, id);
    this.#rows.update(id, { text: checkedText(text), updated: Date.now() });
    this.#changed(workspaceId);
    return this.#one(workspaceId, id);
  }

  /** @throws AppError not_found */
  remove(workspaceId: string, id: string): void {
    this.#one(workspaceId, id);
    this.#rows.delete(id);
    this.#changed(workspaceId);
  }

  /**
   * All that wait, as one text for `send`; marked as sent once it took it.
   * @throws AppError conflict where none waits, or what `send` throws
   */
  send(workspaceId: string, note: string, sessionId: string, send: (text: string) => void): number {
    const comments = this.waiting(workspaceId);
    if (comments.length === 0) throw new AppError('conflict', 'No comment waits to be sent.');
    send(promptOf(comments, note));
    this.#rows.markSent(comments.map(({ id }) => id), sessionId, Date.now());
    this.#changed(workspaceId);
    return comments.length;
  }

  #one(workspaceId: string, id: string): ReviewComment {
    const comment = this.#rows.get(workspaceId, id);
    if (comment === undefined) throw new AppError('not_found', 'There is no such comment any more.');
    return comment;
  }

  #waitingOne(workspaceId: string, id: string): ReviewComment {
    const comment = this.#one(workspaceId, id);
    if (comment.sent !== null) throw new AppError('conflict', 'This comment was sent already.');
    return comment;
  }
}

/** What the agent reads: file by file, line by line, each with the words it is about. */
export function promptOf(comments: readonly ReviewComment[], note: string): string {
  const many = comments.length === 1 ? 'a comment' : `${comments.length} comments`;
  const parts = [note.trim() === '' ? `I reviewed the changes and have ${many}. Please address each.` : note.trim()];
  const byPath = Map.groupBy(comments, ({ path }) => path);
  for (const [path, its] of byPath) {
    const sorted = its.toSorted((one, other) => one.line - other.line || one.created - other.created);
    for (const { side, line, lineText, source, text } of sorted) {
      const fence = '`'.repeat(Math.max(3, ...[...lineText.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
      const where = `${path}, line ${line}${side === 'old' ? ' of the old version (a removed line)' : ''}${placeOf(source)}`;
      parts.push(`${where}:\n${fence}\n${lineText}\n${fence}\n${text}`);
    }
  }
  return parts.join('\n\n');
}

const placeOf = (source: string): string => (source === 'staged' || source === 'unstaged' ? '' : ` (commit ${source.slice(0, 12)})`);

function checkedText(text: string): string {
  const clean = text.replaceAll('\r\n', '\n').trim();
  if (clean === '') throw invalid('text', 'Write what is to be said of this line.');
  if (clean.length > limits.reviewTextLengthMax) throw invalid('text', `A comment may have ${limits.reviewTextLengthMax} characters.`);
  return clean;
}
