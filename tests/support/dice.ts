// Random choices that can be repeated: everything follows from a seed, which a failure names.

/** The seed of this run: from the environment, so that a failure can be run again, else the one given, else a fresh one. */
export function seedOf(variable: string, usual?: number): string {
  const seed = process.env[variable] ?? String(usual ?? Math.trunc(Math.random() * 1e9));
  process.stderr.write(`${variable}=${seed}\n`);
  return seed;
}

export class Dice {
  #state: number;

  constructor(seed: string) {
    this.#state = Bun.hash.xxHash32(seed);
  }

  /** From 0 up to, but not including 1. */
  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.roll() * count);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.roll() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (picked === undefined) throw new Error('Nothing to pick from');
    return picked;
  }
}
