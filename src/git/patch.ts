// Takes a diff of git apart (`--raw --patch -z`): which files, then their hunks, line by line,
// as bytes. A line's sign and the counts of its hunk say where a file ends, never its text.
// Each hunk keeps its bytes, for the part that is staged is the part that was shown.

import { limits } from '../limits.ts';

export interface PatchLine {
  is: 'came' | 'went' | 'stayed';
  /** Numbers in the old and the new file, from 1. */
  before: number | null;
  after: number | null;
  text: Buffer;
  /** The file ends here without a line end. */
  open: boolean;
}

export interface PatchHunk {
  /** Of these bytes in this file. */
  id: string;
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  /** What git says is around it: a function's first line. */
  section: string;
  lines: PatchLine[];
  /** From `@@` to the last line. */
  bytes: Buffer;
}

export interface PatchFile {
  /** From the repository's folder down. */
  path: Buffer;
  from: Buffer | null;
  /** Git's letter: A, M, D, R, C, T. */
  letter: string;
  /** Six octal digits; 000000 where there is none. */
  oldMode: string;
  newMode: string;
  binary: boolean;
  /** Both sides of a merge changed it: what is shown is against ours. */
  conflict: boolean;
  hunks: PatchHunk[];
  /** Of the whole difference, also where no lines of it can be shown. */
  id: string;
  /** Longer than is shown, or its diff was cut off. */
  tooLong: boolean;
  came: number;
  went: number;
}

/** @param cut the output ends before its end */
export function parsedPatch(output: Buffer, cut: boolean): PatchFile[] {
  const { files, at } = listedFiles(output);
  let next = 0;
  for (const section of sectionsOf(output, at)) {
    // Where git shows nothing of a file, it has no section.
    let file = files[next];
    while (file !== undefined && !isOf(section, file)) file = files[(next += 1)];
    if (file === undefined) break;
    fill(file, section);
    // A file that became a link is shown as two: one that went and one that came.
    if (file.letter !== 'T' || section.includes('\nnew file mode ')) next += 1;
  }
  if (cut) for (const file of files.slice(Math.max(0, next - 1))) Object.assign(file, { tooLong: true, hunks: [] });
  return files;
}

/** As git quotes a path: in bytes that any line can hold. */
export function quoted(path: Buffer): string {
  const plain = path.every((byte) => byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c);
  if (plain) return path.toString('latin1');
  return `"${[...path].map((byte) => ESCAPES[byte] ?? (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`)).join('')}"`;
}

/** What git applies to change just this hunk. */
export function patchOf({ path }: PatchFile, hunk: PatchHunk): Buffer {
  const names = [quoted(Buffer.concat([Buffer.from('a/'), path])), quoted(Buffer.concat([Buffer.from('b/'), path]))] as const;
  // A tab ends a name with a blank in it.
  const [old, now] = names.map((name) => (name.includes(' ') && !name.startsWith('"') ? `${name}\t` : name));
  return Buffer.concat([Buffer.from(`diff --git ${names.join(' ')}\n--- ${old}\n+++ ${now}\n`, 'latin1'), hunk.bytes]);
}

const ESCAPES: Readonly<Record<number, string>> = { 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 34: '\\"', 92: '\\\\' };

function listedFiles(output: Buffer): { files: PatchFile[]; at: number } {
  const files: PatchFile[] = [];
  const unmerged = new Set<string>();
  let at = 0;
  const piece = (): Buffer | undefined => {
    const end = output.indexOf(0, at);
    if (end === -1) return undefined;
    const bytes = output.subarray(at, end);
    at = end + 1;
    return bytes;
  };
  while (output[at] === 0x3a) {
    const [oldMode = '', newMode = '', , , letters = ''] = piece()?.toString('latin1', 1).split(' ') ?? [];
    const letter = letters.slice(0, 1);
    const first = piece();
    const second = letter === 'R' || letter === 'C' ? piece() : first;
    if (first === undefined || second === undefined) break;
    const name = second.toString('latin1');
    if (letter === 'U') unmerged.add(name); // It comes again, as what differs from our side.
    if (letter === 'U') continue;
    const from = second === first ? null : first;
    files.push({ path: second, from, letter, oldMode, newMode, binary: false, conflict: unmerged.has(name), hunks: [], id: '', tooLong: false, came: 0, went: 0 });
  }
  return { files, at: output[at] === 0 ? at + 1 : at };
}

