// Writing a file whole or not at all: what stays as it was, what is refused, and what another
// program or a full disk does in the middle of it.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../src/errors.ts';
import type { Ground } from '../../src/files/open.ts';
import { etagOf, hashOf } from '../../src/files/version.ts';
import { type Content, type Expected, writeFile } from '../../src/files/write.ts';
import { smallDisk } from '../support/small-disk.ts';

let base: string;
let ground: Ground;
const at = (path: string): string => join(base, 'w', path);
const etag = (path: string): string => etagOf(statSync(at(path), { bigint: true }));

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'dispatch-write-')));
  for (const folder of ['w/sub', 'out', 'data']) mkdirSync(join(base, folder), { recursive: true });
  writeFileSync(at('file'), 'old');
  ground = { path: join(base, 'w'), dataFolder: join(base, 'data') };
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

async function save(path: string, content: Content | string, expected: Expected, more: { bytesMax?: number } = {}): Promise<string> {
  try {
    const { etag: now, created } = await writeFile(ground, path, typeof content === 'string' ? Buffer.from(content) : content, { expected, ...more });
    return now === etag(path) ? (created ? 'created' : 'written') : 'another etag';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

/** Gives its text in two halves, and something happens in between. */
async function* interrupted(text: string, between: () => unknown): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text.slice(0, text.length / 2));
  await between();
  yield Buffer.from(text.slice(text.length / 2));
}

describe('a file', () => {
  test('is made where nothing is, and replaced where the version is the one that was read', async () => {
    expect(await save('sub/new', 'one', 'absent')).toBe('created');
    expect(await save('sub/new', 'two', { etags: ['"else"', etag('sub/new')] })).toBe('written');
    expect(await save('sub/new', 'three', { hash: hashOf(Buffer.from('two')) })).toBe('written');
    expect(await save('sub/new', 'four', 'anything')).toBe('written');
    expect(readFileSync(at('sub/new'), 'utf8')).toBe('four');
    expect(statSync(at('sub/new')).mode & 0o777).toBe(0o666 & ~process.umask());
    expect(readdirSync(at('sub'))).toEqual(['new']);
  });

  test('is not replaced where it is another one, is gone or is there already', async () => {
    const before = etag('file');
    writeFileSync(at('file'), 'changed');
    expect(await save('file', 'mine', { etags: [before] })).toBe('precondition');
    expect(await save('file', 'mine', { hash: hashOf(Buffer.from('old')) })).toBe('precondition');
    expect(await save('file', 'mine', 'absent')).toBe('precondition');
    expect(await save('gone', 'mine', { etags: [before] })).toBe('precondition');
    expect(readFileSync(at('file'), 'utf8')).toBe('changed');
    expect(readdirSync(at(''))).toEqual(['file', 'sub']);
  });

  test('of the same bytes is the same, whenever it was written', async () => {
    utimesSync(at('file'), 1, 1);
    expect(await save('file', 'new', { hash: hashOf(Buffer.from('old')) })).toBe('written');
  });

  test('keeps its mode, its owner and its group', async () => {
    chmodSync(at('file'), 0o751);
    const owner = process.getuid?.() === 0 ? [1234, 2345] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    chownSync(at('file'), owner[0] ?? 0, owner[1] ?? 0);
    expect(await save('file', 'new', 'anything')).toBe('written');
    const { mode, uid, gid } = statSync(at('file'));
    expect([mode & 0o7777, uid, gid]).toEqual([0o751, ...owner]);
  });

  test('behind a link is written, and the link stays', async () => {
    symlinkSync('../file', at('sub/link'));
    expect(await save('sub/link', 'through', 'anything')).toBe('written');
    expect(readlinkSync(at('sub/link'))).toBe('../file');
    expect(readFileSync(at('file'), 'utf8')).toBe('through');
    expect(readdirSync(at('sub'))).toEqual(['link']);
  });

  test('is not written through a link that leads out or nowhere, nor over a folder or a pipe', async () => {
    writeFileSync(join(base, 'out/secret'), 'secret');
    symlinkSync('../out/secret', at('key'));
    symlinkSync('../out/new', at('hole'));
    symlinkSync('../out', at('door'));
    Bun.spawnSync(['mkfifo', at('pipe')]);
    expect(await save('key', 'x', 'anything')).toBe('forbidden');
    expect(await save('door/new', 'x', 'anything')).toBe('forbidden');
    expect(await save('hole', 'x', 'anything')).toBe('not_found');
    expect(await save('sub', 'x', 'anything')).toBe('conflict');
    expect(await save('pipe', 'x', 'anything')).toBe('conflict');
    expect(await save('missing/new', 'x', 'anything')).toBe('not_found');
    expect(await save('file/new', 'x', 'anything')).toBe('not_found');
    expect(readdirSync(join(base, 'out'))).toEqual(['secret']);
    expect(readFileSync(join(base, 'out/secret'), 'utf8')).toBe('secret');
  });

  test('of more bytes than allowed stays as it was, at one byte past the bound', async () => {
    expect(await save('file', '12345', 'anything', { bytesMax: 5 })).toBe('written');
    expect(await save('file', '123456', 'anything', { bytesMax: 5 })).toBe('too_large');
    expect(readFileSync(at('file'), 'utf8')).toBe('12345');
    expect(readdirSync(at(''))).toEqual(['file', 'sub']);
  });
});

