// What an error of SQLite says of the disk.

/** SQLite's own name of an error (`SQLITE_FULL`), or '' for any other. */
export function sqliteCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** True where room on the disk may help. */
export const lacksRoom = (error: unknown): boolean => /^SQLITE_(FULL|IOERR)/.test(sqliteCode(error));

/** True where a write found no room: a quota, a bound of the process, or the -shm file, has codes of its own. */
export const isFull = (error: unknown): boolean => /^SQLITE_(FULL|IOERR_(SHM|WRITE))/.test(sqliteCode(error));

/** True where another connection holds what is needed; it lets go. */
export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(error));
