// A holder of a data folder of its own, clients of it, and servers to kill. What a test starts
// here ends with `cleanUp`, whatever became of it.

import { Database } from 'bun:sqlite';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HolderClient } from '../../src/pty/holder/client.ts';
import type { SpawnRequest } from '../../src/pty/holder/frames.ts';
import type { HeldPty } from '../../src/pty/holder/held-pty.ts';
import type { HolderBounds } from '../../src/pty/holder/holder.ts';
import { placeOf, readCard } from '../../src/pty/holder/place.ts';
import { processOf, sessionMembers, signal } from '../../src/pty/processes.ts';
import { temporaryFolder } from './server.ts';
import { until } from './until.ts';

const GUEST = resolve(import.meta.dir, '../fixtures/holder-guest.ts');
export const NUMBERED = resolve(import.meta.dir, '../fixtures/numbered.ts');
export const HOLD = [process.execPath, GUEST];

const folders: string[] = [];
const clients: HolderClient[] = [];
const guests: Bun.Subprocess[] = [];

/** A data folder that `cleanUp` removes, with the holder of it. */
export function dataFolder(): string {
  const folder = join(temporaryFolder(), 'data');
  mkdirSync(folder);
  folders.push(folder);
  return folder;
}

export function holderClient(
  folder: string,
  bounds: Partial<HolderBounds> = {},
  onLost: (reason: string) => void = () => {},
  command = HOLD,
): HolderClient {
  const client = new HolderClient({ dataFolder: folder, command, args: [JSON.stringify(bounds)], onLost });
  clients.push(client);
  return client;
}

export async function cleanUp(): Promise<void> {
  for (const client of clients.splice(0)) client.dispose();
  for (const guest of guests.splice(0)) {
    guest.kill('SIGKILL');
    await guest.exited;
  }
  for (const folder of folders.splice(0)) {
    for (const name of readdirSync(folder).filter((entry) => entry.startsWith('holder-'))) {
      const pid = readCard(placeOf(folder, Number(name.slice('holder-'.length))))?.pid;
      if (pid === undefined || processOf(pid) === undefined) continue;
      for (const child of childrenOf(pid)) for (const member of sessionMembers(child)) signal(member.pid, 'SIGKILL');
      signal(pid, 'SIGKILL');
      await until('the end of the holder', () => processOf(pid) === undefined);
    }
    rmSync(resolve(folder, '..'), { recursive: true, force: true });
  }
}

/** Sessions that a process leads as their parent. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc').map(Number).filter((other) => other > 0 && processOf(other)?.ppid === pid);
}

export function request(command: string[], more: Partial<SpawnRequest> = {}): SpawnRequest {
  const { PATH = '', HOME = '/' } = process.env;
  const env = { PATH, HOME, TERM: 'xterm-256color', PS1: '$ ' };
  return { command, cwd: '/', env, mode: 'pty', cols: 80, rows: 24, ...more };
}

export interface Seen {
  /** All that came so far. */
  text(): string;
  stderr(): string;
  /** Offset after the last byte. */
  offset: number;
  gaps: { offset: number; bytes: number }[];
}

/** Collects the output, acknowledging it unless told otherwise. @throws in the listener at a wrong offset */
export function collect(pty: HeldPty, from = 0, acknowledge = true): Seen {
  const parts: Record<1 | 2, Uint8Array[]> = { 1: [], 2: [] };
  const seen: Seen = {
    text: () => Buffer.concat(parts[1]).toString(),
    stderr: () => Buffer.concat(parts[2]).toString(),
    offset: from,
    gaps: [],
  };
  pty.listen({
    output(bytes, offset, stream) {
      if (offset !== seen.offset) throw new Error(`Output at ${offset} instead of ${seen.offset}`);
      seen.offset += bytes.byteLength;
      parts[stream].push(bytes.slice());
      if (acknowledge) pty.acknowledge(seen.offset);
    },
    gap(offset, bytes) {
      if (offset !== seen.offset) throw new Error(`A gap at ${offset} instead of ${seen.offset}`);
      seen.offset += bytes;
      seen.gaps.push({ offset, bytes });
      if (acknowledge) pty.acknowledge(seen.offset);
    },
  });
  return seen;
}

export interface Guest {
  process: Bun.Subprocess;
  /** What it said when it had adopted or started all. */
  ready: { holder: number; held: number };
}

/** A server process over `folder`; the first one starts the programs of `plan`. */
export async function startGuest(
  folder: string,
  plan: Record<string, SpawnRequest>,
  bounds: Partial<HolderBounds> = {},
  command: readonly string[] = HOLD,
): Promise<Guest> {
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
  const started = Bun.spawn([...command, folder, JSON.stringify(bounds)], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  guests.push(started);
  let said = '';
  const decoder = new TextDecoder();
  const reader = started.stdout.getReader();
  while (!said.includes('\n')) {
    const part = await reader.read();
    if (part.done) throw new Error('The server ended before it was ready');
    said += decoder.decode(part.value, { stream: true });
  }
  return { process: started, ready: JSON.parse(said) as Guest['ready'] };
}

export async function kill(guest: Guest): Promise<void> {
  guest.process.kill('SIGKILL');
  await guest.process.exited;
}

export interface Logged {
  pid: number;
  offset: number;
  exit: { exitCode: number | null; exitSignal: string | null; at: number; lost: string | null } | null;
}

/** What the servers of a folder have committed. */
export class GuestLog {
  readonly #db: Database;

  constructor(folder: string) {
    this.#db = new Database(join(folder, 'guest.db'), { readonly: true });
  }

  sessions(): Map<string, Logged> {
    interface Row {
      id: string;
      pid: number;
      offset: number;
      exit: string | null;
    }
    const rows = this.#db.query<Row, []>('SELECT id, pid, offset, exit FROM session').all();
    const exitOf = (json: string | null): Logged['exit'] => (json === null ? null : JSON.parse(json));
    return new Map(rows.map(({ id, exit, ...row }) => [id, { ...row, exit: exitOf(exit) }]));
  }

  /** Bytes logged of all sessions, lost ones included. */
  total(): number {
    return [...this.sessions().values()].reduce((sum, { offset }) => sum + offset, 0);
  }

  /** @throws when an offset is logged twice or not at all */
  output(id: string): { text: string; lost: number } {
    const select = 'SELECT offset, lost, data FROM output WHERE id = ? ORDER BY rowid';
    const rows = this.#db.query<{ offset: number; lost: number; data: Uint8Array }, [string]>(select).all(id);
    let next = 0;
    let lost = 0;
    for (const row of rows) {
      if (row.offset !== next) throw new Error(`The log of ${id} goes on at ${row.offset} instead of ${next}`);
      next += row.data.byteLength + row.lost;
      lost += row.lost;
    }
    return { text: Buffer.concat(rows.map(({ data }) => data)).toString(), lost };
  }

  dispose(): void {
    this.#db.close();
  }
}
