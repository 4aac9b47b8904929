// Environment and flags, read once. A bad value ends the start with one line that names it.

import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { limits } from './limits.ts';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Config {
  host: string;
  /** 0 picks a free one. */
  port: number;
  dataFolder: string;
  /** Real paths of the folders that workspaces may lie in. */
  roots: string[];
  /** The key that the owner chose; null where one is made. */
  key: string | null;
  /** Public origins, as `https://host[:port]`; empty for the bound address and localhost. */
  origins: string[];
  /** Addresses of proxies whose X-Forwarded-For counts. */
  proxies: string[];
  tls: { cert: string; key: string } | null;
  logLevel: LogLevel;
  /** Whether programs are kept by a holder, which outlives this server; else they end with it. */
  holder: boolean;
}

export class ConfigError extends Error {}

/** Flag to variable. The key has no flag: every user of the machine sees the arguments of a process. */
const FLAGS: Record<string, string> = {
  host: 'HOST',
  port: 'PORT',
  'dispatch-data': 'DISPATCH_DATA',
  data: 'DISPATCH_DATA',
  'dispatch-roots': 'DISPATCH_ROOTS',
  roots: 'DISPATCH_ROOTS',
  'dispatch-origin': 'DISPATCH_ORIGIN',
  origin: 'DISPATCH_ORIGIN',
  'dispatch-proxies': 'DISPATCH_PROXIES',
  proxies: 'DISPATCH_PROXIES',
  'dispatch-key-file': 'DISPATCH_KEY_FILE',
  'key-file': 'DISPATCH_KEY_FILE',
  'dispatch-log': 'DISPATCH_LOG',
  log: 'DISPATCH_LOG',
  'tls-cert': 'TLS_CERT',
  'tls-key': 'TLS_KEY',
};

type Env = Record<string, string | undefined>;

/** @throws ConfigError with one line that names the bad value */
export function readConfig(args: readonly string[], environment: Env): Config {
  const { values, given } = withFlags(args, environment, ['insecure', 'no-holder']);
  const host = text(values, 'HOST') ?? '127.0.0.1';
  const tls = readTls(values);
  const origins = readOrigins(text(values, 'DISPATCH_ORIGIN'));
  if (!isLoopback(host) && tls === null && !origins.some((origin) => origin.startsWith('https://')) && !given.has('insecure')) {
    throw new ConfigError(
      `HOST=${host} is reachable from other machines, and without TLS (TLS_CERT, TLS_KEY) or an https DISPATCH_ORIGIN the key and all that you type would travel in the clear; give --insecure to do it all the same`,
    );
  }
  return {
    host,
    port: readPort(text(values, 'PORT')),
    dataFolder: dataFolder(values),
    roots: readRoots(text(values, 'DISPATCH_ROOTS')),
    key: readKey(values),
    origins,
    proxies: readProxies(text(values, 'DISPATCH_PROXIES')),
    tls,
    logLevel: readLevel(text(values, 'DISPATCH_LOG')),
    holder: !given.has('no-holder') && readHolder(text(values, 'DISPATCH_NO_HOLDER')),
  };
}

/** The data folder alone, for commands that only look for a running server. */
export function dataFolder(environment: Env): string {
  const chosen = text(environment, 'DISPATCH_DATA');
  if (chosen !== undefined) return resolve(chosen);
  return join(text(environment, 'XDG_DATA_HOME') ?? join(homedir(), '.local', 'share'), 'dispatch');
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

/** Flags over variables; `switches` are those that take no value. @throws ConfigError for a flag that there is not */
export function withFlags(
  args: readonly string[],
  environment: Env,
  switches: readonly string[] = [],
): { values: Env; given: Set<string>; rest: string[] } {
  const values: Env = { ...environment };
  const rest: string[] = [];
  const given = new Set<string>();
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--') {
      rest.push(...args.slice(index + 1)); // Not ours: of the command that is given.
      break;
    }
    if (!arg.startsWith('--')) {
      rest.push(arg);
      continue;
    }
    const [flag = '', inline] = splitOnce(arg.slice(2), '=');
    if (switches.includes(flag) && inline === undefined) {
      given.add(flag);
      continue;
    }
    if (flag === 'dispatch-key' || flag === 'key') {
      throw new ConfigError('--key: the key is never a flag, for others on this machine could read it; use DISPATCH_KEY or DISPATCH_KEY_FILE');
    }
    const variable = Object.hasOwn(FLAGS, flag) ? FLAGS[flag] : undefined;
    if (variable === undefined) throw new ConfigError(`--${flag}: there is no such flag; --help lists them`);
    const value = inline ?? args[(index += 1)];
    if (value === undefined) throw new ConfigError(`--${flag}: a value is missing`);
    values[variable] = value;
  }
  return { values, given, rest };
}

