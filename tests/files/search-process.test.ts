// Our own search in files, in a process of its own: what is asked for may take for ever, and
// must not.

import { expect, test } from 'bun:test';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSearch } from '../../src/file-search-process.ts';
import { FileSearch } from '../../src/files/search.ts';
import type { SearchEvent } from '../../src/files/search-terms.ts';
import { limits } from '../../src/limits.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

/** Processes of searches that this one started. */
function under(): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      const parent = / \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/\(.*\)/s, ''))?.[1];
      return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').includes('seek');
    } catch {
      return false;
    }
  }).length;
}

async function inFolder(act: (folder: string, search: (text: string, signal: AbortSignal) => AsyncGenerator<SearchEvent>) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  try {
    const files = new FileSearch({ spawn: startSearch, environment: { PATH: '' } });
    const ground = { path: folder, dataFolder: '/nowhere' };
    await act(folder, (text, signal) => files.search(ground, { terms: { text, regex: true, exactCase: true, globs: [] }, ignored: () => Promise.resolve([]), signal }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('an expression without an end ends with who asked, and leaves no work behind', async () => {
  await inFolder(async (folder, search) => {
    writeFileSync(join(folder, 'a'), 'found\n');
    writeFileSync(join(folder, 'b'), 'x'.repeat(200_000));
    const leave = new AbortController();
    const events = search('found|(x*x*x*)y', leave.signal);
    expect((await events.next()).value).toMatchObject({ type: 'match', path: 'a' });
    const rest = events.next();
    expect(under()).toBe(1);
    leave.abort();
    expect((await rest).done).toBe(true);
    await until('the end of the search', () => under() === 0);
  });
});

test('of a line with millions of finds only those are kept that are shown', async () => {
  await inFolder(async (folder, search) => {
    writeFileSync(join(folder, 'a'), 'e'.repeat(5_000_000));
    const [match, done] = await Array.fromAsync(search('e', new AbortController().signal));
    expect(match).toMatchObject({ type: 'match', ranges: { length: limits.fileSearchRangesMax } });
    expect(done).toMatchObject({ type: 'done', matches: 1 });
    await until('the end of the search', () => under() === 0);
  });
});

test('a line of which ripgrep says more than memory holds is left out', async () => {
  await inFolder(async (folder) => {
    const match = (path: string) => JSON.stringify({ type: 'match', data: { path: { text: path }, lines: { text: 'needle' }, line_number: 1, submatches: [{ start: 0, end: 6 }] } });
    const program = join(folder, 'rg');
    const many = limits.fileSearchToldBytesMax + 1;
    writeFileSync(program, `#!/bin/sh\nprintf '{"type":"match"'; head -c ${many} /dev/zero | tr '\\0' ' '; printf '}\\n%s\\n' '${match('b')}'\n`);
    chmodSync(program, 0o755);
    const files = new FileSearch({ spawn: startSearch, environment: { PATH: `${folder}:${process.env.PATH ?? ''}` } });
    const terms = { text: 'needle', regex: false, exactCase: true, globs: [] };
    const options = { terms, ignored: () => Promise.resolve([]), signal: new AbortController().signal };
    const found = await Array.fromAsync(files.search({ path: folder, dataFolder: '/nowhere' }, options));
    expect(found.map((event) => (event.type === 'match' ? event.path : event.type))).toEqual(['b', 'done']);
  });
});
