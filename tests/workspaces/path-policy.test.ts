// Where a workspace may lie, tried on a real disk with everything that paths can do.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/errors.ts';
import { PathPolicy } from '../../src/workspaces/path-policy.ts';
import { temporaryFolder } from '../support/server.ts';

let top: string;
let root: string;
let data: string;
let policy: PathPolicy;

beforeEach(() => {
  top = temporaryFolder();
  root = join(top, 'root');
  data = join(root, '.data', 'dispatch');
  const folders = ['project/src', '.data/dispatch/inner', 'other'];
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  mkdirSync(join(top, 'root-evil'));
  writeFileSync(join(root, 'file'), 'x');
  policy = new PathPolicy({ roots: [root], dataFolder: data });
});

afterEach(() => rmSync(top, { recursive: true, force: true }));

const look = (path: string): string => policy.workspacePath(path, { create: false });
const make = (path: string): string => policy.workspacePath(path, { create: true });

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe('invalid');
    expect(error.detail.fields).toEqual({ path: error.message });
    expect(error.message).not.toContain(top);
    return error.message;
  }
  throw new Error('nothing was refused');
}

describe('a path that is given', () => {
  test('is taken by its real name, without doubled slashes and dots', () => {
    expect(look(join(root, 'project'))).toBe(join(root, 'project'));
    expect(look(`${root}//./project/.//src/`)).toBe(join(root, 'project/src'));
    expect(look(root)).toBe(root);
  });

  test('must be absolute text without NUL, lone surrogates and ..', () => {
    const relative = ['', 'project', './project', '~/project'];
    for (const path of relative) expect(refusal(() => look(path))).toContain('absolute');
    expect(refusal(() => look(`${root}/project\0`))).toContain('NUL');
    expect(refusal(() => look(`${root}/\ud800`))).toContain('text');
    for (const path of [`${root}/project/..`, `${root}/../root/project`, '/..', `${root}/project/../../root-evil`]) {
      expect(refusal(() => look(path))).toContain('..');
      expect(refusal(() => make(path))).toContain('..');
    }
    mkdirSync(join(root, '..dots..'));
    expect(look(join(root, '..dots..'))).toBe(join(root, '..dots..'));
  });

  test('has at most 4096 bytes', () => {
    const fill = (bytes: number): string => `${root}/project`.padEnd(bytes, '/');
    expect(look(fill(4096))).toBe(join(root, 'project'));
    expect(refusal(() => look(fill(4097)))).toContain('4096 bytes');
    expect(refusal(() => look(`${root}/${'é'.repeat(2048)}`))).toContain('4096 bytes');
    expect(refusal(() => look(`${root}/${'x'.repeat(256)}`))).toContain('too long');
    expect(refusal(() => make(`${root}/${'y/'.repeat(40)}${'x'.repeat(256)}`))).toContain('too long');
    expect(existsSync(join(root, 'y'))).toBe(false);
  });

  test('is inside a root by whole segments', () => {
    expect(refusal(() => look(join(top, 'root-evil')))).toContain('DISPATCH_ROOTS');
    expect(refusal(() => look(top))).toContain('DISPATCH_ROOTS');
    expect(refusal(() => look('/'))).toContain('DISPATCH_ROOTS');
    expect(refusal(() => make(join(top, 'root-evil/new')))).toContain('DISPATCH_ROOTS');
    expect(new PathPolicy({ roots: ['/'], dataFolder: data }).workspacePath(top, { create: false })).toBe(top);
  });

  test('is a folder that is there', () => {
    expect(refusal(() => look(join(root, 'nothing')))).toContain('no such folder');
    expect(refusal(() => look(join(root, 'file')))).toContain('a file');
    expect(refusal(() => look(join(root, 'file/below')))).toContain('a file');
    expect(refusal(() => make(join(root, 'file/below')))).toContain('a file');
  });
});

describe('a link', () => {
  test('out of the roots is out, also in the middle and beside a prefix of the same name', () => {
    symlinkSync(join(top, 'root-evil'), join(root, 'evil'));
    symlinkSync('/', join(root, 'slash'));
    expect(refusal(() => look(join(root, 'evil')))).toContain('DISPATCH_ROOTS');
    expect(refusal(() => look(join(root, 'slash/etc')))).toContain('DISPATCH_ROOTS');
    expect(refusal(() => make(join(root, 'evil/new/deep')))).toContain('DISPATCH_ROOTS');
    expect(readdirSync(join(top, 'root-evil'))).toEqual([]);
  });

  test('inside the roots, or from outside into them, counts as where it leads', () => {
    symlinkSync('project', join(root, 'alias'));
    symlinkSync(join(root, 'other'), join(top, 'into'));
    expect(look(join(root, 'alias/src'))).toBe(join(root, 'project/src'));
    expect(look(join(top, 'into'))).toBe(join(root, 'other'));
    expect(make(join(root, 'alias/made'))).toBe(join(root, 'project/made'));
  });

  test('that leads nowhere or in a circle is refused, and nothing is made through it', () => {
    symlinkSync(join(top, 'later'), join(root, 'dangling'));
    symlinkSync('circle', join(root, 'circle'));
    expect(refusal(() => look(join(root, 'dangling')))).toContain('leads nowhere');
    expect(refusal(() => make(join(root, 'dangling/new')))).toContain('leads nowhere');
    expect(refusal(() => look(join(root, 'circle/new')))).toContain('circle');
    expect(existsSync(join(top, 'later'))).toBe(false);
  });

  test('to a folder whose name is no UTF-8 is refused', () => {
    const made = Bun.spawnSync(['bash', '-c', `mkdir $'bad\\xff' && ln -s $'bad\\xff' link`], { cwd: root });
    expect(made.exitCode).toBe(0);
    expect(refusal(() => look(join(root, 'link')))).toContain('UTF-8');
  });
});

