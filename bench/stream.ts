// The terminal stream beside what it cannot beat: 100 MB of `cat` until an attached client is at
// its end, everything logged and followed by the server's screen, against draining the same PTY
// with nothing behind it; and one key's echo against a bare WebSocket on a PTY without a log.
// Then what one session costs another: a frozen viewer, a flood next door, a hundred at rest.
// Clients are processes of their own.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { INPUT, OUTPUT } from '../src/pty/wire.ts';
import { attach, attachUrl } from '../tests/support/client.ts';
import { temporaryFolder, type TestServer } from '../tests/support/server.ts';
import { measureCrowd } from './crowd.ts';
import { median, percentile, print, printMachine, withServer } from './figures.ts';

const ROUNDS = 3;
const MEGABYTES = 100;
const KEYS = 500;
const KEYS_PER_TURN = 25;
const ECHO = ['sh', '-c', 'stty raw -echo; printf ready; exec cat'];

const [role, url = '', key = '', id = '', bareUrl = ''] = process.argv.slice(2);
if (role === 'drain') await drainClient();
else if (role === 'echo') await echoClient();
else await main();

async function main(): Promise<void> {
  printMachine();
  const folder = temporaryFolder();
  const file = join(folder, 'printed');
  await Bun.write(file, printable(MEGABYTES * 1024 * 1024));
  const command = ['sh', '-c', `read go; exec cat '${file}'`];
  const bare = bareEcho();
  await withServer(async (server) => {
    const { id: workspaceId } = await server.workspace();
    const terminal = async (program: string[]) => (await server.terminal(workspaceId, { command: program })).id;
    const figures = { raw: [] as number[], ours: [] as number[], asBytes: [] as number[], echo: [] as number[], bareEcho: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      figures.raw.push(MEGABYTES / ((await rawDrain(command)) / 1000));
      const { ms, bytes } = await client<{ ms: number; bytes: number }>('drain', server.url, server.key, await terminal(command));
      figures.ours.push(MEGABYTES / (ms / 1000));
      figures.asBytes.push(bytes / (MEGABYTES * 1024 * 1024));
      const echoes = await client<Record<'ours' | 'bare', number[]>>('echo', server.url, server.key, await terminal(ECHO), `ws://127.0.0.1:${bare.port}`);
      figures.echo.push(...echoes.ours);
      figures.bareEcho.push(...echoes.bare);
    }
    const ratio = (ours: number, theirs: number): string => (ours / theirs).toFixed(2);
    const [ours, raw] = [median(figures.ours), median(figures.raw)];
    const share = `${(median(figures.asBytes) * 100).toFixed(0)} % as bytes, the rest as screens`;
    print(`${MEGABYTES} MB to one client, all logged`, `${share}; ${ours.toFixed(1)} MB/s, PTY alone ${raw.toFixed(1)} MB/s, ratio ${ratio(ours, raw)}`);
    for (const [name, part] of [['p50', 0.5], ['p99', 0.99]] as const) {
      const [echo, plain] = [percentile(figures.echo, part), percentile(figures.bareEcho, part)];
      print(`echo of one key, ${name}`, `${echo.toFixed(3)} ms, bare WebSocket ${plain.toFixed(3)} ms, ratio ${ratio(echo, plain)}`);
    }
    await measureCrowd({
      server,
      terminal,
      flood: command,
      megabytes: MEGABYTES,
      drain: async (session) => (await client<{ ms: number }>('drain', server.url, server.key, session)).ms,
      echo: async () => client('echo', server.url, server.key, await terminal(ECHO), `ws://127.0.0.1:${bare.port}`),
    });
  });
  await bare.stop(true);
  rmSync(folder, { recursive: true });
}

/** Lines of text as a build prints them. */
function printable(bytes: number): Uint8Array {
  const line = Buffer.from(`${'The quick brown fox jumps over the lazy dog, and on it goes. '.repeat(2).slice(0, 99)}\n`);
  return Buffer.alloc(bytes, line);
}

