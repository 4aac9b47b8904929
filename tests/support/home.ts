// The home folder of what the tests start. Login shells read what lies there: nothing does, so
// the tests depend on no one's profile, and a shell that is killed harms none.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let home: string | undefined;

export function emptyHome(): string {
  home ??= mkdtempSync(join(tmpdir(), 'dispatch-home-'));
  return home;
}
