// A full disk: the program goes on, viewers are told and see nothing that is not stored, and
// what was held is stored in order once there is room; past the bound a gap says so.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { limits } from '../../src/limits.ts';
import type { LogEvent } from '../../src/sessions/event.ts';
import { ended, openSessions, outputOf, type SessionParts } from '../support/sessions.ts';
import { until } from '../support/until.ts';

let parts: SessionParts;
beforeEach(() => {
  parts = openSessions();
});
afterEach(() => parts.stop());

function fillDisk(): void {
  const pages = parts.database.sqlite.query<{ page_count: number }, []>('PRAGMA page_count').get()?.page_count ?? 0;
  parts.database.sqlite.run(`PRAGMA max_page_count = ${pages}`);
}

const freeDisk = () => parts.database.sqlite.run('PRAGMA max_page_count = 1000000');

function follow(id: string): { heard: LogEvent[]; notices: boolean[] } {
  const heard: LogEvent[] = [];
  const notices: boolean[] = [];
  parts.sessions.log(id).listen({ event: (event) => heard.push(event), unavailable: (now) => notices.push(now) });
  return { heard, notices };
}

test('what is printed and typed meanwhile reaches the log in order once there is room', async () => {
  const { id } = await parts.sh('stty -echo; echo ready; while read line; do echo "got $line"; done');
  await parts.printed(id, 'ready');
  const { heard, notices } = follow(id);
  fillDisk();
  const typed = Array.from({ length: 200 }, (_, index) => `line-${index}-${'x'.repeat(200)}`);
  for (const line of typed) parts.sessions.input(id, Buffer.from(`${line}\n`), 'api');
  await until('the log to be unavailable', () => parts.sessions.log(id).unavailable);
  freeDisk();
  await parts.printed(id, `got ${typed.at(-1)}`);
  const log = parts.log(id);
  expect(log.map((event) => event.sequence)).toEqual(log.map((_, index) => index + 1));
  const lines = outputOf(log).toString().split('\r\n').filter((line) => line.startsWith('got '));
  expect(lines).toEqual(typed.map((line) => `got ${line}`));
  expect(log.filter((event) => event.type === 'gap')).toEqual([]);
  expect(notices).toEqual([true, false]);
  expect(heard.map((event) => event.sequence)).toEqual(log.slice(-heard.length).map((event) => event.sequence));
});

test('nobody hears an event that is not in the log', async () => {
  const { id } = await parts.sh('read go; echo before; read go; echo after; read end');
  const { heard } = follow(id);
  parts.sessions.input(id, Buffer.from('\n'), 'api');
  await parts.printed(id, 'before');
  fillDisk();
  const log = parts.sessions.log(id);
  while (!log.unavailable) log.append([{ channel: 'stdout', type: 'output', data: Buffer.alloc(2000, 0x61) }]);
  parts.sessions.input(id, Buffer.from('\n'), 'api');
  const stored = parts.log(id).length;
  expect(heard.at(-1)?.sequence).toBe(stored);
  expect(parts.sessions.get(id).currentSequence).toBe(stored);
  freeDisk();
  await parts.printed(id, 'after');
});

test('past what memory may hold a gap stands in the place of what was lost, and the end is told after it', async () => {
  const { id } = await parts.sh('read go; exit 3');
  const log = parts.sessions.log(id);
  fillDisk();
  const part = Buffer.alloc(limits.outputEventBytesMax, 0x62);
  const append = () => log.append([{ channel: 'stdout', type: 'output', data: part }]);
  while (!log.unavailable) append();
  const already = parts.log(id).length;
  for (let held = 1; held < limits.heldBytesMax / part.byteLength; held += 1) append();
  append();
  append();
  log.append([{ channel: 'system', type: 'resize', data: { cols: 90, rows: 30 } }]);
  parts.sessions.input(id, Buffer.from('\n'), 'api');
  await until('the program to end', () => parts.sessions.get(id).status === 'stopped');
  freeDisk();
  await until('the log to be stored', () => !log.unavailable);
  const late = parts.log(id).slice(already);
  const gaps = late.filter((event) => event.type === 'gap');
  expect(gaps[0]?.data).toMatchObject({ bytes: 2 * part.byteLength });
  const types = late.map((event) => event.type);
  expect(types.indexOf('gap')).toBe(limits.heldBytesMax / part.byteLength);
  expect(types.indexOf('resize')).toBe(types.indexOf('gap') + 1);
  expect(late.at(-1)).toMatchObject({ type: 'status', data: { status: 'stopped', exitCode: 3 } });
  expect(parts.rows.get(id)).toMatchObject({ status: 'stopped', exitCode: 3 });
});

test('a program that ends while the disk is full is shown as ended at once', async () => {
  const { id } = await parts.sh('read go');
  fillDisk();
  const log = parts.sessions.log(id);
  while (!log.unavailable) log.append([{ channel: 'stdout', type: 'output', data: Buffer.alloc(2000, 0x61) }]);
  parts.sessions.input(id, Buffer.from('\n'), 'api');
  await ended(parts, id);
  expect(parts.sessions.liveIn(parts.workspace.id)).toEqual([]);
  freeDisk();
  await until('the status to be stored', () => parts.rows.get(id)?.status === 'stopped');
});

test('a session that is deleted while its events wait is deleted', async () => {
  const { id } = await parts.sh('read go');
  fillDisk();
  const log = parts.sessions.log(id);
  while (!log.unavailable) log.append([{ channel: 'stdout', type: 'output', data: Buffer.alloc(2000, 0x61) }]);
  freeDisk();
  await parts.sessions.delete(id);
  expect(() => parts.sessions.get(id)).toThrow('no such session');
});
