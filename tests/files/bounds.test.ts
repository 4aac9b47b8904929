// Bounds of files: each at its last value and one past it; the trash in time and across disks;
// disks that are read-only.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/errors.ts';
import { duplicate, move } from '../../src/files/change.ts';
import { type Ground, openFile } from '../../src/files/open.ts';
import { Trash } from '../../src/files/trash.ts';
import { writeFile } from '../../src/files/write.ts';
import { limits } from '../../src/limits.ts';
import { startTestServer, TEST_KEY, temporaryFolder, type TestServer } from '../support/server.ts';
import { type SmallDisk, smallDisk } from '../support/small-disk.ts';

const ID = '00000000-0000-7000-8000-000000000000';
/** Gone when all is over. */
const folders: string[] = [];
function ownFolder(): string {
  const folder = temporaryFolder();
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : String(error));

describe('of paths', () => {
  test('as many links are followed as the system follows', () => {
    const path = ownFolder();
    const ground: Ground = { path, dataFolder: '/nowhere' };
    writeFileSync(join(path, 'file'), '');
    // One real path is one link for us, however many the system went through; so each has its own folder.
    for (let link = 0; link < limits.linksFollowedMax; link++) {
      mkdirSync(join(path, `real-${link}`));
      symlinkSync(`../real-${link + 1}`, join(path, `real-${link}`, 'next'));
    }
    mkdirSync(join(path, `real-${limits.linksFollowedMax}`));
    symlinkSync('../file', join(path, `real-${limits.linksFollowedMax}`, 'last'));
    const way = (links: number): string => `real-${limits.linksFollowedMax - links}/${'next/'.repeat(links)}last`;
    openFile(ground, way(limits.linksFollowedMax)).close();
    symlinkSync('real-0', join(path, 'first'));
    expect(() => openFile(ground, `first/${'next/'.repeat(limits.linksFollowedMax)}last`)).toThrow('circle');
  });
});

