// What of the input is recorded in each workspace. Asked with every key, so the answer is kept
// until a setting or a workspace changes: a choice for less holds from the next key on.

import type { Changes } from '../changes.ts';
import type { RecordInput } from './input.ts';

export class RecordRules {
  readonly #ask: (workspaceId: string) => RecordInput;
  readonly #known = new Map<string, RecordInput>();

  constructor(changes: Changes, ask: (workspaceId: string) => RecordInput) {
    this.#ask = ask;
    changes.listen((name) => {
      if (name === 'settings' || name === 'workspaces') this.#known.clear();
    });
  }

  of(workspaceId: string): RecordInput {
    const known = this.#known.get(workspaceId);
    if (known !== undefined) return known;
    const rule = this.#ask(workspaceId);
    this.#known.set(workspaceId, rule);
    return rule;
  }
}
