// The home folder of what the tests start. Login shells read what lies there: nothing does, so
// the tests depend on no one's profile, and a shell that is killed harms none.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from './at-end.ts';

let home: string | undefined;

export function emptyHome(): string {
  if (home !== undefined) return home;
  const made = mkdtempSync(join(tmpdir(), 'dispatch-home-'));
  atEnd(() => {
    home = undefined;
    rmSync(made, { recursive: true, force: true });
  });
  home = made;
  return made;
}
