// The file system's errors as a person should hear of them, without a path of the server's own.

import { AppError, invalid } from '../errors.ts';

/** @returns the error itself where it is ours already, or none of the file system's */
export function fileTrouble(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = systemCode(error);
  switch (code) {
    case '':
      return error;
    case 'ENOENT':
      return new AppError('not_found', 'There is nothing at this path.');
    case 'ENOTDIR':
      return new AppError('not_found', 'A part of this path is a file, not a folder.');
    case 'EISDIR':
      return new AppError('conflict', 'There is a folder at this path.');
    case 'ELOOP':
      return invalid('path', 'The links in this path lead in a circle.');
    case 'ENAMETOOLONG':
      return invalid('path', 'The path, or a name in it, is too long for this system.');
    case 'EEXIST':
      return new AppError('conflict', 'There is something of this name already.');
    case 'ENOTEMPTY':
      return new AppError('conflict', 'The folder is not empty.');
    case 'EACCES':
    case 'EPERM':
      return new AppError('forbidden', 'Its permissions, or those of a folder above it, do not allow it.');
    case 'EROFS':
      return new AppError('forbidden', 'The disk is read-only.');
    case 'ETXTBSY':
      return new AppError('conflict', 'The program in this file is in use just now.');
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError('full', 'The disk is full: nothing was changed. Free some space and try again.');
    case 'EFBIG':
      return new AppError('too_large', 'This disk takes no file of that size.');
    case 'EMFILE':
    case 'ENFILE':
      return new AppError('unavailable', 'Too many files are open: try again in a moment.');
    case 'EINVAL':
    case 'EILSEQ':
      return invalid('path', 'This disk takes no such name.');
    default:
      return new AppError('unavailable', `The disk does not do it: the system says ${code}.`);
  }
}

export const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code) ? error.code : '';
