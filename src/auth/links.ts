// One-time sign-in links: in memory only, ten minutes, spent by the button of their page and
// never by opening it (a chat's preview opens everything).

import { limits } from '../limits.ts';

export class Links {
  readonly #now: () => number;
  /** Token to the ms when it expires. */
  readonly #open = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  make(): { token: string; expires: number } {
    const token = Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64url');
    const expires = this.#now() + limits.linkLifetimeMs;
    this.#open.set(token, expires);
    const oldest = this.#open.keys().next();
    if (this.#open.size > limits.linksMax && !oldest.done) this.#open.delete(oldest.value);
    return { token, expires };
  }

  /** True once per link, while it lasts. */
  spend(token: string): boolean {
    const expires = this.#open.get(token);
    this.#open.delete(token);
    return expires !== undefined && expires > this.#now();
  }

  clear(): void {
    this.#open.clear();
  }
}
