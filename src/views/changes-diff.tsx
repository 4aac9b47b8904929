// The difference of one file: side by side where there is room, else one column, by the style
// sheet alone. A line's number is the link that comments on it.

import { Html } from '@elysiajs/html';
import type { DiffHunk, DiffLine, FileDiff } from '../git/diff.ts';
import type { ReviewComment } from '../git/reviews.ts';
import { languageOf } from './code.ts';
import { colouredLines, withMarks } from './marked.ts';
import { plain, typed } from './text.tsx';

/** Where a diff is of, and with it what can be done to it. */
export interface DiffContext {
  workspaceId: string;
  /** `staged`, `unstaged`, or the hash of a commit. */
  source: string;
  comments: readonly ReviewComment[];
  /** Files without an editor cannot be opened: of a commit long past. */
  editable: boolean;
  /** More lines than this are folded. */
  linesMax: number;
}

const WORDS: Readonly<Record<FileDiff['change'], string>> = {
  added: 'added', modified: 'modified', deleted: 'removed', renamed: 'renamed', copied: 'copied', retyped: 'another kind', untracked: 'new',
};
const SIGNS: Readonly<Record<DiffLine['is'], string>> = { came: '+', went: '−', stayed: '' };

export const fileAnchor = (source: string, id: string): string => `file-${source.slice(0, 8)}-${id}`;

export function fileDiff(file: FileDiff, context: DiffContext): JSX.Element {
  const { source } = context;
  const anchor = fileAnchor(source, file.id);
  return (
    <article class="file-diff" id={anchor} data-path={typed(file.path)} data-source={source} aria-labelledby={`${anchor}-name`}>
      {heading(file, context, anchor) as 'safe'}
      {content(file, context) as 'safe'}
    </article>
  );
}

function heading(file: FileDiff, context: DiffContext, anchor: string): JSX.Element {
  const { source, workspaceId } = context;
  const canEdit = context.editable && file.change !== 'deleted' && !file.submodule && !file.binary;
  return (
    <header class="file-head">
      <h3 id={`${anchor}-name`} class="file-name">
        {file.from === null ? '' : <span class="muted isolate" safe>{`${plain(file.from)} → `}</span> as 'safe'}
        <bdi safe>{plain(file.path)}</bdi>
      </h3>
      <span class={file.conflict ? 'badge badge-bad' : 'badge'} safe>{file.conflict ? 'conflict' : WORDS[file.change]}</span>
      {source === 'staged' ? <span class="badge badge-accent">staged</span> as 'safe' : ''}
      {file.came + file.went === 0 ? '' : <span class="count"><span class="count-came" safe>{`+${file.came}`}</span> <span class="count-went" safe>{`−${file.went}`}</span></span> as 'safe'}
      <span class="file-actions">
        {canEdit ? (
          <form method="post" action={`/workspaces/${workspaceId}/editor`}>
            <input type="hidden" name="path" value={typed(file.path)} />
            <input type="hidden" name="line" value={String(firstLine(file))} />
            <button class="button button-quiet">Edit</button>
          </form>
        ) as 'safe' : ''}
        {fileButtons(file, context) as 'safe'}
      </span>
    </header>
  );
}

function fileButtons({ path, id, conflict }: FileDiff, { source, workspaceId }: DiffContext): JSX.Element {
  if (source === 'staged') return actionForm(workspaceId, 'unstage', { path }, 'Unstage', `Unstage ${path}`);
  if (source !== 'unstaged') return <></>;
  if (conflict) return actionForm(workspaceId, 'stage', { path }, 'Mark as settled', `Mark as settled: ${path}`);
  return (
    <>
      {actionForm(workspaceId, 'discard', { path, seen: id }, 'Discard', `Discard the changes to ${path}`, 'button-bad-quiet') as 'safe'}
      {actionForm(workspaceId, 'stage', { path }, 'Stage', `Stage ${path}`) as 'safe'}
    </>
  );
}