describe('the data folder', () => {
  test('and what is inside it are refused, by links too', () => {
    symlinkSync(data, join(root, 'shortcut'));
    for (const path of [data, join(data, 'inner'), join(root, 'shortcut/inner')]) {
      expect(refusal(() => look(path))).toContain('own data');
    }
    expect(refusal(() => make(join(data, 'new')))).toContain('own data');
    expect(readdirSync(data)).toEqual(['inner']);
  });

  test('may lie in a workspace, as it does in the home folder, and its twin by prefix is free', () => {
    expect(look(root)).toBe(root);
    expect(look(join(root, '.data'))).toBe(join(root, '.data'));
    expect(make(`${data}-backup`)).toBe(`${data}-backup`);
    expect(refusal(() => policy.inside(root, '.data/dispatch'))).toContain('own data');
  });
});

describe('a name in another Unicode form', () => {
  const nfc = 'Caf\u00e9';
  const nfd = 'Cafe\u0301';

  test('finds the folder as the disk spells it', () => {
    mkdirSync(join(root, nfd, 'src'), { recursive: true });
    expect(look(join(root, nfd))).toBe(join(root, nfd));
    expect(look(join(root, nfc))).toBe(join(root, nfd));
    expect(look(join(root, nfc, 'src'))).toBe(join(root, nfd, 'src'));
  });

  test('makes no twin beside it', () => {
    mkdirSync(join(root, nfd));
    expect(make(join(root, nfc))).toBe(join(root, nfd));
    expect(make(join(root, nfc, nfc))).toBe(join(root, nfd, nfc));
    expect(readdirSync(root).filter((name) => name.startsWith('Caf'))).toEqual([nfd]);
  });

  test('does not slip past the roots or the data folder', () => {
    mkdirSync(join(root, nfd));
    symlinkSync(join(top, 'root-evil'), join(root, nfd, nfd));
    expect(refusal(() => look(join(root, nfc, nfc)))).toContain('DISPATCH_ROOTS');
    const own = new PathPolicy({ roots: [root], dataFolder: join(root, nfd) });
    expect(() => own.workspacePath(join(root, nfc), { create: false })).toThrow('own data');
  });

  test('is refused where two folders could be meant', () => {
    const angstrom = ['\u00c5', 'A\u030a', '\u212b'] as const;
    mkdirSync(join(root, angstrom[0]));
    mkdirSync(join(root, angstrom[1]));
    expect(look(join(root, angstrom[1]))).toBe(join(root, angstrom[1]));
    expect(refusal(() => look(join(root, angstrom[2])))).toContain('written differently');
  });
});

describe('a folder to be made', () => {
  test('is made all the way', () => {
    expect(make(join(root, 'a/b/c'))).toBe(join(root, 'a/b/c'));
    expect(lstatSync(join(root, 'a/b/c')).isDirectory()).toBe(true);
    expect(make(join(root, 'a/b/c'))).toBe(join(root, 'a/b/c'));
  });

  test('gets no control characters in its name', () => {
    expect(refusal(() => make(join(root, 'two\nlines')))).toContain('control characters');
    mkdirSync(join(root, 'two\nlines'));
    expect(look(join(root, 'two\nlines'))).toBe(join(root, 'two\nlines'));
  });

  test('leaves nothing half made', () => {
    const names = [...Array.from({ length: 15 }, () => 'n'.repeat(250)), 'm'.repeat(4000 - root.length - 15 * 251)];
    const deep = [root, ...names].join('/');
    mkdirSync(deep, { recursive: true });
    symlinkSync(deep, join(root, 'deep'));
    const half = `${root}/deep/${'a'.repeat(50)}`;
    expect(refusal(() => make(`${half}/${'b'.repeat(50)}/${'c'.repeat(50)}`))).toContain('too long');
    expect(readdirSync(deep)).toEqual([]);
    expect(make(half)).toBe(`${deep}/${'a'.repeat(50)}`);
  });

  test('is judged again once it is made: a link put in the way takes nothing out', () => {
    const outside = join(top, 'root-evil');
    const untouched = statSync(outside, { bigint: true }).mtimeNs;
    const late = policy.locate(join(root, 'late/new'), { create: true });
    symlinkSync(outside, join(root, 'late'));
    expect(refusal(() => policy.make(late))).toContain('DISPATCH_ROOTS');
    expect(statSync(outside, { bigint: true }).mtimeNs).toBe(untouched);
    const swapped = policy.locate(join(root, 'other/new'), { create: true });
    rmSync(join(root, 'other'), { recursive: true });
    symlinkSync(outside, join(root, 'other'));
    expect(refusal(() => policy.make(swapped))).toContain('DISPATCH_ROOTS');
    expect(readdirSync(outside)).toEqual([]);
  });

  test('is taken back while it is empty', () => {
    const undo = policy.make(policy.locate(join(root, 'x/y'), { create: true }));
    undo();
    expect(existsSync(join(root, 'x'))).toBe(false);
    const keep = policy.make(policy.locate(join(root, 'x/y'), { create: true }));
    writeFileSync(join(root, 'x/y/note'), 'mine');
    keep();
    expect(existsSync(join(root, 'x/y/note'))).toBe(true);
  });
});