function splitOnce(value: string, by: string): [string, string | undefined] {
  const at = value.indexOf(by);
  return at < 0 ? [value, undefined] : [value.slice(0, at), value.slice(at + 1)];
}

/** An empty variable counts as unset. */
function text(values: Env, name: string): string | undefined {
  const value = values[name];
  return value === undefined || value === '' ? undefined : value;
}

function readPort(value: string | undefined): number {
  if (value === undefined) return 3030;
  const port = Number(value);
  if (!/^\d{1,5}$/.test(value) || port > 65535) throw new ConfigError(`PORT=${value}: must be a number from 0 to 65535 (0 picks a free one)`);
  return port;
}

function readLevel(value: string | undefined): LogLevel {
  const level = LOG_LEVELS.find((known) => known === (value ?? 'info'));
  if (level === undefined) throw new ConfigError(`DISPATCH_LOG=${value}: must be one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

/** @returns whether there is to be a holder */
function readHolder(value: string | undefined): boolean {
  if (value !== undefined && value !== '0' && value !== '1') throw new ConfigError(`DISPATCH_NO_HOLDER=${value}: must be 1 or 0`);
  return value !== '1';
}

function readRoots(value: string | undefined): string[] {
  const roots = (value ?? homedir()).split(':').filter((root) => root !== '');
  if (roots.length === 0) throw new ConfigError(`DISPATCH_ROOTS=${value}: names no folder`);
  return roots.map((root) => {
    if (!isAbsolute(root)) throw new ConfigError(`DISPATCH_ROOTS=${value}: ${root} is not an absolute path`);
    let real: string;
    try {
      real = realpathSync(root);
    } catch {
      throw new ConfigError(`DISPATCH_ROOTS=${value}: ${root} is not there or cannot be read`);
    }
    if (!statSync(real).isDirectory()) throw new ConfigError(`DISPATCH_ROOTS=${value}: ${root} is no folder`);
    return real;
  });
}

function readProxies(value: string | undefined): string[] {
  return (value ?? '').split(/[\s,]+/).filter((address) => address !== '').map((address) => {
    if (isIP(address) === 0) throw new ConfigError(`DISPATCH_PROXIES=${value}: ${address} is not an IP address`);
    return address;
  });
}

function readOrigins(value: string | undefined): string[] {
  return (value ?? '').split(/\s+/).filter((origin) => origin !== '').map((origin) => {
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== origin.replace(/\/$/, '').toLowerCase()) {
      throw new ConfigError(`DISPATCH_ORIGIN=${value}: ${origin} is not an origin like https://dispatch.example`);
    }
    return url.origin;
  });
}

function readTls(values: Env): Config['tls'] {
  const cert = text(values, 'TLS_CERT');
  const key = text(values, 'TLS_KEY');
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) {
    throw new ConfigError(`${cert === undefined ? 'TLS_CERT' : 'TLS_KEY'} is missing: TLS needs both TLS_CERT and TLS_KEY`);
  }
  for (const [name, file, label] of [['TLS_CERT', cert, 'CERTIFICATE'], ['TLS_KEY', key, 'PRIVATE KEY']] as const) {
    if (!readText(name, file).includes(`${label}-----`)) throw new ConfigError(`${name}=${file}: has no ${label} in PEM form`);
  }
  return { cert, key };
}

function readText(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new ConfigError(`${name}=${file}: the file cannot be read`);
  }
}

function readKey(values: Env): string | null {
  const direct = text(values, 'DISPATCH_KEY');
  const file = text(values, 'DISPATCH_KEY_FILE');
  if (direct === undefined && file === undefined) return null;
  const name = direct === undefined ? 'DISPATCH_KEY_FILE' : 'DISPATCH_KEY';
  let key = direct;
  if (key === undefined) {
    key = readText('DISPATCH_KEY_FILE', file ?? '').trim();
  }
  if (key.length < limits.keyLengthMin || key.length > limits.keyLengthMax || !/^[\x21-\x7e]+$/.test(key)) {
    throw new ConfigError(`${name}: a key has ${limits.keyLengthMin} to ${limits.keyLengthMax} visible ASCII characters without spaces`);
  }
  return key;
}
