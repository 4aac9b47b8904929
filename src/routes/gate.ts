// Before any route: is the host ours, is the origin ours, who asks. Denied unless listed, so
// a new route is closed until somebody opens it here.

import type { Auth, Identity } from '../auth/auth.ts';
import type { OwnOrigins } from '../auth/origin.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';

/** Paths that need no sign-in. `/healthz` alone also takes any Host. */
export const OPEN_PATHS = ['/login', '/login/link', '/healthz', '/favicon.ico', '/manifest.webmanifest', '/offline', '/service-worker.js'] as const;
export const OPEN_PREFIX = '/assets/';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface Caller {
  identity: Identity | null;
  /** Address that counts for delays: of the peer, or what a known proxy says. */
  address: string;
  secure: boolean;
  /** A Set-Cookie that renews the caller's own. */
  renew: string | null;
}

export interface GateOptions {
  auth: Auth;
  /** Known once the port is. */
  origins: () => OwnOrigins;
  port: () => number;
  proxies: readonly string[];
}

/** What this needs of Bun's server. */
interface PeerSource {
  requestIP(request: Request): { address: string } | null;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #callers = new WeakMap<Request, Caller>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Lets the request through, or throws. @throws AppError forbidden, unauthorized, rate_limited */
  async check(request: Request, server: PeerSource | null): Promise<void> {
    const pathname = plainPath(request);
    const origins = this.#options.origins();
    const host = request.headers.get('host') ?? '';
    if (pathname !== '/healthz' && !origins.hasHost(host)) {
      throw new AppError('forbidden', 'This address is not one of this server: open it by its own address, or name it in DISPATCH_ORIGIN.');
    }
    const peer = server?.requestIP(request)?.address ?? '127.0.0.1';
    const caller: Caller = {
      identity: null,
      address: this.#clientAddress(request, peer),
      secure: origins.isSecure(host, request.headers.get('origin')),
      renew: null,
    };
    this.#callers.set(request, caller);
    const cookie = this.#cookie(request);
    const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    this.#checkOrigin(request, origins, cookie !== undefined && bearer === undefined);
    if (isOpen(pathname) && bearer === undefined && cookie === undefined) return;
    await this.#identify(caller, cookie, bearer);
    if (caller.identity === null && !isOpen(pathname)) throw new AppError('unauthorized', 'Sign in first.');
  }

  caller(request: Request): Caller {
    return this.#callers.get(request) ?? { identity: null, address: '127.0.0.1', secure: false, renew: null };
  }

  /** Set-Cookie for a token; an empty one ends it. */
  cookieFor(token: string, secure: boolean): string {
    const age = token === '' ? 0 : Math.floor(limits.cookieLifetimeMs / 1000);
    return `${this.#cookieName(secure)}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${age}${secure ? '; Secure' : ''}`;
  }

  async #identify(caller: Caller, cookie: string | undefined, bearer: string | undefined): Promise<void> {
    if (bearer !== undefined) {
      caller.identity = await this.#options.auth.byBearer(bearer, caller.address);
      return;
    }
    const found = cookie === undefined ? undefined : this.#options.auth.byCookie(cookie);
    if (found === undefined) return;
    caller.identity = found.identity;
    if (found.renewed) caller.renew = this.cookieFor(cookie ?? '', caller.secure);
  }

  /** Unsafe methods and every upgrade: a page of another origin may ride on a cookie, never act. */
  #checkOrigin(request: Request, origins: OwnOrigins, byCookie: boolean): void {
    const upgrade = request.headers.has('upgrade');
    if (SAFE_METHODS.has(request.method) && !upgrade) return;
    const origin = request.headers.get('origin');
    if (origin !== null) {
      if (origins.hasOrigin(origin)) return;
      throw new AppError('forbidden', `The page of ${origin === 'null' ? 'an unknown origin' : 'another origin'} may not do this: name its origin in DISPATCH_ORIGIN if it is yours.`);
    }
    const site = request.headers.get('sec-fetch-site');
    if (byCookie ? site === 'same-origin' : site === null || site === 'same-origin' || site === 'none') return;
    throw new AppError('forbidden', 'A request with a cookie needs an Origin header; a program signs in with Authorization: Bearer.');
  }

  /** By either name: behind a proxy that writes its own Host, https shows only where there is an Origin. */
  #cookie(request: Request): string | undefined {
    const found = new Map<string, string>();
    for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
      const at = pair.indexOf('=');
      if (at > 0) found.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
    }
    return found.get(this.#cookieName(true)) ?? found.get(this.#cookieName(false));
  }

  #cookieName(secure: boolean): string {
    return secure ? '__Host-dispatch' : `dispatch-${this.#options.port()}`;
  }

  /** The last address that no proxy of ours wrote. */
  #clientAddress(request: Request, peer: string): string {
    const proxies = this.#options.proxies;
    const hops = [...(request.headers.get('x-forwarded-for') ?? '').split(',').map((hop) => hop.trim()).filter((hop) => hop !== ''), unmapped(peer)];
    while (hops.length > 1 && proxies.includes(hops.at(-1) ?? '')) hops.pop();
    return hops.at(-1) ?? peer;
  }
}

/** The path, where what the router sees and what this gate sees are certain to be one. */
function plainPath(request: Request): string {
  const { pathname, origin } = new URL(request.url);
  const raw = request.url.slice(origin.length).replace(/[?#].*$/s, '');
  if (raw !== pathname) throw new AppError('bad_request', 'The address has dots or characters that it must not have.');
  return pathname;
}

const isOpen = (path: string): boolean => OPEN_PATHS.some((open) => open === path) || path.startsWith(OPEN_PREFIX);

/** An IPv4 peer of an IPv6 socket. */
const unmapped = (address: string): string => address.replace(/^::ffff:/i, '');