/** A button that changes the index or a file: a form of its own, so that it works everywhere. */
export function actionForm(workspaceId: string, action: string, fields: Readonly<Record<string, string>>, label: string, title: string, kind = ''): JSX.Element {
  const url = `/workspaces/${workspaceId}/changes/${action}`;
  return (
    <form method="post" action={url} hx-post={url} hx-swap="none" hx-disable="find button">
      {Object.entries(fields).map(([name, value]) => <input type="hidden" name={name} value={typed(value)} />)}
      <button class={`button button-small ${kind}`.trim()} title={typed(plain(title))} aria-label={typed(plain(title))} safe>{label}</button>
    </form>
  );
}

function content(file: FileDiff, context: DiffContext): JSX.Element {
  const lines = file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  if (file.submodule) return <p class="file-note">A repository of its own: it stands at another commit.</p>;
  if (file.binary) return <p class="file-note">No text: the file differs, but not in lines.</p>;
  if (file.tooLong && lines === 0) return <p class="file-note" safe>{`Too long to be shown: ${file.came + file.went || 'many'} lines. Open it in the editor or a terminal.`}</p>;
  if (lines === 0) return <p class="file-note" safe>{emptyWords(file)}</p>;
  if (lines > context.linesMax) return folded(file, context, lines);
  const language = languageOf(file.path);
  return (
    <div class="hunks">
      {modeNote(file) as 'safe'}
      {file.hunks.map((hunk) => hunkView(file, hunk, context, language))}
    </div>
  );
}

function folded({ path }: FileDiff, { workspaceId, source }: DiffContext, lines: number): JSX.Element {
  const address = `/workspaces/${workspaceId}/changes/file?source=${source}&path=${encodeURIComponent(path)}`;
  return (
    <p class="file-note">
      <a class="button" href={address} hx-get={`${address}&part=file`} hx-target="closest article" hx-swap="outerHTML" safe>{`Show ${lines} lines`}</a>
    </p>
  );
}

function emptyWords(file: FileDiff): string {
  if (file.oldMode !== file.newMode && file.change === 'modified') return `Only its mode changes: ${file.oldMode} → ${file.newMode}.`;
  if (file.change === 'renamed') return 'Renamed, and nothing else.';
  return 'An empty file.';
}

function modeNote({ change, oldMode, newMode }: FileDiff): JSX.Element {
  return change === 'modified' && oldMode !== newMode ? <p class="file-note" safe>{`Its mode changes: ${oldMode} → ${newMode}.`}</p> : <></>;
}

function hunkView(file: FileDiff, hunk: DiffHunk, context: DiffContext, language: string): JSX.Element {
  const { source, workspaceId } = context;
  const own = { path: file.path, hunk: hunk.id };
  const whole = file.conflict || (file.change !== 'modified' && file.change !== 'renamed' && file.change !== 'copied');
  return (
    <section class="hunk">
      <div class="hunk-head">
        <span class="hunk-where" safe>{placeWords(hunk)}</span>
        <span class="hunk-section clip" safe>{plain(hunk.section)}</span>
        <span class="file-actions">
          {whole || source !== 'unstaged' ? '' : actionForm(workspaceId, 'discard', own, 'Discard part', `Discard part of ${file.path}`, 'button-bad-quiet') as 'safe'}
          {whole || source !== 'unstaged' ? '' : actionForm(workspaceId, 'stage', own, 'Stage part', `Stage part of ${file.path}`) as 'safe'}
          {whole || source !== 'staged' ? '' : actionForm(workspaceId, 'unstage', own, 'Unstage part', `Unstage part of ${file.path}`) as 'safe'}
        </span>
      </div>
      <div class={file.change === 'added' || file.change === 'untracked' || file.change === 'deleted' ? 'lines lines-one' : 'lines'}>
        {linesOf(file, hunk, context, language) as 'safe'}
      </div>
    </section>
  );
}

function placeWords({ oldStart, oldLines, newStart, newLines }: DiffHunk): string {
  const [from, lines] = newLines === 0 ? [oldStart, oldLines] : [newStart, newLines];
  return lines === 1 ? `Line ${from}` : `Lines ${from}–${from + lines - 1}`;
}

