// What was deleted from workspaces, kept in the data folder until it is asked back or its time
// is over. A thing goes there whole, with a card beside it that says where it came from.

import { constants, existsSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { makeFolders, moveAt } from './change.ts';
import { Folder, type Ground, openPlace, type Place } from './open.ts';
import { folderOf, normalPath } from './path-text.ts';
import { fileTrouble } from './trouble.ts';

export interface Deleted {
  id: string;
  /** Where it was, and is put back. */
  path: string;
  kind: 'folder' | 'file' | 'link' | 'other';
  /** Bytes of a file. */
  size: number | null;
  /** ISO 8601 UTC. */
  deleted: string;
  expires: string;
}

const ID = /^[0-9a-f-]{36}$/;
const THING = Buffer.from('thing');

export class Trash {
  readonly #folder: string;
  readonly #now: () => number;
  readonly #report: (line: string) => void;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param report told what cannot be removed though its time is over */
  constructor(folder: string, now: () => number = Date.now, report: (line: string) => void = () => {}) {
    this.#folder = folder;
    this.#now = now;
    this.#report = report;
  }

  /** Looks for what is over, now and then. */
  start(): void {
    void this.sweep();
    this.#timer = setInterval(() => void this.sweep(), limits.trashSweepMs);
    this.#timer.unref();
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  /** Takes it out of the workspace. A link goes as the link that it is. @throws AppError not_found, forbidden, full, conflict */
  async take(workspaceId: string, ground: Ground, path: string): Promise<Deleted> {
    const at = normalPath(path);
    const place = openPlace(ground, at);
    const id = Bun.randomUUIDv7();
    const folder = join(this.#folder, workspaceId, id);
    try {
      const stat = lstatSync(place.at);
      const kind = stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : stat.isSymbolicLink() ? 'link' : 'other';
      const now = this.#now();
      const card = { id, path: at, kind, size: kind === 'file' ? stat.size : null, deleted: new Date(now).toISOString(), expires: new Date(now + limits.trashKeepMs).toISOString() } satisfies Deleted;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, 'card.json'), JSON.stringify(card), { mode: 0o600 });
      await this.#inside(workspaceId, id, (thing) => moveAt(ground, place, thing));
      return card;
    } catch (error) {
      if (lstatSync(join(folder, THING.toString()), { throwIfNoEntry: false }) === undefined) rmSync(folder, { recursive: true, force: true });
      throw fileTrouble(error);
    } finally {
      place.folder.dispose();
    }
  }

  /** Latest first. */
  list(workspaceId: string): Deleted[] {
    return this.#ids(workspaceId)
      .flatMap((id) => this.#card(workspaceId, id) ?? [])
      .sort((one, other) => (one.id < other.id ? 1 : -1));
  }

  /**
   * To where it was, or to another path; folders that are gone are made again.
   * @returns its path. @throws AppError not_found, conflict (something is there), full
   */
  async restore(workspaceId: string, id: string, ground: Ground, to?: string): Promise<string> {
    const { path } = this.#known(workspaceId, id);
    const target = normalPath(to ?? path);
    makeFolders(ground, folderOf(target));
    const place = openPlace(ground, target);
    try {
      await this.#inside(workspaceId, id, (thing) => moveAt(ground, thing, place));
    } finally {
      place.folder.dispose();
    }
    rmSync(join(this.#folder, workspaceId, id), { recursive: true, force: true });
    return target;
  }

  /** For ever. @throws AppError not_found, forbidden: what is left of it stays */
  async remove(workspaceId: string, id: string): Promise<void> {
    this.#known(workspaceId, id);
    try {
      await this.#end(workspaceId, id);
    } catch (error) {
      throw fileTrouble(error);
    }
  }

  /** Removes what is over. What somebody else's program made may not be ours to remove: it is told, and tried again the next time. */
  async sweep(): Promise<void> {
    if (!existsSync(this.#folder)) return;
    for (const workspaceId of readdirSync(this.#folder)) {
      for (const id of this.#ids(workspaceId)) {
        const card = this.#card(workspaceId, id);
        const over = card === undefined ? this.#isOld(workspaceId, id) : Date.parse(card.expires) <= this.#now();
        if (over) await this.#end(workspaceId, id).catch((error: unknown) => this.#report(`trash: ${String(error)}`));
      }
    }
  }

  /** In a thread: a folder of a hundred thousand files takes seconds. The card goes last, so that what stays is known. */
  async #end(workspaceId: string, id: string): Promise<void> {
    const folder = join(this.#folder, workspaceId, id);
    await rm(join(folder, THING.toString()), { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }

  async #inside(workspaceId: string, id: string, act: (thing: Place) => Promise<void>): Promise<void> {
    const path = join(this.#folder, workspaceId, id);
    const folder = new Folder(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY), Buffer.from(path));
    try {
      await act({ folder, name: THING, at: folder.at(THING) });
    } finally {
      folder.dispose();
    }
  }

  #ids(workspaceId: string): string[] {
    const folder = join(this.#folder, workspaceId);
    if (!ID.test(workspaceId) || !existsSync(folder)) return [];
    return readdirSync(folder).filter((id) => ID.test(id));
  }

  /** Undefined where the move did not come to its end. */
  #card(workspaceId: string, id: string): Deleted | undefined {
    const folder = join(this.#folder, workspaceId, id);
    if (lstatSync(join(folder, THING.toString()), { throwIfNoEntry: false }) === undefined) return undefined;
    try {
      return JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8')) as Deleted;
    } catch {
      return undefined;
    }
  }

  #known(workspaceId: string, id: string): Deleted {
    const card = this.#ids(workspaceId).includes(id) ? this.#card(workspaceId, id) : undefined;
    if (card === undefined) throw new AppError('not_found', 'There is no such thing in the trash: its time may be over.');
    return card;
  }

  /** A move across disks may be under way: what has no card is left for as long as everything else. */
  #isOld(workspaceId: string, id: string): boolean {
    const stat = lstatSync(join(this.#folder, workspaceId, id), { throwIfNoEntry: false });
    return stat !== undefined && stat.mtimeMs + limits.trashKeepMs <= this.#now();
  }
}
