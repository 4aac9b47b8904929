// Opening a data folder: one server at a time however the last one ended, on a full disk,
// and over a file of an earlier version.

import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { recordBoot } from '../../src/boot.ts';
import { Facts } from '../../src/db/facts.ts';
import { openDatabase } from '../../src/db/open.ts';
import { temporaryFolder } from '../support/server.ts';
import { smallDisk, type SmallDisk } from '../support/small-disk.ts';

const TREE = resolve(import.meta.dir, '../..');
let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const REFUSED =
  'another Dispatch server uses this data folder: stop it first, or give this one its own with DISPATCH_DATA';

/** A process that has the folder open and a program running; it prints the program's id. */
async function holderOf(data: string): Promise<{ process: Bun.Subprocess; program: number }> {
  const script = `
    const { openDatabase } = await import(${JSON.stringify(join(TREE, 'src/db/open.ts'))});
    const { db } = openDatabase(${JSON.stringify(data)});
    const { Facts } = await import(${JSON.stringify(join(TREE, 'src/db/facts.ts'))});
    for (let count = 0; count < 50; count += 1) new Facts(db).set('before', 'x'.repeat(count * 100));
    const stubborn = ['sh', '-c', 'trap "" HUP; echo; exec sleep 1000'];
    const child = Bun.spawn(stubborn, { detached: true, terminal: { cols: 80, rows: 24 } });
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const started = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe', stderr: 'inherit' });
  const { value } = await started.stdout.getReader().read();
  return { process: started, program: Number(new TextDecoder().decode(value)) };
}

async function killed(data: string): Promise<number> {
  const { process: server, program } = await holderOf(data);
  server.kill('SIGKILL');
  await server.exited;
  return program;
}

test('a second server is refused, here and from another process, and let in once the first has left', async () => {
  const first = openDatabase(folder);
  expect(() => openDatabase(folder)).toThrow(REFUSED);
  const source = JSON.stringify(join(TREE, 'src/db/open.ts'));
  const script = `(await import(${source})).openDatabase(${JSON.stringify(folder)})`;
  const other = Bun.spawnSync([process.execPath, '-e', script], { stderr: 'pipe' });
  expect(other.stderr.toString()).toContain(REFUSED);
  first.dispose();
  openDatabase(folder).dispose();
});

test('a program that outlives a killed server does not hold the lock', async () => {
  const program = await killed(folder);
  try {
    expect(process.kill(program, 0)).toBe(true);
    openDatabase(folder).dispose();
  } finally {
    process.kill(program, 'SIGKILL');
  }
});

test('a file of before gives pages back from now on, with all that is in it', async () => {
  mkdirSync(folder, { recursive: true });
  const old = new Database(join(folder, 'dispatch.db'), { create: true });
  for (const name of ['0001_initial', '0002_snapshots']) {
    old.run(readFileSync(join(TREE, `src/db/migrations/${name}.sql`), 'utf8'));
  }
  old.run(`PRAGMA application_id = ${0x44504348}`);
  old.run('PRAGMA user_version = 2');
  old.run("INSERT INTO workspaces VALUES ('w', 'w', '/w', 'active', NULL, '{}', 0, 0)");
  old.run(`INSERT INTO sessions (run_id, workspace_id, kind, name, status, created_at, last_active_at, head)
    VALUES ('a', 'w', 'terminal', 'a', 'stopped', 0, 0, 2)`);
  for (const sequence of [1, 2]) {
    old.run(`INSERT INTO session_events VALUES ('e${sequence}', 'a', ${sequence}, 7, 'stdout', 'output', X'00FF')`);
  }
  old.close();
  const { sqlite, db, dispose } = openDatabase(folder);
  expect(sqlite.query('PRAGMA auto_vacuum').get()).toEqual({ auto_vacuum: 2 });
  const events = 'SELECT id, sequence, timestamp, hex(data) AS data FROM session_events ORDER BY sequence';
  expect(sqlite.query(events).all()).toEqual([
    { id: 'e1', sequence: 1, timestamp: 7, data: '00FF' },
    { id: 'e2', sequence: 2, timestamp: 7, data: '00FF' },
  ]);
  sqlite.run("DELETE FROM workspaces WHERE id = 'w'");
  db.space.reclaim();
  await db.space.idle();
  expect(sqlite.query('SELECT count(*) AS n FROM session_events').get()).toEqual({ n: 0 });
  expect(sqlite.query('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  dispose();
});

test('the reserve is there from the first start on: real room, for the owner alone', () => {
  writeFileSync(join(folder, 'reserve'), 'what a start was killed in');
  chmodSync(join(folder, 'reserve'), 0o644);
  openDatabase(folder).dispose();
  const { size, blocks, mode } = statSync(join(folder, 'reserve'));
  expect(size).toBe(8 * 1024 * 1024);
  expect(blocks * 512).toBeGreaterThanOrEqual(size);
  expect(mode & 0o777).toBe(0o600);
});

test('a damaged file is still told from a full disk', () => {
  openDatabase(folder).dispose();
  writeFileSync(join(folder, 'dispatch.db'), Buffer.alloc(50_000, 0x61));
  expect(() => openDatabase(folder)).toThrow('damaged');
});

function opensOnce(disk: SmallDisk, data: string): void {
  const again = openDatabase(data);
  expect(recordBoot(new Facts(again.db)).clean).toBe(false);
  writeFileSync(join(data, 'server.json'), '{}');
  if (disk.real) expect(statSync(join(data, 'reserve')).size).toBeGreaterThan(4 * 1024 * 1024);
  again.dispose();
}

test('a damaged file is left as it was also where a killed server left a log beside it', async () => {
  const data = join(folder, 'data');
  openDatabase(data).dispose();
  process.kill(await killed(data), 'SIGKILL');
  const file = join(data, 'dispatch.db');
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
  const garbage = Buffer.from('this is no database at all'.repeat(1000));
  writeFileSync(file, garbage);
  expect(() => openDatabase(data)).toThrow(/damaged/);
  expect(readFileSync(file).equals(garbage)).toBe(true);
});

test('a server starts on a full disk: after a kill, after a clean stop, and again and again', async () => {
  const disk = smallDisk();
  const data = join(disk.folder, 'data');
  let program: number | undefined;
  try {
    program = await killed(data);
    disk.fill();
    const first = openDatabase(data);
    expect(new Facts(first.db).get('before')).toBe('x'.repeat(4900));
    recordBoot(new Facts(first.db));
    first.dispose();
    for (let times = 0; times < 5; times += 1) {
      disk.fill();
      opensOnce(disk, data);
    }
  } finally {
    if (program !== undefined) process.kill(program, 'SIGKILL');
    disk.remove();
  }
});
