// An agent's requests for files (ACP `fs/*`): inside its workspace, by real paths, and never
// through a link that somebody puts there meanwhile.

import { closeSync, constants, existsSync, fstatSync, mkdirSync, ftruncateSync, openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError, invalid } from '../errors.ts';
import { limits } from '../limits.ts';

export interface FilePolicy {
  /** Real path of something inside the workspace. @throws AppError invalid */
  inside(candidate: string): string;
}

/** `line` (from 1) and `limit` (lines) as in ACP. @throws AppError invalid, not_found, too_large */
export function readTextFile(policy: FilePolicy, path: string, line: number | undefined, limit: number | undefined): string {
  const text = opened(policy, policy.inside(path), constants.O_RDONLY, (file) => {
    if (fstatSync(file).size > limits.agentFileBytesMax) throw new AppError('too_large', `A file of more than ${limits.agentFileBytesMax} bytes is not read whole.`);
    return readFileSync(file, 'utf8');
  });
  if (line === undefined && limit === undefined) return text;
  const from = Math.max(0, (line ?? 1) - 1);
  return text.split('\n').slice(from, limit === undefined ? undefined : from + limit).join('\n');
}

/** @returns bytes written. @throws AppError invalid, too_large, full */
export function writeTextFile(policy: FilePolicy, path: string, text: string): number {
  const bytes = Buffer.from(text);
  if (bytes.byteLength > limits.agentFileBytesMax) throw new AppError('too_large', `A file of more than ${limits.agentFileBytesMax} bytes is not written.`);
  const real = placeOf(policy, path);
  return opened(policy, real, constants.O_WRONLY | constants.O_CREAT, (file) => {
    // Only now, for what was opened is what was meant.
    ftruncateSync(file, 0);
    writeFileSync(file, bytes);
    return bytes.byteLength;
  });
}

/** The file itself where it is there (through links that stay inside), else its place in a folder that is. */
function placeOf(policy: FilePolicy, path: string): string {
  const name = basename(path);
  if (name === '' || name === '.' || name === '..') throw invalid('path', 'Must name a file.');
  const folder = folderOf(policy, dirname(path));
  try {
    return policy.inside(join(folder, name));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return join(folder, name);
  }
}

/** Folders that are not there are made, below one that is and lies inside. */
function folderOf(policy: FilePolicy, path: string): string {
  const missing: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    if (existsSync(at) || dirname(at) === at || missing.length > limits.agentFoldersMax) {
      const folder = join(policy.inside(at), ...missing);
      if (missing.some((name) => name === '..' || name === '.')) throw invalid('path', 'Must have no “..” in it.');
      if (missing.length > 0) made(folder);
      return policy.inside(folder);
    }
    missing.unshift(basename(at));
  }
}

function made(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw trouble(error);
  }
}

function opened<T>(policy: FilePolicy, real: string, flags: number, act: (file: number) => T): T {
  let file: number;
  try {
    file = openSync(real, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o644);
  } catch (error) {
    throw trouble(error);
  }
  try {
    if (!fstatSync(file).isFile()) throw invalid('path', 'There is no file at this path.');
    // A folder on the way may have become a link since it was looked at.
    if (process.platform === 'linux' && readlinkSync(`/proc/self/fd/${file}`) !== real) throw invalid('path', 'This path lies outside the workspace.');
    policy.inside(real);
    return act(file);
  } catch (error) {
    throw trouble(error);
  } finally {
    closeSync(file);
  }
}

function trouble(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error) || !('code' in error)) return error;
  switch (error.code) {
    case 'ENOENT':
      return new AppError('not_found', 'There is no file at this path.');
    case 'ELOOP':
      return invalid('path', 'This path is a link that leads nowhere inside the workspace.');
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return invalid('path', 'Permissions do not allow it.');
    case 'EISDIR':
    case 'ENOTDIR':
      return invalid('path', 'There is no file at this path.');
    case 'ENOSPC':
      return new AppError('full', 'The disk is full.');
    default:
      return error;
  }
}