function linesOf(file: FileDiff, { lines }: DiffHunk, context: DiffContext, language: string): string {
  const html = highlighted(lines, language);
  const rows = rowsOf(lines);
  return lines
    .map((line, index) => {
      const row = rows[index] ?? 1;
      const text = html[index] ?? '';
      const noted = commentsOn(file, line, context, row + 1);
      if (line.is !== 'stayed') return lineView(file, line, text, row, line.is) + noted;
      // Twice where both sides are shown; one of the two is hidden in one column.
      return lineView(file, line, text, row, 'stayed old') + lineView(file, line, text, row, 'stayed') + noted;
    })
    .join('');
}

function lineView(file: FileDiff, line: DiffLine, text: string, row: number, kind: string): string {
  const old = line.is === 'went' || kind.endsWith('old');
  const number = old ? line.before : line.after;
  const words = `Comment on line ${number ?? ''}${line.is === 'went' ? ', removed' : line.is === 'came' ? ', added' : ''}`;
  const link = kind.endsWith('old') ? (
    <span class="no" data-n={String(number ?? '')}></span>
  ) : (
    <a class="no" href={`?c=${file.id}-${old ? 'o' : 'n'}${number ?? 1}#comment`} data-n={String(number ?? '')} aria-label={words} rel="nofollow"></a>
  );
  return String(
    <div class={`dl ${kind}`} style={`--r:${row}`} aria-hidden={kind.endsWith('old') ? 'true' : undefined}>
      {link as 'safe'}
      <span class="sign" aria-hidden="true">{SIGNS[line.is] as 'safe'}</span>
      <code>{text as 'safe'}</code>
      {line.open ? <span class="no-end" title="The file ends here without a line end">no line end</span> as 'safe' : ''}
    </div>,
  );
}

/** Rows of the grid: lines that went stand beside those that came in their place. A row is left free behind each for what is said of it. */
function rowsOf(lines: readonly DiffLine[]): number[] {
  const rows: number[] = [];
  let next = 1;
  let went = 0;
  let came = 0;
  const close = (): void => {
    next += Math.max(went, came);
    went = 0;
    came = 0;
  };
  for (const [index, { is }] of lines.entries()) {
    if (is === 'stayed' || (is === 'went' && came > 0)) close();
    rows[index] = is === 'went' ? next + went++ : is === 'came' ? next + came++ : next++;
  }
  return rows.map((row) => row * 2 - 1);
}

function highlighted(lines: readonly DiffLine[], language: string): string[] {
  const before = colouredLines(lines.filter(({ is }) => is !== 'came').map(({ text }) => text), language);
  const after = colouredLines(lines.filter(({ is }) => is !== 'went').map(({ text }) => text), language);
  let old = 0;
  let now = 0;
  return lines.map(({ is, marks }) => {
    const html = is === 'went' ? before[old] : after[now];
    if (is !== 'came') old += 1;
    if (is !== 'went') now += 1;
    return withMarks(html ?? '', marks);
  });
}

function commentsOn(file: FileDiff, line: DiffLine, { comments, source }: DiffContext, row: number): string {
  const its = comments.filter(
    (one) => one.sent === null && one.path === file.path && one.source === source && one.lineText === line.text && (one.side === 'old' ? line.is === 'went' && one.line === line.before : line.is !== 'went' && one.line === line.after),
  );
  if (its.length === 0) return '';
  return String(
    <div class="saids" style={`--r:${row}`}>
      {its.map(({ id, text }) => (
        <div class="said">
          <p class="said-text" safe>{plain(text)}</p>
          <a href={`?edit=${id}#comment`} data-comment class="small">Edit</a>
        </div>
      ))}
    </div>,
  );
}

function firstLine({ hunks }: FileDiff): number {
  for (const { lines, newStart } of hunks) return lines.find(({ is }) => is === 'came')?.after ?? Math.max(1, newStart);
  return 1;
}
