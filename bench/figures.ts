// What the benchmarks share: a server of their own, medians, and how a figure is printed.

import { cpus } from 'node:os';
import { startTestServer, type TestServer, type TestServerOptions } from '../tests/support/server.ts';

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** @param part 0 to 1 */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export function print(name: string, figure: string): void {
  process.stdout.write(`${name.padEnd(52)} ${figure}\n`);
}

export function printMachine(): void {
  const [cpu] = cpus();
  print('machine', `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, Bun ${Bun.version}, ${process.platform} ${process.arch}`);
}

export async function withServer(work: (server: TestServer) => Promise<void>, options: TestServerOptions = {}): Promise<void> {
  const server = await startTestServer(options);
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}
