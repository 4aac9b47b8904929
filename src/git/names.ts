// Names as git gives and takes them: bytes. As text they are written as everywhere (path-text),
// so a name that is no UTF-8 comes back to git as the bytes that it was.

import { namesOf, pathOf } from '../files/path-text.ts';

/** A path of git's output as text. */
export function pathOfBytes(bytes: Buffer): string {
  const names: Buffer[] = [];
  for (let from = 0; from < bytes.byteLength; ) {
    const slash = bytes.indexOf(0x2f, from);
    const end = slash === -1 ? bytes.byteLength : slash;
    if (end > from) names.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return pathOf(names);
}

/** @throws AppError invalid (field path) */
export const bytesOfPath = (path: string): Buffer => Buffer.from(namesOf(path).map((name) => name.toString('latin1')).join('/'), 'latin1');

/** Paths for `--pathspec-from-file=- --pathspec-file-nul`, which takes them as bytes. */
export const pathList = (paths: readonly string[]): Buffer => Buffer.concat(paths.flatMap((path) => [bytesOfPath(path), Buffer.of(0)]));

/**
 * A path as an argument, from the folder down. Arguments are text: where a name is none, a
 * pattern stands for it that others may match too, so whoever asks looks for the path itself.
 */
export function pathspec(path: string): string {
  const bytes = bytesOfPath(path);
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return `:(literal)${text}`;
  const pattern = [...bytes].map((byte) => (byte >= 0x80 ? '?' : String.fromCharCode(byte).replace(/[*?[\\]/, '\\$&'))).join('');
  return `:(glob)${pattern}`;
}

/** NUL-ended pieces; what follows the last NUL is dropped, for it was cut off. */
export function piecesOf(output: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let from = 0, end = output.indexOf(0); end !== -1; from = end + 1, end = output.indexOf(0, from)) pieces.push(output.subarray(from, end));
  return pieces;
}

/** A path of the repository as one of the workspace, which may be a folder in it; null outside. */
export function insidePart(part: Buffer, path: Buffer): Buffer | null {
  if (part.byteLength === 0) return path;
  return path.subarray(0, part.byteLength).equals(part) ? path.subarray(part.byteLength) : null;
}
