// Opening files of a workspace: links, swapped folders, pipes and devices, hostile names.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../src/errors.ts';
import { type Ground, openFile, openFolder, openPlace, openTarget } from '../../src/files/open.ts';
import { allOf } from '../../src/files/pieces.ts';

let base: string;
let ground: Ground;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'dispatch-open-')));
  for (const folder of ['w/a/b', 'out', 'data/inner']) mkdirSync(join(base, folder), { recursive: true });
  writeFileSync(join(base, 'w/a/b/file'), 'inside');
  writeFileSync(join(base, 'out/secret'), 'secret');
  ground = { path: join(base, 'w'), dataFolder: join(base, 'data') };
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

async function text(path: string, on = ground): Promise<string> {
  const file = openFile(on, path);
  try {
    return (await allOf(file.descriptor)).toString();
  } finally {
    file.close();
  }
}

function refusal(act: () => { folder?: { dispose(): void }; close?(): void; dispose?(): void }): string {
  try {
    const opened = act();
    opened.close?.();
    opened.dispose?.();
    opened.folder?.dispose();
    return 'opened';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

const link = (target: string, path: string): void => symlinkSync(target, join(base, 'w', path));

describe('a path in a workspace', () => {
  test('opens its file, however many slashes and dots are in it', async () => {
    expect(await text('a/b/file')).toBe('inside');
    expect(await text('//a/./b//file')).toBe('inside');
  });

  test('is refused with .. or NUL in it, and in their escapes', () => {
    for (const path of ['../out/secret', 'a/../a/b/file', 'a\0', '..']) expect(refusal(() => openFile(ground, path))).toBe('invalid');
    expect(refusal(() => openFile(ground, '%2e%2e/out/secret'))).toBe('not_found');
  });

  test('follows links that stay inside, relative and absolute, of files and folders', async () => {
    link('a/b', 'near');
    link(join(ground.path, 'a'), 'far');
    link('../w/near/file', 'round');
    link('../../a/b/file', 'a/b/up');
    for (const path of ['near/file', 'far/b/file', 'round', 'far/b/up', 'near/up']) expect(await text(path)).toBe('inside');
  });

  test('follows no link out, not by its end and not on the way', () => {
    link('../out', 'door');
    link('../out/secret', 'key');
    link(join(base, 'out'), 'a/b/deep');
    for (const path of ['door/secret', 'key', 'a/b/deep/secret']) expect(refusal(() => openFile(ground, path))).toBe('forbidden');
    expect(refusal(() => openFolder(ground, 'door'))).toBe('forbidden');
    expect(refusal(() => openTarget(ground, 'key'))).toBe('forbidden');
    // The link itself can be named: to remove it, say.
    expect(refusal(() => openPlace(ground, 'key'))).toBe('opened');
  });

  test('ends at links in a circle, and at those that lead nowhere', () => {
    link('two', 'one');
    link('one', 'two');
    link('self/x', 'self');
    link('nothing', 'nowhere');
    expect(refusal(() => openFile(ground, 'one'))).toBe('invalid');
    expect(refusal(() => openFile(ground, 'self/y'))).toBe('invalid');
    expect(refusal(() => openFile(ground, 'nowhere'))).toBe('not_found');
    expect(refusal(() => openTarget(ground, 'nowhere'))).toBe('not_found');
    expect(refusal(() => openFolder(ground, 'nowhere'))).toBe('not_found');
  });

  test('touches no pipe, socket or device, and says what it is', async () => {
    Bun.spawnSync(['mkfifo', join(base, 'w/pipe')]);
    link('pipe', 'to-pipe');
    const socket = createServer();
    await new Promise<void>((resolve) => socket.listen(join(base, 'w/socket'), resolve));
    for (const path of ['pipe', 'to-pipe', 'socket', 'a']) expect(refusal(() => openFile(ground, path))).toBe('conflict');
    expect(() => openFile(ground, 'pipe')).toThrow('a pipe');
    expect(() => openFile(ground, 'socket')).toThrow('a socket');
    expect(() => openFile({ path: '/dev', dataFolder: ground.dataFolder }, 'null')).toThrow('a device');
    await new Promise((resolve) => socket.close(resolve));
  });

  test('does not lead into the data folder of a workspace around it', () => {
    const around = { path: base, dataFolder: join(base, 'data') };
    symlinkSync('data', join(base, 'alias'));
    for (const path of ['data', 'data/inner', 'alias', 'alias/inner']) expect(refusal(() => openFolder(around, path))).toBe('forbidden');
    expect(refusal(() => openPlace(around, 'data'))).toBe('forbidden');
    expect(refusal(() => openFolder(around, 'out'))).toBe('opened');
  });

  test('is not found in a workspace whose folder became a link', () => {
    renameSync(ground.path, join(base, 'moved'));
    symlinkSync(join(base, 'out'), ground.path);
    expect(refusal(() => openFile(ground, 'secret'))).toBe('conflict');
  });

  test('never leads out while a program swaps its folder for a link, over and over', async () => {
    const swapping = Bun.spawn(['sh', '-c', 'ln -s "$1/out" "$1/door"; while :; do mv -T "$1/w/a/b" "$1/kept" && mv -T "$1/door" "$1/w/a/b"; mv -T "$1/w/a/b" "$1/door"; mv -T "$1/kept" "$1/w/a/b"; done', 'sh', base], { stderr: 'ignore' });
    writeFileSync(join(base, 'w/a/b/secret'), 'harmless');
    const seen = new Set<string>();
    try {
      for (const end = Date.now() + 1_000; Date.now() < end; ) {
        seen.add(await text('a/b/secret').catch((error: unknown) => (error instanceof AppError ? error.code : String(error))));
      }
    } finally {
      swapping.kill();
      await swapping.exited;
    }
    expect(seen).toContain('harmless');
    expect([...seen].filter((one) => !['harmless', 'not_found', 'forbidden', 'conflict'].includes(one))).toEqual([]);
  });
});