/** @returns ms from the go to the end of the output */
async function rawDrain(command: string[]): Promise<number> {
  const done = Promise.withResolvers<void>();
  let bytes = 0;
  const program = Bun.spawn(command, {
    env: { ...process.env, TERM: 'xterm-256color' },
    terminal: { cols: 80, rows: 24, data: (_, part) => void (bytes += part.byteLength), exit: () => done.resolve() },
  });
  const started = performance.now();
  program.terminal?.write('\n');
  await Promise.all([program.exited, done.promise]);
  if (bytes < MEGABYTES * 1024 * 1024) throw new Error(`Only ${bytes} bytes came`);
  return performance.now() - started;
}

/** This file again, in another process, as a client. @returns the figures that it printed */
async function client<Figures>(...args: string[]): Promise<Figures> {
  const run = Bun.spawn([process.execPath, import.meta.path, ...args], { stdout: 'pipe', stderr: 'inherit' });
  const text = await new Response(run.stdout).text();
  if ((await run.exited) !== 0) throw new Error(`The client ${args[0]} failed`);
  return JSON.parse(text);
}

async function drainClient(): Promise<void> {
  const server: Pick<TestServer, 'url' | 'key'> = { url, key };
  const stream = await attach(server, id, { cols: 80, rows: 24 });
  await stream.isSynced();
  const started = performance.now();
  stream.input('\n');
  await stream.closed;
  const ms = performance.now() - started;
  if (stream.broken !== undefined) throw stream.broken;
  process.stdout.write(JSON.stringify({ ms, bytes: stream.outputBytes }));
}

/** Both in turns, a few keys each: what else the machine does then hits both alike. */
async function echoClient(): Promise<void> {
  const ours = await opened(attachUrl({ url }, id), (frame) => (frame[0] === OUTPUT ? frame.subarray(9) : undefined));
  const bare = await opened(bareUrl, (frame) => frame);
  const times: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] };
  while (times.ours.length < KEYS) {
    for (let turn = 0; turn < KEYS_PER_TURN; turn += 1) times.bare.push(await bare.press(Uint8Array.of(0x6b)));
    for (let turn = 0; turn < KEYS_PER_TURN; turn += 1) times.ours.push(await ours.press(Uint8Array.of(INPUT, 0x6b)));
  }
  process.stdout.write(JSON.stringify(times));
  process.exit();
}

/** As lean as can be, so that what is measured is the server; KEYS events fit into the window. */
async function opened(address: string, outputOf: (frame: Uint8Array) => Uint8Array | undefined) {
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${key}` } } as unknown as string[]); // Bun's own, not the DOM's.
  socket.binaryType = 'arraybuffer';
  let next = Promise.withResolvers<void>();
  let text = '';
  socket.onmessage = ({ data }) => {
    const output = outputOf(new Uint8Array(data as ArrayBuffer));
    if (output === undefined) return;
    if (text.length < 100) text += Buffer.from(output).toString('latin1');
    next.resolve();
  };
  while (!text.includes('ready')) {
    await next.promise;
    next = Promise.withResolvers();
  }
  /** @returns ms until the key has come back */
  const press = async (pressed: Uint8Array): Promise<number> => {
    next = Promise.withResolvers();
    const started = performance.now();
    socket.send(pressed);
    await next.promise;
    return performance.now() - started;
  };
  return { press };
}

/** The least that a terminal in a browser needs: a socket, a PTY, bytes to and fro. */
function bareEcho() {
  return Bun.serve<{ program?: Bun.Subprocess }>({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, server) => (server.upgrade(request, { data: {} }) ? undefined : new Response(null, { status: 400 })),
    websocket: {
      open(socket) {
        socket.data.program = Bun.spawn(ECHO, {
          env: { ...process.env, TERM: 'xterm-256color' },
          terminal: { cols: 80, rows: 24, data: (_, part) => void socket.send(part) },
        });
      },
      message: (socket, bytes) => void socket.data.program?.terminal?.write(bytes),
      close: (socket) => socket.data.program?.kill(),
    },
  });
}
