// Text as search compares it: letters without case and accents, compatible forms as one. Lines
// stay lines, so that a place in the folded text names a line of the text itself.

const ASCII = /^[\x00-\x7f]*$/;
/** And what has one form only, no case and no marks: dashes, quotes, bullets, lines, shapes, signs. */
const PLAIN = /^[\x00-\x7f\u2012-\u2015\u2018-\u2022\u2500-\u25ff\u2700-\u27bf]*$/;
const MARKS = /\p{M}+/gu;

export function fold(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  // A sigma at the end of a word has another small letter.
  return text.normalize('NFKD').replace(MARKS, '').toLowerCase().replaceAll('ς', 'σ');
}

export interface FoldedLine {
  folded: string;
  /** Where in the line itself the unit at `index` of the folded one comes from; also for its end. */
  origin(index: number): number;
}

/** Of one line, with the way back. */
export function foldLine(line: string): FoldedLine {
  if (ASCII.test(line)) return { folded: line.toLowerCase(), origin: (index) => index };
  let folded = '';
  const origins: number[] = [];
  let at = 0;
  for (const character of line) {
    const piece = fold(character);
    for (let unit = 0; unit < piece.length; unit += 1) origins.push(at);
    folded += piece;
    at += character.length;
  }
  return { folded, origin: (index) => origins[index] ?? line.length };
}
