// What an archive lacks is said in it, and names in it unpack to what they were.

import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/errors.ts';
import { type ArchiveFormat, archiveOf } from '../../src/files/archive.ts';
import { duplicate } from '../../src/files/change.ts';
import { findFiles } from '../../src/files/find.ts';
import type { Ground } from '../../src/files/open.ts';
import { limits } from '../../src/limits.ts';
import { temporaryFolder } from '../support/server.ts';

setDefaultTimeout(30_000);

let top: string;
let ground: Ground;
beforeEach(() => {
  top = temporaryFolder();
  ground = { path: join(top, 'w'), dataFolder: join(top, 'data') };
  mkdirSync(join(top, 'w/folder'), { recursive: true });
});
// Its own removal takes Bun seconds where folders lie so deep.
const remove = (path: string): void => void Bun.spawnSync(['rm', '-rf', path]);
afterEach(() => remove(top));

const file = (path: string): void => writeFileSync(join(top, 'w', path), 'text');
const NOTE = 'folder - LEFT OUT.txt';

/** @returns where it was unpacked by another program */
async function unpacked(format: ArchiveFormat, entriesMax?: number): Promise<string> {
  const out = join(top, `out-${format}-${entriesMax ?? ''}`);
  mkdirSync(out);
  await Bun.write(`${out}.archive`, new Response(archiveOf(ground, 'folder', format, 'folder', entriesMax)));
  const { exitCode, stderr } = Bun.spawnSync(format === 'tar' ? ['tar', '-xf', `${out}.archive`] : ['unzip', '-q', `${out}.archive`], { cwd: out });
  expect([format, exitCode, stderr.toString()]).toEqual([format, 0, '']);
  return out;
}

const FORMATS: readonly ArchiveFormat[] = ['tar', 'zip'];

test('an archive of as many files as one may have is whole, and one of more says from where on it is not', async () => {
  mkdirSync(join(top, 'w/folder/b'));
  for (const path of ['folder/a', 'folder/b/c', 'folder/b/d', 'folder/e']) file(path);
  for (const format of FORMATS) {
    expect(readdirSync(await unpacked(format, 5))).toEqual(['folder']);
    const out = await unpacked(format, 3);
    expect(readdirSync(join(out, 'folder'), { recursive: true }).map(String).sort()).toEqual(['a', 'b', 'b/c']);
    const note = readFileSync(join(out, NOTE), 'utf8');
    expect(note).toContain('at most 3 files and folders');
    expect(note).toContain('\n  b/d\n');
  }
});

test('what cannot be in an archive is named in it, and past a thousand names counted', async () => {
  file('folder/kept');
  for (let index = 0; index <= limits.leftOutNamed; index++) symlinkSync('kept', join(top, `w/folder/link-${index}`));
  Bun.spawnSync(['mkfifo', join(top, 'w/folder/pipe')]);
  const tar = readFileSync(join(await unpacked('tar'), NOTE), 'utf8');
  expect(tar).toContain('pipes, sockets or devices:\n  pipe\n');
  expect(tar).not.toContain('link-');
  const zip = readFileSync(join(await unpacked('zip'), NOTE), 'utf8');
  expect(zip).toContain('pipes, sockets or devices:\n  pipe\n');
  expect(zip.match(/^ {2}link-/gm)).toHaveLength(limits.leftOutNamed);
  expect(zip).toContain('and 1 more\n');
});

test('a name with a backslash in it makes no folder where a zip is opened', async () => {
  file('folder/..\\evil\\name.txt');
  const names = readdirSync(join(await unpacked('zip'), 'folder'));
  expect(names).toEqual(['..%5Cevil%5Cname.txt']);
  expect(readdirSync(join(await unpacked('tar'), 'folder'))).toEqual(['..\\evil\\name.txt']);
});

test('folders are looked into, and copied, as deep as anybody has them, and no deeper', async () => {
  const deep = 'd/'.repeat(limits.treeDepthMax);
  mkdirSync(join(top, 'w/folder', deep), { recursive: true });
  file(`folder/${deep}last`);
  expect(readdirSync(await unpacked('tar'))).toEqual(['folder']);
  const fits: Ground = { ...ground, path: join(ground.path, 'folder') };
  expect(await findFiles(fits, 'last', 5)).toEqual({ paths: [`${deep}last`], complete: true });
  expect(await duplicate(fits, 'd')).toMatchObject({ path: 'd copy' });
  mkdirSync(join(top, 'w/folder', deep, 'd'));
  file(`folder/${deep}d/beyond`);
  for (const format of FORMATS) {
    remove(join(top, `out-${format}-`));
    const out = await unpacked(format);
    expect(readFileSync(join(out, NOTE), 'utf8')).toContain(`\n  ${deep}d\n`);
    expect(readdirSync(join(out, 'folder', deep)).sort()).toEqual(['d', 'last']);
  }
  expect(await duplicate(fits, 'd').catch((error: unknown) => (error instanceof AppError ? error.code : error))).toBe('too_large');
  expect(readdirSync(join(top, 'w/folder')).sort()).toEqual(['d', 'd copy']);
  expect((await findFiles(ground, 'last', 5)).complete).toBe(false);
});
