// How a path inside a workspace is written. On disk a name is bytes; as text it is UTF-8, and a
// byte that is none is written %XX (and a % that would read so, %25XX). Addresses carry the
// bytes themselves, percent-encoded as always. Both ways lead to the same bytes and back.

import { invalid } from '../errors.ts';
import { limits } from '../limits.ts';

/** Names from the workspace's folder down, checked; none for the folder itself. @throws AppError invalid (field path) */
export function namesOf(path: string): Buffer[] {
  if (path.includes('\0') || !path.isWellFormed()) throw invalid('path', 'Must be text without NUL.');
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw invalid('path', 'Must not contain .. : give the path from the workspace down.');
  const bytes = names.map(bytesOf);
  if (bytes.reduce((sum, name) => sum + name.byteLength + 1, 0) > limits.pathBytesMax) {
    throw invalid('path', `Must be at most ${limits.pathBytesMax} bytes.`);
  }
  // Escapes may spell what the text does not show.
  if (bytes.some((name) => name.includes(0) || name.includes(0x2f))) throw invalid('path', 'Must be text without NUL.');
  return bytes;
}

/** The one way to write a path as text. @throws AppError invalid (field path) */
export const normalPath = (path: string): string => pathOf(namesOf(path));

export const pathOf = (names: readonly Buffer[]): string => names.map(textOf).join('/');

/** As text: what is UTF-8 as it is, other bytes as %XX. */
export function textOf(name: Buffer): string {
  const text = name.toString('utf8');
  const plain = !text.includes('\ufffd') || Buffer.from(text).equals(name);
  return plain ? escaped(text) : pieces(name);
}

/** A path as the end of an address. */
export const addressOf = (path: string): string =>
  path.split('/').map((name) => (READS_AS_BYTE.test(name) ? percent(bytesOf(name)) : encodeURIComponent(name))).join('/');

/** The end of an address as a path. @throws AppError invalid (field path) */
export function fromAddress(encoded: string): string {
  const bytes = Buffer.from(encoded.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1');
  const names: Buffer[] = [];
  let from = 0;
  for (let at = 0; at <= bytes.byteLength; at++) {
    if (at < bytes.byteLength && bytes[at] !== 0x2f) continue;
    names.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return normalPath(pathOf(names));
}

/** The last name. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The folder that it lies in; empty for the workspace's own. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

export const joined = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

/** For people: what is no text as U+FFFD. */
export const shownName = (name: string): string => (READS_AS_BYTE.test(name) ? bytesOf(name).toString('utf8') : name);

/** A name for something that is to be made. @throws AppError invalid (field) */
export function newName(name: string, field = 'name'): string {
  if (name === '' || name === '.' || name === '..') throw invalid(field, 'Give it a name.');
  if (name.includes('/')) throw invalid(field, 'A name must not contain / .');
  if (/\p{Cc}/u.test(name) || !name.isWellFormed()) throw invalid(field, 'A name must not contain control characters.');
  if (Buffer.byteLength(name) > limits.nameBytesMax) throw invalid(field, `A name may have ${limits.nameBytesMax} bytes.`);
  return name;
}

const READS_AS_BYTE = /%(?:25|[89A-Fa-f][0-9A-Fa-f])/;
const escaped = (text: string): string => text.replace(/%(?=25|[89A-Fa-f][0-9A-Fa-f])/g, '%25');
const percent = (bytes: Buffer): string => [...bytes].map((byte) => (/[\w.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : hex(byte))).join('');
const hex = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;

function bytesOf(name: string): Buffer {
  if (!READS_AS_BYTE.test(name)) return Buffer.from(name);
  const parts = name.split(/(%(?:25|[89A-Fa-f][0-9A-Fa-f]))/);
  return Buffer.concat(parts.map((part, index) => (index % 2 === 0 ? Buffer.from(part) : Buffer.from(part.slice(1), 'hex'))));
}

/** Bytes that begin no character, one by one. */
function pieces(name: Buffer): string {
  let text = '';
  let from = 0;
  for (let at = 0; at < name.byteLength; ) {
    const length = characterAt(name, at);
    at += Math.max(1, length);
    if (length > 0) continue;
    text += escaped(name.toString('utf8', from, at - 1)) + hex(name[at - 1] ?? 0);
    from = at;
  }
  return text + escaped(name.toString('utf8', from));
}

/** Bytes of the character that begins here; 0 where none does. */
function characterAt(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  const part = bytes.subarray(at, at + length);
  return length > 0 && Buffer.from(part.toString('utf8')).equals(part) ? length : 0;
}
