// Who may in: the key, devices by cookie, one-time links, and this machine's own command
// line. Whatever ends a right also ends the streams that live by it (`onRevoked`).

import { timingSafeEqual } from 'node:crypto';
import type { Changes } from '../changes.ts';
import { AppError } from '../errors.ts';
import { Delays } from './delays.ts';
import { type Device, Devices, type DeviceStore } from './devices.ts';
import { AccessKey, type FactStore } from './key.ts';
import { Links } from './links.ts';

/** Who asks: a browser that signed in, or a program with the key. */
export interface Identity {
  /** Device id; null for a program. */
  deviceId: string | null;
  name: string;
}

const PROGRAM: Identity = { deviceId: null, name: 'api' };

/** Whose right ended: one device's, every device's, or with the key everyone's. */
export type Revoked = { deviceId: string } | 'devices' | 'everyone';
export type RevokedListener = (revoked: Revoked) => void;

/** Whether what `identity` holds open ends with it. */
export function endsWith(identity: Identity | null, revoked: Revoked): boolean {
  if (revoked === 'everyone') return true;
  const deviceId = identity?.deviceId ?? null;
  return deviceId !== null && (revoked === 'devices' || revoked.deviceId === deviceId);
}

export interface AuthOptions {
  facts: FactStore;
  devices: DeviceStore;
  changes: Changes;
  chosenKey: string | null;
  now?: () => number;
}

export class Auth {
  readonly links: Links;
  /** Lets the owner's own command line in: in a file that only they can read. */
  readonly localToken = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
  readonly #key: AccessKey;
  readonly #devices: Devices;
  readonly #delays: Delays;
  readonly #changes: Changes;
  readonly #revoked = new Set<RevokedListener>();

  private constructor(key: AccessKey, options: AuthOptions, now: () => number) {
    this.#key = key;
    this.#devices = new Devices(options.devices, now);
    this.#delays = new Delays(options.now ?? (() => performance.now()));
    this.#changes = options.changes;
    this.links = new Links(now);
  }

  /** @returns also the key that was made, where this is the first start: to be shown once */
  static async open(options: AuthOptions): Promise<{ auth: Auth; madeKey: string | null }> {
    const { key, made, replaced } = await AccessKey.open(options.facts, options.chosenKey);
    const auth = new Auth(key, options, options.now ?? Date.now);
    if (replaced) auth.#devices.deleteAll(); // A new key from outside ends what the old one opened.
    return { auth, madeKey: made };
  }

  /** Why the page cannot change the key, or null. */
  get keyFixed(): string | null {
    return this.#key.chosen ? 'The key was given by DISPATCH_KEY or DISPATCH_KEY_FILE when the server started: change it there.' : null;
  }

  byCookie(token: string): { identity: Identity; renewed: boolean } | undefined {
    const found = this.#devices.verify(token);
    return found && { identity: { deviceId: found.device.id, name: found.device.name }, renewed: found.renewed };
  }

  /** @throws AppError rate_limited, unauthorized */
  async byBearer(token: string, address: string): Promise<Identity> {
    if (sameText(token, this.localToken)) return PROGRAM;
    if (!this.#key.knows(token)) await this.#tryKey(token, address);
    return PROGRAM;
  }

  /** Signs a browser in with the key. @returns its cookie's token. @throws AppError rate_limited, unauthorized */
  async signIn(key: string, address: string, deviceName: string): Promise<string> {
    await this.#tryKey(key, address);
    return this.#addDevice(deviceName);
  }

  /** Signs a browser in with a one-time link. @throws AppError gone */
  signInByLink(token: string, deviceName: string): string {
    if (!this.links.spend(token)) {
      throw new AppError('gone', 'This link was used already or is older than ten minutes: make a new one, or sign in with the key.');
    }
    return this.#addDevice(deviceName);
  }

  devices(): Device[] {
    return this.#devices.list();
  }

  /** @throws AppError not_found */
  revoke(deviceId: string): void {
    if (!this.#devices.delete(deviceId)) throw new AppError('not_found', 'There is no such device.');
    this.#tellRevoked({ deviceId });
  }

  /** Signs every browser out; links that were made end too. */
  revokeAll(): void {
    this.#end('devices');
  }

  /** Changes the key and signs everyone out, programs too. @returns the new key. @throws AppError conflict, invalid */
  async changeKey(wanted: string | undefined): Promise<string> {
    const key = await this.#key.change(wanted);
    this.#end('everyone');
    return key;
  }

  /** @returns the function that stops listening */
  onRevoked(listener: RevokedListener): () => void {
    this.#revoked.add(listener);
    return () => this.#revoked.delete(listener);
  }

  async #tryKey(key: string, address: string): Promise<void> {
    this.#admit(address);
    const attempt = { admit: () => this.#admit(address), failed: () => this.#delays.failed(address) };
    if (!(await this.#key.verify(key, attempt))) {
      throw new AppError('unauthorized', 'That is not the key.');
    }
    this.#delays.succeeded(address);
  }

  /** @throws AppError rate_limited */
  #admit(address: string): void {
    const wait = this.#delays.wait(address);
    if (wait === 0) return;
    const retryAfter = Math.ceil(wait / 1000);
    throw new AppError('rate_limited', `Too many failed sign-ins: try again in ${retryAfter} s.`, { retryAfter });
  }

  #addDevice(name: string): string {
    const { token } = this.#devices.add(name);
    this.#changes.announce('settings', 'devices');
    return token;
  }

  #end(whose: 'devices' | 'everyone'): void {
    this.#devices.deleteAll();
    this.links.clear();
    this.#tellRevoked(whose);
  }

  #tellRevoked(revoked: Revoked): void {
    this.#changes.announce('settings', 'devices');
    for (const listener of [...this.#revoked]) listener(revoked);
  }
}

function sameText(one: string, other: string): boolean {
  const a = Buffer.from(one);
  const b = Buffer.from(other);
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
