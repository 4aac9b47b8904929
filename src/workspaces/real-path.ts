// From a path that a person gave to the folder on disk: links followed, names as the disk
// spells them. Says what is missing; judges nothing.

import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError, invalid } from '../errors.ts';

export interface RealPlace {
  /** Real path of what is there. */
  real: string;
  /** Names below it that are not there yet, outermost first. */
  missing: string[];
}

/** `path` is absolute and normal. @throws the file system's own error; AppError for a link that leads nowhere */
export function nearestReal(path: string): RealPlace {
  const missing: string[] = [];
  let there = path;
  let real = realPathOrNone(there);
  while (real === undefined) {
    if (lstatSync(there, { throwIfNoEntry: false }) !== undefined) {
      throw invalid('path', 'A link in this path leads nowhere: repair it, or give the folder itself.');
    }
    missing.unshift(basename(there));
    there = dirname(there);
    real = realPathOrNone(there);
  }
  return spelledAsOnDisk(real, missing);
}

/** @throws the file system's own error, ENOENT too */
export function realPath(path: string): string {
  const real = realpathSync(path);
  // A name that is no UTF-8 comes back with U+FFFD in it, as the name of nothing.
  if (real.includes('\ufffd') && statSync(real, { throwIfNoEntry: false }) === undefined) {
    throw invalid('path', 'A name in this path is not UTF-8 text: rename that folder first.');
  }
  return real;
}

/** What a person should know of a file system's error. @throws the error itself where it is of another kind */
export function fileTrouble(error: unknown, missing: string): string {
  switch (errorCode(error)) {
    case 'ENOENT':
      return missing;
    case 'ENOTDIR':
      return 'A part of this path is a file, not a folder.';
    case 'EACCES':
    case 'EPERM':
      return 'The folder cannot be read: its permissions, or those of a folder above it, do not allow it.';
    case 'ELOOP':
      return 'The links in this path lead in a circle.';
    case 'ENAMETOOLONG':
      return 'The path, or a name in it, is too long for this system.';
    case 'EIO':
    case 'ESTALE':
    case 'ENODEV':
    case 'ENXIO':
    case 'ENOTCONN':
    case 'EHOSTDOWN':
    case 'ETIMEDOUT':
      return 'The folder cannot be reached: its disk or network does not answer.';
    case 'EROFS':
      return 'The folder cannot be made: its disk is read-only.';
    case '':
      throw error;
    default:
      return `The folder cannot be used: the system says ${errorCode(error)}.`;
  }
}

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** As an answer to the one who gave the path. */
export function pathRefusal(error: unknown, missing: string): AppError {
  if (error instanceof AppError) return error;
  if (errorCode(error) === 'ENOSPC' || errorCode(error) === 'EDQUOT') {
    return new AppError('full', 'The disk is full: nothing was made. Free some space and try again.');
  }
  return invalid('path', fileTrouble(error, missing));
}

function realPathOrNone(path: string): string | undefined {
  try {
    return realPath(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The same letters can be written in two ways (é as one code point, or as e and an accent).
 * The disk keeps what it was given, keyboards and programs differ; so a name that is not
 * there is looked for in its other forms, and never made a second time beside its twin.
 */
function spelledAsOnDisk(from: string, names: readonly string[]): RealPlace {
  let real = from;
  for (const [index, name] of names.entries()) {
    const next = realPathOrNone(join(real, name)) ?? twin(real, name);
    if (next === undefined) return { real, missing: names.slice(index) };
    real = next;
  }
  return { real, missing: [] };
}

function twin(folder: string, name: string): string | undefined {
  if (/^[\x20-\x7e]*$/.test(name)) return undefined;
  const wanted = name.normalize('NFC');
  const twins = namesIn(folder).filter((other) => other.normalize('NFC') === wanted);
  if (twins.length > 1) {
    throw invalid('path', 'Two folders have this name, written differently: give one exactly as it is on disk.');
  }
  return twins[0] === undefined ? undefined : realPathOrNone(join(folder, twins[0]));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Not readable or no folder: then there is no twin to find.
  }
}
