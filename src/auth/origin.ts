// Which Host and Origin are ours. Names are what DNS rebinding and hostile pages need, so
// both are checked by list: the bound address, localhost, and the public origins.

import { networkInterfaces } from 'node:os';
import { isLoopback } from '../config.ts';

export interface Address {
  host: string;
  port: number;
  tls: boolean;
  /** Public origins behind a proxy or tunnel. */
  origins: readonly string[];
}

export class OwnOrigins {
  /** The one to show and to make links with: the first public one, else the bound address. */
  readonly main: string;
  readonly #origins: Set<string>;
  readonly #hosts: Set<string>;

  constructor({ host, port, tls, origins }: Address) {
    const scheme = tls ? 'https' : 'http';
    const names = new Set(['localhost', '127.0.0.1', '[::1]']);
    if (!isLoopback(host)) for (const name of boundNames(host)) names.add(name);
    else names.add(bracketed(host));
    const bound = [...names].map((name) => new URL(`${scheme}://${name}:${port}`).origin);
    this.#origins = new Set([...bound, ...origins]);
    const any = ['0.0.0.0', '::', '[::]'].includes(host);
    this.main = origins[0] ?? new URL(`${scheme}://${any ? 'localhost' : bracketed(host)}:${port}`).origin;
    this.#hosts = new Set([...this.#origins].flatMap((origin) => hostForms(new URL(origin))));
  }

  hasHost(host: string): boolean {
    return this.#hosts.has(host.toLowerCase());
  }

  hasOrigin(origin: string): boolean {
    return this.#origins.has(origin.toLowerCase());
  }

  /** Whether the browser that asked `host` (or came from `origin`) is on https. */
  isSecure(host: string, origin: string | null): boolean {
    if (origin !== null) return origin.startsWith('https:');
    const ours = [...this.#origins].filter((known) => hostForms(new URL(known)).includes(host.toLowerCase()));
    return ours.length > 0 && ours.every((known) => known.startsWith('https:'));
  }
}

/** A browser leaves the scheme's own port out; a program may give it. */
function hostForms(url: URL): string[] {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return url.port === '' ? [url.host, `${url.hostname}:${port}`] : [url.host];
}

/** Bound to every address, those of the machine are ours; literals only, for a name proves nothing. */
function boundNames(host: string): string[] {
  if (!['0.0.0.0', '::', '[::]'].includes(host)) return [bracketed(host)];
  return Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter((entry) => !entry.address.startsWith('fe80')).map((entry) => bracketed(entry.address)),
  );
}

const bracketed = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);