describe('of requests', () => {
  let server: TestServer;
  let id: string;
  let folder: string;
  beforeAll(async () => {
    server = await startTestServer();
    ({ id, path: folder } = await server.workspace());
  });
  afterAll(() => server.stop());

  test('a list, a search by name, and a replacement take so much and no more', async () => {
    const status = async (path: string, body?: object): Promise<number> => (await server.api(`/api/workspaces/${id}${path}`, body === undefined ? {} : { method: 'POST', body })).status;
    expect(await status(`/tree?limit=${limits.listLimitMax}`)).toBe(200);
    expect(await status(`/tree?limit=${limits.listLimitMax + 1}`)).toBe(422);
    expect(await status(`/find?q=${'x'.repeat(limits.queryLengthMax)}`)).toBe(200);
    expect(await status(`/find?q=${'x'.repeat(limits.queryLengthMax + 1)}`)).toBe(422);
    const replace = (files: number, length: number): Promise<number> => status('/replace', { q: 'x', replacement: 'y'.repeat(length), files: Array.from({ length: files }, () => ({ path: 'none', etag: '"x"' })) });
    expect(await replace(limits.replaceFilesMax, limits.replacementLengthMax)).toBe(200);
    expect(await replace(limits.replaceFilesMax + 1, 1)).toBe(422);
    expect(await replace(1, limits.replacementLengthMax + 1)).toBe(422);
  });

  test('so many searches are under way at a time, and the next one is told to wait', async () => {
    writeFileSync(join(folder, 'slow'), `${'a'.repeat(40)}!`);
    const leave = new AbortController();
    // With a preview it is our own search, whatever is installed; this expression has no end.
    const ask = (): Promise<Response> => fetch(`${server.url}/api/workspaces/${id}/search?regex=true&preview=true&q=${encodeURIComponent('(a+)+$')}`, { headers: { authorization: `Bearer ${TEST_KEY}` }, signal: leave.signal });
    const under = Array.from({ length: limits.fileSearchesMax }, () => ask().then((answer) => answer.body?.getReader().read()).catch(() => undefined));
    let refused = await ask();
    while (refused.status !== 429) {
      await refused.body?.cancel();
      refused = await ask();
    }
    expect(refused.headers.get('retry-after')).toBe('1');
    leave.abort();
    await Promise.all(under);
  });

  test('marks of git come with a list', async () => {
    const { id: repository, path } = await server.workspace();
    Bun.spawnSync(['git', 'init', '-q'], { cwd: path });
    writeFileSync(join(path, '.gitignore'), 'ignored\n');
    mkdirSync(join(path, 'ignored'));
    writeFileSync(join(path, 'ignored/inner'), '');
    writeFileSync(join(path, 'new'), '');
    const marks = async (query: string): Promise<Record<string, string>> =>
      Object.fromEntries((await server.api(`/api/workspaces/${repository}/tree?${query}`)).body.entries.map(({ name, mark }: { name: string; mark: string }) => [name, mark]));
    expect(await marks('hidden=false')).toEqual({ ignored: 'ignored', new: 'untracked' });
    expect(await marks('path=ignored')).toEqual({ inner: 'ignored' });
    expect(await marks('hidden=false&marks=false')).toEqual({ ignored: null, new: null } as never);
  });

  test('a whole workspace comes as an archive', async () => {
    const answer = await fetch(`${server.url}/api/workspaces/${id}/files/?format=tar`, { headers: { authorization: `Bearer ${TEST_KEY}` } });
    expect(answer.headers.get('content-type')).toBe('application/x-tar');
    expect((await answer.bytes()).byteLength % 512).toBe(0);
  });

  test('the archive of a workspace that is called .. unpacks where one is', async () => {
    const { id: dots, path } = await server.workspace();
    writeFileSync(join(path, 'file'), 'text');
    expect((await server.api(`/api/workspaces/${dots}`, { method: 'PATCH', body: { name: '..' } })).status).toBe(200);
    const answer = await fetch(`${server.url}/api/workspaces/${dots}/files/?format=tar`, { headers: { authorization: `Bearer ${TEST_KEY}` } });
    expect((await answer.text()).slice(0, 14)).toBe('workspace/file');
  });
});

describe('of the trash', () => {
  test('what was deleted is kept for its time, to the millisecond', async () => {
    const path = ownFolder();
    const ground: Ground = { path: join(path, 'w'), dataFolder: join(path, 'data') };
    for (const folder of ['w', 'data']) mkdirSync(join(path, folder));
    writeFileSync(join(path, 'w/file'), 'text');
    let now = Date.now();
    const trash = new Trash(join(path, 'data/trash'), () => now);
    await trash.take(ID, ground, 'file');
    now += limits.trashKeepMs - 1;
    await trash.sweep();
    expect(trash.list(ID)).toHaveLength(1);
    now += 1;
    await trash.sweep();
    expect(trash.list(ID)).toEqual([]);
    expect(readdirSync(join(path, 'data/trash', ID))).toEqual([]);
    expect(await trash.take(ID, ground, 'gone').catch(codeOf)).toBe('not_found');
    expect(readdirSync(join(path, 'data/trash', ID))).toEqual([]);
  });
});

