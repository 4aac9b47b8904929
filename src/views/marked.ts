// Lines of code in colours, each line whole for itself, with some of its words marked. What
// comes out is escaped whatever goes in.

import { Html } from '@elysiajs/html';
import { coloured } from './code.ts';
import { plain } from './text.tsx';

/** Escaped HTML of each line. Colours that reach over a line's end begin anew in the next. */
export function colouredLines(lines: readonly string[], language: string): string[] {
  const texts = lines.map(plain);
  if (language === '') return texts.map((text) => String(Html.escapeHtml(text)));
  const html: string[] = [];
  let open: string[] = [];
  for (const line of coloured(texts.join('\n'), language).split('\n')) {
    const before = open.join('');
    for (const [tag] of line.matchAll(/<\/?[a-z][^>]*>/g)) open = tag.startsWith('</') ? open.slice(0, -1) : [...open, tag];
    html.push(`${before}${line}${'</span>'.repeat(open.length)}`);
  }
  // A library that lost a line must not shift the others.
  return html.length === texts.length ? html : texts.map((text) => String(Html.escapeHtml(text)));
}

/** @param marks ranges of UTF-16 units in the line's text */
export function withMarks(html: string, marks: readonly (readonly [number, number])[]): string {
  if (marks.length === 0) return html;
  let out = '';
  let at = 0;
  let inside = false;
  const isMarked = (unit: number): boolean => marks.some(([from, to]) => unit >= from && unit < to);
  for (const [piece] of html.matchAll(/<[^>]*>|&[^;\s]{1,8};|[^]/g)) {
    const tag = piece.startsWith('<');
    const wanted = !tag && isMarked(at);
    // Marks never cross a tag: they end before it and begin again behind.
    if (wanted !== inside) out += wanted ? '<mark>' : '</mark>';
    inside = wanted;
    out += piece;
    if (!tag) at += 1;
  }
  return inside ? `${out}</mark>` : out;
}
