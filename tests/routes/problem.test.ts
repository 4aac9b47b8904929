// What an error of the database is told as: a disk without room is no fault of ours.

import { expect, test } from 'bun:test';
import { problemOf } from '../../src/routes/problem.ts';

test('whatever leaves no room for a write, a disk, a quota or a bound of the process, is told as a full disk', () => {
  const told = (code: string) => {
    const { error, unforeseen } = problemOf('UNKNOWN', Object.assign(new Error('disk I/O error'), { code }), new Request('http://localhost/'));
    return [error.code, unforeseen];
  };
  for (const code of ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE']) expect([code, ...told(code)]).toEqual([code, 'full', false]);
  for (const code of ['SQLITE_IOERR_READ', 'SQLITE_CORRUPT', 'ENOENT']) expect([code, ...told(code)]).toEqual([code, 'internal', true]);
});
