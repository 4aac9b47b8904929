// A page of a file as it lies on the disk, for who looks and does not edit: as text where it is
// one, in whatever encoding, else as bytes.

import { readSync } from 'node:fs';
import { type Ground, openFile } from '../files/open.ts';
import { limits } from '../limits.ts';
import { contentOf, writtenOf } from './format.ts';

export interface Peek {
  size: number;
  /** Of this page, in bytes. */
  from: number;
  to: number;
  bytes: Uint8Array;
  /** `editable`: UTF-8, and not too large. Null where it is no text. */
  text: { text: string; editable: boolean; encoding: string } | null;
}

/** @throws AppError not_found, forbidden, conflict (no file), invalid */
export function peek(ground: Ground, path: string, at: number): Peek {
  const file = openFile(ground, path);
  try {
    const size = Number(file.stat.size);
    // What kind of file it is says its beginning, on every page alike.
    const head = read(file.descriptor, 0, Math.min(size, limits.filePageBytes));
    const kind = contentOf(head, head.byteLength === size);
    const from = Math.min(at, Math.max(0, size - 1));
    const most = kind.is === 'binary' ? limits.hexPageBytes : limits.filePageBytes;
    const bytes = from === 0 ? head.subarray(0, most) : read(file.descriptor, from, Math.min(most, size - from));
    if (kind.is === 'binary') return { size, from, to: from + bytes.byteLength, bytes, text: null };
    const own = from + bytes.byteLength < size ? upToLine(bytes) : bytes;
    const encoding = kind.is === 'text' ? 'UTF-8' : kind.encoding;
    const text = from === 0 && own === head ? shown(kind) : decoded(own, encoding);
    const editable = kind.is === 'text' && size <= limits.documentBytesMax;
    return { size, from, to: from + own.byteLength, bytes: own, text: { text, editable, encoding } };
  } finally {
    file.close();
  }
}

const shown = (kind: Exclude<ReturnType<typeof contentOf>, { is: 'binary' }>): string => (kind.is === 'text' ? writtenOf(kind.text) : kind.text);

function decoded(bytes: Uint8Array, encoding: string): string {
  const label = { 'UTF-8': 'utf-8', 'UTF-16 LE': 'utf-16le', 'UTF-16 BE': 'utf-16be', 'Windows-1252': 'windows-1252' }[encoding] ?? 'utf-8';
  return new TextDecoder(label).decode(bytes);
}

/** To the last line that is whole, where there is one; else to an even byte, for the wide encodings. */
function upToLine(bytes: Uint8Array): Uint8Array {
  const end = bytes.lastIndexOf(0x0a);
  return bytes.subarray(0, end > 0 ? end + 1 + ((end + 1) % 2 === 1 && bytes[end + 1] === 0 ? 1 : 0) : bytes.byteLength - (bytes.byteLength % 2));
}

function read(descriptor: number, from: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, from));
}
