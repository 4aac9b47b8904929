// What an archive lacks, as a text that goes into it: nothing is left out without a word.

import { limits } from '../limits.ts';
import { pathOf } from './path-text.ts';

export type Why = 'bound' | 'unreadable' | 'deep' | 'link' | 'special';

const WORDS: Record<Exclude<Why, 'bound'>, string> = {
  unreadable: 'could not be read',
  deep: `are folders as deep as is looked into at all (${limits.treeDepthMax}): what is in them is missing`,
  link: 'are links, which a zip archive does not keep (a tar archive does)',
  special: 'are pipes, sockets or devices',
};

export class LeftOut {
  readonly #entriesMax: number;
  readonly #of = new Map<Exclude<Why, 'bound'>, { count: number; paths: string[] }>();
  #from: string | undefined;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  /** @param names from the folder of the archive down */
  add(why: Why, names: readonly Buffer[]): void {
    if (why === 'bound') {
      this.#from = pathOf(names);
      return;
    }
    const kept = this.#of.get(why) ?? { count: 0, paths: [] };
    this.#of.set(why, kept);
    kept.count += 1;
    if (kept.paths.length < limits.leftOutNamed) kept.paths.push(pathOf(names));
  }

  /** Undefined where the archive is whole. */
  note(): Uint8Array | undefined {
    const parts: string[] = [];
    if (this.#from !== undefined) {
      parts.push(`An archive has at most ${this.#entriesMax} files and folders. This and all that comes after it by name is missing; take its folders one by one:\n  ${this.#from}\n`);
    }
    for (const [why, { count, paths }] of this.#of) {
      const more = count > paths.length ? `  and ${count - paths.length} more\n` : '';
      parts.push(`These ${WORDS[why]}:\n${paths.map((path) => `  ${path}\n`).join('')}${more}`);
    }
    if (parts.length === 0) return undefined;
    return Buffer.from(`This archive does not hold all of its folder.\n\n${parts.join('\n')}`);
  }
}
