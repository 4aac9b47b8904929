// Changes of names in a workspace: folders made, things moved and duplicated. Nothing that is
// there is ever replaced.

import { accessSync, constants, lstatSync, mkdirSync, renameSync } from 'node:fs';
import { AppError, invalid } from '../errors.ts';
import { renameInOneStep } from '../libc.ts';
import { type Copied, copyTo, removeAt } from './copy.ts';
import { type Ground, openFolder, openPlace, type Place } from './open.ts';
import { folderOf, joined, nameOf, newName, normalPath } from './path-text.ts';
import { fileTrouble, systemCode } from './trouble.ts';

const THERE = 'There is something of this name already.';

/** With the folders above it that are missing. @returns its path. @throws AppError conflict, invalid, forbidden, full */
export function makeFolder(ground: Ground, path: string, { above }: { above: boolean }): string {
  const at = normalPath(path);
  if (at === '') throw new AppError('conflict', THERE);
  if (above) makeFolders(ground, folderOf(at));
  newName(nameOf(at), 'path');
  const place = openPlace(ground, at);
  try {
    mkdirSync(place.at);
    return at;
  } catch (error) {
    throw fileTrouble(error);
  } finally {
    place.folder.dispose();
  }
}

/** All that is missing of a folder's path. @throws AppError */
export function makeFolders(ground: Ground, path: string): void {
  const names = normalPath(path).split('/').filter((name) => name !== '');
  for (let count = 1; count <= names.length; count++) {
    const at = names.slice(0, count).join('/');
    try {
      openFolder(ground, at).dispose();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
      makeFolder(ground, at, { above: false });
    }
  }
}

/** A link is moved as the link that it is. @returns the new path. @throws AppError conflict, invalid, not_found, forbidden */
export async function move(ground: Ground, path: string, to: string): Promise<string> {
  const [source, target] = [normalPath(path), normalPath(to)];
  if (target === source) return target;
  if (source === '' || target === '') throw invalid('to', 'The workspace’s own folder is not moved.');
  if (target.startsWith(`${source}/`)) throw invalid('to', 'A folder cannot be moved into itself.');
  if (nameOf(target) !== nameOf(source)) newName(nameOf(target), 'to');
  await between(ground, source, target, (from, into) => moveAt(ground, from, into));
  return target;
}

/** @returns what was copied, and where to. @throws AppError as `move`, full */
export async function duplicate(ground: Ground, path: string, to?: string): Promise<Copied & { path: string }> {
  const source = normalPath(path);
  const target = to === undefined ? freeName(ground, source) : normalPath(to);
  if (source === '' || target === '') throw invalid('path', 'The workspace’s own folder is not copied into itself.');
  if (target === source || target.startsWith(`${source}/`)) throw invalid('to', 'A folder cannot be copied into itself.');
  if (to !== undefined && nameOf(target) !== nameOf(source)) newName(nameOf(target), 'to');
  const copied = await between(ground, source, target, (from, into) => copyTo(ground, from, into, 'skip'));
  return { path: target, ...copied };
}

/** From a place to one where nothing is, on another disk, too. @throws AppError conflict, full */
export async function moveAt(ground: Ground, from: Place, to: Place): Promise<void> {
  try {
    if (renameInOneStep(from.at, to.at, 'to nothing')) return;
    if (lstatSync(to.at, { throwIfNoEntry: false }) !== undefined) throw new AppError('conflict', THERE);
    renameSync(from.at, to.at);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw fileTrouble(error);
    await acrossDisks(ground, from, to);
  }
}

async function acrossDisks(ground: Ground, from: Place, to: Place): Promise<void> {
  try {
    accessSync(from.folder.self, constants.W_OK);
  } catch (error) {
    throw fileTrouble(error);
  }
  await copyTo(ground, from, to, 'refuse');
  try {
    await removeAt(ground, from);
  } catch (error) {
    // The copy stays: a part of what it was made from may be gone.
    const why = fileTrouble(error);
    throw why instanceof AppError ? new AppError(why.code, `It was copied, but could not be removed whole where it was: ${why.message}`) : why;
  }
}

async function between<T>(ground: Ground, source: string, target: string, act: (from: Place, to: Place) => Promise<T>): Promise<T> {
  const from = openPlace(ground, source);
  try {
    lstatSync(from.at);
    const to = openPlace(ground, target);
    try {
      return await act(from, to);
    } finally {
      to.folder.dispose();
    }
  } catch (error) {
    throw fileTrouble(error);
  } finally {
    from.folder.dispose();
  }
}

/** `name copy.txt`, `name copy 2.txt` and so on: the first that is free. */
function freeName(ground: Ground, path: string): string {
  const name = nameOf(path);
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let count = 1; count < 1000; count++) {
    const free = joined(folderOf(path), `${stem} copy${count === 1 ? '' : ` ${count}`}${ending}`);
    const place = openPlace(ground, free);
    try {
      if (lstatSync(place.at, { throwIfNoEntry: false }) === undefined) return free;
    } catch (error) {
      throw fileTrouble(error);
    } finally {
      place.folder.dispose();
    }
  }
  throw new AppError('conflict', 'There are too many copies of it already: give the name that it is to have.');
}
