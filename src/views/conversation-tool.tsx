// The card of a tool call: what it is, how it stands, and folded away what went in and came
// out. What waits for a decision is open, and what changes a file shows its diff.

import { Html } from '@elysiajs/html';
import type { Item } from '../agent/transcript.ts';
import { codeBlock, markdown } from './markdown.ts';
import { diffFrom, fileLink, filePath, type ItemContext, pictures } from './conversation-parts.tsx';
import { requestForm, requestOutcome } from './conversation-request.tsx';
import { diffCount, diffView } from './diff.tsx';
import { plain } from './text.tsx';

type ToolItem = Extract<Item, { is: 'tool' }>;
type Json = Readonly<Record<string, unknown>>;

/** Lines of an output before the rest is folded away. */
const LINES_SHOWN = 24;
/** Files that a call names beside its content. */
const PLACES_SHOWN = 20;
/** Lines of a diff up to which it stands open by itself. */
const DIFF_OPEN_LINES = 40;

const WORDS: Record<string, string> = { pending: 'waits', in_progress: 'runs', completed: 'done', failed: 'failed', ended: 'ended' };
const KINDS: Record<string, string> = {
  read: 'Read', edit: 'Edit', delete: 'Delete', move: 'Move', search: 'Search', execute: 'Run', think: 'Think', fetch: 'Fetch', switch_mode: 'Mode', other: 'Tool',
};

export function toolCard(item: ToolItem, context: ItemContext): JSX.Element {
  const { call, sequence, requests } = item;
  const kind = typeof call.kind === 'string' && Object.hasOwn(KINDS, call.kind) ? call.kind : 'other';
  const pending = requests.filter(({ decision }) => decision === null);
  const waits = pending.length > 0 && context.live;
  const told = typeof call.status === 'string' && Object.hasOwn(WORDS, call.status) ? call.status : 'pending';
  const status = waits ? 'needs_you' : item.over ? 'ended' : told;
  const contents = listOf(call.content);
  const changed = countsOf(contents);
  const open = waits || contents.some(({ type }) => type === 'terminal') || (changed !== undefined && changed.came + changed.went <= DIFF_OPEN_LINES);
  return (
    <details class={`tool tool-${kind} tool-is-${status} ${commandOf(call, kind) === undefined ? '' : 'tool-told'}`.trim()} id={`t${sequence}${context.suffix ?? ''}`} open={open}>
      <summary>
        <span class={`tool-lamp lamp ${lampOf(status)}`} aria-hidden="true"></span>
        <span class="tool-kind" safe>{KINDS[kind] ?? 'Tool'}</span>
        <span class={kind === 'execute' ? 'tool-title mono' : 'tool-title'} safe>{shortened(titleOf(call), context.folder)}</span>
        {changed === undefined ? '' : <span class="tool-count"><span class="came" safe>{`+${changed.came}`}</span> <span class="went" safe>{`−${changed.went}`}</span></span> as 'safe'}
        <span class="tool-status" safe>{waits ? 'needs you' : (WORDS[status] ?? '')}</span>
      </summary>
      <div class="tool-body">
        {inputOf(call, kind, contents) as 'safe'}
        {contents.map((content) => contentView(content, call, context))}
        {placesOf(call, contents, context) as 'safe'}
        {outputOf(call, contents) as 'safe'}
        {requests.map((request) => (request.decision === null && context.live ? requestForm(request, context) : requestOutcome(request, context)))}
      </div>
    </details>
  );
}

/** Text with its end folded away where it is long. */
export function longText(text: string, cut = 0): JSX.Element {
  const lines = plain(text).replace(/\n$/, '').split('\n');
  const more = cut === 0 ? '' : `\n… and ${cut} more characters, which were not kept`;
  if (lines.length <= LINES_SHOWN + 4) return <pre class="output" safe>{lines.join('\n') + more}</pre>;
  return (
    <>
      <pre class="output" safe>{lines.slice(0, LINES_SHOWN).join('\n')}</pre>
      <details class="more-lines">
        <summary safe>{`Show all: ${lines.length - LINES_SHOWN} more lines`}</summary>
        <pre class="output" safe>{lines.slice(LINES_SHOWN).join('\n') + more}</pre>
      </details>
    </>
  );
}

const lampOf = (status: string): string =>
  ({ needs_you: 'lamp-needs_you', in_progress: 'lamp-working', failed: 'lamp-error', completed: 'lamp-idle' })[status] ?? 'lamp-stopped';

