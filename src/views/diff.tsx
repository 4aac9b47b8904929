// Two versions of a text as lines that went and lines that came, with a little of what stayed
// around them. Found by a library, with a bound: two texts that share nothing are told so fast.

import { Html } from '@elysiajs/html';
import { structuredPatch } from 'diff';
import { plain } from './text.tsx';

const CONTEXT_LINES = 3;
/** Shown at first; the rest unfolds. */
const LINES_SHOWN = 60;
/** Past it the search for the smallest difference is given up. */
const TIMEOUT_MS = 60;
/** The same diff comes with every refresh of a page that streams. */
const CACHE_MAX = 100;
const cache = new Map<string, Line[]>();

interface Line {
  is: 'came' | 'went' | 'stayed' | 'gap';
  before: number | undefined;
  after: number | undefined;
  text: string;
}

/**
 * @param before null where the file is new
 * @param from the line of the file that the texts begin at; null where nobody knows, and no line has a number
 */
export function diffView(before: string | null, after: string, from: number | null = 1): JSX.Element {
  const lines = linesOf(before ?? '', after);
  if (lines.length === 0) return <p class="muted small">Nothing changes.</p>;
  const first = lines.slice(0, LINES_SHOWN);
  const rest = lines.slice(LINES_SHOWN);
  return (
    <div class="diff">
      {table(first, from) as 'safe'}
      {rest.length === 0 ? '' : (
        <details class="more-lines">
          <summary safe>{`Show all: ${rest.length} more lines`}</summary>
          {table(rest, from) as 'safe'}
        </details>
      ) as 'safe'}
    </div>
  );
}

/** How many lines came and went. */
export function diffCount(before: string | null, after: string): { came: number; went: number } {
  const lines = linesOf(before ?? '', after);
  return { came: lines.filter(({ is }) => is === 'came').length, went: lines.filter(({ is }) => is === 'went').length };
}

function table(lines: readonly Line[], from: number | null): JSX.Element {
  const number = (line: number | undefined): string => (line === undefined || from === null ? '' : String(line + from - 1));
  return (
    <table>
      <tbody>
        {lines.map(({ is, before, after, text }) => is === 'gap' ? <tr class="gap"><td colspan="3">⋯</td></tr> : (
          <tr class={is}>
            <td class="number" data-n={number(after ?? before)}></td>
            <td class="sign" aria-label={is === 'came' ? 'added' : is === 'went' ? 'removed' : ''}>{is === 'came' ? '+' : is === 'went' ? '−' : ''}</td>
            <td class="line" safe>{plain(text)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function linesOf(before: string, after: string): Line[] {
  const key = `${before.length} ${before}\0${after}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const lines = compared(before, after);
  if (cache.size >= CACHE_MAX) for (const oldest of cache.keys()) { cache.delete(oldest); break; }
  cache.set(key, lines);
  return lines;
}

function compared(before: string, after: string): Line[] {
  const patch = structuredPatch('', '', before, after, undefined, undefined, { context: CONTEXT_LINES, timeout: TIMEOUT_MS });
  if (patch === undefined) return [...whole(before, 'went'), ...whole(after, 'came')];
  const lines: Line[] = [];
  for (const [index, hunk] of patch.hunks.entries()) {
    let old = hunk.oldStart;
    let now = hunk.newStart;
    if (index > 0) lines.push({ is: 'gap', before: undefined, after: undefined, text: '' });
    for (const line of hunk.lines) {
      const text = line.slice(1);
      if (line.startsWith('+')) lines.push({ is: 'came', before: undefined, after: now++, text });
      else if (line.startsWith('-')) lines.push({ is: 'went', before: old++, after: undefined, text });
      else if (!line.startsWith('\\')) lines.push({ is: 'stayed', before: old++, after: now++, text });
    }
  }
  return lines;
}

const whole = (text: string, is: 'came' | 'went'): Line[] =>
  text.replace(/\n$/, '').split('\n').map((line, index) => ({ is, before: index + 1, after: index + 1, text: line }));