describe('of disks', () => {
  let disk: SmallDisk;
  let here: string;
  let ground: Ground;
  let trash: Trash;
  beforeEach(() => {
    disk = smallDisk();
    here = ownFolder();
    ground = { path: disk.folder, dataFolder: here };
    trash = new Trash(join(here, 'trash'));
    mkdirSync(join(disk.folder, 'top/inner'), { recursive: true });
    writeFileSync(join(disk.folder, 'top/inner/file'), 'text', { mode: 0o640 });
    symlinkSync('inner/file', join(disk.folder, 'top/link'));
    utimesSync(join(disk.folder, 'top/inner/file'), 1000, 2000);
  });
  afterEach(() => disk.remove());

  test('a folder goes to the trash on another one, and comes back as it was', async () => {
    const { id } = await trash.take(ID, ground, 'top');
    expect(existsSync(join(disk.folder, 'top'))).toBe(false);
    expect(await trash.restore(ID, id, ground)).toBe('top');
    expect(readFileSync(join(disk.folder, 'top/link'), 'utf8')).toBe('text');
    const { mode, mtimeMs } = await Bun.file(join(disk.folder, 'top/inner/file')).stat();
    expect([mode & 0o777, mtimeMs]).toEqual([0o640, 2_000_000]);
    expect(trash.list(ID)).toEqual([]);
  });

  test('what may not be removed when its time is over is told and stays, and all else goes', async () => {
    const told: string[] = [];
    let now = Date.now();
    const own: Ground = { path: ownFolder(), dataFolder: here };
    trash = new Trash(join(here, 'trash'), () => now, (line) => told.push(line));
    mkdirSync(join(own.path, 'locked/inner'), { recursive: true });
    writeFileSync(join(own.path, 'other'), '');
    const { id } = await trash.take(ID, own, 'locked');
    await trash.take(ID, own, 'other');
    const inner = join(here, 'trash', ID, id, 'thing/inner');
    // In use, or without rights, as who runs this may make it.
    const isRoot = process.getuid?.() === 0;
    if (isRoot && Bun.spawnSync(['mount', '--bind', inner, inner]).exitCode !== 0) return;
    if (!isRoot) writeFileSync(join(inner, 'file'), '');
    if (!isRoot) chmodSync(inner, 0o500);
    now += limits.trashKeepMs;
    await trash.sweep();
    expect(trash.list(ID).map(({ path }) => path)).toEqual(['locked']);
    expect(told).toHaveLength(1);
    expect(codeOf(await trash.remove(ID, id).catch((error: unknown) => error))).not.toBe('undefined');
    if (isRoot) expect(Bun.spawnSync(['umount', inner]).exitCode).toBe(0);
    else chmodSync(inner, 0o700);
    await trash.sweep();
    expect(trash.list(ID)).toEqual([]);
  });

  test('what cannot be brought to another one stays where it is', async () => {
    if (!disk.real) return;
    Bun.spawnSync(['mkfifo', join(disk.folder, 'top/pipe')]);
    expect(await trash.take(ID, ground, 'top').catch(codeOf)).toBe('conflict');
    expect(readdirSync(join(disk.folder, 'top')).sort()).toEqual(['inner', 'link', 'pipe']);
    expect(trash.list(ID)).toEqual([]);
  });

  test('a full one takes no copy, and nothing is left of it', async () => {
    if (!disk.real) return;
    writeFileSync(join(disk.folder, 'top/large'), new Uint8Array(1024 * 1024));
    disk.fill();
    expect(await duplicate(ground, 'top').catch(codeOf)).toBe('full');
    expect(readdirSync(disk.folder).sort()).toEqual(['ballast', 'top']);
  });

  test('a read-only one changes nothing, and it is said', async () => {
    if (!disk.real) return;
    expect(Bun.spawnSync(['mount', '-o', 'remount,ro', disk.folder]).exitCode).toBe(0);
    expect(await writeFile(ground, 'top/inner/file', Buffer.from('new'), { expected: 'anything' }).catch(codeOf)).toBe('forbidden');
    expect(await writeFile(ground, 'new', Buffer.from('new'), { expected: 'absent' }).catch(codeOf)).toBe('forbidden');
    expect(await move(ground, 'top', 'moved').catch(codeOf)).toBe('forbidden');
    expect(await trash.take(ID, ground, 'top').catch(codeOf)).toBe('forbidden');
    expect(readFileSync(join(disk.folder, 'top/inner/file'), 'utf8')).toBe('text');
    expect(trash.list(ID)).toEqual([]);
  });
});
