// From starting the compiled binary to the first byte that it serves, beside a compiled
// program that does nothing but serve, in alternating rounds of one run.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiledBinary } from '../tests/support/program.ts';
import { temporaryFolder } from '../tests/support/server.ts';
import { median, print, printMachine } from './figures.ts';

const ROUNDS = 9;

/** ms until `/healthz` answers. */
async function firstByte(command: string[], port: number, env: Record<string, string>): Promise<{ ms: number; residentBytes: number }> {
  const started = performance.now();
  const program = Bun.spawn(command, { env: { ...process.env, ...env, PORT: String(port) }, stdout: 'ignore', stderr: 'inherit' });
  for (;;) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/healthz`);
      await response.arrayBuffer();
      break;
    } catch {
      await Bun.sleep(1);
    }
  }
  const ms = performance.now() - started;
  const status = await Bun.file(`/proc/${program.pid}/status`).text();
  program.kill('SIGTERM');
  await program.exited;
  return { ms, residentBytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024 };
}

function freePort(): number {
  const probe = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
  const { port } = probe;
  probe.stop(true);
  return port ?? 0;
}

printMachine();
const folder = temporaryFolder();
const binary = await compiledBinary();
const bare = join(folder, 'bare');
writeFileSync(join(folder, 'bare.ts'), `Bun.serve({ port: Number(process.env.PORT), hostname: '127.0.0.1', fetch: () => new Response('ok') });`);
await Bun.spawn([process.execPath, 'build', '--compile', '--outfile', bare, join(folder, 'bare.ts')], { stdout: 'ignore' }).exited;
const times = { ours: [] as number[], bare: [] as number[], resident: [] as number[] };
mkdirSync(join(folder, 'root'));
for (let round = 0; round < ROUNDS; round += 1) {
  times.bare.push((await firstByte([bare], freePort(), {})).ms);
  const env = { DISPATCH_DATA: join(folder, 'data'), DISPATCH_ROOTS: join(folder, 'root'), DISPATCH_KEY: 'a-key-for-the-bench' };
  const { ms, residentBytes } = await firstByte([binary], freePort(), env);
  times.ours.push(ms);
  times.resident.push(residentBytes);
}
print('binary start to first byte', `${median(times.ours).toFixed(0)} ms, a bare server ${median(times.bare).toFixed(0)} ms, ratio ${(median(times.ours) / median(times.bare)).toFixed(2)}`);
print('memory after start', `${(median(times.resident) / 1e6).toFixed(0)} MB resident`);
print('size of the binary', `${(Bun.file(binary).size / 1e6).toFixed(0)} MB`);
rmSync(folder, { recursive: true, force: true });
rmSync(join(binary, '..'), { recursive: true, force: true });
