// The program is replaced by another version of itself, and nothing that runs is lost: two real
// builds, and a holder that this version cannot be a server to.

import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { chmodSync, cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../package.json';
import { frame, idBytes, TO_HOLDER } from '../../src/pty/holder/frames.ts';
import { greet } from '../../src/pty/holder/greeting.ts';
import { placeOf, readCard } from '../../src/pty/holder/place.ts';
import { signal } from '../../src/pty/processes.ts';
import { attach } from '../support/client.ts';
import { childrenOf, request } from '../support/holder.ts';
import { compiledBinary, finished, FROM_SOURCE } from '../support/program.ts';
import { Survivor } from '../support/survivor.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(90_000);

let survivor: Survivor;
const others: Bun.Subprocess[] = [];
beforeEach(() => {
  survivor = new Survivor();
});
afterEach(async () => {
  for (const other of others.splice(0)) {
    for (const pid of childrenOf(other.pid)) signal(pid, 'SIGKILL');
    other.kill('SIGKILL');
  }
  await survivor.dispose();
});

/** The same build, but for the version that it tells of itself. */
function otherBuild(binary: string, to: string): string {
  const other = version.replace(/\d/g, '9');
  const bytes = readFileSync(binary);
  const at = bytes.lastIndexOf(`version="${version}"`);
  if (at < 0) throw new Error('The version was not found in the binary');
  bytes.write(`version="${other}"`, at);
  writeFileSync(to, bytes);
  chmodSync(to, 0o755);
  return other;
}

test('replacing the binary and restarting the server loses nothing, and the old holder serves the new server', async () => {
  const binary = join(survivor.folder, 'dispatch');
  cpSync(await compiledBinary(), binary);
  const other = otherBuild(binary, `${binary}.next`);
  await survivor.start([binary]);
  expect((await survivor.api('/api/status')).version).toBe(version);
  const id = await survivor.terminal(['bash', '--norc', '--noprofile', '-i'], { env: { PS1: 'ready$ ' } });
  const client = await attach(survivor, id);
  await client.sees('ready$ ');
  client.input('kept=42\n');
  const holder = readCard(placeOf(survivor.dataFolder, 1))?.pid ?? 0;
  const programs = childrenOf(holder);
  renameSync(`${binary}.next`, binary);
  await survivor.program.end('SIGTERM');
  await survivor.start([binary]);
  expect((await survivor.api('/api/status')).version).toBe(other);
  expect(readCard(placeOf(survivor.dataFolder, 1))?.pid).toBe(holder);
  expect(childrenOf(holder)).toEqual(programs);
  const again = await attach(survivor, id, { after: client.sequence });
  again.input('echo the-$kept\n');
  await again.sees('the-42');
  const made = await survivor.terminal(['sh', '-c', 'echo new; exec cat']);
  await survivor.prints(made, 'new');
  expect(childrenOf(holder)).toHaveLength(2);
});

test('a holder that this version does not understand is told of, lives on, and ends when that is asked', async () => {
  const entry = join(survivor.folder, 'other.ts');
  const role = JSON.stringify(join(import.meta.dir, '../../src/pty/holder/role.ts'));
  writeFileSync(entry, `import { hold } from ${role};\nhold(process.argv.slice(2));\n`);
  await survivor.start();
  const own = await survivor.terminal(['cat']);
  await survivor.program.end('SIGTERM');
  const args = [survivor.dataFolder, '{"idleMs":50}', '{"major":2,"minor":0}'];
  const other = Bun.spawn([process.execPath, entry, ...args], { stdin: 'ignore', stdout: 'ignore', stderr: 'inherit' });
  others.push(other);
  const card = await until('its card', () => readCard(placeOf(survivor.dataFolder, 2)));
  const theirs = await greet(card, { frame: () => {}, closed: () => {} });
  theirs?.link.send(frame(TO_HOLDER.spawn, idBytes('theirs'), Buffer.from(JSON.stringify(request(['sleep', '1000'])))));
  await until('its program', () => childrenOf(other.pid).length === 1);
  theirs?.link.close();

  await survivor.start();
  await until('the report', () => survivor.program.output().includes('still holds 1 program'));
  expect(childrenOf(other.pid)).toHaveLength(1);
  expect((await survivor.api(`/api/sessions/${own}`)).status).toBe('active');
  const environment = { DISPATCH_DATA: survivor.dataFolder };
  const stopped = await finished(FROM_SOURCE, ['stop', '--all'], environment);
  expect(stopped).toEqual({ exitCode: 0, output: '2 programs were ended.\n' });
  expect((await survivor.api(`/api/sessions/${own}`)).status).toBe('stopped');
  expect(childrenOf(other.pid)).toEqual([]);
});
