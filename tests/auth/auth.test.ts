// The rules of who may in, by a clock of the test's own: delays, links, cookies, the key.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { Auth } from '../../src/auth/auth.ts';
import { Changes } from '../../src/changes.ts';
import { DeviceRows } from '../../src/db/devices.ts';
import { Facts } from '../../src/db/facts.ts';
import { openDatabase, type OpenDatabase } from '../../src/db/open.ts';
import { AppError } from '../../src/errors.ts';
import { limits } from '../../src/limits.ts';
import { temporaryFolder } from '../support/server.ts';

const KEY = 'the-key-that-was-chosen';
let folder: string;
let database: OpenDatabase;
let now = 0;

beforeEach(() => {
  now = 1_800_000_000_000;
  folder = temporaryFolder();
  database = openDatabase(folder);
});
afterEach(() => {
  database.dispose();
  rmSync(folder, { recursive: true });
});

const open = (chosenKey: string | null = KEY) =>
  Auth.open({ facts: new Facts(database.db), devices: new DeviceRows(database.db), changes: new Changes(), chosenKey, now: () => now });

async function refusal(attempt: Promise<unknown>): Promise<AppError> {
  const thrown: unknown = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof AppError) return thrown;
  throw new Error(`Expected a refusal, got ${String(thrown)}`);
}

describe('failed sign-ins', () => {
  test('five are free, then the delay doubles for the address, and waiting lets one in again', async () => {
    const { auth } = await open();
    for (let attempt = 0; attempt < limits.signInFreeAttempts; attempt += 1) {
      expect((await refusal(auth.signIn(`wrong-${attempt}`, '10.0.0.1', 'x'))).code).toBe('unauthorized');
    }
    const delays: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const limited = await refusal(auth.signIn(KEY, '10.0.0.1', 'x'));
      expect(limited.code).toBe('rate_limited');
      delays.push(limited.detail.retryAfter ?? 0);
      now += (limited.detail.retryAfter ?? 0) * 1000;
      expect((await refusal(auth.signIn('still wrong', '10.0.0.1', 'x'))).code).toBe('unauthorized');
    }
    expect(delays).toEqual([1, 2, 4, 8, 16, 32]);
    now += 60 * 60_000;
    expect(await auth.signIn(KEY, '10.0.0.1', 'x')).toBeString();
  });

  test('thirty at once are counted one by one', async () => {
    const { auth } = await open();
    const codes = await Promise.all(Array.from({ length: 30 }, async () => (await refusal(auth.signIn('wrong', '10.0.0.1', 'x'))).code));
    expect(codes.filter((code) => code === 'unauthorized')).toHaveLength(limits.signInFreeAttempts);
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(30 - limits.signInFreeAttempts);
  });

  test('ten programs with the right key at once all get in', async () => {
    const { auth } = await open();
    const identities = await Promise.all(Array.from({ length: 10 }, () => auth.byBearer(KEY, '10.0.0.1')));
    expect(identities).toHaveLength(10);
  });

  test('many addresses delay another one by ten seconds at the most', async () => {
    const { auth } = await open();
    for (let address = 0; address < 12; address += 1) {
      await auth.signIn('wrong', `10.0.1.${address}`, 'x').catch(() => undefined);
      now += limits.signInOverallDelayMaxMs;
    }
    await auth.signIn('wrong', '10.0.2.1', 'x').catch(() => undefined);
    const limited = await refusal(auth.signIn(KEY, '10.0.3.1', 'x'));
    expect(limited.detail.retryAfter ?? 99).toBeLessThanOrEqual(limits.signInOverallDelayMaxMs / 1000);
    now += limits.signInOverallDelayMaxMs;
    expect(await auth.signIn(KEY, '10.0.3.1', 'x')).toBeString();
  });

  test('the delay holds for nobody who is in: a cookie, a link, a verified Bearer', async () => {
    const { auth } = await open();
    const token = await auth.signIn(KEY, '10.0.0.9', 'mine');
    await auth.byBearer(KEY, '10.0.0.9');
    for (let attempt = 0; attempt < 9; attempt += 1) await auth.signIn('wrong', '10.0.0.1', 'x').catch(() => undefined);
    expect((await refusal(auth.signIn(KEY, '10.0.0.1', 'x'))).code).toBe('rate_limited');
    expect(auth.byCookie(token)?.identity.name).toBe('mine');
    expect((await auth.byBearer(KEY, '10.0.0.1')).deviceId).toBeNull();
    expect(auth.signInByLink(auth.links.make().token, 'by link')).toBeString();
  });
});

