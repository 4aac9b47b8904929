// What the routes are given: the parts of the program, wired by src/index.ts.

import type { Changes } from '../changes.ts';

export interface Parts {
  changes: Changes;
}
