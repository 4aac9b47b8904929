// Where a workspace may lie: the one place that decides it. What it lets through is a real
// path, inside a root by whole segments, outside the data folder, a folder that can be read.

import { accessSync, constants, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { isAbsolute, join, normalize, resolve, sep } from 'node:path';
import { AppError, invalid } from '../errors.ts';
import { limits } from '../limits.ts';
import { errorCode, fileTrouble, nearestReal, pathRefusal, realPath } from './real-path.ts';

const NOT_THERE = 'There is no such folder: check the path, or ask for it to be made (create).';
const GONE = 'The folder is gone: it was moved or deleted.';
const OUTSIDE = 'The folder lies outside the folders that workspaces may lie in (DISPATCH_ROOTS).';
const OURS = 'Dispatch keeps its own data there: choose another folder.';
const NOT_ALLOWED = 'The folder may not be made there: permissions do not allow it.';
const NO_FOLDER = 'There is a file at this path, not a folder.';

/** A folder that may become a workspace, and what is still to be made for it. */
export interface Place {
  path: string;
  /** Real paths of folders to be made, outermost first. */
  missing: string[];
}

export class PathPolicy {
  readonly #roots: readonly string[];
  readonly #dataFolder: string;

  /** `roots` are real paths. */
  constructor({ roots, dataFolder }: { roots: readonly string[]; dataFolder: string }) {
    this.#roots = roots;
    const { real, missing } = nearestReal(resolve(dataFolder));
    this.#dataFolder = join(real, ...missing);
  }

  /** Real paths that workspaces may lie in. */
  get roots(): readonly string[] {
    return this.#roots;
  }

  /** Real path of the folder, made if it may be. @throws AppError invalid (field path), full */
  workspacePath(path: string, options: { create: boolean }): string {
    const place = this.locate(path, options);
    this.make(place);
    return place.path;
  }

  /** Judges without making anything. @throws AppError invalid (field path) */
  locate(path: string, { create }: { create: boolean }): Place {
    const { real, missing } = this.#nearest(checkedPath(path));
    const target = join(real, ...missing);
    const outside = this.#outside(target);
    if (outside !== null) throw invalid('path', outside);
    if (missing.length === 0 || !create) {
      const trouble = missing.length > 0 ? NOT_THERE : this.#unusable(real);
      if (trouble !== null) throw invalid('path', trouble);
      return { path: target, missing: [] };
    }
    if (missing.some((name) => /\p{Cc}/u.test(name))) {
      throw invalid('path', 'A folder with control characters in its name is not made.');
    }
    return { path: target, missing: missing.map((_, index) => join(real, ...missing.slice(0, index + 1))) };
  }

  /**
   * Makes what is missing, all or nothing.
   * @returns takes back what was made, as far as it is still empty
   * @throws AppError invalid (field path), full
   */
  make({ path, missing }: Place): () => void {
    const made: string[] = [];
    const undo = (): void => {
      for (const folder of made.toReversed()) removeEmpty(folder);
    };
    try {
      for (const folder of missing) if (makeFolder(folder)) made.push(folder);
      // Somebody may have put a link there meanwhile.
      const trouble = realPath(path) === path ? this.#unusable(path) : OUTSIDE;
      if (trouble !== null) throw invalid('path', trouble);
      return undo;
    } catch (error) {
      undo();
      const denied = missing.length > 0 && ['EACCES', 'EPERM'].includes(errorCode(error));
      throw denied ? invalid('path', NOT_ALLOWED) : pathRefusal(error, NOT_THERE);
    }
  }

  /** Why a workspace's folder cannot be used now; null while it can. */
  trouble(path: string): string | null {
    try {
      const real = realPath(path);
      return this.#outside(real) ?? this.#unusable(real);
    } catch (error) {
      return pathRefusal(error, GONE).message;
    }
  }

  /** Real path of something inside a workspace; a relative one starts there. @throws AppError invalid (field path) */
  inside(workspacePath: string, candidate: string): string {
    const path = checkedPath(isAbsolute(candidate) ? candidate : `${workspacePath}/${candidate}`);
    try {
      const base = realPath(workspacePath);
      const real = realPath(path);
      if (!within(base, real)) throw invalid('path', 'This path lies outside the workspace.');
      const outside = this.#outside(real);
      if (outside !== null) throw invalid('path', outside);
      return real;
    } catch (error) {
      throw pathRefusal(error, 'There is nothing at this path.');
    }
  }

  /** What a walk among the files of a workspace keeps to. @throws AppError conflict while its folder cannot be used */
  ground(workspacePath: string): { path: string; dataFolder: string } {
    const trouble = this.trouble(workspacePath);
    if (trouble !== null) throw new AppError('conflict', trouble);
    return { path: workspacePath, dataFolder: this.#dataFolder };
  }

  #nearest(path: string): { real: string; missing: string[] } {
    try {
      return nearestReal(path);
    } catch (error) {
      throw pathRefusal(error, NOT_THERE);
    }
  }

  /** A folder around the data folder, such as the home folder, is no harm: its owner can go there anyway. */
  #outside(real: string): string | null {
    if (!this.#roots.some((root) => within(root, real))) return OUTSIDE;
    return within(this.#dataFolder, real) ? OURS : null;
  }

  #unusable(real: string): string | null {
    try {
      if (!statSync(real).isDirectory()) return NO_FOLDER;
      accessSync(real, constants.R_OK | constants.X_OK);
      return null;
    } catch (error) {
      return fileTrouble(error, GONE);
    }
  }
}

/** By whole segments: `/root-evil` is not inside `/root`. Both are real paths. */
function within(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Without doubled and single-dot segments. What it is on disk, the disk says. */
function checkedPath(path: string): string {
  if (path === '' || !isAbsolute(path)) throw invalid('path', 'Must be an absolute path: it begins with /.');
  if (Buffer.byteLength(path) > limits.pathBytesMax) {
    throw invalid('path', `Must be at most ${limits.pathBytesMax} bytes.`);
  }
  if (path.includes('\0') || !path.isWellFormed()) throw invalid('path', 'Must be text without NUL.');
  if (path.split('/').includes('..')) throw invalid('path', 'Must not contain .. : give the folder itself.');
  const normal = normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/** @returns false where the folder came into being meanwhile. @throws AppError where a link did, which may lead out */
function makeFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    if (realPath(path) !== path) throw invalid('path', OUTSIDE);
    return false;
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EBUSY'].includes(errorCode(error))) throw error;
  }
}
