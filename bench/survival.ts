// What it costs that programs outlive the server: the terminal stream of a server with its holder
// beside that of one without, in turns, as ratios; and how long a client is without its program
// when the server is killed under load. The clients are those of ./stream.ts.

import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { attach } from '../tests/support/client.ts';
import { compiledBinary } from '../tests/support/program.ts';
import { temporaryFolder, type TestServer } from '../tests/support/server.ts';
import { numbered, Survivor } from '../tests/support/survivor.ts';
import { median, percentile, print, printMachine, withServer } from './figures.ts';

const ROUNDS = 5;
const MEGABYTES = 100;
const ECHO = ['sh', '-c', 'stty raw -echo; printf ready; exec cat'];
const CLIENT = resolve(import.meta.dir, 'stream.ts');
const SESSIONS = 20;
const KILLS = 5;

printMachine();
await compared();
await killed();

async function compared(): Promise<void> {
  const folder = temporaryFolder();
  const file = join(folder, 'printed');
  const line = `${'The quick brown fox jumps over the lazy dog, and on it goes. '.repeat(2).slice(0, 99)}\n`;
  await Bun.write(file, Buffer.alloc(MEGABYTES * 1024 * 1024, line));
  const flood = ['sh', '-c', `read go; exec cat '${file}'`];
  const bare = bareEcho();
  await withServer((inside) =>
    withServer(async (outside) => {
      const servers = [inside, outside];
      const floods = servers.map((): number[] => []);
      const echoes = servers.map((): number[] => []);
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const [index, server] of servers.entries()) {
          const { ms } = await client<{ ms: number }>(server, 'drain', flood);
          floods[index]?.push(MEGABYTES / (ms / 1000));
          echoes[index]?.push(...(await client<{ ours: number[] }>(server, 'echo', ECHO, `ws://127.0.0.1:${bare.port}`)).ours);
        }
      }
      compare(`${MEGABYTES} MB to one client, all logged`, 'MB/s', floods.map(median), ' (aim ≥ 0.9)');
      compare('echo of one key, p50', 'ms', echoes.map(median), ' (aim ≤ 1.3)');
      compare('echo of one key, p99', 'ms', echoes.map((times) => percentile(times, 0.99)), '');
    }, { holder: true }),
  );
  await bare.stop(true);
  rmSync(folder, { recursive: true });
}

function compare(name: string, unit: string, [inside = 0, outside = 0]: number[], aim: string): void {
  const figure = (value: number): string => `${value.toPrecision(3)} ${unit}`;
  print(name, `in process ${figure(inside)}, holder ${figure(outside)}, ratio ${(outside / inside).toFixed(2)}${aim}`);
}

/** The stream's client in a process of its own. @returns the figures that it printed */
async function client<Figures>(server: TestServer, role: string, command: string[], ...more: string[]): Promise<Figures> {
  const { workspaces } = (await server.api('/api/workspaces')).body;
  const { id: workspaceId } = workspaces[0] ?? (await server.workspace());
  const { id } = await server.terminal(workspaceId, { command });
  const run = Bun.spawn([process.execPath, CLIENT, role, server.url, server.key, id, ...more], { stdout: 'pipe', stderr: 'inherit' });
  const text = await new Response(run.stdout).text();
  if ((await run.exited) !== 0) throw new Error(`The client ${role} failed`);
  await server.api(`/api/sessions/${id}`, { method: 'DELETE' });
  return JSON.parse(text);
}

/** The least that a terminal in a browser needs: the echo client presses keys into both in turns. */
function bareEcho() {
  return Bun.serve<{ program?: Bun.Subprocess }>({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, server) => (server.upgrade(request, { data: {} }) ? undefined : new Response(null, { status: 400 })),
    websocket: {
      open(socket) {
        socket.data.program = Bun.spawn(ECHO, { terminal: { cols: 80, rows: 24, data: (_, part) => void socket.send(part) } });
      },
      message: (socket, bytes) => void socket.data.program?.terminal?.write(bytes),
      close: (socket) => socket.data.program?.kill(),
    },
  });
}

/** From a restart to the first byte at a client that comes back, with the program as it is shipped. */
async function killed(): Promise<void> {
  const binary = [await compiledBinary()];
  const survivor = new Survivor();
  const times: Record<'listens' | 'firstByte', number[]> = { listens: [], firstByte: [] };
  try {
    await survivor.start(binary);
    await Promise.all(Array.from({ length: SESSIONS }, () => survivor.terminal(numbered(10_000_000, 1_000))));
    const id = await survivor.terminal(numbered(10_000_000, 50));
    let stream = await attach(survivor, id);
    for (let round = 0; round < KILLS; round += 1) {
      await Bun.sleep(1_000);
      await survivor.kill();
      const begun = performance.now();
      await survivor.start(binary);
      times.listens.push(performance.now() - begun);
      stream = await attach(survivor, id, { after: stream.sequence });
      await stream.until('output', () => stream.outputBytes > 0);
      times.firstByte.push(performance.now() - begun);
    }
  } finally {
    await survivor.dispose();
  }
  const [listens, first] = [median(times.listens), median(times.firstByte)];
  print(`restart under ${SESSIONS} sessions`, `listens after ${listens.toFixed(0)} ms, first byte after ${first.toFixed(0)} ms (aim < 500)`);
}
