// What viewers and sessions cost one another: a viewer that reads nothing, a flood next door, a
// hundred sessions at rest, a hundred viewers of one. Each figure beside the same without them,
// measured in turns. Part of ./stream.ts; its viewers are processes of their own.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ACK, EVENT, OUTPUT, SNAPSHOT } from '../src/pty/wire.ts';
import { attachUrl } from '../tests/support/client.ts';
import { RawClient } from '../tests/support/raw-client.ts';
import { temporaryFolder, type TestServer } from '../tests/support/server.ts';
import { startServerProcess } from '../tests/support/server-process.ts';
import { until } from '../tests/support/until.ts';
import { median, percentile, print } from './figures.ts';

const FROZEN_ROUNDS = 5;
const IDLE_SESSIONS = 100;
const VIEWERS = 100;
const VIEWED_MB = 20;
const MiB = 1024 * 1024;

export interface Crowd {
  server: TestServer;
  /** A session of its own with this command. */
  terminal: (command: string[]) => Promise<string>;
  /** Prints `megabytes` after a line of input. */
  flood: string[];
  megabytes: number;
  /** Attaches, lets the program go, and takes all. @returns ms */
  drain: (id: string) => Promise<number>;
  /** Times of keys, beside those of a bare WebSocket. */
  echo: () => Promise<Record<'ours' | 'bare', number[]>>;
}

export async function measureCrowd(crowd: Crowd): Promise<void> {
  await besideFrozen(crowd);
  await besideFlood(crowd);
  await manyViewers(crowd);
  await manySessions();
}

async function besideFrozen({ server, terminal, flood, megabytes, drain }: Crowd): Promise<void> {
  const alone: number[] = [];
  const beside: number[] = [];
  for (let round = 0; round < FROZEN_ROUNDS; round += 1) {
    alone.push(megabytes / ((await drain(await terminal(flood))) / 1000));
    const id = await terminal(flood);
    const frozen = await RawClient.attach(server, id, { client: 'frozen' });
    frozen.pace(0);
    beside.push(megabytes / ((await drain(id)) / 1000));
    frozen.close();
  }
  const [a, b] = [median(alone), median(beside)];
  print('the same beside a viewer that reads nothing', `${b.toFixed(1)} MB/s, alone ${a.toFixed(1)} MB/s, ratio ${(b / a).toFixed(2)} (aim ≥ 0.95)`);
}

async function besideFlood({ terminal, flood, drain, echo, server }: Crowd): Promise<void> {
  const idle = await echo();
  const [, , script = ''] = flood;
  const id = await terminal(['sh', '-c', script.replace('exec', 'while :; do').concat('; done')]);
  const viewer = drain(id).catch(() => {});
  await until('the flood', async () => (await server.api(`/api/sessions/${id}`)).body.currentSequence > 100);
  const flooded = await echo();
  await server.api(`/api/sessions/${id}/stop`, { method: 'POST' });
  await viewer;
  for (const [name, part] of [['p50', 0.5], ['p99', 0.99]] as const) {
    const ours = [percentile(flooded.ours, part), percentile(idle.ours, part)] as const;
    const bare = [percentile(flooded.bare, part), percentile(idle.bare, part)] as const;
    const ratio = ([one, other]: readonly [number, number]): string => (one / other).toFixed(1);
    const aim = part === 0.99 ? ' (aim ≤ 3)' : '';
    print(`echo of one key while another session floods, ${name}`, `${ours[0].toFixed(2)} ms, at rest ${ours[1].toFixed(2)} ms, ratio ${ratio(ours)}${aim}; a bare WebSocket's ${ratio(bare)}`);
  }
}

