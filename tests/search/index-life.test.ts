// The index and the life of the log beside it: kills at any moment, events that are pruned, a
// session that is resumed, another epoch.

import { afterEach, describe, expect, test } from 'bun:test';
import { Database } from 'bun:sqlite';
import { join } from 'node:path';
import { limits } from '../../src/limits.ts';
import type { SearchRequest } from '../../src/search/protocol.ts';
import { parseQuery } from '../../src/search/query.ts';
import { packAll, sessionRow } from '../support/history.ts';
import { Index } from '../support/indexed.ts';
import { openSessions, type SessionParts } from '../support/sessions.ts';
import { Survivor } from '../support/survivor.ts';
import { until } from '../support/until.ts';

let parts: SessionParts | undefined;
let index: Index | undefined;
afterEach(async () => {
  index?.dispose();
  index = undefined;
  await parts?.stop();
  parts = undefined;
});

function print(to: SessionParts, id: string, from: number, count: number): void {
  for (let number = from; number < from + count; number += 1) {
    to.events.append(id, [{ channel: 'stdout', type: 'output', data: Buffer.from(`line number${number}x of ${id}\r\n`) }]);
  }
}

describe('the index', () => {
  test('has everything once: live, ended, resumed, packed away, after restarts', async () => {
    parts = openSessions();
    const id = sessionRow(parts, 'session', 'active');
    print(parts, id, 0, 40);
    index = new Index(parts.dataFolder);
    index.work();
    expect(index.find('number39x')).toHaveLength(1);
    print(parts, id, 40, 40);
    index.work(1000);
    index.dispose();
    parts.database.sqlite.run("UPDATE sessions SET status = 'stopped'");
    await packAll(parts, id);
    index = new Index(parts.dataFolder);
    print(parts, id, 80, 40);
    index.work(1000);
    expect(index.find('"line number"').length).toBe(120);
    expect(index.count('SELECT count(*) FROM blocks WHERE in_texts = 0')).toBe(0);
    expect(index.count('SELECT count(*) FROM blocks')).toBe(1);
    expect(index.finder.indexed()).toEqual({ complete: true, behindEvents: 0 });
  });

  test('loses what is pruned, in the middle of a block too, and what is deleted', async () => {
    parts = openSessions();
    const [id, other] = [sessionRow(parts, 'session'), sessionRow(parts, 'other')];
    print(parts, id, 0, 100);
    print(parts, other, 0, 3);
    index = new Index(parts.dataFolder);
    index.work();
    expect(index.find('"line number"')).toHaveLength(103);
    await packAll(parts, id);
    parts.database.sqlite.run("UPDATE sessions SET first_sequence = 51 WHERE run_id = 'session'");
    // Known at once, gone soon.
    expect(index.find('number49x')).toHaveLength(0);
    expect(index.find('number50x')).toHaveLength(1);
    index.work(1000);
    expect(index.count('SELECT min(first) FROM blocks WHERE source = 1')).toBe(51);
    expect(index.find('"line number"')).toHaveLength(53);
    parts.rows.delete(other);
    expect(index.find('"line number"')).toHaveLength(50);
    index.work(1000);
    expect(index.count('SELECT count(*) FROM sources')).toBe(1);
    expect(index.count('SELECT count(*) FROM blocks')).toBe(1);
    expect(index.find('number99x')).toHaveLength(1);
  });

  test('makes blocks of half a megabyte, each whole, in order', () => {
    parts = openSessions();
    const id = sessionRow(parts, 'session', 'active');
    const line = (number: number) => `${String(number).padStart(6, '0')} ${Bun.hash(String(number)).toString(36).repeat(6)}\r\n`;
    for (let at = 0; at < 12_000; at += 400) {
      parts.events.append(id, [{ channel: 'stdout', type: 'output', data: Buffer.from(Array.from({ length: 400 }, (_, next) => line(at + next)).join('')) }]);
    }
    index = new Index(parts.dataFolder);
    index.work();
    expect(index.count('SELECT count(*) FROM blocks WHERE is_open = 0')).toBeGreaterThan(0);
    expect(index.count('SELECT min(bytes) FROM blocks WHERE is_open = 0')).toBeGreaterThanOrEqual(limits.searchBlockBytes - 100);
    for (const number of [0, 1234, 4999, 8000, 11_999]) expect(index.find(line(number).trim())).toEqual([line(number).trim()]);
  });

  test('gives words that are near each other before any that are apart in later blocks, and those only where none is near', () => {
    parts = openSessions();
    const id = sessionRow(parts, 'session');
    const filler = (count: number): string[] => Array.from({ length: count }, (_, number) => `${Bun.hash(`${number} of filler`).toString(36)} `.repeat(8));
    const lines = ['alpha beside beta', ...filler(4500), ...[1, 2, 3].flatMap((block) => [`alpha ${block}`, ...filler(2500), `beta ${block}`, ...filler(2500)])];
    for (let at = 0; at < lines.length; at += 500) {
      parts.events.append(id, [{ channel: 'stdout', type: 'output', data: Buffer.from(lines.slice(at, at + 500).map((line) => `${line}\r\n`).join('')) }]);
    }
    index = new Index(parts.dataFolder);
    index.work();
    expect(index.count('SELECT count(*) FROM blocks')).toBeGreaterThanOrEqual(3);
    const query = parseQuery('alpha beta');
    const texts = (request: Partial<SearchRequest>): string[] =>
      (index?.finder.find({ query, limit: 50, ...request }).results ?? []).map(({ context }) => context.map(({ text }) => text).join(''));
    expect(texts({ perSession: 1 })).toEqual(['alpha beside beta']);
    expect(texts({})).toEqual(['alpha beside beta']);
    const later = { newest: Number.MAX_SAFE_INTEGER, block: 0, given: 0 };
    expect(texts({ query: parseQuery('alpha beta -beside'), cursor: { ...later, near: 0 } })).not.toEqual([]);
    expect(texts({ query: parseQuery('alpha beta -beside'), cursor: { ...later, near: 1 } })).toEqual([]);
  });

  test('is made anew for another epoch, whose events may be others', () => {
    parts = openSessions();
    const id = sessionRow(parts, 'session');
    print(parts, id, 0, 3);
    index = new Index(parts.dataFolder);
    index.work();
    index.dispose();
    index = new Index(parts.dataFolder, 2);
    expect(index.count('SELECT count(*) FROM sources')).toBe(0);
    index.work();
    expect(index.find('"line number"')).toHaveLength(3);
  });
});

