// The lock on a data folder: one server at a time. The kernel drops it with the process,
// however it ends, so no stale lock can exist; and it takes no room on the disk.

import { closeSync, constants, fchmodSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { lockAlone } from '../libc.ts';

/** @returns the function that lets go. @throws AppError unavailable where another server holds it */
export function takeLock(folder: string): () => void {
  // The runtime opens with O_CLOEXEC: no program that a session starts holds the lock on.
  const file = openSync(join(folder, 'lock'), constants.O_RDWR | constants.O_CREAT, 0o600);
  if (lockAlone(file)) {
    fchmodSync(file, 0o600);
    return () => closeSync(file);
  }
  closeSync(file);
  throw new AppError(
    'unavailable',
    canLock(folder)
      ? 'another Dispatch server uses this data folder: stop it first, or give this one its own with DISPATCH_DATA'
      : 'the data folder cannot be locked: give Dispatch one on a local disk with DISPATCH_DATA',
  );
}

/** Whether locks work here at all: nobody locks the folder itself, so only that can fail. */
function canLock(folder: string): boolean {
  const itself = openSync(folder, constants.O_RDONLY);
  try {
    return lockAlone(itself);
  } finally {
    closeSync(itself);
  }
}