async function manyViewers({ server, terminal, flood, megabytes }: Crowd): Promise<void> {
  const [, , script = ''] = flood;
  const part = ['sh', '-c', script.replace(/exec cat (.*)/, `head -c ${VIEWED_MB * MiB} $1; printf all-printed`)];
  const times: number[] = [];
  const shares: number[] = [];
  for (const viewers of [1, VIEWERS]) {
    const id = await terminal(part);
    const run = Bun.spawn([process.execPath, import.meta.path, server.url, server.key, id, String(viewers)], { stdout: 'pipe', stderr: 'inherit' });
    const { ms, bytes } = JSON.parse(await new Response(run.stdout).text()) as { ms: number; bytes: number };
    times.push(ms);
    shares.push(bytes / (viewers * Math.min(VIEWED_MB, megabytes) * MiB));
  }
  const [one = 0, all = 0] = times;
  const share = `${((shares[1] ?? 0) * 100).toFixed(0)} % as bytes`;
  print(`${VIEWED_MB} MB to ${VIEWERS} viewers, the last at its end`, `after ${(all / 1000).toFixed(2)} s (${share}), one alone ${(one / 1000).toFixed(2)} s, ratio ${(all / one).toFixed(1)}`);
}

/** The server is a process of its own: its memory is all that is counted. */
async function manySessions(): Promise<void> {
  const folder = temporaryFolder();
  const program = await startServerProcess(folder, { holder: false });
  const memory = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.process.pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  const { id: workspaceId } = await program.api('/api/workspaces', { method: 'POST', body: { path: join(folder, 'root', 'work'), create: true } });
  const started = async (): Promise<void> => {
    const body = { workspaceId, kind: 'terminal', meta: { command: ['bash', '--norc', '--noprofile'] } };
    const { id } = await program.api('/api/sessions', { method: 'POST', body });
    await until('its prompt', async () => (await program.api(`/api/sessions/${id}/history?type=output`)).events.length > 0);
  };
  await started();
  const before = memory();
  for (let count = 0; count < IDLE_SESSIONS; count += 1) await started();
  const each = (memory() - before) / IDLE_SESSIONS / MiB;
  print(`${IDLE_SESSIONS} shells at their prompt, memory of the server`, `${each.toFixed(2)} MiB each, ratio to the aim of 1.5 ${(each / 1.5).toFixed(2)}`);
  await program.stop();
  rmSync(folder, { recursive: true });
}

/** So many viewers in this process, as lean as can be. */
async function viewers(url: string, key: string, id: string, count: number): Promise<void> {
  let bytes = 0;
  const one = (): { opened: Promise<void>; ended: Promise<void>; socket: WebSocket } => {
    const opened = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const socket = new WebSocket(attachUrl({ url }, id, { client: 'viewer', mode: 'rw' }), { headers: { authorization: `Bearer ${key}` } } as unknown as string[]);
    socket.binaryType = 'arraybuffer';
    let last = 0;
    let acked = 0;
    const acknowledge = (): void => {
      if (last === acked || socket.readyState !== WebSocket.OPEN) return;
      acked = last;
      const frame = Buffer.alloc(9, ACK);
      frame.writeBigUInt64BE(BigInt(last), 1);
      socket.send(frame);
    };
    socket.onmessage = ({ data }) => {
      const frame = Buffer.from(data as ArrayBuffer);
      const [tag] = frame;
      if (tag === OUTPUT || tag === SNAPSHOT) last = Number(frame.readBigUInt64BE(1));
      if (tag === EVENT) last = JSON.parse(frame.subarray(1).toString()).sequence;
      if (tag === OUTPUT) bytes += frame.byteLength;
      if ((tag === OUTPUT || tag === SNAPSHOT) && frame.includes('all-printed')) ended.resolve();
      opened.resolve();
      setImmediate(acknowledge);
    };
    socket.onclose = () => ended.resolve();
    return { opened: opened.promise, ended: ended.promise, socket };
  };
  const all = Array.from({ length: count }, one);
  await Promise.all(all.map(({ opened }) => opened));
  const begun = performance.now();
  all[0]?.socket.send(Buffer.from([0x11, 0x0a]));
  await Promise.all(all.map(({ ended }) => ended));
  process.stdout.write(JSON.stringify({ ms: performance.now() - begun, bytes }));
  process.exit();
}

if (import.meta.main) {
  const [url = '', key = '', id = '', count = '1'] = process.argv.slice(2);
  await viewers(url, key, id, Number(count));
}