describe('while it is written', () => {
  test('another program changes the file: what it wrote stays', async () => {
    const before = etag('file');
    const changes = interrupted('mine', () => writeFileSync(at('file'), 'theirs'));
    expect(await save('file', changes, { etags: [before] })).toBe('precondition');
    expect(readFileSync(at('file'), 'utf8')).toBe('theirs');
    expect(readdirSync(at(''))).toEqual(['file', 'sub']);
  });

  test('another program makes the file: it stays', async () => {
    expect(await save('new', interrupted('mine', () => writeFileSync(at('new'), 'theirs')), 'absent')).toBe('precondition');
    expect(readFileSync(at('new'), 'utf8')).toBe('theirs');
  });

  test('another program puts a link in its place: nothing is written through it, and it stays', async () => {
    writeFileSync(join(base, 'out/secret'), 'secret');
    const swap = interrupted('mine', () => {
      rmSync(at('file'));
      symlinkSync(join(base, 'out/secret'), at('file'));
    });
    expect(await save('file', swap, { etags: [etag('file')] })).toBe('precondition');
    expect(readFileSync(join(base, 'out/secret'), 'utf8')).toBe('secret');
    expect(lstatSync(at('file')).isSymbolicLink()).toBe(true);
  });

  test('another program moves its folder and puts a link there: it goes where it was meant to', async () => {
    const swap = interrupted('mine', () => {
      renameSync(at('sub'), at('moved'));
      symlinkSync(join(base, 'out'), at('sub'));
    });
    await writeFile(ground, 'sub/new', swap, { expected: 'absent' });
    expect(readFileSync(at('moved/new'), 'utf8')).toBe('mine');
    expect(readdirSync(join(base, 'out'))).toEqual([]);
  });

  test('this process is killed: the old file is there and nothing beside it', async () => {
    const script = `const { writeFile } = await import('${join(import.meta.dir, '../../src/files/write.ts')}');
      await writeFile(${JSON.stringify(ground)}, 'file', (async function* () { yield Buffer.from('half'); console.log('half'); await new Promise((r) => setTimeout(r, 60000)); })(), { expected: 'anything' });`;
    const writer = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe', stderr: 'inherit' });
    await writer.stdout.getReader().read();
    writer.kill('SIGKILL');
    await writer.exited;
    expect(readFileSync(at('file'), 'utf8')).toBe('old');
    expect(readdirSync(at(''))).toEqual(['file', 'sub']);
  });

  test('a sender that breaks off leaves the old file and nothing beside it', async () => {
    const broken = interrupted('mine', () => {
      throw new AppError('bad_request', 'gone');
    });
    expect(await save('file', broken, 'anything')).toBe('bad_request');
    expect(readFileSync(at('file'), 'utf8')).toBe('old');
    expect(readdirSync(at(''))).toEqual(['file', 'sub']);
  });

  test('a program that renames over it again and again loses none of its versions to a save', async () => {
    // It counts up in the file, each time by a rename; what it finds there must be its own or one that was saved over it.
    const racer = Bun.spawn(['sh', '-c', 'i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo "their $i" > "$1/racer"; mv -T "$1/racer" "$1/file"; done', 'sh', ground.path]);
    let saved = 0;
    let refused = 0;
    while (racer.exitCode === null) {
      const before = await Bun.file(at('file')).text();
      const result = await save('file', `mine over ${before}`, { hash: hashOf(Buffer.from(before)) });
      if (result === 'precondition') refused++;
      else saved++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await racer.exited;
    const last = readFileSync(at('file'), 'utf8');
    expect(last).toContain('their 400\n');
    expect(saved + refused).toBeGreaterThan(0);
    expect(readdirSync(at('')).sort()).toEqual(['file', 'sub']);
  });
});

test('a full disk in the middle of it leaves the old file and nothing beside it', async () => {
  const disk = smallDisk();
  try {
    if (!disk.real) return;
    const full: Ground = { path: realpathSync(disk.folder), dataFolder: ground.dataFolder };
    writeFileSync(join(full.path, 'file'), 'old');
    disk.fill();
    const code = await writeFile(full, 'file', new Uint8Array(1024 * 1024), { expected: 'anything' }).catch((error: AppError) => error.code);
    expect(code).toBe('full');
    expect(readFileSync(join(full.path, 'file'), 'utf8')).toBe('old');
    expect(readdirSync(full.path).sort()).toEqual(['ballast', 'file']);
    disk.free();
    expect((await writeFile(full, 'file', Buffer.from('new'), { expected: 'anything' })).size).toBe(3);
  } finally {
    disk.remove();
  }
});
