// From the bytes of a file to the text that is edited, and back to the same bytes. What is no
// UTF-8 is recognised and never guessed into text that could be saved.

import { isUtf8 } from 'node:buffer';
import { Text } from '@codemirror/state';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';

/** What a file has beside its text. */
export interface Format {
  /** A byte order mark stands before it. */
  bom: boolean;
  /** `kept`: endings are mixed, or carriage returns stand alone; they are part of the text then. */
  lineEnding: 'lf' | 'crlf' | 'kept';
}

export const PLAIN: Format = { bom: false, lineEnding: 'lf' };

export type Content =
  | { is: 'text'; text: Text; format: Format }
  /** Text of another encoding: to be read, not edited. */
  | { is: 'encoded'; encoding: 'UTF-16 LE' | 'UTF-16 BE' | 'Windows-1252'; text: string }
  | { is: 'binary' };

const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);
/** As much as tells text from anything else. */
const SAMPLE_BYTES = 8192;

/** @param whole false where `bytes` are only the beginning: a character may be cut at its end */
export function contentOf(bytes: Uint8Array, whole = true): Content {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = view.length >= 2 ? view.readUInt16BE(0) : 0;
  if (wide === 0xfffe) return { is: 'encoded', encoding: 'UTF-16 LE', text: new TextDecoder('utf-16le').decode(view) };
  if (wide === 0xfeff) return { is: 'encoded', encoding: 'UTF-16 BE', text: new TextDecoder('utf-16be').decode(view) };
  if (view.includes(0)) return { is: 'binary' };
  const own = whole ? view : upToCharacter(view);
  if (!isUtf8(own)) {
    const text = new TextDecoder('windows-1252').decode(view);
    return looksLikeText(view) ? { is: 'encoded', encoding: 'Windows-1252', text } : { is: 'binary' };
  }
  const bom = own.subarray(0, 3).equals(UTF8_BOM);
  return { is: 'text', ...separated((bom ? own.subarray(3) : own).toString('utf8'), bom) };
}

/** The bytes of a file with this text. Its inverse gives the same text and format. */
export function bytesOf(text: Text, { bom, lineEnding }: Format): Uint8Array {
  const written = Buffer.from(text.sliceString(0, text.length, lineEnding === 'crlf' ? '\r\n' : '\n'), 'utf8');
  return bom ? Buffer.concat([UTF8_BOM, written]) : written;
}

/** Bytes of a file with this text, about: never less, and exact where it comes near `most`. */
export function fileBytes(text: Text, { bom, lineEnding }: Format, most: number): number {
  const breaks = text.lines - 1;
  const more = (bom ? UTF8_BOM.byteLength : 0) + (lineEnding === 'crlf' ? breaks : 0);
  // Three bytes is the most that one of UTF-16 takes.
  const atMost = 3 * text.length + more;
  return atMost <= most ? atMost : Buffer.byteLength(writtenOf(text)) + more;
}

/** Lines end with \n alone here; a carriage return before it is part of the line. */
export const textOf = (written: string): Text => Text.of(written.split('\n'));

/** The whole text, as `textOf` takes it. */
export const writtenOf = (text: Text): string => text.sliceString(0, text.length, '\n');

export function formatOf(value: JsonValue | undefined): Format {
  if (!isJsonObject(value)) return PLAIN;
  const { bom, lineEnding } = value;
  return { bom: bom === true, lineEnding: lineEnding === 'crlf' || lineEnding === 'kept' ? lineEnding : 'lf' };
}

export const formatData = ({ bom, lineEnding }: Format): JsonObject => ({ bom, lineEnding });

export function hashOf(bytes: Uint8Array): string {
  return new Bun.CryptoHasher('sha256').update(bytes).digest('hex');
}

function separated(written: string, bom: boolean): { text: Text; format: Format } {
  const returns = countOf(written, '\r');
  if (returns === 0) return { text: textOf(written), format: { bom, lineEnding: 'lf' } };
  const pairs = countOf(written, '\r\n');
  if (pairs === returns && pairs === countOf(written, '\n')) {
    return { text: Text.of(written.split('\r\n')), format: { bom, lineEnding: 'crlf' } };
  }
  return { text: textOf(written), format: { bom, lineEnding: 'kept' } };
}

function countOf(text: string, what: string): number {
  let count = 0;
  for (let at = text.indexOf(what); at !== -1; at = text.indexOf(what, at + what.length)) count += 1;
  return count;
}

/** Few of the characters that no text has. */
function looksLikeText(bytes: Buffer): boolean {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const strange = sample.reduce((sum, byte) => sum + (byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(byte) ? 1 : 0), 0);
  const high = sample.reduce((sum, byte) => sum + (byte >= 0x80 ? 1 : 0), 0);
  return strange === 0 && high * 3 < sample.byteLength;
}

function upToCharacter(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(4, bytes.byteLength); back += 1) {
    const byte = bytes[bytes.byteLength - back] ?? 0;
    if (byte < 0x80) return bytes;
    if (byte >= 0xc0) return bytes.subarray(0, bytes.byteLength - back);
  }
  return bytes;
}
