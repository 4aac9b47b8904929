// How long a sign-in must wait after failures: five are free, then the delay doubles. Per
// address it grows far; over all addresses it stays short, for else anyone could lock the
// owner out.

import { limits } from '../limits.ts';

interface Failures {
  count: number;
  /** ms of the clock that was given; no attempt counts before it. */
  until: number;
}

const FIRST_DELAY_MS = 1_000;

export class Delays {
  readonly #now: () => number;
  readonly #byAddress = new Map<string, Failures>();
  #overall: Failures = { count: 0, until: 0 };

  constructor(now: () => number) {
    this.#now = now;
  }

  /** ms until `address` may try; 0 when it may now. */
  wait(address: string): number {
    const until = Math.max(this.#byAddress.get(address)?.until ?? 0, this.#overall.until);
    return Math.max(0, until - this.#now());
  }

  failed(address: string): void {
    const own = this.#byAddress.get(address) ?? { count: 0, until: 0 };
    // Moved to the end: the one that failed longest ago is forgotten first.
    this.#byAddress.delete(address);
    this.#byAddress.set(address, this.#grown(own, limits.signInFreeAttempts, limits.signInDelayMaxMs));
    this.#overall = this.#grown(this.#overall, limits.signInFreeAttempts, limits.signInOverallDelayMaxMs);
    const oldest = this.#byAddress.keys().next();
    if (this.#byAddress.size > limits.signInAddressesMax && !oldest.done) this.#byAddress.delete(oldest.value);
  }

  succeeded(address: string): void {
    this.#byAddress.delete(address);
    this.#overall = { count: 0, until: 0 };
  }

  #grown(failures: Failures, free: number, delayMaxMs: number): Failures {
    const count = failures.count + 1;
    const delay = count < free ? 0 : Math.min(FIRST_DELAY_MS * 2 ** Math.min(count - free, 20), delayMaxMs);
    return { count, until: this.#now() + delay };
  }
}
