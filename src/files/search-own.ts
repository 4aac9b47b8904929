// Searches in files by ourselves, where there is no ripgrep, and replaces. Runs in a thread of
// its own, for a regular expression may take as long as it likes.

import { readSync } from 'node:fs';
import { limits } from '../limits.ts';
import { SKIPPED } from './find.ts';
import { type Ground, openFile, openFolder, openHere, type OpenFile } from './open.ts';
import { pathOf, textOf } from './path-text.ts';
import { globMatcher, type LetterRange, type Match, patternOf, type Replaced, type SearchEvent, type SearchJob, type SearchTerms, shownLine } from './search-terms.ts';
import { walkTree } from './tree-walk.ts';
import { etagOf } from './version.ts';

/** Does the job, and says what comes of it. */
export async function work(job: SearchJob, tell: (message: SearchEvent | Replaced) => void): Promise<void> {
  if (job.kind === 'search') await searchIn(job, tell);
  else for (const file of job.files) tell(replacedIn(job.ground, job.terms, job.replacement, file));
}

async function searchIn({ ground, terms, ignored, replacement }: SearchJob & { kind: 'search' }, tell: (message: SearchEvent) => void): Promise<void> {
  const pattern = patternOf(terms);
  // Bytes are looked for before a file is read as text: most files have none of them.
  const needle = terms.regex || !terms.exactCase ? undefined : Buffer.from(terms.text);
  const wanted = globMatcher(terms.globs);
  const left = new Set(ignored);
  const end = performance.now() + limits.fileSearchMs;
  let matches = 0;
  let files = 0;
  let limited: 'matches' | 'time' | null = null;
  const space = Buffer.allocUnsafe(limits.fileSearchBytesMax);
  const folder = openFolder(ground, '');
  try {
    const leaveOut = (name: Buffer, names: readonly Buffer[]): boolean => SKIPPED.has(name.toString()) || left.has(pathOf(names));
    for await (const { place, names, stat } of walkTree(ground, folder, { leaveOut, entriesMax: Infinity })) {
      if (!stat.isFile() || stat.size === 0n || stat.size > limits.fileSearchBytesMax) continue;
      const path = names.map(textOf).join('/');
      if (!wanted(path)) continue;
      if (performance.now() > end) {
        limited = 'time';
        break;
      }
      const bytes = bytesOf(() => openHere(place), space);
      if (bytes === undefined || isBinary(bytes) || (needle !== undefined && bytes.indexOf(needle) === -1)) continue;
      const found = linesWith(bytes.toString(), pattern, replacement, terms.regex);
      if (found.length > 0) files += 1;
      for (const match of found) {
        if (matches === limits.fileSearchMatchesMax) {
          limited = 'matches';
          break;
        }
        matches += 1;
        tell({ type: 'match', path, ...match });
      }
      if (limited !== null) break;
    }
  } finally {
    folder.dispose();
  }
  tell({ type: 'done', engine: 'own', matches, files, limited });
}

/** The lines of a text with what was found in each. */
export function linesWith(text: string, pattern: RegExp, replacement: string | undefined, regex: boolean): Omit<Match, 'path'>[] {
  const found: Omit<Match, 'path'>[] = [];
  let line = 1;
  let counted = 0;
  pattern.lastIndex = 0;
  for (let hit = pattern.exec(text); hit !== null && found.length < limits.fileSearchLinesMax; hit = pattern.exec(text)) {
    const start = text.lastIndexOf('\n', hit.index - 1) + 1;
    const stop = endOfLine(text, hit.index);
    for (let at = text.indexOf('\n', counted); at !== -1 && at < start; at = text.indexOf('\n', at + 1)) line += 1;
    counted = start;
    const ranges: LetterRange[] = [];
    for (; hit !== null && hit.index <= stop; hit = pattern.exec(text)) {
      // A line of millions of finds: more than these are not shown.
      if (ranges.length < limits.fileSearchRangesMax) ranges.push([hit.index - start, Math.min(hit.index + hit[0].length, stop) - start]);
      if (hit[0] === '') pattern.lastIndex += 1;
    }
    const whole = text.slice(start, stop).replace(/\r$/, '');
    const replaced = replacement === undefined ? {} : { replaced: shownLine(exchanged(whole, pattern, replacement, regex), ranges).text };
    found.push({ line, ...shownLine(whole, ranges), ...replaced });
    pattern.lastIndex = stop + 1;
    if (stop >= text.length) break;
  }
  return found;
}

function replacedIn(ground: Ground, terms: SearchTerms, replacement: string, { path, etag }: { path: string; etag: string }): Replaced {
  const none = (reason: string): Replaced => ({ type: 'replaced', path, bytes: null, etag, count: 0, reason });
  let file: OpenFile;
  try {
    file = openFile(ground, path);
  } catch (error) {
    return none(error instanceof Error ? error.message : 'It cannot be read.');
  }
  const now = etagOf(file.stat);
  const size = Number(file.stat.size);
  if (now !== etag || size > limits.fileSearchBytesMax) {
    file.close();
    return none(now === etag ? 'The file is too large.' : 'The file was changed since it was searched.');
  }
  const bytes = bytesOf(() => file, Buffer.allocUnsafe(size + 1));
  if (bytes === undefined) return none('It cannot be read.');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return none('The file is not UTF-8.');
  }
  const pattern = patternOf(terms);
  const count = [...text.matchAll(pattern)].length;
  if (count === 0) return none('There is nothing to replace in it any more.');
  return { type: 'replaced', path, bytes: Buffer.from(exchanged(text, pattern, replacement, terms.regex)), etag, count, reason: null };
}

/** `$1` and the like mean something only where a regular expression was asked for. */
function exchanged(text: string, pattern: RegExp, replacement: string, regex: boolean): string {
  pattern.lastIndex = 0;
  return regex ? text.replace(pattern, replacement) : text.replace(pattern, () => replacement);
}

function bytesOf(open: () => OpenFile, space: Buffer): Buffer | undefined {
  let file: OpenFile | undefined;
  try {
    file = open();
    let bytes = 0;
    for (let read = -1; read !== 0 && bytes < space.byteLength; bytes += read) read = readSync(file.descriptor, space, bytes, space.byteLength - bytes, bytes);
    return space.subarray(0, bytes);
  } catch {
    return undefined; // Not readable, or gone.
  } finally {
    file?.close();
  }
}

const isBinary = (bytes: Buffer): boolean => bytes.subarray(0, limits.fileSearchBinaryBytes).includes(0);

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at === -1 ? text.length : at;
}
