// What a program has read is not held against it, also where the runtime does not tell of it.

import { afterAll, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Pty } from '../../src/pty/pty.ts';
import { inputHasRoom } from '../../src/pty/undrained.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder();
const started: Pty[] = [];
afterAll(async () => {
  for (const { pid } of started) process.kill(-pid, 'SIGKILL');
  await Promise.all(started.map(({ exited }) => exited));
  rmSync(folder, { recursive: true });
});

async function program(script: string): Promise<Pty> {
  let text = '';
  const pty = new Pty({
    command: ['sh', '-c', `stty raw -echo; echo ready; ${script}`],
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color' },
    winsize: { cols: 80, rows: 24 },
    onData: (bytes) => void (text += Buffer.from(bytes).toString()),
  });
  started.push(pty);
  await until('ready', () => text.includes('ready'));
  return pty;
}

test('whatever is written at once, a program that reads it has nothing pending', async () => {
  const pty = await program('exec cat > /dev/null');
  // A terminal takes 4095 by itself: what is more goes in two steps, and only one of them is always told.
  for (const size of [4095, 4096, 8192, 4096, 61_440, 8192]) {
    pty.write(new Uint8Array(size).fill(0x78));
    await until(`nothing of ${size} bytes to be pending`, () => pty.pendingBytes === 0, 5_000);
  }
});

test('what a program does not read stays pending until it reads', async () => {
  const pty = await program('while [ ! -e go ]; do sleep 0.02; done; exec cat > /dev/null');
  expect(inputHasRoom(pty.pid)).toBe(true);
  pty.write(new Uint8Array(300_000).fill(0x78));
  await until('no room for more', () => !inputHasRoom(pty.pid));
  expect(pty.pendingBytes).toBe(300_000);
  await Bun.write(join(folder, 'go'), '');
  await until('all to be read', () => pty.pendingBytes === 0);
});