const listOf = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);

const titleOf = (call: Json): string => plain(String(call.title ?? call.name ?? call.toolCallId ?? 'A tool'));

/** Paths inside the workspace without the workspace. */
const shortened = (text: string, folder: string): string => text.replaceAll(`${folder}/`, '');

function countsOf(contents: readonly Json[]): { came: number; went: number } | undefined {
  const diffs = contents.filter(({ type, tooLong }) => type === 'diff' && tooLong !== true);
  if (diffs.length === 0) return undefined;
  const counts = diffs.map(({ before, after }) => diffCount(textOf(before), textOf(after) ?? ''));
  return { came: counts.reduce((sum, { came }) => sum + came, 0), went: counts.reduce((sum, { went }) => sum + went, 0) };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function contentView(content: Json, call: Json, context: ItemContext): JSX.Element {
  switch (content.type) {
    case 'diff':
      return (
        <figure class="tool-diff">
          <figcaption class="path">{filePath(String(content.path ?? ''), context) as 'safe'}{textOf(content.before) === null ? <span class="badge">new</span> : ''}</figcaption>
          {content.tooLong === true
            ? <p class="muted small">The change is too large to be shown here.</p>
            : diffView(textOf(content.before), textOf(content.after) ?? '', diffFrom(call, content.path)) as 'safe'}
        </figure>
      );
    case 'terminal':
      return <p><a class="button" href={`/sessions/${encodeURIComponent(String(content.terminal ?? ''))}`}>Look into its terminal</a></p>;
    case 'image':
      return pictures(context.sessionId, [String(content.image ?? '')]);
    case 'link':
      return <p class="path">{filePath(String(content.uri ?? '').replace(/^file:\/\//, ''), context) as 'safe'}</p>;
    case 'text':
      return textView(String(content.text ?? ''), Number(content.cut ?? 0), context);
    default:
      return <></>;
  }
}

/** The files that it is about, where nothing else names them. */
function placesOf({ locations, title }: Json, contents: readonly Json[], context: ItemContext): JSX.Element {
  const named = new Set(contents.map(({ path }) => path));
  const places = listOf(locations).filter(({ path }) => typeof path === 'string' && !named.has(path) && !String(title).endsWith(shortened(path, context.folder)));
  if (places.length === 0) return <></>;
  return <ul class="places">{places.slice(0, PLACES_SHOWN).map(({ path, line }) => <li class="path">{filePath(String(path), context, line) as 'safe'}</li>)}</ul>;
}

/** Output comes in one fence: shown as what it is; the rest is Markdown. */
function textView(text: string, cut: number, context: ItemContext): JSX.Element {
  const fenced = /^\s*(`{3,})(?:console|text|sh|bash)?\n([\s\S]*?)\n?\1\s*$/.exec(text);
  if (fenced !== null) return longText(fenced[2] ?? '', cut);
  if (cut > 0 || text.split('\n').length > LINES_SHOWN) return longText(text, cut);
  return <div class="prose prose-small">{markdown(text, fileLink(context)) as 'safe'}</div>;
}

/** The line that is run, whole. */
function commandOf({ rawInput }: Json, kind: string): string | undefined {
  if (kind !== 'execute' || typeof rawInput !== 'object' || rawInput === null) return undefined;
  return 'command' in rawInput && typeof rawInput.command === 'string' ? rawInput.command : undefined;
}

/** What went in, where the title does not say it already. */
function inputOf(call: Json, kind: string, contents: readonly Json[]): JSX.Element {
  const input = call.rawInput;
  if (typeof input !== 'object' || input === null) return <></>;
  const command = commandOf(call, kind);
  if (command !== undefined) return <div class="tool-command">{codeBlock(plain(command), 'bash') as 'safe'}</div>;
  if (contents.some(({ type }) => type === 'diff') || Object.keys(input).length === 0) return <></>;
  return (
    <details class="raw">
      <summary>What went in</summary>
      {longText(JSON.stringify(input, null, 2)) as 'safe'}
    </details>
  );
}

/** Only where the agent shows nothing of it by itself. */
function outputOf(call: Json, contents: readonly Json[]): JSX.Element {
  const output = call.rawOutput;
  if (output === undefined || output === null || output === '' || contents.length > 0) return <></>;
  return longText(typeof output === 'string' ? output : JSON.stringify(output, null, 2));
}
