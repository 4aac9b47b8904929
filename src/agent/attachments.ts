// Pictures of conversations: what people upload for a prompt, and what agents show. One file
// each, in a folder of the session; only kinds of picture that are safe to show are kept.

import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';

export interface Attachment {
  id: string;
  mimeType: string;
  size: number;
}

const ENDINGS: Record<string, string> = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/gif': 'gif', 'image/webp': 'webp' };
const TYPES = Object.fromEntries(Object.entries(ENDINGS).map(([type, ending]) => [ending, type]));
const ID = /^[0-9a-f-]{36}$/;
const NAME = /^([0-9a-f-]{36})\.(png|jpg|gif|webp)$/;

export class Attachments {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What it is, its own first bytes say. @throws AppError media_type, too_large, conflict, full */
  add(sessionId: string, bytes: Uint8Array): Attachment {
    const mimeType = pictureType(bytes);
    if (mimeType === undefined) throw new AppError('media_type', 'Only PNG, JPEG, GIF and WebP pictures can be attached.');
    const used = this.#names(sessionId).reduce((sum, name) => sum + statSync(join(this.#folder, sessionId, name)).size, 0);
    if (used + bytes.byteLength > limits.attachmentsBytesMax) {
      throw new AppError('conflict', 'This session holds as many pictures as it may.', { conflict: { limit: 'attachmentsBytesMax' } });
    }
    const id = Bun.randomUUIDv7();
    const folder = join(this.#folder, sessionId);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, `${id}.${ENDINGS[mimeType]}`), bytes, { mode: 0o600 });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
        throw new AppError('full', 'The disk is full: nothing was changed. Free some space and try again.');
      }
      throw error;
    }
    return { id, mimeType, size: bytes.byteLength };
  }

  /** A picture of an agent (base64). @returns its id, or null where it is none that is kept */
  keep(sessionId: string, base64: string): string | null {
    if (base64.length > (limits.agentImageBytesMax * 4) / 3) return null;
    try {
      return this.add(sessionId, Buffer.from(base64, 'base64')).id;
    } catch (error) {
      if (error instanceof AppError) return null;
      throw error;
    }
  }

  /** @throws AppError not_found */
  get(sessionId: string, id: string): Attachment & { path: string } {
    const name = this.#names(sessionId).find((one) => one.startsWith(`${id}.`));
    const ending = name === undefined ? undefined : NAME.exec(name)?.[2];
    if (name === undefined || ending === undefined) throw new AppError('not_found', 'There is no such attachment.');
    const path = join(this.#folder, sessionId, name);
    return { id, mimeType: TYPES[ending] ?? '', size: statSync(path).size, path };
  }

  /** Removes what belongs to sessions that are gone. */
  sweep(known: (sessionId: string) => boolean): void {
    if (!existsSync(this.#folder)) return;
    for (const sessionId of readdirSync(this.#folder)) if (!known(sessionId)) this.remove(sessionId);
  }

  /** All of a session. */
  remove(sessionId: string): void {
    if (ID.test(sessionId)) rmSync(join(this.#folder, sessionId), { recursive: true, force: true });
  }

  #names(sessionId: string): string[] {
    const folder = join(this.#folder, sessionId);
    // An id comes from an address: it must not leave the folder.
    if (!ID.test(sessionId) || !existsSync(folder)) return [];
    return readdirSync(folder).filter((name) => NAME.test(name));
  }
}

function pictureType(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'image/gif';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'image/webp';
  return undefined;
}