test('a server that is killed while it indexes goes on, and finds everything once', async () => {
  const survivor = new Survivor();
  try {
    await survivor.start();
    const script = 'for i in $(seq 1 3000); do echo "killed line number${i}x with some more words behind it to fill a row"; done; echo all-is-printed; exec cat';
    await survivor.terminal(['bash', '-c', script]);
    const found = async (q: string): Promise<any> => survivor.api(`/api/search?limit=1000&q=${encodeURIComponent(q)}`);
    for (let round = 0; round < 3; round += 1) {
      await until('something found', async () => (await found('killed')).results?.length > 0);
      await survivor.kill();
      await survivor.start();
    }
    await until('all of it', async () => (await found('all-is-printed')).results?.length > 0 && (await found('killed')).indexed.complete);
    for (const number of [1, 17, 999, 2500, 2999, 3000]) {
      const { results } = await found(`number${number}x`);
      expect(results.filter(({ channel }: { channel: string }) => channel === 'stdout'), String(number)).toHaveLength(1);
    }
    const check = new Database(join(survivor.dataFolder, 'search.db'), { readonly: true });
    expect(check.query<{ integrity_check: string }, []>('PRAGMA integrity_check').get()?.integrity_check).toBe('ok');
    check.close();
  } finally {
    await survivor.dispose();
  }
}, 30_000);
