// Browsers that signed in: a random token in a cookie, its hash here, thirty days from the
// last use. A cookie is verified without any slow hash.

import { limits } from '../limits.ts';

export interface Device {
  id: string;
  name: string;
  created: number;
  lastSeen: number;
}

export interface DeviceStore {
  insert(device: Device & { tokenHash: string }): void;
  byToken(tokenHash: string): Device | undefined;
  list(): Device[];
  seen(id: string, at: number): void;
  delete(id: string): boolean;
  deleteAll(): void;
  prune(before: number, keep: number): void;
}

export class Devices {
  readonly #store: DeviceStore;
  readonly #now: () => number;

  constructor(store: DeviceStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** @returns the device and the token for its cookie, which is nowhere else */
  add(name: string): { device: Device; token: string } {
    const now = this.#now();
    const token = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
    const device = { id: Bun.randomUUIDv7(), name, created: now, lastSeen: now };
    this.#store.prune(now - limits.cookieLifetimeMs, limits.devicesMax - 1);
    this.#store.insert({ ...device, tokenHash: hashOf(token) });
    return { device, token };
  }

  /** `renewed` says that the cookie should be sent again, so that it lives on too. */
  verify(token: string): { device: Device; renewed: boolean } | undefined {
    const device = this.#store.byToken(hashOf(token));
    const now = this.#now();
    if (device === undefined || now - device.lastSeen > limits.cookieLifetimeMs) return undefined;
    const renewed = now - device.lastSeen > limits.touchIntervalMs;
    if (renewed) this.#store.seen(device.id, now);
    return { device, renewed };
  }

  list(): Device[] {
    return this.#store.list();
  }

  delete(id: string): boolean {
    return this.#store.delete(id);
  }

  deleteAll(): void {
    this.#store.deleteAll();
  }
}

const hashOf = (token: string): string => new Bun.CryptoHasher('sha256').update(token).digest('hex');
