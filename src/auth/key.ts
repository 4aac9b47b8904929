// The one access key, kept as argon2id. It is hashed once per sign-in and once per process
// for a program's Bearer; after that a keyed digest in memory recognises it at once.

import { timingSafeEqual } from 'node:crypto';
import { AppError, invalid } from '../errors.ts';
import { limits } from '../limits.ts';

export interface FactStore {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

const HASH = 'key_hash';
const CHANGED = 'key_changed';

/** Asked and told while no other attempt is under way: many at once are counted one by one. */
export interface Attempt {
  /** Its turn has come; may throw, for others may have failed meanwhile. */
  admit(): void;
  failed(): void;
}

export class AccessKey {
  readonly #facts: FactStore;
  readonly #chosen: boolean;
  /** Keys the digest of a verified Bearer; new in every process, and with every key. */
  #pepper = crypto.getRandomValues(new Uint8Array(32));
  #verified: Buffer | undefined;
  #hashing = 0;
  readonly #waiting: (() => void)[] = [];

  private constructor(facts: FactStore, chosen: boolean) {
    this.#facts = facts;
    this.#chosen = chosen;
  }

  /**
   * @param chosen the owner's own key, or null for one that is made at the first start
   * @returns the key, and what was made where it was: to be shown once
   */
  static async open(facts: FactStore, chosen: string | null): Promise<{ key: AccessKey; made: string | null; replaced: boolean }> {
    const key = new AccessKey(facts, chosen !== null);
    const hash = facts.get(HASH);
    if (chosen !== null) {
      if (hash !== undefined && (await Bun.password.verify(chosen, hash))) {
        key.#verified = key.#digest(chosen); // Its holder is not made to wait for the same again.
        return { key, made: null, replaced: false };
      }
      await key.#store(chosen);
      return { key, made: null, replaced: hash !== undefined };
    }
    if (hash !== undefined) return { key, made: null, replaced: false };
    const made = newKey();
    await key.#store(made);
    return { key, made, replaced: false };
  }

  /** Whether the owner gave the key from outside, so that only there it can be changed. */
  get chosen(): boolean {
    return this.#chosen;
  }

  /** ISO time of the last change. */
  get changed(): string | undefined {
    return this.#facts.get(CHANGED);
  }

  /** True for a key that this process has verified before: no slow hash, no delay. */
  knows(candidate: string): boolean {
    return this.#verified !== undefined && timingSafeEqual(this.#digest(candidate), this.#verified);
  }

  /** @throws AppError rate_limited when too many wait to be checked; what `attempt.admit` throws */
  async verify(candidate: string, attempt: Attempt): Promise<boolean> {
    if (this.knows(candidate)) return true;
    await this.#turn();
    try {
      if (this.knows(candidate)) return true;
      attempt.admit();
      const hash = this.#facts.get(HASH) ?? '';
      const right = candidate.length <= limits.keyLengthMax && (await Bun.password.verify(candidate, hash));
      if (right) this.#verified = this.#digest(candidate);
      else attempt.failed();
      return right;
    } finally {
      this.#hashing -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** @returns the new key. @throws AppError conflict when it was given from outside; invalid */
  async change(wanted: string | undefined): Promise<string> {
    if (this.#chosen) {
      throw new AppError('conflict', 'The key was given by DISPATCH_KEY or DISPATCH_KEY_FILE: change it there and start again.');
    }
    const key = wanted ?? newKey();
    if (key.length < limits.keyLengthMin || key.length > limits.keyLengthMax || !/^[\x21-\x7e]+$/.test(key)) {
      throw invalid('key', `A key has ${limits.keyLengthMin} to ${limits.keyLengthMax} visible ASCII characters without spaces.`);
    }
    await this.#store(key);
    return key;
  }

  async #store(key: string): Promise<void> {
    this.#facts.set(HASH, await Bun.password.hash(key, { algorithm: 'argon2id' }));
    this.#facts.set(CHANGED, new Date().toISOString());
    this.#pepper = crypto.getRandomValues(new Uint8Array(32));
    this.#verified = this.#digest(key);
  }

  async #turn(): Promise<void> {
    if (this.#hashing >= limits.argonConcurrencyMax) {
      if (this.#waiting.length >= limits.argonQueueMax) {
        throw new AppError('rate_limited', 'Too many sign-ins at once: try again in a moment.', { retryAfter: 2 });
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#hashing += 1;
  }

  #digest(candidate: string): Buffer {
    return new Bun.CryptoHasher('sha256', this.#pepper).update(candidate).digest();
  }
}

/** 160 bits in groups that a person can read out. */
function newKey(): string {
  const alphabet = '23456789abcdefghjkmnpqrstuvwxyz-'.slice(0, 31);
  const bytes = crypto.getRandomValues(new Uint8Array(64));
  const letters = [...bytes].filter((byte) => byte < 248).map((byte) => alphabet[byte % 31] ?? '').slice(0, 32);
  return (letters.join('').match(/.{8}/g) ?? []).join('-');
}
