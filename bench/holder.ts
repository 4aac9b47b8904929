// What the holder costs: the same programs in a PTY of this process and in one of a holder, in
// turn, as ratios. Throughput of a flood; time of an echo, bare and with input and output
// committed to a log as the server does; and from a restart to the first byte.

import { Database } from 'bun:sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HolderClient } from '../src/pty/holder/client.ts';
import type { SpawnRequest } from '../src/pty/holder/frames.ts';
import { Pty } from '../src/pty/pty.ts';
import { percentile, print, printMachine } from './figures.ts';

const FLOOD_BYTES = 200_000_000;
const ROUNDS = 3;
const ECHOES = 2000;
const FLOOD = ['sh', '-c', `head -c ${FLOOD_BYTES} /dev/zero | tr '\\0' x`];
const ECHO = ['sh', '-c', 'stty raw -echo; echo up; exec cat'];

/** A program whose output comes to a function that can be exchanged. */
interface Running {
  pid: number;
  /** `log` is called when the input is to be committed: before it is given, or with the holder's answer. */
  write(bytes: Uint8Array, log: () => void): void;
  exited: Promise<unknown>;
  on: { data: (bytes: Uint8Array) => void };
}

type Open = (command: string[]) => Promise<Running>;

const folder = mkdtempSync(join(tmpdir(), 'dispatch-bench-'));
let client = new HolderClient({ dataFolder: folder });
const base = { cwd: '/', env: { PATH: process.env.PATH ?? '' } };
let opened = 0;

const inProcess: Open = async (command) => {
  const on: Running['on'] = { data: () => {} };
  const pty = new Pty({ ...base, command, winsize: { cols: 80, rows: 24 }, onData: (bytes) => on.data(bytes) });
  const write: Running['write'] = (bytes, log) => {
    log();
    pty.write(bytes);
  };
  return { pid: pty.pid, write, exited: pty.exited, on };
};

const held: Open = async (command) => {
  const on: Running['on'] = { data: () => {} };
  const request: SpawnRequest = { ...base, command, mode: 'pty', cols: 80, rows: 24 };
  const pty = await client.spawn(`bench-${(opened += 1)}`, request);
  pty.listen({
    output(bytes, offset) {
      on.data(bytes);
      pty.acknowledge(offset + bytes.byteLength);
    },
    gap: (_, bytes) => console.error(`gap of ${bytes} bytes`),
  });
  void pty.exited.then(() => pty.release());
  return { pid: pty.pid, write: (bytes, log) => pty.write(bytes, log), exited: pty.exited, on };
};

/** @returns MB/s */
async function throughput(open: Open): Promise<number> {
  const begun = performance.now();
  const program = await open(FLOOD);
  let bytes = 0;
  program.on.data = (part) => {
    bytes += part.byteLength;
  };
  await program.exited;
  if (bytes !== FLOOD_BYTES) throw new Error(`${bytes} bytes came`);
  return bytes / 1000 / (performance.now() - begun);
}

/** @returns ms of each round; `log` is called for the input and for the output */
async function echoes(open: Open, log: () => void): Promise<number[]> {
  const program = await open(ECHO);
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      program.on.data = () => {
        log();
        resolve();
      };
    });
  await next();
  const times: number[] = [];
  for (let round = 0; round < ECHOES; round += 1) {
    const begun = performance.now();
    const answer = next();
    program.write(Buffer.from('x'), log);
    await answer;
    times.push(performance.now() - begun);
  }
  process.kill(program.pid, 'SIGKILL');
  await program.exited;
  return times;
}

const db = new Database(join(folder, 'log.db'), { create: true });
db.run('PRAGMA journal_mode = WAL');
db.run('PRAGMA synchronous = NORMAL');
db.run('CREATE TABLE event (sequence INTEGER PRIMARY KEY, data BLOB)');
const insert = db.prepare('INSERT INTO event (data) VALUES (?)');
const commit = (): void => void insert.run(new Uint8Array(64));

await client.open();
const kinds = [inProcess, held];
const floods = kinds.map((): number[] => []);
const bare = kinds.map((): number[] => []);
const logged = kinds.map((): number[] => []);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [index, open] of kinds.entries()) {
    floods[index]?.push(await throughput(open));
    bare[index]?.push(...(await echoes(open, () => {})));
    logged[index]?.push(...(await echoes(open, commit)));
  }
}

function compare(name: string, unit: string, [own = 0, theirs = 0]: number[], aim: string): void {
  const [inside, outside] = [own, theirs].map((value) => `${value.toPrecision(3)} ${unit}`);
  print(name, `in process ${inside}, holder ${outside}, ratio ${(theirs / own).toFixed(2)}${aim}`);
}

printMachine();
compare('flood', 'MB/s', floods.map((values) => Math.max(...values)), ' (aim ≥ 0.9)');
compare('echo p50', 'ms', bare.map((times) => percentile(times, 0.5)), '');
compare('echo p50, input and output committed', 'ms', logged.map((times) => percentile(times, 0.5)), ' (aim ≤ 1.3)');
compare('echo p99, input and output committed', 'ms', logged.map((times) => percentile(times, 0.99)), '');
const kept = await client.spawn('kept', { ...base, command: ['cat'], mode: 'pty', cols: 80, rows: 24 });
kept.listen({ output() {}, gap() {} });
client.dispose();
const restarted = performance.now();
client = new HolderClient({ dataFolder: folder });
const [session] = await client.open();
if (session === undefined) throw new Error('Nothing is held');
const again = client.adopt(session, session.offset);
const first = Promise.withResolvers<void>();
again.listen({ output: () => first.resolve(), gap() {} });
again.write(Buffer.from('x\r'));
await first.promise;
print('new server to first byte of an adopted session', `${(performance.now() - restarted).toFixed(1)} ms`);
await client.stopAll();
process.kill(client.pid ?? 0, 'SIGTERM');
client.dispose();
db.close();
rmSync(folder, { recursive: true, force: true });