describe('cookies', () => {
  test('last thirty days from the last use and are renewed by it', async () => {
    const { auth } = await open();
    const token = await auth.signIn(KEY, '::1', 'mine');
    now += limits.cookieLifetimeMs - 1000;
    expect(auth.byCookie(token)?.renewed).toBe(true);
    expect(auth.byCookie(token)?.renewed).toBe(false);
    now += limits.cookieLifetimeMs - 1000;
    expect(auth.byCookie(token)).toBeDefined();
    now += limits.cookieLifetimeMs + 1000;
    expect(auth.byCookie(token)).toBeUndefined();
  });

  test('are kept as a hash only', async () => {
    const { auth } = await open();
    const token = await auth.signIn(KEY, '::1', 'mine');
    const kept = JSON.stringify(database.sqlite.query('SELECT * FROM devices').all());
    expect(kept).not.toContain(token);
    expect(kept).toContain(new Bun.CryptoHasher('sha256').update(token).digest('hex'));
  });

  test('the oldest device goes when there are too many', async () => {
    const { auth } = await open();
    const first = auth.signInByLink(auth.links.make().token, 'first');
    for (let device = 0; device < limits.devicesMax; device += 1) {
      now += 1;
      auth.signInByLink(auth.links.make().token, `device ${device}`);
    }
    expect(auth.byCookie(first)).toBeUndefined();
    expect(auth.devices()).toHaveLength(limits.devicesMax);
  });
});

describe('links', () => {
  test('end after ten minutes', async () => {
    const { auth } = await open();
    const { token } = auth.links.make();
    now += limits.linkLifetimeMs;
    expect(() => auth.signInByLink(token, 'late')).toThrow('ten minutes');
  });
});

describe('the key', () => {
  test('is made at the first start, shown once and kept as argon2id', async () => {
    const first = await open(null);
    expect(first.madeKey).toMatch(/^[2-9a-z]{8}(-[2-9a-z]{8}){3}$/);
    expect((await open(null)).madeKey).toBeNull();
    expect(new Facts(database.db).get('key_hash')).toStartWith('$argon2id$');
    expect(await first.auth.signIn(first.madeKey ?? '', '::1', 'x')).toBeString();
  });

  test('changed, ends every cookie and link and the old Bearer', async () => {
    const { auth, madeKey } = await open(null);
    const token = await auth.signIn(madeKey ?? '', '::1', 'x');
    await auth.byBearer(madeKey ?? '', '::1');
    const link = auth.links.make().token;
    let told: unknown = 'nobody';
    auth.onRevoked((device) => (told = device));
    const changed = await auth.changeKey(undefined);
    expect(changed).not.toBe(madeKey);
    expect(told).toBe('everyone');
    expect(auth.byCookie(token)).toBeUndefined();
    expect(() => auth.signInByLink(link, 'x')).toThrow();
    expect((await refusal(auth.byBearer(madeKey ?? '', '::1'))).code).toBe('unauthorized');
    expect((await auth.byBearer(changed, '::1')).deviceId).toBeNull();
  });

  test.each([
    ['fifteen characters', 'x'.repeat(limits.keyLengthMin - 1)],
    ['one past the longest', 'x'.repeat(limits.keyLengthMax + 1)],
    ['a space in it', 'a key with spaces in it'],
  ])('with %s is refused', async (_, key) => {
    const { auth } = await open(null);
    expect((await refusal(auth.changeKey(key))).code).toBe('invalid');
  });

  test('of the bounds themselves is taken', async () => {
    const { auth } = await open(null);
    expect(await auth.changeKey('x'.repeat(limits.keyLengthMin))).toHaveLength(limits.keyLengthMin);
    expect(await auth.changeKey('y'.repeat(limits.keyLengthMax))).toHaveLength(limits.keyLengthMax);
  });

  test('given from outside cannot be changed inside; another one given ends what the last opened', async () => {
    const { auth } = await open(KEY);
    expect(auth.keyFixed).toContain('DISPATCH_KEY');
    expect((await refusal(auth.changeKey(undefined))).code).toBe('conflict');
    const token = await auth.signIn(KEY, '::1', 'x');
    const again = await open(KEY);
    expect(again.auth.byCookie(token)).toBeDefined();
    const other = await open('another-key-from-outside');
    expect(other.auth.byCookie(token)).toBeUndefined();
  });

  test('the token of the command line lets it in', async () => {
    const { auth } = await open();
    expect((await auth.byBearer(auth.localToken, '10.0.0.1')).deviceId).toBeNull();
    expect((await refusal(auth.byBearer(`${auth.localToken}x`, '10.0.0.1'))).code).toBe('unauthorized');
  });
});