describe('without rights', () => {
  const asNobody = (purpose: 'look' | 'make', path: string) => {
    const script = join(import.meta.dir, 'without-rights.ts');
    const { stdout, stderr, exitCode } = Bun.spawnSync([process.execPath, script, root, data, purpose, path]);
    expect({ exitCode, errors: stderr.toString() }).toEqual({ exitCode: 0, errors: '' });
    return JSON.parse(stdout.toString());
  };

  test('a folder that cannot be read, entered or made is refused', () => {
    for (const folder of [top, root, join(root, 'project'), join(root, 'other')]) chmodSync(folder, 0o755);
    const refused = { code: 'invalid', trouble: expect.stringContaining('permissions') };
    chmodSync(join(root, 'project'), 0o000);
    expect(asNobody('look', join(root, 'project'))).toMatchObject(refused);
    expect(asNobody('look', join(root, 'project/src'))).toMatchObject(refused);
    chmodSync(join(root, 'project'), 0o444);
    expect(asNobody('look', join(root, 'project'))).toMatchObject(refused);
    chmodSync(join(root, 'other'), 0o555);
    const denied = asNobody('make', join(root, 'other/new/deep'));
    expect(denied).toMatchObject({ code: 'invalid', message: expect.stringContaining('may not be made') });
    expect(asNobody('look', join(root, 'other'))).toEqual({ path: join(root, 'other'), trouble: null });
  });
});

describe('the trouble with a folder', () => {
  test('is none, that it is gone, a file, out of the roots, or ours', () => {
    const path = join(root, 'project');
    expect(policy.trouble(path)).toBeNull();
    renameSync(path, join(root, 'moved'));
    expect(policy.trouble(path)).toContain('gone');
    writeFileSync(path, '');
    expect(policy.trouble(path)).toContain('a file');
    rmSync(path);
    symlinkSync(join(top, 'root-evil'), path);
    expect(policy.trouble(path)).toContain('DISPATCH_ROOTS');
    rmSync(path);
    symlinkSync(data, path);
    expect(policy.trouble(path)).toContain('own data');
    rmSync(path);
    symlinkSync('moved', path);
    expect(policy.trouble(path)).toBeNull();
  });
});

describe('a path inside a workspace', () => {
  test('may be relative or absolute, and leads nowhere else', () => {
    const workspace = join(root, 'project');
    mkdirSync(join(root, 'project-evil'));
    symlinkSync(join(root, 'other'), join(workspace, 'out'));
    expect(policy.inside(workspace, 'src')).toBe(join(workspace, 'src'));
    expect(policy.inside(workspace, '.')).toBe(workspace);
    expect(policy.inside(workspace, join(workspace, 'src/'))).toBe(join(workspace, 'src'));
    for (const path of ['out', join(root, 'project-evil'), root, '/']) {
      expect(refusal(() => policy.inside(workspace, path))).toContain('outside the workspace');
    }
    expect(refusal(() => policy.inside(workspace, '../other'))).toContain('..');
    expect(refusal(() => policy.inside(workspace, 'src\0'))).toContain('NUL');
    expect(refusal(() => policy.inside(workspace, 'missing'))).toContain('nothing at this path');
  });

  test('is out when the workspace itself was replaced by a link out of the roots', () => {
    const workspace = join(root, 'other');
    rmSync(workspace, { recursive: true });
    mkdirSync(join(top, 'root-evil/deep'));
    symlinkSync(join(top, 'root-evil'), workspace);
    expect(refusal(() => policy.inside(workspace, 'deep'))).toContain('DISPATCH_ROOTS');
  });
});