const HEAD = Buffer.from('diff --git ');

/** The part of each file. A line of a file begins with a sign, so none looks like the head of the next. */
function* sectionsOf(output: Buffer, from: number): Generator<Buffer> {
  let start = -1;
  for (let at = from; at < output.byteLength; ) {
    const end = output.indexOf(0x0a, at);
    const next = end === -1 ? output.byteLength : end + 1;
    if (output[at] === 0x64 && output.subarray(at, at + HEAD.byteLength).equals(HEAD)) {
      if (start !== -1) yield output.subarray(start, at);
      start = at;
    } else if (output[at] === 0x2a && start !== -1) {
      yield output.subarray(start, at); // `* Unmerged path`
      start = -1;
    }
    at = next;
  }
  if (start !== -1) yield output.subarray(start);
}

function isOf(section: Buffer, { path }: PatchFile): boolean {
  const line = section.subarray(0, section.indexOf(0x0a)).toString('latin1');
  return line.endsWith(` ${quoted(Buffer.concat([Buffer.from('b/'), path]))}`);
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?([^]*)$/;

function fill(file: PatchFile, section: Buffer): void {
  file.id = hashOf(file.id, section);
  for (let at = 0; at < section.byteLength; ) {
    const end = section.indexOf(0x0a, at);
    const next = end === -1 ? section.byteLength : end + 1;
    const line = section.subarray(at, end === -1 ? section.byteLength : end);
    if (line[0] === 0x40 && line[1] === 0x40) {
      const { hunk, after } = hunkAt(file, section, at, next, line);
      if (hunk !== undefined) take(file, hunk);
      at = after;
      continue;
    }
    if (line.subarray(0, 13).equals(Buffer.from('Binary files '))) file.binary = true;
    at = next;
  }
}

function take(file: PatchFile, hunk: PatchHunk): void {
  file.came += hunk.lines.filter(({ is }) => is === 'came').length;
  file.went += hunk.lines.filter(({ is }) => is === 'went').length;
  const lines = file.hunks.reduce((sum, one) => sum + one.lines.length, hunk.lines.length);
  if (lines > limits.gitDiffLinesMax) file.tooLong = true;
  if (file.tooLong) file.hunks = [];
  else file.hunks.push(hunk);
}

function hunkAt(file: PatchFile, section: Buffer, start: number, first: number, head: Buffer): { hunk: PatchHunk | undefined; after: number } {
  const found = HUNK.exec(head.toString('utf8'));
  if (found === null) return { hunk: undefined, after: first };
  const [oldStart = 0, oldLines = 1, newStart = 0, newLines = 1] = found.slice(1, 5).map((text) => (text === undefined ? undefined : Number(text)));
  const lines: PatchLine[] = [];
  let old = oldStart;
  let now = newStart;
  let at = first;
  while (at < section.byteLength) {
    const end = section.indexOf(0x0a, at);
    const text = section.subarray(at + 1, end === -1 ? section.byteLength : end);
    const sign = section[at];
    if (sign === 0x5c) Object.assign(lines.at(-1) ?? {}, { open: true });
    else if (old >= oldStart + oldLines && now >= newStart + newLines) break;
    else if (sign === 0x2b) lines.push({ is: 'came', before: null, after: now++, text, open: false });
    else if (sign === 0x2d) lines.push({ is: 'went', before: old++, after: null, text, open: false });
    else lines.push({ is: 'stayed', before: old++, after: now++, text, open: false });
    at = end === -1 ? section.byteLength : end + 1;
  }
  const bytes = section.subarray(start, at);
  const id = hashOf(file.path.toString('latin1'), bytes);
  return { hunk: { id, oldStart, oldLines, newStart, newLines, section: found[5] ?? '', lines, bytes }, after: at };
}

const hashOf = (before: string, bytes: Buffer): string => new Bun.CryptoHasher('sha256').update(before).update('\0').update(bytes).digest('hex').slice(0, 20);
